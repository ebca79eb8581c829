#include "server/node.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
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

// FakeRuntime::Connect reaches the listener that came last: the admin port, where there is one.
std::string Ask(FakeRuntime& runtime, absl::string_view line) {
  FakeWire wire;
  auto stream = std::make_unique<FakeStream>(&wire);
  runtime.Connect(std::move(stream));
  wire.handler->OnData(absl::StrCat(line, "\r\n"));
  const std::string reply = wire.output;
  wire.handler->OnClosed(absl::OkStatus());
  runtime.RunReady();
  return reply;
}

TEST(Node, ListensForAdministrationAtTheSameAddressesUnlessToldOtherwise) {
  FakeRuntime runtime;
  Config config;
  ASSERT_TRUE(config.Set(Parameter::bind, "127.0.0.1").ok());
  ASSERT_TRUE(config.Set(Parameter::admin_port, "7000").ok());
  {
    Node node(&runtime, &config);
    ASSERT_TRUE(node.Start().ok());
    EXPECT_EQ(runtime.listening, (Strings{"127.0.0.1:6379", "127.0.0.1:7000"}));
    EXPECT_EQ(node.admin_port(), 7000);
  }
  ASSERT_TRUE(config.Set(Parameter::admin_bind, "10.0.0.1").ok());
  Node node(&runtime, &config);
  ASSERT_TRUE(node.Start().ok());
  EXPECT_EQ(runtime.listening, (Strings{"127.0.0.1:6379", "10.0.0.1:7000"}));
}

TEST(Node, AnAdminPortThatIsTakenIsLoggedAndTheNodeServesWithoutIt) {
  FakeRuntime runtime;
  runtime.refused = "127.0.0.1:7000";
  Config config;
  ASSERT_TRUE(config.Set(Parameter::bind, "127.0.0.1").ok());
  ASSERT_TRUE(config.Set(Parameter::admin_port, "7000").ok());
  Node node(&runtime, &config);
  ASSERT_TRUE(node.Start().ok());
  EXPECT_EQ(runtime.listening, (Strings{"127.0.0.1:6379"}));
  EXPECT_EQ(
      runtime.log,
      (Strings{
          "No admin port, its commands are taken on the regular one: refused: 127.0.0.1:7000"}));
  EXPECT_EQ(node.admin_port(), 0);
}

TEST(Node, RestrictedCommandsAreForTheAdminPort) {
  Config config;
  ASSERT_TRUE(config.Set(Parameter::restricted_commands, "GET, config|set").ok());
  const std::string refused = "-ERR Cannot execute restricted command (admin only)\r\n";
  {
    FakeRuntime runtime;
    Node node(&runtime, &config);
    ASSERT_TRUE(node.Start().ok());
    EXPECT_EQ(Ask(runtime, "GET a"), refused);
    EXPECT_EQ(Ask(runtime, "GET"), refused);  // before the arguments are looked at
    EXPECT_EQ(Ask(runtime, "CONFIG SET hz 10"), refused);
    EXPECT_EQ(Ask(runtime, "SET a 1"), "+OK\r\n");
    EXPECT_EQ(Ask(runtime, "CONFIG GET nosuch"), "*0\r\n");
  }
  ASSERT_TRUE(config.Set(Parameter::admin_port, "7000").ok());
  FakeRuntime runtime;
  Node node(&runtime, &config);
  ASSERT_TRUE(node.Start().ok());
  EXPECT_EQ(Ask(runtime, "GET a"), "$-1\r\n");
  EXPECT_EQ(Ask(runtime, "CONFIG SET hz 10"), "+OK\r\n");
}

TEST(Node, ARestrictedCommandThatThereIsNotIsAnError) {
  FakeRuntime runtime;
  Config config;
  ASSERT_TRUE(config.Set(Parameter::restricted_commands, "get,nosuch").ok());
  Node node(&runtime, &config);
  EXPECT_EQ(node.Start().message(), "--restricted_commands: there is no command 'nosuch'");
}

TEST(Node, EmulatedModeTakesNoNodeId) {
  FakeRuntime runtime;
  Config config;
  ASSERT_TRUE(config.Set(Parameter::cluster_mode, "emulated").ok());
  ASSERT_TRUE(config.Set(Parameter::cluster_node_id, "me").ok());
  Node node(&runtime, &config);
  EXPECT_EQ(node.Start().message(), "Setting --cluster_node_id in emulated mode is unsupported");
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
