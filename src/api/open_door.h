// The ways in without a token: datasets that the configuration opens to a network, and a signed URL
// for the status of one load.
//
//   base_teste 10.0.0.0/8         whoever calls from there loads it, for no tenant
//   vendas 10.1.0.0/16 47         for tenant 47
//
// Off unless configured. Who comes this way is nobody by name: he may hand in a file for such a
// dataset and look at what became of it, and has the rate of his address. Behind a proxy the
// address is the proxy's. Values; threads: any.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "api/tokens.h"
#include "core/result.h"
#include "http/message.h"
#include "http/network.h"

namespace eclusa::api {

class OpenDatasets {
 public:
  // kInvalid (config.bad_value) for a line that is none of the above.
  static Result<OpenDatasets> Parse(const std::vector<std::string>& lines);

  // Whoever calls from there, before it is known for which dataset: he sees those that are open to
  // him and speaks for no tenant. Nothing: none is.
  std::optional<Caller> CallerAt(const std::string& peer) const;
  // The same where the dataset is known: he speaks for the tenants of its lines.
  std::optional<Caller> CallerOf(const std::string& dataset, const std::string& peer) const;

 private:
  struct Line {
    std::string dataset;
    Network network;
    std::string tenant;  // empty: none
  };
  std::vector<Line> lines_;
};

// "message_id=...&expires=...&signature=...": HMAC-SHA256 over the other two.
std::string SignedStatusQuery(const std::string& key, const std::string& uid,
                              std::chrono::sys_seconds expires);
// Whether the request's query is one, and still good.
bool HasSignedStatus(const std::string& key, const http::Request& request,
                     std::chrono::sys_seconds now);

}  // namespace eclusa::api
