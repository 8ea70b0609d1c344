// Descriptor: an open file of the operating system, closed when it goes.
//
// Ownership: of the number. Threads: as the file under it. Errors: file.* codes.
#pragma once

#include <sys/stat.h>

#include <span>
#include <string>

#include "core/result.h"

namespace eclusa {

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.Release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  // For reading, from the beginning; only a regular file, and `about` says what it is.
  static Result<Descriptor> OpenToRead(const std::string& path, struct stat* about);

  int number() const { return number_; }
  int Release();
  // Fills `out`; fewer bytes only at the end. `path` stands in errors.
  Result<size_t> Read(std::span<char> out, const std::string& path) const;

 private:
  int number_;
};

}  // namespace eclusa
