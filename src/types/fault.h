// Fault: what is wrong with one value, before anybody knows which column and row it stands in.
//
// Parsers return it by value, so that the good path costs no allocation; check turns it into a
// Reason with the code of its catalogue. Excess: what to do with digits that the type does not
// keep.
#pragma once

#include <cstdint>

namespace eclusa {

enum class Fault : uint8_t {
  kNone,
  kForm,      // not a text of this type
  kOverflow,  // outside the type's range
  kScale,     // more digits after the point than the type keeps
  kTooLong,   // more bytes or characters than the type keeps
  kZone,      // a time zone is missing, not wanted, or does not decide the instant
  kEncoding,  // not valid UTF-8
  kNul,       // contains U+0000
};

// Whether digits beyond what a type keeps are refused or, where the contract says so, given up.
enum class Excess : uint8_t {
  kRefuse,
  kRound,     // half away from zero
  kTruncate,  // towards zero
};

}  // namespace eclusa
