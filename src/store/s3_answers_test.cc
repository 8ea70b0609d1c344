#include "store/s3_answers.h"

#include <gtest/gtest.h>

namespace eclusa {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

TEST(S3Answers, GivesTheFault) {
  const S3Fault fault = ReadS3Fault(
      "<?xml version=\"1.0\"?>\n<Error><Code>NoSuchKey</Code><Message>a &amp; b</Message></Error>");
  EXPECT_EQ(fault.code, "NoSuchKey");
  EXPECT_EQ(fault.message, "a & b");
  for (const char* other : {"", "nothing", "<Error>", "<html><Code>a</Code></html>", "{}"}) {
    EXPECT_EQ(ReadS3Fault(other).code, "") << other;
  }
}

TEST(S3Answers, ReadsAPageOfObjects) {
  S3ObjectPage page;
  ASSERT_TRUE(ReadS3Objects(
      "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
      "<IsTruncated>true</IsTruncated><NextContinuationToken>t/1=</NextContinuationToken>"
      "<Contents><Key>a/b</Key><Size>6442450944</Size>"
      "<LastModified>2026-11-27T08:51:20.123Z</LastModified></Contents>"
      "<Contents><Key>c</Key></Contents></ListBucketResult>",
      &page));
  ASSERT_EQ(page.objects.size(), 2U);
  EXPECT_EQ(page.objects[0].object, "a/b");
  EXPECT_EQ(page.objects[0].size, 6'442'450'944);
  EXPECT_EQ(page.objects[0].modified, sys_seconds(seconds(1795769480)));
  EXPECT_EQ(page.objects[1].modified, sys_seconds());
  EXPECT_EQ(page.next, "t/1=");
  S3ObjectPage last;
  ASSERT_TRUE(
      ReadS3Objects("<ListBucketResult><IsTruncated>false</IsTruncated>"
                    "<NextContinuationToken>t</NextContinuationToken></ListBucketResult>",
                    &last));
  EXPECT_EQ(last.next, "");
  EXPECT_FALSE(ReadS3Objects("<ListPartsResult/>", &last));
  EXPECT_FALSE(ReadS3Objects("<ListBucketResult><Contents>", &last));
}

TEST(S3Answers, ReadsPagesOfUploadsAndParts) {
  S3UploadPage uploads;
  ASSERT_TRUE(ReadS3Uploads(
      "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker>"
      "<NextUploadIdMarker>u</NextUploadIdMarker><Upload><Key>a</Key><UploadId>id</UploadId>"
      "<Initiated>2026-11-27T08:51:20Z</Initiated></Upload></ListMultipartUploadsResult>",
      &uploads));
  ASSERT_EQ(uploads.uploads.size(), 1U);
  EXPECT_EQ(uploads.uploads[0].upload_id, "id");
  EXPECT_EQ(uploads.uploads[0].started, sys_seconds(seconds(1795769480)));
  EXPECT_EQ(uploads.next_key, "k");
  EXPECT_EQ(uploads.next_upload, "u");
  S3PartPage parts;
  ASSERT_TRUE(ReadS3Parts(
      "<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>2"
      "</NextPartNumberMarker><Part><PartNumber>2</PartNumber><Size>5</Size><ETag>\"e\"</ETag>"
      "<ChecksumSHA256>abc=</ChecksumSHA256></Part></ListPartsResult>",
      &parts));
  ASSERT_EQ(parts.parts.size(), 1U);
  EXPECT_EQ(parts.parts[0].part.part, 2);
  EXPECT_EQ(parts.parts[0].part.size, 5);
  EXPECT_EQ(parts.parts[0].etag, "\"e\"");
  EXPECT_EQ(parts.next, "2");
  EXPECT_EQ(S3CompletionBody(parts.parts),
            "<CompleteMultipartUpload><Part><PartNumber>2</PartNumber><ETag>\"e\"</ETag>"
            "<ChecksumSHA256>abc=</ChecksumSHA256></Part></CompleteMultipartUpload>");
}

TEST(S3Answers, ReadsTheIdOfAnUpload) {
  EXPECT_EQ(ReadS3UploadId("<InitiateMultipartUploadResult><UploadId>a-b</UploadId>"
                           "</InitiateMultipartUploadResult>"),
            "a-b");
  EXPECT_EQ(ReadS3UploadId("<Other><UploadId>a</UploadId></Other>"), "");
}

TEST(S3Answers, ReadsTimes) {
  EXPECT_EQ(ReadHttpTime("Fri, 27 Nov 2026 08:51:20 GMT"), sys_seconds(seconds(1795769480)));
  EXPECT_EQ(ReadHttpTime("yesterday"), sys_seconds());
}

TEST(S3Answers, ReadsNoFileThatAnAnswerNames) {
  EXPECT_EQ(ReadS3Fault("<!DOCTYPE Error [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
                        "<Error><Code>&x;</Code></Error>")
                .code,
            "&x;");
}

}  // namespace
}  // namespace eclusa
