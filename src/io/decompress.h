// Decompressed: an Input over an Input, without its gzip or zstd compression.
//
// An input that is not compressed passes through: only its first bytes are kept for a moment.
// Several gzip members or zstd frames, one behind the other, are one file; zero bytes after the
// last (padding of tapes) are ignored, as gzip does. Errors: file.truncated, file.damaged.
#pragma once

#include <memory>
#include <string>

#include "core/result.h"
#include "io/input.h"

namespace eclusa {

Result<std::unique_ptr<Input>> Decompressed(std::unique_ptr<Input> input, std::string path);

}  // namespace eclusa
