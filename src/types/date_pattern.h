// DatePattern: dates and timestamps written in another order than ISO 8601, as a contract describes
// them: "dd/MM/yyyy", "dd/MM/yyyy HH:mm:ss".
//
// clang-format off
//   yyyy   year, four digits      HH      hours 00-23
//   yy     year, two digits
//   MM, M  month                  mm      minutes
//   dd, d  day                    ss      seconds
//   XXX    offset: Z or +HH:mm    SSS...  fraction of a second, so many digits or fewer
//   'text' and every other sign: itself
// clang-format on
//
// A doubled letter takes exactly two digits, a single one takes one or two. yy needs a pivot, the
// first of the hundred years that its two digits can mean (1930: 30 is 1930, 29 is 2029): without
// one their century would be a guess. Immutable; safe from several threads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "types/datetime.h"

namespace eclusa {

class DatePattern {
 public:
  // Nothing: a letter that has no meaning, no full date in it, or yy and no pivot.
  static std::optional<DatePattern> Compile(std::string_view pattern,
                                            std::optional<int> pivot_year = std::nullopt);

  bool has_time() const { return has_time_; }
  bool has_short_year() const { return has_short_year_; }
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
  bool has_short_year_ = false;
  int pivot_year_ = 0;
};

}  // namespace eclusa
