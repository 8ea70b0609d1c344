#include "store/upload_signature.h"

#include <gtest/gtest.h>

#include "model/codes.h"

namespace eclusa {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

const std::vector<UploadKey> kKeys = {{"k2", "ffffffffffffffffffffffffffffffff"},
                                      {"k1", "0123456789abcdef0123456789abcdef"}};
const sys_seconds kNow{seconds(1'800'000'000)};

UploadGrant Grant() {
  UploadGrant grant;
  grant.object = "uploads/47/a";
  grant.size = 1000;
  grant.sha256 = std::string(64, 'a');
  grant.content_type = "text/csv; charset=utf-8";
  grant.expires = kNow + seconds(60);
  return grant;
}

UploadAttempt Attempt(const UploadGrant& grant, const UploadKey& key = kKeys[0]) {
  return {"PUT", grant.object, SignedUploadQuery(key, grant), grant.size, grant.content_type};
}

std::string_view CodeOf(const UploadAttempt& attempt, sys_seconds now = kNow) {
  static std::string last;
  const auto outcome = VerifyUploadAttempt(kKeys, attempt, now);
  last = outcome.ok() ? "ok" : outcome.error().code();
  return last;
}

TEST(VerifyUploadAttempt, GivesWhatWasSigned) {
  UploadGrant grant = Grant();
  grant.upload_id = "0f";
  grant.part = 7;
  const UploadGrant found = VerifyUploadAttempt(kKeys, Attempt(grant), kNow).value();
  EXPECT_EQ(found.object, grant.object);
  EXPECT_EQ(found.size, 1000);
  EXPECT_EQ(found.sha256, grant.sha256);
  EXPECT_EQ(found.content_type, grant.content_type);
  EXPECT_EQ(found.upload_id, "0f");
  EXPECT_EQ(found.part, 7);
  EXPECT_EQ(found.expires, grant.expires);
  grant.size.reset();
  grant.max_size = 5000;
  const UploadGrant open = VerifyUploadAttempt(kKeys, Attempt(grant), kNow).value();
  EXPECT_FALSE(open.size.has_value());
  EXPECT_EQ(open.max_size, 5000);
}

TEST(VerifyUploadAttempt, TakesEveryKeyThatIsKnown) {
  EXPECT_EQ(CodeOf(Attempt(Grant(), kKeys[1])), "ok");
  EXPECT_EQ(CodeOf(Attempt(Grant(), {"k0", "00000000000000000000000000000000"})),
            code::store_upload_signature);
  EXPECT_EQ(CodeOf(Attempt(Grant(), {"k1", "00000000000000000000000000000000"})),
            code::store_upload_signature);
}

TEST(VerifyUploadAttempt, FindsEveryByteThatWasAltered) {
  const UploadAttempt good = Attempt(Grant());
  for (size_t i = 0; i < good.query.size(); ++i) {
    for (const char other : {'0', '1', '&', '%', 'z'}) {
      UploadAttempt altered = good;
      if (altered.query[i] == other) continue;
      altered.query[i] = other;
      ASSERT_EQ(CodeOf(altered), code::store_upload_signature) << altered.query;
    }
    UploadAttempt cut = good;
    cut.query.erase(i, 1);
    ASSERT_EQ(CodeOf(cut), code::store_upload_signature) << cut.query;
  }
  UploadAttempt object = good;
  object.object = "uploads/47/b";
  EXPECT_EQ(CodeOf(object), code::store_upload_signature);
  object.object = "../a";
  EXPECT_EQ(CodeOf(object), code::store_object_name);
}

TEST(VerifyUploadAttempt, TakesTheQueryInItsOneFormOnly) {
  const std::string query = Attempt(Grant()).query;
  for (const std::string& other :
       {query + "&x=1", "x=1&" + query, query + "&size=1000", "&" + query, query + "&",
        query.substr(query.find('&') + 1) + "&" + query.substr(0, query.find('&')), std::string(),
        std::string("signature="), std::string(3000, 'a')}) {
    UploadAttempt attempt = Attempt(Grant());
    attempt.query = other;
    EXPECT_EQ(CodeOf(attempt), code::store_upload_signature) << other;
  }
}

TEST(VerifyUploadAttempt, SaysWhatIsWrongWithARequest) {
  UploadAttempt attempt = Attempt(Grant());
  attempt.method = "POST";
  EXPECT_EQ(CodeOf(attempt), code::store_upload_method);
  attempt = Attempt(Grant());
  EXPECT_EQ(CodeOf(attempt, kNow + seconds(59)), "ok");
  EXPECT_EQ(CodeOf(attempt, kNow + seconds(60)), code::store_upload_expired);
  attempt.content_type = "text/html";
  EXPECT_EQ(CodeOf(attempt), code::store_upload_type);
  attempt = Attempt(Grant());
  attempt.content_length = 999;
  EXPECT_EQ(CodeOf(attempt), code::store_upload_length);
  attempt.content_length.reset();  // a body in chunks is counted when it comes
  EXPECT_EQ(CodeOf(attempt), "ok");
  UploadGrant open = Grant();
  open.size.reset();
  open.max_size = 5000;
  attempt = Attempt(open);
  attempt.content_length = 5000;
  EXPECT_EQ(CodeOf(attempt), "ok");
  attempt.content_length = 5001;
  EXPECT_EQ(CodeOf(attempt), code::store_too_large);
}

TEST(VerifyUploadAttempt, SaysWhenAUrlExpired) {
  const auto outcome = VerifyUploadAttempt(kKeys, Attempt(Grant()), kNow + seconds(60));
  EXPECT_EQ(Text(outcome.error(), Language::kEnglish),
            "the upload URL of uploads/47/a was good until 2027-01-15T08:01:00Z");
}

}  // namespace
}  // namespace eclusa
