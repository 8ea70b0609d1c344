// Network: a set of addresses that a peer may have, as people write it.
//
//   10.0.0.0/8   2001:db8::/32   127.0.0.1   unix
//
// An IPv4 address that came in IPv6's clothes (::ffff:10.0.0.7) is the IPv4 address. Values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace eclusa {

class Network {
 public:
  // Nothing: no such text, or bits set behind the prefix ("10.0.0.1/8").
  static std::optional<Network> Parse(std::string_view text);

  // `peer` as http::Request has it: a numeric address or "unix".
  bool Contains(const std::string& peer) const;

 private:
  std::array<uint8_t, 16> bytes_ = {};  // IPv4: the mapped form
  int prefix_ = 0;                      // of the 128 bits
  bool unix_ = false;
};

}  // namespace eclusa
