#include "urls/registered_urls.h"

#include <gtest/gtest.h>

#include "model/codes.h"

namespace eclusa {
namespace {

RegisteredUrls Urls(const std::vector<std::string>& lines) {
  return RegisteredUrls::Parse(lines).value();
}

std::string Found(const RegisteredUrls& urls, const std::string& tenant, const std::string& text) {
  const auto url = ParsePlainUrl(text);
  if (!url.ok()) return url.error().code();
  const auto place = urls.Find(tenant, *url);
  return place.ok() ? (*place)->path : place.error().code();
}

TEST(RegisteredUrls, HoldsWhatIsUnderThePathOfThePlace) {
  const RegisteredUrls urls = Urls({"47 https://files.example/erp/"});
  for (const char* url : {"https://files.example/erp/a.csv", "https://files.example:443/erp/a.csv",
                          "HTTPS://FILES.Example/erp/a/b?sig=/../%2f#x",
                          "https://files.example/erp/%20a;v=1", "https://files.example/erp/",
                          "https://files.example/erp//a", "https://files.example/erp/..a"}) {
    EXPECT_EQ(Found(urls, "47", url), "/erp/") << url;
  }
  for (const char* url :
       {"http://files.example/erp/a", "https://files.example:444/erp/a",
        "https://files.example/erp", "https://files.example/erpx/a", "https://files.example/ERP/a",
        "https://files.example/", "https://files.example?/erp/a", "https://files.example#/erp/a",
        "https://evil.example/erp/", "https://files.example.evil.example/erp/a",
        "https://files.example./erp/a", "https://evil.example?https://files.example/erp/a"}) {
    EXPECT_EQ(Found(urls, "47", url), code::api_url_not_registered) << url;
  }
  EXPECT_EQ(Found(urls, "48", "https://files.example/erp/a"), code::api_url_not_registered);
  EXPECT_EQ(Found(urls, "", "https://files.example/erp/a"), code::api_url_not_registered);
  EXPECT_EQ(Found(urls, "*", "https://files.example/erp/a"), code::api_url_not_registered);
}

TEST(RegisteredUrls, RefusesWhatAServerCouldTakeForAnotherPath) {
  const RegisteredUrls urls = Urls({"* https://files.example/erp/"});
  for (const char* path : {"/erp/../secret",
                           "/erp/./a",
                           "/erp/..",
                           "/erp/.",
                           "/erp/..;/secret",
                           "/erp/..;x=1/secret",
                           "/erp/%2e%2e/secret",
                           "/erp/.%2E/secret",
                           "/erp/..%2fsecret",
                           "/erp%2fa",
                           "/erp/a%5cb",
                           "/erp/%252e%252e/secret",
                           "/erp/a%00.csv",
                           "/erp/%0d%0aX:y",
                           "/erp/%",
                           "/erp/%2",
                           "/erp/%zz",
                           "/erp/\\..\\secret",
                           "/erp/a b",
                           "/erp/\xc3\xa9",
                           "/erp/a\tb",
                           "/erp/a\n"}) {
    EXPECT_EQ(Found(urls, "47", std::string("https://files.example") + path),
              code::http_url_malformed)
        << path;
  }
  EXPECT_EQ(Found(urls, "47", "https://files.example\\@evil.example/erp/"),
            code::http_url_malformed);
  EXPECT_EQ(Found(urls, "47", "https://files.example/erp/" + std::string(9000, 'a')),
            code::http_url_malformed);
  EXPECT_EQ(Found(urls, "47", "https://a:b@files.example/erp/a"), code::http_url_credentials);
  EXPECT_EQ(Found(urls, "47", "https://files.example@evil.example/erp/a"),
            code::http_url_credentials);
  EXPECT_EQ(Found(urls, "47", "file:///erp/a"), code::http_url_scheme);
  EXPECT_EQ(Found(urls, "47", "ftp://files.example/erp/a"), code::http_url_scheme);
}

TEST(RegisteredUrls, TakesTheClosestPlace) {
  const RegisteredUrls urls =
      Urls({"* http://a.example/", "47 http://a.example/in/ private", "* http://a.example/in/x/"});
  EXPECT_EQ(Found(urls, "47", "http://a.example/in/b"), "/in/");
  EXPECT_EQ(Found(urls, "48", "http://a.example/in/b"), "/");
  EXPECT_EQ(Found(urls, "47", "http://a.example/in/x/b"), "/in/x/");
  const auto url = ParsePlainUrl("http://a.example/in/b").value();
  EXPECT_TRUE(urls.Find("47", url).value()->private_addresses);
  EXPECT_FALSE(urls.Find("48", url).value()->private_addresses);
}

TEST(RegisteredUrls, RefusesLinesThatItWouldHaveToGuessAt) {
  for (const char* line : {"", "47", "https://files.example/erp/", "47 https://files.example/erp",
                           "47 https://files.example/erp/?a=b", "47 https://files.example/erp/../",
                           "47 https://files.example/erp/ privat",
                           "47 https://files.example/erp/ private x", "47 ftp://files.example/erp/",
                           "47 https://a:b@files.example/erp/", "47 files.example/erp/"}) {
    const auto urls = RegisteredUrls::Parse({line});
    ASSERT_FALSE(urls.ok()) << line;
    EXPECT_EQ(urls.error().code(), code::config_bad_value) << line;
  }
  EXPECT_TRUE(RegisteredUrls::Parse({"47 https://files.example"}).ok());  // all of the host
}

TEST(ShownUrl, HoldsNoSignature) {
  EXPECT_EQ(ShownUrl("https://a.example/b?X-Amz-Signature=1"), "https://a.example/b");
  EXPECT_EQ(ShownUrl("https://a.example/b#c?d"), "https://a.example/b");
}

}  // namespace
}  // namespace eclusa
