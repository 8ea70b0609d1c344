// The examples of "Signature Calculations for the Authorization Header" and "Authenticating
// Requests: Using Query Parameters" of Amazon S3's API reference, as they are printed there.
#include "store/sigv4.h"

#include <gtest/gtest.h>

#include "io/sha256.h"
#include "store/signing.h"

namespace eclusa {
namespace {

const S3Signer kSigner = {{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""},
                          "us-east-1",
                          std::chrono::sys_days(std::chrono::year(2013) / 5 / 24)};
const std::string kEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::string HeaderOf(const ClientHeaders& headers, const std::string& name) {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

S3Request Example(const std::string& method, const std::string& path) {
  S3Request request;
  request.method = method;
  request.path = path;
  request.headers = {{"Host", "examplebucket.s3.amazonaws.com"}};
  request.payload = kEmpty;
  return request;
}

TEST(SignHeaders, SignsTheExampleOfAGet) {
  S3Request request = Example("GET", "/test.txt");
  request.headers.emplace_back("Range", "bytes=0-9");
  const ClientHeaders headers = SignHeaders(kSigner, request);
  EXPECT_EQ(HeaderOf(headers, "x-amz-date"), "20130524T000000Z");
  EXPECT_EQ(HeaderOf(headers, "x-amz-content-sha256"), kEmpty);
  EXPECT_EQ(HeaderOf(headers, "Authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(SignHeaders, SignsTheExampleOfAPut) {
  S3Request request = Example("PUT", "/test$file.text");
  request.headers.emplace_back("Date", "Fri, 24 May 2013 00:00:00 GMT");
  request.headers.emplace_back("x-amz-storage-class", "REDUCED_REDUNDANCY");
  request.payload = HexText(Sha256::Of("Welcome to Amazon S3."));
  EXPECT_EQ(HeaderOf(SignHeaders(kSigner, request), "Authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
            "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,"
            "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(SignHeaders, SignsTheExamplesWithQueries) {
  S3Request lifecycle = Example("GET", "/");
  lifecycle.query = {{"lifecycle", ""}};
  EXPECT_TRUE(HeaderOf(SignHeaders(kSigner, lifecycle), "Authorization")
                  .ends_with("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
  S3Request list = Example("GET", "/");
  list.query = {{"prefix", "J"}, {"max-keys", "2"}};
  EXPECT_TRUE(HeaderOf(SignHeaders(kSigner, list), "Authorization")
                  .ends_with("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
}

TEST(PresignQuery, SignsTheExample) {
  EXPECT_EQ(PresignQuery(kSigner, Example("GET", "/test.txt"), std::chrono::seconds(86400)),
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524"
            "%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&"
            "X-Amz-SignedHeaders=host&X-Amz-Signature="
            "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST(PresignQuery, CarriesTheTokenOfASession) {
  S3Signer signer = kSigner;
  signer.key.session_token = "to/ken==";
  const std::string query =
      PresignQuery(signer, Example("GET", "/test.txt"), std::chrono::seconds(86400));
  EXPECT_NE(query.find("&X-Amz-Security-Token=to%2Fken%3D%3D&"), query.npos);
  EXPECT_EQ(HeaderOf(SignHeaders(signer, Example("GET", "/")), "x-amz-security-token"), "to/ken==");
  const std::string authorization =
      HeaderOf(SignHeaders(signer, Example("GET", "/")), "Authorization");
  EXPECT_NE(authorization.find(";x-amz-security-token,"), authorization.npos);
}

TEST(HmacSha256, IsThatOfRfc4231) {
  EXPECT_EQ(HexText(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(HexText(HmacSha256(std::string(131, '\xaa'),
                               "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Base64, IsThatOfRfc4648) {
  for (const auto& [bytes, text] : std::vector<std::pair<std::string, std::string>>{
           {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(Base64(bytes), text);
    EXPECT_EQ(FromBase64(text), bytes);
  }
  EXPECT_EQ(FromBase64("%%%%"), "");
  EXPECT_EQ(FromHex("00fF"), std::string("\0\xff", 2));
  EXPECT_EQ(FromHex("0g"), "");
  EXPECT_EQ(FromHex("000"), "");
}

TEST(UriEncode, LeavesOnlyWhatIsUnreserved) {
  EXPECT_EQ(UriEncode("aZ09-._~ /?&=+%\xc3\xa9"), "aZ09-._~%20%2F%3F%26%3D%2B%25%C3%A9");
  EXPECT_EQ(UriEncode("a/b", true), "a/b");
  std::string decoded;
  EXPECT_TRUE(UriDecode("a%2fb+%C3", &decoded));
  EXPECT_EQ(decoded, "a/b+\xc3");
  for (const char* wrong : {"%", "%2", "a%2", "%gg"}) EXPECT_FALSE(UriDecode(wrong, &decoded));
}

TEST(EqualInConstantTime, ComparesAll) {
  EXPECT_TRUE(EqualInConstantTime("abc", "abc"));
  EXPECT_FALSE(EqualInConstantTime("abc", "abd"));
  EXPECT_FALSE(EqualInConstantTime("abc", "abcd"));
}

}  // namespace
}  // namespace eclusa
