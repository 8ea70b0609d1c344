// Reads an array of one dimension as the server prints it: {a,"b c",NULL} -> a, b c, "".
//
// For catalog arrays, which hold no nulls that matter: a null element becomes an empty text. What
// is not such a text gives what was read up to there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace eclusa {

std::vector<std::string> ParseTextArray(std::string_view text);

}  // namespace eclusa
