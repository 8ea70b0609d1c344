// What the server may be told, with its defaults.
//
// Values. Validate says which value is out of its range; files and addresses are looked at by
// Server::Open.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"

namespace eclusa::http {

struct ServerConfig {
  // "127.0.0.1:8080", "[::1]:8080", "unix:/run/eclusa.sock"; port 0: one that is free.
  std::vector<std::string> listen = {"127.0.0.1:8080"};
  // PEM files; both or none. Unix sockets speak plain HTTP all the same.
  std::string tls_certificate;
  std::string tls_key;

  int loop_threads = 2;   // of the event loop
  int pool_threads = 16;  // handlers that run at once
  int waiting_max = 512;  // requests that wait for the pool; beyond: 503

  int connections_max = 8192;
  int connections_per_address = 1024;  // IPv6: of one /64
  int requests_per_connection = 10000;

  uint32_t head_bytes_max = 32 << 10;
  uint32_t uri_bytes_max = 8 << 10;

  std::chrono::milliseconds head_timeout{10'000};   // from a head's first byte to its last
  std::chrono::milliseconds idle_timeout{60'000};   // between two requests
  std::chrono::milliseconds body_timeout{30'000};   // without a byte of the body
  std::chrono::milliseconds write_timeout{30'000};  // without a byte taken by the client
  std::chrono::milliseconds linger_timeout{2'000};  // from the last answer to the client's end
  std::chrono::milliseconds stop_timeout{10'000};   // for what runs when the server is stopped

  // Bodies and answers must go at this rate after a start of rate_grace; only the time in which
  // the server waits for the client counts.
  uint32_t bytes_per_second_min = 1024;
  std::chrono::milliseconds rate_grace{10'000};

  Status Validate() const;
};

}  // namespace eclusa::http
