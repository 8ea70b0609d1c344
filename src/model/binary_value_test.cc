#include "model/binary_value.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>

namespace eclusa {
namespace {

std::string Hex(const std::vector<char>& bytes) {
  std::string hex;
  for (const char byte : bytes) hex += fmt::format("{:02x}", static_cast<uint8_t>(byte));
  return hex;
}

std::string NumericHex(std::string_view text) {
  std::vector<char> out;
  AppendNumeric(ParseDecimal(text).value(), out);
  return Hex(out);
}

std::string RoundedHex(std::string_view text, int32_t scale) {
  std::vector<char> out;
  AppendNumericRounded(ParseDecimal(text).value(), scale, out);
  return Hex(out);
}

// What PostgreSQL 15 answers to numeric_send('...'::numeric).
constexpr std::pair<std::string_view, std::string_view> kSent[] = {
    {"0", "0000000000000000"},
    {"0.00", "0000000000000002"},
    {"1", "00010000000000000001"},
    {"-1", "00010000400000000001"},
    {"1.5", "000200000000000100011388"},
    {"1.50", "000200000000000200011388"},
    {"10000", "00010001000000000001"},
    {"1500", "000100000000000005dc"},
    {"12345678.9", "000300010000000104d2162e2328"},
    {"0.0001", "0001ffff000000040001"},
    {"0.00010", "0001ffff000000050001"},
    {"0.00001", "0001fffe0000000503e8"},
    {"-0.05", "0001ffff4000000201f4"},
    {"99999999", "0002000100000000270f270f"},
    {"100000000", "00010002000000000001"},
    {"123456789012345678", "0005000400000000000c0d801ed204d2162e"},
    {"1234567890123456789", "0005000400000000007b11d722c509291a85"},
    {"12345678901234567890.12345678901234567890",
     "000a00040000001404d2162e23340d801ed204d2162e23340d801ed2"},
    {"1e5", "0001000100000000000a"},
    {"1.5e2", "00010000000000000096"},
    {"1.5e-7", "0001fffe00000008000f"},
    {"12e-1", "0002000000000001000107d0"},
    {"1e-4", "0001ffff000000040001"},
    {"9999e4", "0001000100000000270f"},
    {"+7", "00010000000000000007"},
    {"007", "00010000000000000007"},
    {".5", "0001ffff000000011388"},
    {"5.", "00010000000000000005"},
    {"0e10", "0000000000000000"},
    {"0e-3", "0000000000000003"},
    {"-0.0", "0000000000000001"},
    {"NaN", "00000000c0000000"},
    {"nan", "00000000c0000000"},
};

// What it answers to numeric_send(round('...'::numeric, scale)).
struct Rounded {
  std::string_view text;
  int32_t scale;
  std::string_view hex;
};
constexpr Rounded kRounded[] = {
    {"1.005", 2, "000200000000000200010064"},
    {"1.004", 2, "00010000000000020001"},
    {"-1.005", 2, "000200004000000200010064"},
    {"9999.5", 0, "00010001000000000001"},
    {"99999999.995", 2, "00010002000000020001"},
    {"0.04", 1, "0000000000000001"},
    {"0.05", 1, "0001ffff0000000103e8"},
    {"0.96", 1, "00010000000000010001"},
    {"12345.678", -2, "0002000100000000000108fc"},
    {"15", -1, "00010000000000000014"},
    {"14", -1, "0001000000000000000a"},
    {"99", -2, "00010000000000000064"},
    {"49", -2, "0000000000000000"},
    {"5", -1, "0001000000000000000a"},
    {"0.00005", 4, "0001ffff000000040001"},
    {"1.5e-7", 7, "0001fffe000000070014"},
    {"1.55e-7", 8, "0001fffe000000080010"},
    {"1500", 0, "000100000000000005dc"},
    {"12345678901234567890.12345678901234567895", 19,
     "000a00040000001304d2162e23340d801ed204d2162e23340d801edc"},
};

TEST(Decimal, IsSentAsPostgresSendsIt) {
  for (const auto& [text, hex] : kSent) EXPECT_EQ(NumericHex(text), hex) << text;
}

TEST(Decimal, IsRoundedAsPostgresRoundsIt) {
  for (const auto& [text, scale, hex] : kRounded) {
    EXPECT_EQ(RoundedHex(text, scale), hex) << text << " to " << scale;
  }
}

TEST(Decimal, SendsInfinityByItsSign) {
  EXPECT_EQ(NumericHex("Infinity"), "00000000d0000000");
  EXPECT_EQ(NumericHex("-inf"), "00000000f0000000");
}

TEST(Decimal, TakesTheSameWayForShortAndLongTexts) {
  // 18 digits and fewer go through an integer, zeros in front make the same number long.
  for (const auto& [text, hex] : kSent) {
    if (!text.starts_with('0') || text.find('e') != text.npos) continue;
    EXPECT_EQ(RoundedHex(text, kNumericScaleMax), hex) << text;
  }
}

TEST(Decimal, RefusesWhatIsNoNumber) {
  for (const std::string_view text :
       {"", "+", "-", ".", "1,5", " 1", "1 ", "1e", "e5", "1e+-5", "0x10", "1_000", "1.2.3", "+nan",
        "infinite", "--1", "1e99999999999"}) {
    EXPECT_FALSE(ParseDecimal(text).has_value()) << text;
  }
}

TEST(Decimal, CountsDigitsBeforeAndAfterThePoint) {
  struct Expected {
    std::string_view text;
    int32_t whole, scale, significant;
  };
  constexpr Expected kExpected[] = {
      {"0", 0, 0, 0},       {"0.00", 0, 2, 0},   {"007", 1, 0, 0},    {"1500", 4, 0, -2},
      {"1.50", 1, 2, 1},    {"0.05", 0, 2, 2},   {"1.5e2", 3, 0, -1}, {"1.5e-3", 0, 4, 4},
      {"0.005e2", 0, 1, 1}, {"0.05e2", 1, 0, 0}, {"150e-2", 1, 2, 1}, {"NaN", 0, 0, 0},
  };
  for (const auto& [text, whole, scale, significant] : kExpected) {
    const Decimal value = ParseDecimal(text).value();
    EXPECT_EQ(value.WholeDigits(), whole) << text;
    EXPECT_EQ(value.Scale(), scale) << text;
    EXPECT_EQ(value.SignificantScale(), significant) << text;
  }
}

TEST(Decimal, CountsTheDigitThatRoundingAdds) {
  EXPECT_EQ(ParseDecimal("999.995")->WholeDigitsRounded(2), 4);
  EXPECT_EQ(ParseDecimal("999.994")->WholeDigitsRounded(2), 3);
  EXPECT_EQ(ParseDecimal("989.995")->WholeDigitsRounded(2), 3);
  EXPECT_EQ(ParseDecimal("0.95")->WholeDigitsRounded(1), 1);
  EXPECT_EQ(ParseDecimal("96")->WholeDigitsRounded(-1), 3);
  EXPECT_EQ(ParseDecimal("5")->WholeDigitsRounded(-1), 2);
  EXPECT_EQ(ParseDecimal("999.99")->WholeDigitsRounded(2), 3);
}

TEST(Decimal, FitsUpToPostgresLimits) {
  const std::string widest(kNumericWholeDigitsMax, '9');
  EXPECT_TRUE(ParseDecimal(widest)->FitsNumeric());
  EXPECT_FALSE(ParseDecimal("1" + widest)->FitsNumeric());
  EXPECT_TRUE(ParseDecimal("1e131071")->FitsNumeric());
  EXPECT_FALSE(ParseDecimal("1e131072")->FitsNumeric());
  EXPECT_TRUE(ParseDecimal("1e-16383")->FitsNumeric());
  EXPECT_FALSE(ParseDecimal("1e-16384")->FitsNumeric());
  EXPECT_EQ(NumericHex(widest).size(), 2 * (8 + 2 * size_t{kNumericWholeDigitsMax} / 4));
}

struct Integer {
  __int128 unscaled;
  int32_t scale;
  std::string_view text;
};

TEST(Numeric, FromAnIntegerIsTheSameAsFromText) {
  const __int128 largest = static_cast<__int128>(~static_cast<unsigned __int128>(0) >> 1);
  const Integer cases[] = {
      {0, 0, "0"},
      {0, 3, "0.000"},
      {1, 0, "1"},
      {-1, 0, "-1"},
      {15, 1, "1.5"},
      {1234567, 2, "12345.67"},
      {1234567, 3, "1234.567"},
      {10000, 4, "1.0000"},
      {10000, 0, "10000"},
      {5, -3, "5000"},
      {5, -4, "50000"},
      {INT64_MIN, 0, "-9223372036854775808"},
      {INT64_MAX, 18, "9.223372036854775807"},
      {largest, 0, "170141183460469231731687303715884105727"},
      {-largest - 1, 38, "-1.70141183460469231731687303715884105728"},
      {largest, 37, "17.0141183460469231731687303715884105727"},
  };
  for (const auto& [unscaled, scale, text] : cases) {
    std::vector<char> out;
    AppendNumeric(unscaled, scale, out);
    std::vector<char> from_text;
    AppendNumericRounded(ParseDecimal(text).value(), kNumericScaleMax, from_text);
    EXPECT_EQ(Hex(out), Hex(from_text)) << text;
  }
}

TEST(Numeric, IsAppendedBehindWhatIsThere) {
  std::vector<char> out = {'x'};
  AppendNumeric(ParseDecimal("1").value(), out);
  AppendNumeric(15, 1, out);
  EXPECT_EQ(Hex(out),
            "78"
            "00010000000000000001"
            "000200000000000100011388");
}

TEST(BigEndian, PutsTheHighestByteFirst) {
  std::vector<char> out;
  AppendInt16(-2, out);
  AppendInt32(1, out);
  AppendInt64(INT64_MIN, out);
  AppendUint32(0xCAFEBABE, out);
  EXPECT_EQ(Hex(out),
            "fffe"
            "00000001"
            "8000000000000000"
            "cafebabe");
}

// What PostgreSQL 15 answers to array_send(array[1, null, 3]).
TEST(Array, HasAHeadAndItsElementsOneByOne) {
  std::vector<char> out;
  const std::array<int32_t, 1> lengths = {3};
  AppendArrayHead(lengths, true, 23, out);
  const size_t begun = BeginElement(out);
  AppendInt32(1, out);
  EndElement(begun, out);
  AppendNullElement(out);
  AppendElement(std::string_view("\0\0\0\3", 4), out);
  EXPECT_EQ(Hex(out),
            "00000001"
            "00000001"
            "00000017"
            "00000003"
            "00000001"
            "00000004"
            "00000001"
            "ffffffff"
            "00000004"
            "00000003");
}

TEST(Array, OfNothingHasNoDimensions) {
  std::vector<char> out;
  AppendArrayHead({}, false, 23, out);
  EXPECT_EQ(Hex(out),
            "00000000"
            "00000000"
            "00000017");
}

// array_send('{{a,b,c},{d,e,f}}'::text[])
TEST(Array, OfTwoDimensionsIsWrittenRowByRow) {
  std::vector<char> out;
  const std::array<int32_t, 2> lengths = {2, 3};
  AppendArrayHead(lengths, false, 25, out);
  for (const char letter : std::string_view("abcdef")) AppendElement({&letter, 1}, out);
  EXPECT_EQ(Hex(out),
            "00000002000000000000001900000002000000010000000300000001"
            "000000016100000001620000000163000000016400000001650000000166");
}

// inet_send('192.168.1.5/24'), cidr_send('10.0.0.0/8'), inet_send('::1')
TEST(Inet, HasFamilyMaskAndBytes) {
  std::vector<char> out;
  AppendInet(std::array<uint8_t, 4>{192, 168, 1, 5}, 24, false, out);
  EXPECT_EQ(Hex(out), "02180004c0a80105");
  out.clear();
  AppendInet(std::array<uint8_t, 4>{10, 0, 0, 0}, 8, true, out);
  EXPECT_EQ(Hex(out), "020801040a000000");
  out.clear();
  std::array<uint8_t, 16> loopback{};
  loopback[15] = 1;
  AppendInet(loopback, 128, false, out);
  EXPECT_EQ(Hex(out), "0380001000000000000000000000000000000001");
}

}  // namespace
}  // namespace eclusa
