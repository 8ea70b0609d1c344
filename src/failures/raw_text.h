// RawText: the bytes of a row that could not be split, as text for `_eclusa_raw`.
//
// Bytes of a file in Windows-1252 or ISO-8859-1 are read as that; all others as UTF-8, where U+FFFD
// stands for what is none (the bytes themselves stay in eclusa.failures). Source of the table:
// Unicode consortium, CP1252.TXT; its five gaps are U+FFFD.
#pragma once

#include <string>
#include <string_view>

namespace eclusa {

std::string RawText(std::string_view raw, std::string_view encoding);

}  // namespace eclusa
