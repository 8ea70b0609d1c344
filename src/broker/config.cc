#include "broker/config.h"

#include <charconv>
#include <fstream>
#include <optional>

#include "model/codes.h"

namespace eclusa {
namespace {

constexpr int kPort = 5672;
constexpr int kTlsPort = 5671;
constexpr size_t kNameMost = 255;  // of a queue, in AMQP

Error BadValue(std::string_view name, std::string value, std::string expected) {
  return Error(ErrorKind::kInvalid, code::config_bad_value,
               {{"name", std::string(name)},
                {"value", std::move(value)},
                {"expected", std::move(expected)}});
}

std::optional<std::string> Decoded(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    unsigned char byte = 0;
    const char* begin = text.data() + i + 1;
    const auto parsed = std::from_chars(begin, begin + 2, byte, 16);
    if (parsed.ec != std::errc() || parsed.ptr != begin + 2 || byte == 0) return std::nullopt;
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

bool SetPlace(std::string_view place, BrokerConfig& config) {
  std::string_view port;
  if (place.starts_with('[')) {  // an IPv6 address
    const size_t end = place.find(']');
    if (end == std::string_view::npos) return false;
    port = place.substr(end + 1);
    if (!port.empty() && port.front() != ':') return false;
    if (!port.empty()) port.remove_prefix(1);
    config.host = place.substr(1, end - 1);
  } else {
    const size_t colon = place.find(':');
    config.host = place.substr(0, colon);
    if (colon != std::string_view::npos) port = place.substr(colon + 1);
  }
  if (config.host.empty()) return false;
  if (port.empty()) return !place.ends_with(':');
  const auto parsed = std::from_chars(port.data(), port.data() + port.size(), config.port);
  return parsed.ec == std::errc() && parsed.ptr == port.data() + port.size() && config.port > 0 &&
         config.port < 65536;
}

bool SetUser(std::string_view user, BrokerConfig& config) {
  const size_t colon = user.find(':');
  auto name = Decoded(user.substr(0, colon));
  if (!name || name->empty()) return false;
  config.user = *std::move(name);
  if (colon == std::string_view::npos) return true;
  auto password = Decoded(user.substr(colon + 1));
  if (!password) return false;
  config.password = *std::move(password);
  return true;
}

bool IsReadable(const std::string& path) { return std::ifstream(path).good(); }

}  // namespace

std::string WithoutPassword(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos)
    return url.find('@') == std::string_view::npos ? std::string(url) : "***";
  const size_t at = url.rfind('@');
  const size_t colon = url.find(':', scheme + 3);
  if (at == std::string_view::npos || colon > at) return std::string(url);
  return std::string(url.substr(0, colon + 1)) + "***" + std::string(url.substr(at));
}

Result<BrokerConfig> ParseBrokerUrl(std::string_view url) {
  const auto refused = [&] {
    return BadValue("broker.url", WithoutPassword(url),
                    "amqp://user@host:5672/vhost, or amqps://...");
  };
  BrokerConfig config;
  std::string_view rest = url;
  if (rest.starts_with("amqps://")) {
    config.tls = true;
    config.port = kTlsPort;
    rest.remove_prefix(8);
  } else if (rest.starts_with("amqp://")) {
    config.port = kPort;
    rest.remove_prefix(7);
  } else {
    return refused();
  }
  if (const size_t path = rest.find('/'); path != std::string_view::npos) {
    auto vhost = Decoded(rest.substr(path + 1));
    if (!vhost || rest.find('/', path + 1) != std::string_view::npos) return refused();
    if (!vhost->empty()) config.vhost = *std::move(vhost);
    rest = rest.substr(0, path);
  }
  if (const size_t at = rest.rfind('@'); at != std::string_view::npos) {
    if (!SetUser(rest.substr(0, at), config)) return refused();
    rest = rest.substr(at + 1);
  }
  if (rest.find_first_of("?#") != std::string_view::npos) return refused();
  if (!SetPlace(rest, config)) return refused();
  return config;
}

std::string BrokerConfig::Place() const {
  const bool address = host.find(':') != std::string::npos;
  return (address ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Status BrokerConfig::Validate() const {
  if (queue.empty() || queue.size() > kNameMost || queue.starts_with("amq.")) {
    return BadValue("broker.queue", queue, "1 to 255 bytes, not amq.*");
  }
  if (certificate.empty() != key.empty()) {
    return BadValue(key.empty() ? "broker.key" : "broker.certificate", "\"\"",
                    "a PEM file: the other one is given");
  }
  if (!tls && !(ca.empty() && certificate.empty())) {
    return BadValue("broker.url", "amqp://...", "amqps://...: files for TLS are given");
  }
  const std::pair<const char*, const std::string&> files[] = {
      {"broker.ca", ca}, {"broker.certificate", certificate}, {"broker.key", key}};
  for (const auto& [name, path] : files) {
    if (!path.empty() && !IsReadable(path)) return BadValue(name, path, "a readable PEM file");
  }
  return Ok();
}

}  // namespace eclusa
