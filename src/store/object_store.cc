#include "store/object_store.h"

#include <algorithm>

#include "model/codes.h"
#include "store/object_name.h"

namespace eclusa {
namespace {

constexpr int kPartsMax = 10'000;  // S3's own
constexpr size_t kContentTypeMax = 100;

Error BadClaim(const char* claim, std::string value) {
  return {ErrorKind::kInvalid,
          code::store_upload_claims,
          {{"claim", claim}, {"value", std::move(value)}}};
}

// What may stand in a header and in a URL without a second thought.
bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

}  // namespace

Status CheckUploadClaims(const UploadClaims& claims) {
  TRY(CheckObjectName(claims.object));
  if (claims.size && *claims.size < 0) return BadClaim("size", std::to_string(*claims.size));
  if (!claims.size && claims.max_size <= 0) {
    return BadClaim("max_size", std::to_string(claims.max_size));
  }
  if (claims.parts < 1 || claims.parts > kPartsMax) {
    return BadClaim("parts", std::to_string(claims.parts));
  }
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  const bool digest = claims.sha256.size() == 64 &&
                      std::all_of(claims.sha256.begin(), claims.sha256.end(), is_digit);
  if (!claims.sha256.empty() && !digest) return BadClaim("sha256", claims.sha256.substr(0, 80));
  if (claims.content_type.size() > kContentTypeMax || !IsPlain(claims.content_type)) {
    return BadClaim("content_type", "?");
  }
  return Ok();
}

int64_t UploadPartSize(const UploadClaims& claims, int64_t least) {
  CHECK(claims.size.has_value());
  const int64_t even = (*claims.size + claims.parts - 1) / claims.parts;
  return std::max({even, least, int64_t{1}});
}

int UploadPartCount(const UploadClaims& claims, int64_t least) {
  if (!claims.size || claims.parts == 1) return claims.parts;
  const int64_t part_size = UploadPartSize(claims, least);
  return static_cast<int>(std::max<int64_t>(1, (*claims.size + part_size - 1) / part_size));
}

Status CheckUploadedSize(const UploadClaims& claims, int64_t size) {
  if (!claims.size && size > claims.max_size) {
    return Error(ErrorKind::kInvalid, code::store_too_large,
                 {{"object", claims.object}, {"limit", std::to_string(claims.max_size)}});
  }
  if (claims.size && size != *claims.size) {
    return Error(ErrorKind::kInvalid, code::store_upload_length,
                 {{"object", claims.object},
                  {"found", std::to_string(size)},
                  {"expected", std::to_string(*claims.size)}});
  }
  return Ok();
}

}  // namespace eclusa
