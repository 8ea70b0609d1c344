#include "convert/number_digits.h"

#include <gtest/gtest.h>

namespace eclusa {
namespace {

NumberDigits Of(std::initializer_list<std::string_view> texts) {
  NumberDigits digits;
  for (const std::string_view text : texts) EXPECT_TRUE(digits.Add(text)) << text;
  return digits;
}

TEST(NumberDigits, AreIntegersWhereAllAreWholeAndFit) {
  EXPECT_TRUE(Of({"0", "-1", "9223372036854775807", "-9223372036854775808"}).all_integers());
  EXPECT_FALSE(Of({"9223372036854775808"}).all_integers());
  EXPECT_FALSE(Of({"1", "1.0"}).all_integers());
  EXPECT_FALSE(Of({"1e2"}).all_integers());
  EXPECT_FALSE(Of({"007"}).all_integers());
  EXPECT_FALSE(Of({"-0"}).all_integers());
  EXPECT_FALSE(NumberDigits().all_integers());
}

TEST(NumberDigits, CountWhatADecimalNeeds) {
  const NumberDigits money = Of({"1.10", "-12345.6", "0"});
  EXPECT_TRUE(money.fits_decimal());
  EXPECT_EQ(money.precision(), 7);
  EXPECT_EQ(money.scale(), 2);
  const NumberDigits powers = Of({"1e3", "15e-4"});
  EXPECT_EQ(powers.precision(), 8);
  EXPECT_EQ(powers.scale(), 4);
  EXPECT_EQ(Of({"0"}).precision(), 1);
}

TEST(NumberDigits, SayWhereNoDecimalHoldsThem) {
  EXPECT_FALSE(Of({"1e400"}).fits_decimal());
  EXPECT_FALSE(Of({"1e-400"}).fits_decimal());
  EXPECT_FALSE(Of({"1e99999999999999999999"}).fits_decimal());
  EXPECT_FALSE(Of({"-0.0"}).fits_decimal());
  EXPECT_TRUE(Of({std::string(76, '9')}).fits_decimal());
  EXPECT_FALSE(Of({std::string(77, '9')}).fits_decimal());
  EXPECT_FALSE(Of({std::string(70, '9'), "0.00000001"}).fits_decimal());
}

TEST(NumberDigits, RefuseWhatIsNoNumber) {
  NumberDigits digits;
  for (const std::string_view text :
       {"", "-", "1.", ".5", "1e", "1e+", "0x1", "NaN", "1 ", "1,5"}) {
    EXPECT_FALSE(digits.Add(text)) << text;
  }
  EXPECT_FALSE(digits.any());
}

}  // namespace
}  // namespace eclusa
