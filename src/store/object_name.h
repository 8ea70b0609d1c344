// Names of objects: made by us, never by a client, and checked wherever one comes back.
//
// One to eight segments of lower-case letters, digits, '-' and '_', divided by '/', 200 bytes in
// all: no dots, so that no name leaves a folder or meets the stores' own files. Pure functions, but
// for NewObjectName, which takes chance from the operating system.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace eclusa {

bool IsObjectName(std::string_view name);
// store.object_name where it is none.
Status CheckObjectName(const std::string& name);
// "uploads/47" becomes "uploads/47/" and 32 hexadecimal digits that nobody can guess.
std::string NewObjectName(std::string_view folder);
// 2 * `bytes` hexadecimal digits of chance.
std::string RandomHex(size_t bytes);

}  // namespace eclusa
