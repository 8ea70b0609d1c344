// What a connection string says, without connecting. Pure functions.
#pragma once

#include <string>

#include "core/result.h"

namespace eclusa {

// Whether libpq understands the URI or the keywords.
bool IsConninfo(const std::string& text);

// Whether a password or another secret stands in it.
bool HoldsSecret(const std::string& text);

// kInvalid (database.conninfo) for what libpq cannot read, or reads otherwise than it was meant: a
// URI whose password holds a sign that ends it. Tells nothing of the text, where libpq would.
Status CheckConninfo(const std::string& text);

}  // namespace eclusa
