#include "store/s3_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "model/codes.h"

namespace eclusa {
namespace {

Error Conflict(std::string_view code, const std::string& object) {
  return {ErrorKind::kConflict, code, {{"object", object}}};
}

bool IsHeaderText(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

std::string S3VersionOf(const ClientResponse& answer) {
  const std::string_view id = answer.Header("x-amz-version-id");
  if (!id.empty() && id != "null") return "v:" + std::string(id);
  return "e:" + std::string(answer.Header("etag"));
}

Result<std::shared_ptr<S3Ranges>> S3Ranges::Open(S3Connection& connection,
                                                 const PinnedObject& pinned,
                                                 const std::stop_token& stop) {
  const bool known = pinned.version.starts_with("v:") || pinned.version.starts_with("e:");
  if (!known || !IsHeaderText(pinned.version)) {
    return Conflict(code::store_changed, pinned.object);
  }
  std::shared_ptr<S3Ranges> ranges(new S3Ranges(connection, pinned));
  const ClientResponse answer = TRY(connection.Send(ranges->Call("HEAD"), stop));
  if (answer.status != 200) return ranges->Refused(answer);
  if (S3VersionOf(answer) != pinned.version) return Conflict(code::store_changed, pinned.object);
  const std::string_view length = answer.Header("content-length");
  std::from_chars(length.data(), length.data() + length.size(), ranges->size_);
  return ranges;
}

S3Call S3Ranges::Call(std::string method) const {
  S3Call call;
  call.method = std::move(method);
  call.object = pinned_.object;
  const std::string name = pinned_.version.substr(2);
  if (pinned_.version.starts_with("v:")) {
    call.query = {{"versionId", name}};
  } else {
    call.headers = {{"If-Match", name}};
  }
  return call;
}

Error S3Ranges::Refused(const ClientResponse& answer) const {
  if (answer.status == 404) return Conflict(code::store_gone, pinned_.object);
  // A range behind the end: of another object than the one whose size we were told.
  if (answer.status == 416) return Conflict(code::store_changed, pinned_.object);
  return S3Refusal("GET", pinned_.object, answer);
}

Result<std::string> S3Ranges::Read(int64_t at, int64_t length, const std::stop_token& stop) const {
  CHECK(at >= 0 && length >= 0 && at + length <= size_);
  if (length == 0) return std::string();
  S3Call call = Call("GET");
  call.headers.emplace_back("Range", fmt::format("bytes={}-{}", at, at + length - 1));
  call.limits.response_bytes_max = std::max<int64_t>(length, 64 << 10);
  ClientResponse answer = TRY(connection_->Send(call, stop));
  const bool whole = answer.status == 200 && length == size_;
  if (answer.status != 206 && !whole) return Refused(answer);
  // A store that does not know the condition shows here.
  if (S3VersionOf(answer) != pinned_.version) return Conflict(code::store_changed, pinned_.object);
  const std::string range = fmt::format("bytes {}-{}/{}", at, at + length - 1, size_);
  if (static_cast<int64_t>(answer.body.size()) != length ||
      (!whole && answer.Header("content-range") != range)) {
    return Error(ErrorKind::kUnavailable, code::store_unavailable,
                 {{"detail", "a range of another place or length"}});
  }
  return std::move(answer.body);
}

}  // namespace eclusa
