// FileIdentity: what says whether a file is still the one that was read before.
//
// Size and time are one system call; the digest reads the whole file and may run in a thread of its
// own while the file is loaded. Pure functions; nothing is kept open.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "core/result.h"

namespace eclusa {

struct FileIdentity {
  int64_t size = 0;
  int64_t modified_ns = 0;  // since 1970, as the file system keeps it
  std::string sha256;       // 64 hexadecimal digits; empty: not computed
};

// Size and time; the digest stays empty.
Result<FileIdentity> StatFile(const std::string& path);

// SHA-256 of the file's bytes as they are stored, 64 hexadecimal digits. kCancelled where `stop` is
// set before the end.
Result<std::string> DigestFile(const std::string& path, const std::stop_token& stop = {});

}  // namespace eclusa
