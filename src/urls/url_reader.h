// UrlReader: reads files at registered URLs, one version of each, in ranges.
//
// A version is pinned by Stat: the size with the strong ETag, or with Last-Modified where there is
// none. Each request says it as a condition, and each answer is held to it: store.changed and
// store.gone (kConflict) where it is not there any more. Redirects lead to registered places of the
// same tenant only. Connections are made to public addresses, but for places that are registered
// with private ones; the address that is asked about is the one that is connected to
// (http/client.h).
//
// Threads: any. Every wait ends by a limit or the stop token. Errors: those of RegisteredUrls;
// http.* codes; store.not_found, store.refused, store.no_ranges, store.no_version;
// store.unavailable (kUnavailable) for 408, 429 and 5xx after all retries. None holds a query.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "core/result.h"
#include "http/client.h"
#include "http/retry.h"
#include "store/range_reader.h"
#include "urls/registered_urls.h"

namespace eclusa {

struct UrlReaderConfig {
  RegisteredUrls urls;
  ClientLimits limits;  // of one request
  RetryPlan retries;
  RetryClock clock = RetryClock::Real();
  std::function<std::string(const std::string& host)> resolve;  // as of ClientOptions
};

// Whose file, and where.
struct UrlObject {
  std::string tenant;
  std::string url;
};

struct UrlStat {
  int64_t size = 0;
  std::string version;  // as Open takes it
};

class UrlReader {
 public:
  explicit UrlReader(UrlReaderConfig config);

  // By asking for the first byte: a URL may be signed for GET alone.
  Result<UrlStat> Stat(const UrlObject& object, const std::stop_token& stop);
  // Asks nobody. The reader outlives it.
  Result<std::shared_ptr<const ByteRanges>> Open(const UrlObject& object,
                                                 const std::string& version);

  struct Range {
    int64_t at = 0;
    int64_t length = 0;
    ClientHeaders conditions;
  };
  // The answer to a request for a range, of whatever status but those that are worth a retry.
  // store.no_ranges for a body that is longer than what was asked for.
  Result<ClientResponse> Get(const UrlObject& object, const Range& range,
                             const std::stop_token& stop);

 private:
  Result<ClientResponse> GetOnce(const UrlObject& object, const Range& range,
                                 const std::stop_token& stop);

  const UrlReaderConfig config_;
  HttpClient public_client_;
  HttpClient any_client_;  // for places with private addresses
};

}  // namespace eclusa
