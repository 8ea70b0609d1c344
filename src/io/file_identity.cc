#include "io/file_identity.h"

#include <openssl/evp.h>

#include <array>
#include <cstdio>
#include <memory>
#include <vector>

#include "io/descriptor.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// Large enough that a look at the stop token and a system call cost nothing beside the hashing.
constexpr size_t kBlockSize = 256 << 10;

std::string Hexadecimal(std::span<const unsigned char> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace

Result<FileIdentity> StatFile(const std::string& path) {
  struct stat about = {};
  TRY(Descriptor::OpenToRead(path, &about));
  FileIdentity identity;
  identity.size = about.st_size;
  identity.modified_ns = int64_t{about.st_mtim.tv_sec} * 1'000'000'000 + about.st_mtim.tv_nsec;
  return identity;
}

Result<std::string> DigestFile(const std::string& path, const std::stop_token& stop) {
  struct stat about = {};
  const Descriptor file = TRY(Descriptor::OpenToRead(path, &about));
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  CHECK(context != nullptr && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1);
  std::vector<char> block(kBlockSize);
  while (true) {
    if (stop.stop_requested()) return Error(ErrorKind::kCancelled, code::load_cancelled);
    const size_t got = TRY(file.Read(block, path));
    CHECK(EVP_DigestUpdate(context.get(), block.data(), got) == 1);
    if (got < block.size()) break;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  CHECK(EVP_DigestFinal_ex(context.get(), digest.data(), &size) == 1);
  return Hexadecimal({digest.data(), size});
}

}  // namespace eclusa
