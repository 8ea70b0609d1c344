#include "types/scalar.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace eclusa {
namespace {

std::string Hex(const uint8_t* bytes, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    text += "0123456789abcdef"[bytes[i] >> 4];
    text += "0123456789abcdef"[bytes[i] & 15];
  }
  return text;
}

TEST(ReadBoolean, TakesPostgresWholeWords) {
  uint8_t value = 0;
  for (const std::string text : {"t", "T", "true", "TRUE", "y", "Yes", "on", "1"}) {
    EXPECT_EQ(ReadBoolean(text, &value), Fault::kNone) << text;
    EXPECT_EQ(value, 1) << text;
  }
  for (const std::string text : {"f", "F", "false", "n", "NO", "off", "0"}) {
    EXPECT_EQ(ReadBoolean(text, &value), Fault::kNone) << text;
    EXPECT_EQ(value, 0) << text;
  }
  for (const std::string text : {"", "tr", "of", "2", "sim", " t", "true ", "10", "-1"}) {
    EXPECT_EQ(ReadBoolean(text, &value), Fault::kForm) << text;
  }
}

TEST(ReadUuid, TakesItsUsualForms) {
  const std::string plain = "a0eebc999c0b4ef8bb6d6bb9bd380a11";
  for (const std::string text :
       {"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
        "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}", "a0eebc999c0b4ef8bb6d6bb9bd380a11",
        "{a0eebc999c0b4ef8bb6d6bb9bd380a11}"}) {
    uint8_t bytes[16] = {};
    EXPECT_EQ(ReadUuid(text, bytes), Fault::kNone) << text;
    EXPECT_EQ(Hex(bytes, 16), plain);
  }
  for (const std::string text :
       {"", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g",
        "a0eebc999c0b-4ef8-bb6d-6bb9bd380a111", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11)",
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11 "}) {
    uint8_t bytes[16];
    EXPECT_EQ(ReadUuid(text, bytes), Fault::kForm) << text;
  }
}

TEST(AppendBytea, TakesHexadecimalOnly) {
  ByteBuffer out;
  EXPECT_EQ(AppendBytea("\\xDEADbeef", out), Fault::kNone);
  EXPECT_EQ(AppendBytea("\\x", out), Fault::kNone);
  EXPECT_EQ(AppendBytea("", out), Fault::kNone);
  const std::vector<char> bytes = std::move(out).Take();
  EXPECT_EQ(Hex(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()), "deadbeef");
  ByteBuffer other;
  for (const std::string text : {"\\xabc", "\\xzz", "abc", "\\x a0", "\\001", "x00"}) {
    EXPECT_EQ(AppendBytea(text, other), Fault::kForm) << text;
  }
}

std::string Inet(std::string_view text, bool cidr = false) {
  ByteBuffer out;
  if (AppendInetText(text, cidr, out) != Fault::kNone) return "refused";
  const std::vector<char> bytes = std::move(out).Take();
  return Hex(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

TEST(AppendInetText, WritesFamilyMaskAndAddress) {
  EXPECT_EQ(Inet("192.168.0.1"), "02200004c0a80001");
  EXPECT_EQ(Inet("192.168.0.1/24"), "02180004c0a80001");
  EXPECT_EQ(Inet("192.168.0.0/24", true), "02180104c0a80000");
  EXPECT_EQ(Inet("::1"), "0380001000000000000000000000000000000001");
  EXPECT_EQ(Inet("2001:db8::/32", true), "0320011020010db8000000000000000000000000");
  EXPECT_EQ(Inet("::ffff:1.2.3.4"), "0380001000000000000000000000ffff01020304");
}

TEST(AppendInetText, RefusesShortFormsAndStrayBits) {
  for (const std::string text :
       {"", "10", "10.1", "10.0.0.256", "10.0.0.1/33", "10.0.0.1/", "10.0.0.1/08", "010.0.0.1",
        "::1/129", "fe80::1%eth0", "10.0.0.1 ", "host"}) {
    EXPECT_EQ(Inet(text), "refused") << text;
  }
  EXPECT_EQ(Inet("192.168.0.1/24", true), "refused");
}

}  // namespace
}  // namespace eclusa
