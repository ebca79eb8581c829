#include "server/runtime/network.h"

#include "gtest/gtest.h"

namespace damselfly {
namespace {

TEST(Endpoint, PrintsAnIpv4AddressWithItsPort) {
  EXPECT_EQ((Endpoint{.host = "127.0.0.1", .port = 6379, .unix_path = ""}).ToString(),
            "127.0.0.1:6379");
}

TEST(Endpoint, PrintsANameWithItsPort) {
  EXPECT_EQ((Endpoint{.host = "db.example", .port = 0, .unix_path = ""}).ToString(),
            "db.example:0");
}

TEST(Endpoint, PrintsAnIpv6AddressInBrackets) {
  EXPECT_EQ((Endpoint{.host = "::1", .port = 6379, .unix_path = ""}).ToString(), "[::1]:6379");
}

TEST(Endpoint, PrintsAUnixSocketAsItsPathAndPortZero) {
  EXPECT_EQ((Endpoint{.host = "", .port = 0, .unix_path = "/run/d.sock"}).ToString(),
            "/run/d.sock:0");
}

}  // namespace
}  // namespace damselfly
