#include "types/number.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace eclusa {
namespace {

struct Read {
  Fault fault = Fault::kNone;
  std::string text;
  bool bent = false;
};

Read Numeric(std::string_view text, NumericLimits limits = {}, NumberStyle style = {}) {
  ByteBuffer out;
  Read read;
  read.fault = AppendNumericText(text, style, limits, out, &read.bent);
  const std::vector<char> bytes = std::move(out).Take();
  if (read.fault == Fault::kNone) read.text = NumericText({bytes.data(), bytes.size()});
  return read;
}

std::vector<char> Send(std::string_view text, NumericLimits limits = {}) {
  ByteBuffer out;
  bool bent = false;
  EXPECT_EQ(AppendNumericText(text, {}, limits, out, &bent), Fault::kNone) << text;
  return std::move(out).Take();
}

Fault Integer(std::string_view text, int64_t* value) { return ReadInteger(text, value); }

TEST(ReadInteger, TakesDigitsWithASign) {
  int64_t value = 0;
  for (const auto& [text, expected] :
       std::vector<std::pair<std::string, int64_t>>{{"0", 0},
                                                    {"-0", 0},
                                                    {"+7", 7},
                                                    {"12345678", 12345678},
                                                    {"123456789", 123456789},
                                                    {"1234567890123456", 1234567890123456},
                                                    {"00000000000000000000000042", 42},
                                                    {"9223372036854775807", INT64_MAX},
                                                    {"-9223372036854775808", INT64_MIN}}) {
    EXPECT_EQ(Integer(text, &value), Fault::kNone) << text;
    EXPECT_EQ(value, expected) << text;
  }
}

TEST(ReadInteger, RefusesWhatIsNoInteger) {
  int64_t value = 0;
  for (const std::string text : {"", "-", "+", " 1", "1 ", "1.0", "1e3", "0x10", "--1", "12a45678",
                                 "123456789012345678901234x", "1_000"}) {
    EXPECT_EQ(Integer(text, &value), Fault::kForm) << text;
  }
  for (const std::string text :
       {"9223372036854775808", "-9223372036854775809", "99999999999999999999999999"}) {
    EXPECT_EQ(Integer(text, &value), Fault::kOverflow) << text;
  }
}

TEST(ReadFloat, TakesWhatStrtodTakes) {
  double value = 0;
  for (const std::string text : {"0", "-0", "1.5", ".5", "5.", "1e308", "-1.7976931348623157e308",
                                 "4.9e-324", "0.1", "123456789012345678901234567890"}) {
    EXPECT_EQ(ReadFloat(text, &value), Fault::kNone) << text;
    EXPECT_EQ(value, std::strtod(text.c_str(), nullptr)) << text;
  }
  EXPECT_EQ(ReadFloat("NaN", &value), Fault::kNone);
  EXPECT_TRUE(std::isnan(value));
  EXPECT_EQ(ReadFloat("-infinity", &value), Fault::kNone);
  EXPECT_EQ(value, -std::numeric_limits<double>::infinity());
}

TEST(ReadFloat, RefusesWhatDoesNotFitOrIsNoNumber) {
  double value = 0;
  float narrow = 0;
  for (const std::string text : {"1e309", "-1e400", "1e-400"}) {
    EXPECT_EQ(ReadFloat(text, &value), Fault::kOverflow) << text;
  }
  EXPECT_EQ(ReadFloat("1e39", &narrow), Fault::kOverflow);
  EXPECT_EQ(ReadFloat("1e-60", &narrow), Fault::kOverflow);
  EXPECT_EQ(ReadFloat("0e-400", &value), Fault::kNone);
  for (const std::string text :
       {"", ".", "+", "1e", "1,5", " 1", "-nan", "nan(1)", "0x1p3", "+-1", "e5"}) {
    EXPECT_EQ(ReadFloat(text, &value), Fault::kForm) << text;
  }
}

TEST(AppendNumeric, KeepsTheScaleAsWritten) {
  for (const std::string text :
       {"0", "1", "-1", "10000", "9999", "0.5", "0.00", "1.50", "123456789.123456789", "0.0001",
        "0.00001", "100000000", "-99999999999999.9999", "999999999999999999", "0.0000000000000001",
        "12345678901234567890.12345678901234567890", "NaN", "Infinity", "-Infinity"}) {
    EXPECT_EQ(Numeric(text).text, text);
  }
  EXPECT_EQ(Numeric("+5.").text, "5");
  EXPECT_EQ(Numeric(".5").text, "0.5");
  EXPECT_EQ(Numeric("-0").text, "0");
  EXPECT_EQ(Numeric("1.5e3").text, "1500");
  EXPECT_EQ(Numeric("1.5e-3").text, "0.0015");
  EXPECT_EQ(Numeric("inf").text, "Infinity");
}

TEST(AppendNumeric, WritesTheSameBytesOnItsShortAndItsLongWay) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20000; ++i) {
    const int scale = static_cast<int>(random() % 17);
    const uint64_t digits = random() % kPowersOfTen[1 + random() % 18];
    std::string text = std::to_string(digits);
    if (scale > 0) {
      text.insert(0, text.size() <= static_cast<size_t>(scale) ? scale + 1 - text.size() : 0, '0');
      text.insert(text.size() - static_cast<size_t>(scale), 1, '.');
    }
    if (random() % 2 == 0) text.insert(0, 1, '-');
    const auto decimal = ParseDecimal(text);
    ASSERT_TRUE(decimal) << text;
    std::vector<char> expected;
    AppendNumeric(*decimal, expected);
    EXPECT_EQ(Send(text), expected) << text;

    ByteBuffer from_integer;
    bool bent = false;
    const auto unscaled = static_cast<__int128>(digits) * (text[0] == '-' ? -1 : 1);
    ASSERT_EQ(AppendNumericInteger(unscaled, scale, {}, from_integer, &bent), Fault::kNone);
    EXPECT_EQ(std::move(from_integer).Take(), expected) << text;
  }
}

