// Decompressed: an Input over an Input, without its gzip or zstd compression.
//
// An input that is not compressed passes through: only its first bytes are kept for a moment.
// Several gzip members or zstd frames, one behind the other, are one file; zero bytes after the
// last (padding of tapes) are ignored, as gzip does.
//
// What grows without measure is refused while it is read, before anybody keeps it: 64 MiB in a row
// at more than 1000 to 1, or more than 16 TiB in all (file.expands); so is a zstd frame whose
// window is larger than 128 MiB (file.window: `zstd --ultra --long=31`). Decompressed by its owner,
// such a file is read like any other. Errors: file.truncated, file.damaged, file.expands,
// file.window.
#pragma once

#include <memory>
#include <string>

#include "core/result.h"
#include "io/input.h"

namespace eclusa {

Result<std::unique_ptr<Input>> Decompressed(std::unique_ptr<Input> input, std::string path);

}  // namespace eclusa
