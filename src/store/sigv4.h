// AWS Signature Version 4, as S3 uses it. Pure functions.
//
// Either headers carry the signature (SignHeaders) or the URL does, for whoever holds it, until it
// expires (PresignQuery). Paths are encoded once and not normalised, as S3 asks for.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "http/client.h"

namespace eclusa {

struct S3Key {
  std::string access_key;
  std::string secret_key;
  std::string session_token;  // empty: a key that does not expire
};

using S3Query = std::vector<std::pair<std::string, std::string>>;  // not encoded

struct S3Request {
  std::string method;
  std::string path;  // "/bucket/key", not encoded
  S3Query query;
  ClientHeaders headers;  // all of them are signed; `host` is one
  // SHA-256 of the body in hexadecimal digits, or:
  std::string payload = "UNSIGNED-PAYLOAD";
};

struct S3Signer {
  S3Key key;
  std::string region;
  std::chrono::sys_seconds time;
};

// The request's headers and those that make it signed.
ClientHeaders SignHeaders(const S3Signer& signer, const S3Request& request);
// The whole query of the signed URL. The holder must send `request.headers` as they are.
std::string PresignQuery(const S3Signer& signer, const S3Request& request,
                         std::chrono::seconds valid);
// "a=b&c=", encoded and sorted.
std::string EncodedQuery(S3Query query);

}  // namespace eclusa