TEST(AppendNumeric, AgreesWithTheLongWayUnderLimits) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 20000; ++i) {
    std::string text = std::to_string(random() % kPowersOfTen[1 + random() % 9]);
    if (random() % 2 == 0) text += "." + std::to_string(random() % kPowersOfTen[1 + random() % 6]);
    const int precision = 1 + static_cast<int>(random() % 12);
    const NumericLimits limits{
        precision, static_cast<int32_t>(random() % (static_cast<unsigned>(precision) + 1)),
        static_cast<Excess>(random() % 3)};
    ByteBuffer quick;
    ByteBuffer slow;
    bool quick_bent = false;
    bool slow_bent = false;
    const Fault quick_fault = AppendNumericText(text, {}, limits, quick, &quick_bent);
    const Fault slow_fault = AppendNumericDecimal(*ParseDecimal(text), limits, slow, &slow_bent);
    ASSERT_EQ(quick_fault, slow_fault) << text << " " << precision << "," << limits.scale;
    ASSERT_EQ(quick_bent, slow_bent) << text;
    ASSERT_EQ(std::move(quick).Take(), std::move(slow).Take()) << text;
  }
}

TEST(AppendNumeric, ChecksPrecisionAndScale) {
  EXPECT_EQ(Numeric("123.45", {5, 2}).text, "123.45");
  EXPECT_EQ(Numeric("1.5", {5, 2}).text, "1.50");
  EXPECT_EQ(Numeric("1.500", {5, 2}).text, "1.50");
  EXPECT_EQ(Numeric("1.505", {5, 2}).fault, Fault::kScale);
  EXPECT_EQ(Numeric("1000", {5, 2}).fault, Fault::kOverflow);
  EXPECT_EQ(Numeric("Infinity", {5, 2}).fault, Fault::kOverflow);
  EXPECT_EQ(Numeric("NaN", {5, 2}).text, "NaN");
  // More scale than precision, and a scale below zero (PostgreSQL 15).
  EXPECT_EQ(Numeric("0.00999", {3, 5}).text, "0.00999");
  EXPECT_EQ(Numeric("0.01", {3, 5}).fault, Fault::kOverflow);
  EXPECT_EQ(Numeric("12300", {3, -2}).text, "12300");
  EXPECT_EQ(Numeric("12345", {3, -2}).fault, Fault::kScale);
  EXPECT_EQ(Numeric("100000", {3, -2}).fault, Fault::kOverflow);
}

