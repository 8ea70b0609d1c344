// What S3 answers in XML. Pure functions; what is no XML of the kind expected gives nothing, or
// false: the caller says so. Nothing of an answer is trusted to be of a certain size but by the
// limit of the request.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/object_store.h"

namespace eclusa {

// "NoSuchKey" and a sentence; both empty where the text is no error document.
struct S3Fault {
  std::string code;
  std::string message;
};
S3Fault ReadS3Fault(std::string_view xml);

struct S3ObjectPage {
  std::vector<ListedObject> objects;
  std::string next;  // continuation token; empty: the last page
};
bool ReadS3Objects(std::string_view xml, S3ObjectPage* page);

struct S3UploadPage {
  std::vector<UnfinishedUpload> uploads;
  std::string next_key;  // empty: the last page
  std::string next_upload;
};
bool ReadS3Uploads(std::string_view xml, S3UploadPage* page);

struct S3Part {
  UploadedPart part;
  std::string etag;
  std::string checksum_sha256;  // base64; empty: none
};
struct S3PartPage {
  std::vector<S3Part> parts;
  std::string next;  // part number marker; empty: the last page
};
bool ReadS3Parts(std::string_view xml, S3PartPage* page);

// Of InitiateMultipartUpload; empty where there is none.
std::string ReadS3UploadId(std::string_view xml);
// The body of CompleteMultipartUpload.
std::string S3CompletionBody(const std::vector<S3Part>& parts);

// "2026-11-27T08:51:20.000Z"; the epoch where it is none.
std::chrono::sys_seconds ReadS3Time(std::string_view text);
// "Fri, 27 Nov 2026 08:51:20 GMT"; the epoch where it is none.
std::chrono::sys_seconds ReadHttpTime(std::string_view text);

}  // namespace eclusa
