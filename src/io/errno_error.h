// ErrnoError: an errno of the operating system as an Error that names the file. The only
// translator.
//
// Kinds: gone or forbidden is the user's (kNotFound, kInvalid), a full disk, too many open files
// and a failing device are kUnavailable, ECANCELED is kCancelled.
#pragma once

#include <string>

#include "core/result.h"

namespace eclusa {

enum class FileAction : unsigned char { kRead, kWrite };

Error ErrnoError(int error_number, FileAction action, const std::string& path);

}  // namespace eclusa
