#include "server/posix/address.h"

#include <sys/socket.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace damselfly::posix {
namespace {

Endpoint Tcp(std::string host, int port) {
  return {.host = std::move(host), .port = port, .unix_path = ""};
}

// There and back.
std::string RoundTrip(const Endpoint& endpoint) {
  const auto addresses = Resolve(endpoint);
  if (!addresses.ok()) return addresses.status().ToString();
  return ToEndpoint(addresses->front(), Endpoint()).ToString();
}

TEST(Address, NumericEndpointsSurviveTheRoundTrip) {
  EXPECT_EQ(RoundTrip(Tcp("127.0.0.1", 6379)), "127.0.0.1:6379");
  EXPECT_EQ(RoundTrip(Tcp("2001:db8::1", 65535)), "[2001:db8::1]:65535");
  EXPECT_EQ(RoundTrip({.host = "", .port = 0, .unix_path = "/run/d.sock"}), "/run/d.sock:0");
}

TEST(Address, StarsAreTheAnyAddresses) {
  EXPECT_EQ(RoundTrip(Tcp("", 1)), "0.0.0.0:1");
  EXPECT_EQ(RoundTrip(Tcp("*", 1)), "0.0.0.0:1");
  EXPECT_EQ(RoundTrip(Tcp("::*", 1)), "[::]:1");
}

TEST(Address, OnlyNamesNeedALookUp) {
  EXPECT_TRUE(IsNumeric(Tcp("127.0.0.1", 1)));
  EXPECT_TRUE(IsNumeric(Tcp("::1", 1)));
  EXPECT_TRUE(IsNumeric(Tcp("*", 1)));
  EXPECT_TRUE(IsNumeric({.host = "", .port = 0, .unix_path = "/run/d.sock"}));
  EXPECT_FALSE(IsNumeric(Tcp("localhost", 1)));
}

TEST(Address, ResolvesLocalhost) {
  const std::string resolved = RoundTrip(Tcp("localhost", 80));
  EXPECT_TRUE(resolved == "127.0.0.1:80" || resolved == "[::1]:80") << resolved;
}

TEST(Address, RefusesPortsAndPathsThatCannotBe) {
  EXPECT_TRUE(absl::IsInvalidArgument(Resolve(Tcp("127.0.0.1", -1)).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Resolve(Tcp("127.0.0.1", 65536)).status()));
  const Endpoint long_path{.host = "", .port = 0, .unix_path = std::string(108, 'x')};
  EXPECT_TRUE(absl::IsInvalidArgument(Resolve(long_path).status()));
  EXPECT_EQ(RoundTrip({.host = "", .port = 0, .unix_path = std::string(107, 'x')}),
            std::string(107, 'x') + ":0");
}

TEST(Address, ANamelessUnixPeerBecomesTheFallback) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  const Descriptor one(pair[0]);
  const Descriptor other(pair[1]);
  const Endpoint listening{.host = "", .port = 0, .unix_path = "/run/d.sock"};
  EXPECT_EQ(ToEndpoint(LocalAddress(one.get()), listening).ToString(), "/run/d.sock:0");
}

}  // namespace
}  // namespace damselfly::posix
