#include "client/upload_state.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "io/descriptor.h"
#include "io/errno_error.h"
#include "io/sha256.h"

namespace eclusa::client {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

json::object SubjectJson(const UploadSubject& subject) {
  return {{"server", subject.server},      {"dataset_path", subject.dataset_path},
          {"tenant", subject.tenant_json}, {"file", subject.file},
          {"size", subject.size},          {"sha256", subject.sha256}};
}

// What the file is called by: all but what the bytes are, which may change.
std::string NameOf(const UploadSubject& subject) {
  return HexText(Sha256::Of(json::serialize(json::array{subject.server, subject.dataset_path,
                                                        subject.tenant_json, subject.file}))) +
         ".json";
}

json::object TicketJson(const UploadTicket& ticket) {
  json::array headers;
  for (const auto& [name, value] : ticket.headers) headers.push_back(json::array{name, value});
  return {{"id", ticket.id},
          {"urls", json::value_from(ticket.urls)},
          {"part_size", ticket.part_size},
          {"headers", std::move(headers)}};
}

// Throws where it is not such an object: the file was written by us, or it is not ours.
UploadTicket TicketOf(const json::object& object) {
  UploadTicket ticket{.id = std::string(object.at("id").as_string()),
                      .urls = json::value_to<std::vector<std::string>>(object.at("urls")),
                      .part_size = object.at("part_size").as_int64(),
                      .headers = {}};
  for (const json::value& header : object.at("headers").as_array()) {
    ticket.headers.emplace_back(header.at(0).as_string(), header.at(1).as_string());
  }
  return ticket;
}

Status WriteAll(const Descriptor& file, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = write(file.number(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return ErrnoError(errno, FileAction::kWrite, path);
    text.remove_prefix(static_cast<size_t>(written));
  }
  return Ok();
}

}  // namespace

UploadState::UploadState(const std::string& folder, UploadSubject subject)
    : subject_(std::move(subject)), folder_(folder) {
  if (!folder_.empty()) path_ = folder_ + "/" + NameOf(subject_);
}

std::optional<UploadTicket> UploadState::Find() const {
  if (path_.empty()) return std::nullopt;
  std::ifstream file(path_);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  try {
    const json::value kept = json::parse(text);
    if (kept.at("subject") != json::value(SubjectJson(subject_))) return std::nullopt;
    UploadTicket ticket = TicketOf(kept.at("ticket").as_object());
    if (ticket.urls.empty()) return std::nullopt;
    return ticket;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

Status UploadState::Keep(const UploadTicket& ticket) const {
  if (path_.empty()) return Ok();
  std::error_code failed;
  fs::create_directories(folder_, failed);
  if (failed) return ErrnoError(failed.value(), FileAction::kWrite, folder_);
  const std::string partial = path_ + "." + std::to_string(getpid());
  Descriptor file(open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (file.number() < 0) return ErrnoError(errno, FileAction::kWrite, partial);
  const std::string text = json::serialize(
      json::object{{"subject", SubjectJson(subject_)}, {"ticket", TicketJson(ticket)}});
  TRY(WriteAll(file, text, partial));
  if (rename(partial.c_str(), path_.c_str()) != 0) {
    return ErrnoError(errno, FileAction::kWrite, path_);
  }
  return Ok();
}

void UploadState::Forget() const {
  if (!path_.empty()) unlink(path_.c_str());
}

}  // namespace eclusa::client
