// IssuerKeys: the keys of an issuer, read from where it publishes them and kept for a while.
//
// Read when first asked for, again when most of their time is over, and when a token names a key
// that is not among them (keys are rotated), then at most every `refetch`: tokens of chance make no
// traffic. While one caller reads, those who need a key that is known go on; the others wait, few
// at a time. Keys whose time is over are used no more, whatever the network does.
//
// Threads: any. Blocking: at most 5 s. Errors: api.unauthorized (kInvalid) where the issuer has no
// such key; api.issuer_unavailable (kUnavailable) where that cannot be known.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "core/result.h"
#include "http/client.h"
#include "jwt/key_set.h"

namespace eclusa::jwt {

struct IssuerKeysConfig {
  std::string location;  // https://..., http://... on this machine only, or the path of a file
  std::chrono::seconds valid{600};
  std::chrono::seconds refetch{30};
  std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
};

class IssuerKeys {
 public:
  explicit IssuerKeys(IssuerKeysConfig config);

  // Reads the keys where that may be done now, so that the first callers need not wait for it.
  void Prepare();
  Result<PublicKey> Find(const std::optional<std::string>& kid, Algorithm algorithm);

 private:
  using Time = std::chrono::steady_clock::time_point;
  using Lock = std::unique_lock<std::mutex>;

  std::optional<PublicKey> Look(const std::optional<std::string>& kid, Algorithm algorithm) const;
  bool Due() const;
  bool MayFetch() const;
  void Fetch(Lock& lock);
  Status Await(Lock& lock);

  const IssuerKeysConfig config_;
  HttpClient client_;

  std::mutex mutex_;
  // protected by mutex_:
  std::condition_variable fetched_;
  std::optional<KeySet> keys_;
  Time read_at_;               // when keys_ were read
  std::optional<Time> tried_;  // the last time that they were to be read
  bool failed_ = false;        // it was in vain
  bool fetching_ = false;
  int waiting_ = 0;
};

}  // namespace eclusa::jwt
