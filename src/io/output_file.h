// OutputFile: a file that appears whole or not at all.
//
// Bytes go to a temporary file beside the target; Finish makes them durable (fsync) and renames it.
// Destroyed without Finish, the temporary file is removed and an older file of that name is
// untouched. Standard output is written as it comes and has no such promise. Ownership: owns its
// descriptor. Threads: one at a time. Memory: 256 KiB. Errors: file.* codes, a full disk is
// file.disk_full (kUnavailable).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

namespace eclusa {

class OutputFile {
 public:
  // `path` empty: standard output. An existing file is replaced at Finish, and keeps its mode bits.
  static Result<OutputFile> Create(const std::string& path);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&& other) = delete;
  ~OutputFile();

  Status Write(std::string_view bytes);
  int64_t bytes_written() const { return bytes_written_; }
  Status Finish() &&;

 private:
  OutputFile() = default;
  Status Flush();
  Status WriteOut(std::string_view bytes);

  int descriptor_ = -1;
  std::string path_;       // as given, for errors
  std::string target_;     // symbolic links resolved; empty: standard output
  std::string temporary_;  // empty: nothing to remove
  std::string buffer_;
  int64_t bytes_written_ = 0;
};

}  // namespace eclusa
