#include "store/object_name.h"

#include <openssl/rand.h>

#include <algorithm>

#include "io/sha256.h"
#include "model/codes.h"

namespace eclusa {
namespace {

constexpr size_t kNameMax = 200;
constexpr size_t kSegmentsMax = 8;

bool IsSegment(std::string_view segment) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !segment.empty() && segment.front() != '-' &&
         std::all_of(segment.begin(), segment.end(), plain);
}

}  // namespace

bool IsObjectName(std::string_view name) {
  if (name.size() > kNameMax) return false;
  for (size_t segments = 1; segments <= kSegmentsMax; ++segments) {
    const size_t slash = name.find('/');
    if (!IsSegment(name.substr(0, slash))) return false;
    if (slash == name.npos) return true;
    name.remove_prefix(slash + 1);
  }
  return false;
}

Status CheckObjectName(const std::string& name) {
  if (IsObjectName(name)) return Ok();
  return Error(ErrorKind::kInvalid, code::store_object_name,
               {{"object", name.substr(0, kNameMax)}});
}

std::string NewObjectName(std::string_view folder) {
  std::string name = std::string(folder) + "/" + RandomHex(16);
  CHECK(IsObjectName(name));
  return name;
}

std::string RandomHex(size_t bytes) {
  std::string random(bytes, '\0');
  CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(random.data()), static_cast<int>(bytes)) == 1);
  return HexText(random);
}

}  // namespace eclusa
