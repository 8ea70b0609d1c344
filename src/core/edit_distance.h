// EditDistance: how far a name is from one that somebody may have meant.
#pragma once

#include <cstddef>
#include <string_view>

namespace eclusa {

// Characters put in, taken out, changed, or two neighbours swapped (optimal string alignment) that
// make one text the other; the case of ASCII letters aside. Compares bytes. Takes size(a) * size(b)
// steps.
size_t EditDistance(std::string_view a, std::string_view b);

}  // namespace eclusa
