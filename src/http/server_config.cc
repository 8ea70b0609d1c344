#include "http/server_config.h"

#include "model/codes.h"

namespace eclusa::http {
namespace {

struct Range {
  std::string_view name;
  int64_t value;
  int64_t low;
  int64_t high;
};

}  // namespace

Status ServerConfig::Validate() const {
  constexpr int64_t kHour = 3'600'000;
  const Range ranges[] = {
      {"loop_threads", loop_threads, 1, 64},
      {"pool_threads", pool_threads, 1, 1024},
      {"waiting_max", waiting_max, 1, 1'000'000},
      {"connections_max", connections_max, 1, 1'000'000},
      {"connections_per_address", connections_per_address, 1, 1'000'000},
      {"requests_per_connection", requests_per_connection, 1, 1'000'000'000},
      {"head_bytes_max", head_bytes_max, 1024, 1 << 20},
      {"uri_bytes_max", uri_bytes_max, 64, head_bytes_max},
      {"head_timeout", head_timeout.count(), 1, kHour},
      {"idle_timeout", idle_timeout.count(), 1, kHour},
      {"body_timeout", body_timeout.count(), 1, kHour},
      {"write_timeout", write_timeout.count(), 1, kHour},
      {"linger_timeout", linger_timeout.count(), 1, kHour},
      {"stop_timeout", stop_timeout.count(), 0, kHour},
      {"bytes_per_second_min", bytes_per_second_min, 1, 1 << 30},
      {"rate_grace", rate_grace.count(), 1, kHour},
  };
  for (const auto& [name, value, low, high] : ranges) {
    if (value >= low && value <= high) continue;
    return Error(ErrorKind::kInvalid, code::http_config_range,
                 {{"name", std::string(name)},
                  {"value", std::to_string(value)},
                  {"low", std::to_string(low)},
                  {"high", std::to_string(high)}});
  }
  if (listen.empty()) return Error(ErrorKind::kInvalid, code::http_listen_nothing);
  if (tls_certificate.empty() != tls_key.empty()) {
    return Error(ErrorKind::kInvalid, code::http_tls_pair);
  }
  return Ok();
}

}  // namespace eclusa::http
