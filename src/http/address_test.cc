#include "http/address.h"

#include <gtest/gtest.h>

namespace eclusa {
namespace {

// First and last of each range.
TEST(IsPublicAddress, RefusesIpv4ThatIsNotOfThePublicInternet) {
  for (const char* address : {
           "0.0.0.0",         "0.255.255.255",   "10.0.0.0",        "10.255.255.255",
           "100.64.0.0",      "100.127.255.255", "127.0.0.1",       "127.255.255.255",
           "169.254.0.0",     "169.254.169.254", "169.254.255.255", "172.16.0.0",
           "172.31.255.255",  "192.0.0.0",       "192.0.0.170",     "192.0.2.1",
           "192.31.196.1",    "192.52.193.1",    "192.88.99.1",     "192.168.0.0",
           "192.168.255.255", "192.175.48.1",    "198.18.0.0",      "198.19.255.255",
           "198.51.100.7",    "203.0.113.255",   "224.0.0.0",       "239.255.255.255",
           "240.0.0.0",       "255.255.255.255",
       }) {
    EXPECT_FALSE(IsPublicAddress(address)) << address;
  }
}

TEST(IsPublicAddress, RefusesIpv6ThatIsNotOfThePublicInternetOrCarriesIpv4) {
  for (const char* address : {
           "::",
           "::1",
           "::7f00:1",
           "::127.0.0.1",
           "::ffff:127.0.0.1",
           "::ffff:8.8.8.8",
           "::ffff:0:8.8.8.8",
           "64:ff9b::8.8.8.8",
           "64:ff9b::7f00:1",
           "64:ff9b:1::1",
           "100::1",
           "1fff:ffff::1",
           "2001::1",
           "2001:0:4136:e378:8000:63bf:3fff:fdd2",
           "2001:10::1",
           "2001:20::1",
           "2001:1ff:ffff::1",
           "2001:db8::1",
           "2001:db8:ffff::1",
           "2002::1",
           "2002:7f00:1::",
           "2002:808:808::1",
           "2620:4f:8000::1",
           "3ffe::1",
           "3fff::1",
           "3fff:fff::1",
           "4000::1",
           "5f00::1",
           "fc00::1",
           "fdff::1",
           "fe80::1",
           "febf::1",
           "fec0::1",
           "ff02::1",
           "ffff::1",
           "2606:4700::5efe:a00:1",
           "2606:4700::200:5efe:a00:1",
       }) {
    EXPECT_FALSE(IsPublicAddress(address)) << address;
  }
}

TEST(IsPublicAddress, TakesTheNeighboursOfThoseRanges) {
  for (const char* address : {
           "1.0.0.0",
           "8.8.8.8",
           "9.255.255.255",
           "11.0.0.0",
           "100.63.255.255",
           "100.128.0.0",
           "126.255.255.255",
           "128.0.0.0",
           "169.253.255.255",
           "169.255.0.0",
           "172.15.255.255",
           "172.32.0.0",
           "192.0.1.0",
           "192.0.3.0",
           "192.167.255.255",
           "192.169.0.0",
           "198.17.255.255",
           "198.20.0.0",
           "203.0.112.255",
           "223.255.255.255",
           "2000::1",
           "2001:200::1",
           "2001:db7::1",
           "2001:db9::1",
           "2003::1",
           "2606:4700:4700::1111",
           "2606:4700::5eff:a00:1",
           "3fff:1000::1",
           "3ffd::1",
       }) {
    EXPECT_TRUE(IsPublicAddress(address)) << address;
  }
}

TEST(IsPublicAddress, RefusesWhatIsNoAddress) {
  // What inet_aton would take for 127.0.0.1 is no numeric form here; names never are.
  for (const char* text : {"", "localhost", "127.1", "0x7f.1", "2130706433", "0177.0.0.1",
                           "8.8.8.8 ", "8.8.8", "[2606:4700::1]", "fe80::1%eth0", "example.org"}) {
    EXPECT_FALSE(IsPublicAddress(text)) << text;
  }
}

}  // namespace
}  // namespace eclusa
