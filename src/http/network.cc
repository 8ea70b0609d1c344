#include "http/network.h"

#include <arpa/inet.h>

#include <charconv>

namespace eclusa {
namespace {

constexpr int kMappedPrefix = 96;

using Bytes = std::array<uint8_t, 16>;

struct Address {
  Bytes bytes = {};
  bool ipv4 = false;
};

std::optional<Address> ParseAddress(const std::string& text) {
  Address address;
  if (inet_pton(AF_INET, text.c_str(), address.bytes.data() + 12) == 1) {
    address.bytes[10] = address.bytes[11] = 0xff;
    address.ipv4 = true;
    return address;
  }
  if (inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

bool Bit(const Bytes& bytes, int index) {
  return ((bytes[static_cast<size_t>(index / 8)] >> (7 - index % 8)) & 1) != 0;
}

}  // namespace

std::optional<Network> Network::Parse(std::string_view text) {
  Network network;
  network.unix_ = text == "unix";
  if (network.unix_) return network;
  const size_t slash = text.find('/');
  const auto address = ParseAddress(std::string(text.substr(0, slash)));
  if (!address) return std::nullopt;
  network.bytes_ = address->bytes;
  network.prefix_ = 128;
  if (slash == text.npos) return network;
  const std::string_view digits = text.substr(slash + 1);
  const int most = address->ipv4 ? 32 : 128;
  int bits = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (failed != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (bits < 0 || bits > most) return std::nullopt;
  network.prefix_ = bits + (address->ipv4 ? kMappedPrefix : 0);
  for (int bit = network.prefix_; bit < 128; ++bit) {
    if (Bit(network.bytes_, bit)) return std::nullopt;
  }
  return network;
}

bool Network::Contains(const std::string& peer) const {
  if (unix_ || peer == "unix") return unix_ && peer == "unix";
  const auto address = ParseAddress(peer);
  if (!address) return false;
  for (int bit = 0; bit < prefix_; ++bit) {
    if (Bit(address->bytes, bit) != Bit(bytes_, bit)) return false;
  }
  return true;
}

}  // namespace eclusa
