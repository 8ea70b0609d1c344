#include "api/open_door.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "io/sha256.h"
#include "model/codes.h"
#include "store/signing.h"

namespace eclusa::api {
namespace {

// Of one signature only; no other text that the key signs begins so.
std::string SignatureOf(const std::string& key, const std::string& uid,
                        const std::string& expires) {
  return HexText(HmacSha256(key, "status\n" + uid + "\n" + expires));
}

}  // namespace

Result<OpenDatasets> OpenDatasets::Parse(const std::vector<std::string>& lines) {
  OpenDatasets open;
  for (const std::string& text : lines) {
    std::istringstream words(text);
    std::string dataset, network, tenant, more;
    words >> dataset >> network >> tenant >> more;
    const auto parsed = Network::Parse(network);
    if (!parsed || !more.empty()) {
      return Error(
          ErrorKind::kInvalid, code::config_bad_value,
          {{"name", "api.open"}, {"value", text}, {"expected", "DATASET NETWORK [TENANT]"}});
    }
    open.lines_.push_back({dataset, *parsed, tenant});
  }
  return open;
}

std::optional<Caller> OpenDatasets::CallerAt(const std::string& peer) const {
  Caller caller{.identity = "network:" + peer,
                .token_id = {},
                .name = "network:" + peer,
                .role = Role::kSubmit,
                .tenants = std::vector<std::string>(),
                .datasets = std::vector<std::string>()};
  for (const Line& line : lines_) {
    if (line.network.Contains(peer)) caller.datasets->push_back(line.dataset);
  }
  if (caller.datasets->empty()) return std::nullopt;
  return caller;
}

std::optional<Caller> OpenDatasets::CallerOf(const std::string& dataset,
                                             const std::string& peer) const {
  std::optional<Caller> caller = CallerAt(peer);
  if (!caller || !caller->Sees(dataset)) return std::nullopt;
  caller->datasets = {dataset};
  for (const Line& line : lines_) {
    if (line.dataset == dataset && line.network.Contains(peer)) {
      caller->tenants->push_back(line.tenant);
    }
  }
  return caller;
}

std::string SignedStatusQuery(const std::string& key, const std::string& uid,
                              std::chrono::sys_seconds expires) {
  const std::string until = std::to_string(expires.time_since_epoch().count());
  return "message_id=" + uid + "&expires=" + until + "&signature=" + SignatureOf(key, uid, until);
}

bool HasSignedStatus(const std::string& key, const http::Request& request,
                     std::chrono::sys_seconds now) {
  const std::string* uid = request.QueryParameter("message_id");
  const std::string* expires = request.QueryParameter("expires");
  const std::string* signature = request.QueryParameter("signature");
  if (key.empty() || uid == nullptr || expires == nullptr || signature == nullptr) return false;
  if (!EqualInConstantTime(SignatureOf(key, *uid, *expires), *signature)) return false;
  int64_t until = 0;
  const auto [end, failed] =
      std::from_chars(expires->data(), expires->data() + expires->size(), until);
  return failed == std::errc() && end == expires->data() + expires->size() &&
         now.time_since_epoch().count() < until;
}

}  // namespace eclusa::api
