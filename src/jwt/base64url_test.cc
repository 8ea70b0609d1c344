#include "jwt/base64url.h"

#include <gtest/gtest.h>

namespace eclusa::jwt {
namespace {

TEST(Base64Url, ReadsWhatTheRfcWrites) {
  EXPECT_EQ(FromBase64Url(""), "");
  EXPECT_EQ(FromBase64Url("A-z_4ME"), "\x03\xec\xff\xe0\xc1");  // RFC 7515, appendix C
  EXPECT_EQ(FromBase64Url("Zg"), "f");
  EXPECT_EQ(FromBase64Url("Zm8"), "fo");
  EXPECT_EQ(FromBase64Url("Zm9v"), "foo");
}

TEST(Base64Url, RefusesAllOtherWaysToWriteTheSame) {
  for (const char* text :
       {"Zg==", "Zm9v\n", "Zm 9v", "A+z/4ME", "Z", "Zm9vZ", "Zh", "Zm9", "Zm9v=", "Zm\xc3\xa9"}) {
    EXPECT_EQ(FromBase64Url(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace eclusa::jwt
