// BrokerConfig: which RabbitMQ, as whom, over what, and which queue.
//
//   amqp://user:password@host:5672/vhost      amqps:// is TLS, port 5671
//
// Parts of a URL may be percent-encoded; without a path the virtual host is "/". Values; nothing is
// connected. An error never holds the password.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/result.h"

namespace eclusa {

struct BrokerConfig {
  std::string host = "localhost";
  int port = 5672;
  bool tls = false;
  std::string user = "guest";
  std::string password = "guest";
  std::string vhost = "/";
  std::string queue = "eclusa";
  // PEM files. `ca`: who signs the broker's certificate; empty: whom this machine trusts. The other
  // two: who we are, where the broker asks for it.
  std::string ca;
  std::string certificate;
  std::string key;
  // Of connecting, and of each answer.
  std::chrono::milliseconds patience{5000};

  // "host:5672", for people.
  std::string Place() const;
  // kInvalid (config.bad_value) for what cannot work, a file that cannot be read too.
  Status Validate() const;
};

// kInvalid (config.bad_value, broker.url) for what is no such URL.
Result<BrokerConfig> ParseBrokerUrl(std::string_view url);

// The URL with "***" in place of a password.
std::string WithoutPassword(std::string_view url);

}  // namespace eclusa
