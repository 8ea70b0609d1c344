// A duration as people read it: "850 ms", "12.4 s" ("12,4 s"), "3 min 05 s", "2 h 10 min".
#pragma once

#include <cstdint>
#include <string>

#include "model/codes.h"

namespace eclusa {

std::string DurationText(int64_t milliseconds, Language language);
// Seconds and a tenth, whatever there are.
std::string SecondsText(int64_t milliseconds, Language language);

}  // namespace eclusa
