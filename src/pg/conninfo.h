// What a connection string says, without connecting. Pure functions.
#pragma once

#include <string>

namespace eclusa {

// Whether libpq understands the URI or the keywords.
bool IsConninfo(const std::string& text);

// Whether a password or another secret stands in it.
bool HoldsSecret(const std::string& text);

}  // namespace eclusa
