#include "io/file_identity.h"

#include <vector>

#include "io/descriptor.h"
#include "io/sha256.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// Large enough that a look at the stop token and a system call cost nothing beside the hashing.
constexpr size_t kDigestBlockSize = 256 << 10;

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
  Sha256 digest;
  std::vector<char> block(kDigestBlockSize);
  while (true) {
    if (stop.stop_requested()) return Error(ErrorKind::kCancelled, code::load_cancelled);
    const size_t got = TRY(file.Read(block, path));
    digest.Update({block.data(), got});
    if (got < block.size()) break;
  }
  return HexText(digest.Finish());
}

}  // namespace eclusa
