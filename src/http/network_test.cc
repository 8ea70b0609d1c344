#include "http/network.h"

#include <gtest/gtest.h>

namespace eclusa {
namespace {

bool Contains(std::string_view network, const std::string& peer) {
  const auto parsed = Network::Parse(network);
  EXPECT_TRUE(parsed.has_value()) << network;
  return parsed && parsed->Contains(peer);
}

TEST(Network, HoldsTheAddressesOfItsPrefix) {
  EXPECT_TRUE(Contains("10.0.0.0/8", "10.255.0.7"));
  EXPECT_FALSE(Contains("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(Contains("192.168.4.0/22", "192.168.7.255"));
  EXPECT_FALSE(Contains("192.168.4.0/22", "192.168.8.0"));
  EXPECT_TRUE(Contains("127.0.0.1", "127.0.0.1"));
  EXPECT_FALSE(Contains("127.0.0.1", "127.0.0.2"));
  EXPECT_TRUE(Contains("2001:db8::/32", "2001:db8:1::7"));
  EXPECT_FALSE(Contains("2001:db8::/32", "2001:db9::7"));
}

TEST(Network, TakesAMappedAddressForTheIpv4Address) {
  EXPECT_TRUE(Contains("10.0.0.0/8", "::ffff:10.0.0.7"));
  EXPECT_FALSE(Contains("10.0.0.0/8", "::10.0.0.7"));
}

TEST(Network, EverythingOfOneKindIsNotEverythingOfTheOther) {
  EXPECT_TRUE(Contains("0.0.0.0/0", "203.0.113.9"));
  EXPECT_FALSE(Contains("0.0.0.0/0", "2001:db8::1"));
  EXPECT_FALSE(Contains("0.0.0.0/0", "unix"));
  EXPECT_TRUE(Contains("unix", "unix"));
  EXPECT_FALSE(Contains("unix", "127.0.0.1"));
  EXPECT_FALSE(Contains("::/0", "no address"));
}

TEST(Network, RefusesWhatIsNone) {
  for (const char* text : {"", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10/8",
                           "2001:db8::/129", "host", "10.0.0.0/8 ", "10.0.0.0/8x"}) {
    EXPECT_FALSE(Network::Parse(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace eclusa
