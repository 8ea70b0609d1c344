// What S3Store alone does, on a server that checks.
#include "store/s3_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/store_bench.h"

namespace eclusa {
namespace {

using testing::HasSubstr;

ObjectSource Word(const std::string& word) {
  ObjectSource source;
  source.size = static_cast<int64_t>(word.size());
  source.read = [word, given = false](std::span<char> out) mutable -> Result<size_t> {
    if (given) return size_t{0};
    given = true;
    word.copy(out.data(), word.size());
    return word.size();
  };
  return source;
}

TEST(S3Store, PinsTheVersionWhereTheBucketKeepsThem) {
  S3Bench bench(true);
  const std::string first = bench.store().Put("a/b", Word("first"), {}).value().version;
  const std::string second = bench.store().Put("a/b", Word("second"), {}).value().version;
  EXPECT_TRUE(first.starts_with("v:"));
  ASSERT_TRUE(bench.store().Remove("a/b").ok());
  std::string text(10, '\0');
  EXPECT_EQ(bench.store().OpenInput({"a/b", first}, {}).value()->Read(text).value(), 5U);
  EXPECT_EQ(text.substr(0, 5), "first");
  EXPECT_EQ(bench.store().OpenInput({"a/b", second}, {}).value()->Read(text).value(), 6U);
}

TEST(S3Store, PinsTheEtagWhereItDoesNot) {
  S3Bench bench;
  EXPECT_TRUE(bench.store().Put("a/b", Word("x"), {}).value().version.starts_with("e:"));
}

TEST(S3Store, SaysThatItsKeyIsRefused) {
  S3Bench bench;
  S3Config config = bench.config();
  config.key.secret_key += "x";
  const auto wrong = S3Store::Open(config).value();
  EXPECT_EQ(wrong->Stat("a/b").error().code(), code::store_refused);
  const auto put = wrong->Put("a/b", Word("x"), {});
  EXPECT_EQ(put.error().kind(), ErrorKind::kInvalid);
  EXPECT_THAT(Text(put.error(), Language::kEnglish), HasSubstr("SignatureDoesNotMatch"));
  EXPECT_EQ(bench.store().Stat("a/b").error().code(), code::store_not_found);
}

TEST(S3Store, SaysThatItsBucketIsNotThere) {
  const auto store = S3Store::Open(S3Bench::Config("no-such-bucket")).value();
  const auto put = store->Put("a/b", Word("x"), {});
  EXPECT_EQ(put.error().code(), code::store_refused);
  EXPECT_THAT(Text(put.error(), Language::kPortuguese), HasSubstr("NoSuchBucket"));
}

TEST(S3Store, SignsNoUrlForLongerThanS3Takes) {
  S3Bench bench;
  UploadClaims claims;
  claims.object = "a/b";
  claims.size = 1;
  claims.expires = TestNow() + std::chrono::hours(7 * 24 - 1);
  EXPECT_TRUE(bench.store().SignUpload(claims).ok());
  claims.expires = TestNow() + std::chrono::hours(7 * 24 + 1);
  EXPECT_EQ(bench.store().SignUpload(claims).error().code(), code::store_upload_claims);
  claims.expires = TestNow() - std::chrono::hours(1);
  EXPECT_EQ(bench.store().SignUpload(claims).error().code(), code::store_upload_claims);
  claims.expires = TestNow() + std::chrono::hours(1);
  claims.size = int64_t{6} << 30;
  EXPECT_EQ(bench.store().SignUpload(claims).error().code(), code::store_upload_claims);
}

TEST(S3Store, ListsMoreThanOnePage) {
  S3Bench bench;
  for (int i = 0; i < 1005; ++i) {
    ASSERT_TRUE(bench.store().Put("a/" + std::to_string(i), Word("x"), {}).ok());
  }
  size_t count = 0;
  ASSERT_TRUE(bench.store()
                  .List({"a/", TestNow() + std::chrono::seconds(60)},
                        [&](const ListedObject&) -> Status {
                          ++count;
                          return Ok();
                        })
                  .ok());
  EXPECT_EQ(count, 1005U);
}

}  // namespace
}  // namespace eclusa
