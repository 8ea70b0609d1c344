// The signature of the server's own upload URLs.
//
// HMAC-SHA256 over everything that an upload is held to: method, object, size or largest size,
// digest, type, part, expiry, and the key's name. Several keys are accepted, so that they can be
// changed while URLs are out; the first one signs. Pure functions.
//
//   <object>?size= (or max=) &sha256=&type=&upload=&part=&expires=&key=&signature=
//
// Fields stand in this order, each once or not at all. A URL is good as often as it is used until
// it expires: sending the same bytes again changes nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"

namespace eclusa {

struct UploadKey {
  std::string id;      // letters, digits, '-', '_'
  std::string secret;  // at least 32 bytes
};

// What one URL lets its holder do: one PUT.
struct UploadGrant {
  std::string object;
  std::optional<int64_t> size;  // of this request
  int64_t max_size = 0;         // of the object where its size is not known
  std::string sha256;           // of this request
  std::string content_type;
  std::string upload_id;  // empty: not in parts
  int part = 0;           // from 1
  std::chrono::sys_seconds expires;
};

// A request for such a URL, as it came.
struct UploadAttempt {
  std::string method;
  std::string object;  // the path behind the store's base
  std::string query;   // behind the '?', as it was sent
  std::optional<int64_t> content_length;
  std::string content_type;
};

// What stands behind the object's name, signature included.
std::string SignedUploadQuery(const UploadKey& key, const UploadGrant& grant);

// What the attempt may do. Errors (kInvalid): store.upload_signature where anything was altered or
// the key is unknown, store.upload_method, store.upload_expired, store.upload_type,
// store.upload_length and store.too_large by the length that is announced.
Result<UploadGrant> VerifyUploadAttempt(const std::vector<UploadKey>& keys,
                                        const UploadAttempt& attempt, std::chrono::sys_seconds now);

}  // namespace eclusa
