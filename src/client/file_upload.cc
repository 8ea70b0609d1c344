#include "client/file_upload.h"

#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <filesystem>
#include <set>
#include <vector>

#include "io/descriptor.h"
#include "io/errno_error.h"
#include "io/sha256.h"
#include "model/codes.h"

namespace eclusa::client {
namespace {

namespace json = boost::json;

constexpr size_t kBlock = 256 << 10;
constexpr int64_t kPartsMax = 10'000;  // as many as the API and S3 take

// What is sent: an open file, read at places, so that a part can begin again.
struct OpenFile {
  std::string path;
  Descriptor file;
  int64_t size = 0;
};

Result<size_t> ReadAt(const OpenFile& open, std::span<char> out, int64_t offset) {
  while (true) {
    const ssize_t got = pread(open.file.number(), out.data(), out.size(), offset);
    if (got >= 0) return static_cast<size_t>(got);
    if (errno != EINTR) return ErrnoError(errno, FileAction::kRead, open.path);
  }
}

Result<std::string> DigestOf(const OpenFile& open, const std::stop_token& stop) {
  Sha256 digest;
  std::vector<char> block(kBlock);
  for (int64_t offset = 0;;) {
    if (stop.stop_requested()) return Error(ErrorKind::kCancelled, code::load_cancelled);
    const size_t got = TRY(ReadAt(open, block, offset));
    if (got == 0) return HexText(digest.Finish());
    digest.Update({block.data(), got});
    offset += static_cast<int64_t>(got);
  }
}

Error BadAnswer(const ApiSession& session, const std::string& detail) {
  return Error(ErrorKind::kInvalid, code::client_answer,
               {{"host", session.server()}, {"detail", detail}});
}

// An upload on its way.
class Sending {
 public:
  Sending(ApiSession& session, const FileToSend& file, const SendProgress& progress,
          const std::stop_token& stop)
      : session_(session), file_(file), progress_(progress), stop_(stop) {}

  Result<SentFile> Run() {
    struct stat about = {};
    open_.path = file_.path;
    open_.file = TRY(Descriptor::OpenToRead(file_.path, &about));
    open_.size = about.st_size;
    std::error_code failed;
    UploadState state(file_.state_folder,
                      {.server = session_.server(),
                       .dataset_path = file_.dataset_path,
                       .tenant_json = json::serialize(file_.tenant),
                       .file = std::filesystem::absolute(file_.path, failed).lexically_normal(),
                       .size = open_.size,
                       .sha256 = TRY(DigestOf(open_, stop_))});
    if (const std::optional<UploadTicket> before = state.Find()) {
      const Status sent = GoOn(*before);
      if (sent.ok()) return SentFile{before->id, std::move(state)};
      // Too old, or the server's keys are others: it is asked for again.
      const bool void_now = sent.error().kind() == ErrorKind::kNotFound ||
                            sent.error().code() == code::store_upload_expired ||
                            sent.error().code() == code::store_upload_signature ||
                            (sent.error().code() == code::client_status &&
                             sent.error().kind() == ErrorKind::kInvalid);
      if (!void_now) return sent.error();
      state.Forget();
    }
    const UploadTicket ticket = TRY(AskForUpload(state.subject().sha256));
    TRY(state.Keep(ticket));
    TRY(SendParts(ticket, {}));
    return SentFile{ticket.id, std::move(state)};
  }

 private:
  Result<UploadTicket> AskForUpload(const std::string& sha256) {
    json::object body = file_.tenant;
    body["file"] = std::filesystem::path(file_.path).filename().string();
    body["size"] = open_.size;
    body["sha256"] = sha256;
    const int64_t parts = (open_.size + file_.part_size - 1) / file_.part_size;
    if (parts > 1) body["parts"] = std::min(parts, kPartsMax);
    const ApiReply reply = TRY(session_.Ask({.method = "POST",
                                             .path = file_.dataset_path + "/_bulk",
                                             .body = json::serialize(body),
                                             .key = {},
                                             .sink = {},
                                             .before_again = {}},
                                            stop_));
    try {
      const json::object& answer = reply.document;
      UploadTicket ticket{
          .id = std::string(answer.at("id").as_string()),
          .urls = json::value_to<std::vector<std::string>>(answer.at("upload_urls")),
          .part_size = answer.at("part_size").as_int64(),
          .headers = {}};
      for (const auto& [name, value] : answer.at("headers").as_object()) {
        ticket.headers.emplace_back(name, value.as_string());
      }
      if (ticket.urls.empty()) return BadAnswer(session_, "upload_urls");
      return ticket;
    } catch (const std::exception& failure) {
      return BadAnswer(session_, failure.what());
    }
  }

  // Sends what the server does not have yet.
  Status GoOn(const UploadTicket& ticket) {
    const ApiReply reply =
        TRY(session_.Ask({.path = file_.dataset_path + "/_bulk/uploads/" + ticket.id,
                          .body = {},
                          .key = {},
                          .sink = {},
                          .before_again = {}},
                         stop_));
    std::set<int64_t> there;
    try {
      if (reply.document.at("complete").as_bool()) return Ok();
      for (const json::value& part : reply.document.at("parts").as_array()) {
        const int64_t number = part.at("part").as_int64();
        if (part.at("size").as_int64() == SizeOf(ticket, number)) there.insert(number);
      }
    } catch (const std::exception& failure) {
      return BadAnswer(session_, failure.what());
    }
    return SendParts(ticket, there);
  }

  // Of a part, from 1.
  int64_t SizeOf(const UploadTicket& ticket, int64_t part) const {
    if (ticket.urls.size() == 1 || ticket.part_size <= 0) return open_.size;
    return std::min(ticket.part_size, open_.size - (part - 1) * ticket.part_size);
  }

  Status SendParts(const UploadTicket& ticket, const std::set<int64_t>& there) {
    const auto count = static_cast<int64_t>(ticket.urls.size());
    for (const int64_t part : there) sent_ += SizeOf(ticket, part);
    for (int64_t part = 1; part <= count; ++part) {
      if (there.contains(part)) continue;
      TRY(SendPart(ticket, part));
    }
    return Ok();
  }

  Status SendPart(const UploadTicket& ticket, int64_t part) {
    const int64_t begin = (part - 1) * ticket.part_size;
    const int64_t size = SizeOf(ticket, part);
    if (size < 0) return BadAnswer(session_, "upload_urls");
    int64_t done = 0;
    ClientRequest request;
    request.method = "PUT";
    request.url = ticket.urls[static_cast<size_t>(part - 1)];
    request.headers = ticket.headers;
    request.body_size = size;
    request.body_reader = [&](std::span<char> out) -> Result<size_t> {
      const auto left = static_cast<size_t>(size - done);
      const size_t got = TRY(ReadAt(open_, out.first(std::min(out.size(), left)), begin + done));
      done += static_cast<int64_t>(got);
      progress_(sent_ + done, open_.size);
      return got;
    };
    const auto rewind = [&done]() -> Status {
      done = 0;
      return Ok();
    };
    TRY(session_.Put(request, rewind, stop_));
    sent_ += size;
    return Ok();
  }

  ApiSession& session_;
  const FileToSend& file_;
  const SendProgress& progress_;
  const std::stop_token& stop_;
  OpenFile open_;
  int64_t sent_ = 0;  // of whole parts
};

}  // namespace

Result<SentFile> SendFile(ApiSession& session, const FileToSend& file, const SendProgress& progress,
                          const std::stop_token& stop) {
  return Sending(session, file, progress, stop).Run();
}

}  // namespace eclusa::client
