// UTF-8: is it valid, how many characters, and the two changes that a contract may ask for.
//
// ToUpper knows Latin (up to U+017F), Greek and Cyrillic letters; others stay. Unaccent takes marks
// off Latin letters up to U+017F (one letter may become two: æ -> ae) and drops combining marks.
// Both append to `out`, want valid UTF-8 and give valid UTF-8. Pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace eclusa {

bool IsAscii(std::string_view text);
bool IsUtf8(std::string_view text);
bool HasNul(std::string_view text);
// Of valid UTF-8.
size_t CountCharacters(std::string_view text);
// The first `count` characters of valid UTF-8.
std::string_view FirstCharacters(std::string_view text, size_t count);
// Without ASCII white space and U+00A0 at both ends.
std::string_view TrimSpace(std::string_view text);

void AppendUpper(std::string_view text, std::string& out);
void AppendUnaccented(std::string_view text, std::string& out);

}  // namespace eclusa
