// Which addresses of the network a request may be sent to.
//
// The question is asked with the address that a name was resolved to, just before the connection is
// made: what a name says, or said a moment ago, decides nothing. Pure functions.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace eclusa {

// The other end of a connection that is about to be made.
struct PeerAddress {
  std::string host;     // as the URL names it
  std::string address;  // numeric
  uint16_t port = 0;
};

// False: no connection is made. Called from the thread that sends, at every connection, those of
// redirects included.
using AddressPolicy = std::function<bool(const PeerAddress&)>;

// Whether a numeric IPv4 or IPv6 address is one of the public internet: not private, loopback,
// link-local, shared (CGNAT), multicast, reserved or documentation, and no IPv6 form that carries
// an IPv4 address (mapped, compatible, NAT64, 6to4, Teredo, ISATAP), whatever it carries. What is
// no address is not public.
bool IsPublicAddress(std::string_view address);

}  // namespace eclusa