TEST(AppendNumeric, RoundsOrCutsOnlyWhereAllowed) {
  const NumericLimits round{5, 2, Excess::kRound};
  const NumericLimits cut{5, 2, Excess::kTruncate};
  EXPECT_EQ(Numeric("1.005", round).text, "1.01");
  EXPECT_EQ(Numeric("-1.005", round).text, "-1.01");
  EXPECT_EQ(Numeric("0.999", round).text, "1.00");
  EXPECT_EQ(Numeric("999.995", round).fault, Fault::kOverflow);
  EXPECT_EQ(Numeric("1.009", cut).text, "1.00");
  EXPECT_TRUE(Numeric("1.005", round).bent);
  EXPECT_FALSE(Numeric("1.50", round).bent);
  EXPECT_EQ(Numeric("0.4", {5, 0, Excess::kRound}).text, "0");
  EXPECT_EQ(Numeric("-0.4", {5, 0, Excess::kRound}).text, "0");
  EXPECT_EQ(Numeric("5e-20", {5, 2, Excess::kRound}).text, "0.00");
  EXPECT_EQ(Numeric("99.99999999999999999999", {30, 1, Excess::kRound}).text, "100.0");
}

TEST(AppendNumeric, KnowsPostgresLimits) {
  EXPECT_EQ(Numeric("1e131071").fault, Fault::kNone);
  EXPECT_EQ(Numeric("1e131072").fault, Fault::kOverflow);
  EXPECT_EQ(Numeric("1e-16383").fault, Fault::kNone);
  EXPECT_EQ(Numeric("1e-16384").fault, Fault::kOverflow);
  EXPECT_EQ(Numeric(std::string(131072, '9')).text, std::string(131072, '9'));
}

TEST(AppendNumeric, ReadsTheFilesMarks) {
  const NumberStyle brazil{',', '.'};
  EXPECT_EQ(Numeric("1.234.567,89", {}, brazil).text, "1234567.89");
  EXPECT_EQ(Numeric("1234,5", {}, brazil).text, "1234.5");
  EXPECT_EQ(Numeric("-12.345", {}, brazil).text, "-12345");
  // Read with the other convention these would be ten or a thousand times as much.
  for (const std::string text :
       {"1.5", "12.34", "1234.567", "1.23.456", ".123", "1,234.5", "1.", "1,5,0"}) {
    EXPECT_EQ(Numeric(text, {}, brazil).fault, Fault::kForm) << text;
  }
  EXPECT_EQ(Numeric("1.5", {}, {',', 0}).fault, Fault::kForm);
  EXPECT_EQ(Numeric("1,5", {}, {',', 0}).text, "1.5");
  EXPECT_EQ(Numeric("1'234.5", {}, {'.', '\''}).text, "1234.5");
  EXPECT_EQ(Numeric("1,5").fault, Fault::kForm);
}

TEST(CompareNumeric, OrdersAsPostgresDoes) {
  const std::vector<std::string> ascending = {"-Infinity", "-10000",  "-9999.5", "-1",       "-0.5",
                                              "0",         "0.00001", "0.5",     "1",        "9999",
                                              "9999.5",    "10000",   "1e20",    "Infinity", "NaN"};
  for (size_t i = 0; i < ascending.size(); ++i) {
    for (size_t k = 0; k < ascending.size(); ++k) {
      const auto left = Send(ascending[i]);
      const auto right = Send(ascending[k]);
      const int order = CompareNumeric({left.data(), left.size()}, {right.data(), right.size()});
      EXPECT_EQ(order, i < k ? -1 : i > k ? 1 : 0) << ascending[i] << " " << ascending[k];
    }
  }
  const auto one = Send("1.0");
  const auto same = Send("1.000");
  EXPECT_EQ(CompareNumeric({one.data(), one.size()}, {same.data(), same.size()}), 0);
}

TEST(IsMultiple, LooksAtTheDecimalValue) {
  const auto is_multiple = [](std::string_view value, std::string_view unit) {
    const auto bytes = Send(value);
    return IsMultiple({bytes.data(), bytes.size()}, *ParseDecimal(unit));
  };
  EXPECT_TRUE(is_multiple("0.3", "0.1"));
  EXPECT_TRUE(is_multiple("-7.50", "2.5"));
  EXPECT_TRUE(is_multiple("0", "7"));
  EXPECT_TRUE(is_multiple("3000", "1500"));
  EXPECT_TRUE(is_multiple("1e30", "100"));
  EXPECT_FALSE(is_multiple("0.35", "0.1"));
  EXPECT_FALSE(is_multiple("1600", "1500"));
  EXPECT_FALSE(is_multiple("NaN", "1"));
}

}  // namespace
}  // namespace eclusa
