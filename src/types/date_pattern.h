// DatePattern: dates and timestamps written in another order than ISO 8601, as a contract describes
// them: "dd/MM/yyyy", "dd/MM/yyyy HH:mm:ss".
//
// clang-format off
//   yyyy   year, four digits      HH      hours 00-23
//   MM, M  month                  mm      minutes
//   dd, d  day                    ss      seconds
//   XXX    offset: Z or +HH:mm    SSS...  fraction of a second, so many digits or fewer
//   'text' and every other sign: itself
// clang-format on
//
// A doubled letter takes exactly two digits, a single one takes one or two. Two-digit years do not
// exist here: their century would be a guess. Immutable; safe from several threads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "types/datetime.h"

namespace eclusa {

class DatePattern {
 public:
  // Nothing: a letter that has no meaning, or no full date in it.
  static std::optional<DatePattern> Compile(std::string_view pattern);

  bool has_time() const { return has_time_; }
  Fault Read(std::string_view text, FractionLimits limits, WrittenTimestamp* written,
             bool* bent) const;

 private:
  enum class Field : uint8_t {
    kLiteral,
    kYear,
    kMonth,
    kDay,
    kHour,
    kMinute,
    kSecond,
    kFraction,
    kOffset
  };
  struct Part {
    Field field;
    uint8_t digits_min;
    uint8_t digits_max;
    char literal;
  };

  // What a letter repeated `run` times stands for; nothing: it has no meaning.
  static std::optional<Part> PartOf(char letter, size_t run);

  std::vector<Part> parts_;
  bool has_time_ = false;
};

}  // namespace eclusa
