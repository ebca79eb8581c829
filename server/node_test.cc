#include "server/node.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/session/session_harness.h"

namespace damselfly {
namespace {

using Strings = std::vector<std::string>;

TEST(Node, ServesWhoConnects) {
  FakeRuntime runtime;
  Config config;
  FakeWire wire;
  {
    Node node(&runtime, &config);
    ASSERT_TRUE(node.Start().ok());
    runtime.Connect(std::make_unique<FakeStream>(&wire));
    wire.handler->OnData("SET a 1\r\nGET a\r\n");
    EXPECT_EQ(wire.output, "+OK\r\n$1\r\n1\r\n");
  }
  EXPECT_TRUE(wire.destroyed);
  EXPECT_TRUE(runtime.listening.empty());
}

TEST(Node, ListensAtEveryAddressOnOnePort) {
  FakeRuntime runtime;
  Config config;
  ASSERT_TRUE(config.Set(Parameter::bind, "127.0.0.1 10.0.0.1").ok());
  ASSERT_TRUE(config.Set(Parameter::port, "0").ok());
  Node node(&runtime, &config);
  ASSERT_TRUE(node.Start().ok());
  EXPECT_EQ(node.port(), 12345);
  EXPECT_EQ(runtime.listening, (Strings{"127.0.0.1:12345", "10.0.0.1:12345"}));
}

TEST(Node, ListensAtAUnixSocketToo) {
  FakeRuntime runtime;
  Config config;
  ASSERT_TRUE(config.Set(Parameter::bind, "127.0.0.1").ok());
  ASSERT_TRUE(config.Set(Parameter::unixsocket, "/tmp/socket").ok());
  Node node(&runtime, &config);
  ASSERT_TRUE(node.Start().ok());
  EXPECT_EQ(runtime.listening, (Strings{"127.0.0.1:6379", "/tmp/socket:0"}));
}

TEST(Node, WithPortZeroAndAUnixSocketThereIsNoTcp) {
  FakeRuntime runtime;
  Config config;
  ASSERT_TRUE(config.Set(Parameter::port, "0").ok());
  ASSERT_TRUE(config.Set(Parameter::unixsocket, "/tmp/socket").ok());
  Node node(&runtime, &config);
  ASSERT_TRUE(node.Start().ok());
  EXPECT_EQ(runtime.listening, (Strings{"/tmp/socket:0"}));
  EXPECT_EQ(node.port(), 0);
}

TEST(Node, AnAddressThatIsTakenIsAnErrorAndClosesTheOthers) {
  FakeRuntime runtime;
  runtime.refused = "10.0.0.1:6379";
  Config config;
  ASSERT_TRUE(config.Set(Parameter::bind, "127.0.0.1 -10.0.0.1").ok());
  Node node(&runtime, &config);
  EXPECT_EQ(node.Start().message(), "refused: 10.0.0.1:6379");
  EXPECT_TRUE(runtime.listening.empty());
}

TEST(Node, AnAddressWithADashMayBeMissing) {
  FakeRuntime runtime;
  runtime.refused = "[::1]:6379";
  runtime.refused_code = absl::StatusCode::kUnavailable;
  Config config;
  ASSERT_TRUE(config.Set(Parameter::bind, "127.0.0.1 -::1").ok());
  Node node(&runtime, &config);
  EXPECT_TRUE(node.Start().ok());
  EXPECT_EQ(runtime.listening, (Strings{"127.0.0.1:6379"}));
  EXPECT_EQ(runtime.log, (Strings{"refused: [::1]:6379"}));
}

TEST(Node, NoAddressAtAllIsAnError) {
  FakeRuntime runtime;
  Config config;
  ASSERT_TRUE(config.Set(Parameter::bind, "").ok());
  Node node(&runtime, &config);
  EXPECT_FALSE(node.Start().ok());
}

}  // namespace
}  // namespace damselfly
