#include "http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace eclusa {
namespace {

struct Ipv4Range {
  uint8_t first[4];
  int bits;
};

// IANA's registry of special-purpose IPv4 addresses, and what is reserved for ever.
constexpr Ipv4Range kNotPublicIpv4[] = {
    {{0, 0, 0, 0}, 8},       // this network
    {{10, 0, 0, 0}, 8},      // private
    {{100, 64, 0, 0}, 10},   // shared by the customers of a provider
    {{127, 0, 0, 0}, 8},     // loopback
    {{169, 254, 0, 0}, 16},  // link-local: the metadata of clouds
    {{172, 16, 0, 0}, 12},   // private
    {{192, 0, 0, 0}, 24},    // protocol assignments
    {{192, 0, 2, 0}, 24},    // documentation
    {{192, 31, 196, 0}, 24}, {{192, 52, 193, 0}, 24}, {{192, 88, 99, 0}, 24},  // 6to4 relays
    {{192, 168, 0, 0}, 16},                                                    // private
    {{192, 175, 48, 0}, 24},                                                   // AS112
    {{198, 18, 0, 0}, 15},                                                     // benchmarks
    {{198, 51, 100, 0}, 24},                                                   // documentation
    {{203, 0, 113, 0}, 24},                                                    // documentation
    {{224, 0, 0, 0}, 4},                                                       // multicast
    {{240, 0, 0, 0}, 4},  // reserved, and broadcast
};

struct Ipv6Range {
  uint16_t first[3];
  int bits;
};

// Only 2000::/3 is given out; these parts of it are not public hosts.
constexpr Ipv6Range kNotPublicIpv6[] = {
    {{0x2001, 0x0000, 0}, 23},       // protocol assignments: Teredo, ORCHID, benchmarks
    {{0x2001, 0x0db8, 0}, 32},       // documentation
    {{0x2002, 0, 0}, 16},            // 6to4
    {{0x2620, 0x004f, 0x8000}, 48},  // AS112
    {{0x3ffe, 0, 0}, 16},            // the 6bone that was
    {{0x3fff, 0, 0}, 20},            // documentation
};

bool HasPrefix(const uint8_t* address, const uint8_t* prefix, int bits) {
  const int whole = bits / 8;
  if (std::memcmp(address, prefix, static_cast<size_t>(whole)) != 0) return false;
  const int rest = bits % 8;
  return rest == 0 || ((address[whole] ^ prefix[whole]) >> (8 - rest)) == 0;
}

bool IsPublic(const in_addr& address) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&address);
  return std::none_of(
      std::begin(kNotPublicIpv4), std::end(kNotPublicIpv4),
      [&](const Ipv4Range& range) { return HasPrefix(bytes, range.first, range.bits); });
}

bool IsPublic(const in6_addr& address) {
  const uint8_t* bytes = address.s6_addr;
  if ((bytes[0] & 0xe0) != 0x20) return false;
  for (const Ipv6Range& range : kNotPublicIpv6) {
    std::array<uint8_t, 6> first;
    for (size_t i = 0; i < 3; ++i) {
      first[2 * i] = static_cast<uint8_t>(range.first[i] >> 8);
      first[2 * i + 1] = static_cast<uint8_t>(range.first[i] & 0xff);
    }
    if (HasPrefix(bytes, first.data(), range.bits)) return false;
  }
  // ISATAP's host part carries an IPv4 address under any prefix.
  const bool isatap =
      (bytes[8] & 0xfd) == 0 && bytes[9] == 0 && bytes[10] == 0x5e && bytes[11] == 0xfe;
  return !isatap;
}

}  // namespace

bool IsPublicAddress(std::string_view address) {
  const std::string text(address);
  in_addr ipv4;
  if (inet_pton(AF_INET, text.c_str(), &ipv4) == 1) return IsPublic(ipv4);
  in6_addr ipv6;
  return inet_pton(AF_INET6, text.c_str(), &ipv6) == 1 && IsPublic(ipv6);
}

}  // namespace eclusa
