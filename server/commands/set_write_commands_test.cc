#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/commands/key_commands.h"
#include "server/commands/object_commands.h"
#include "server/commands/set_commands.h"
#include "server/commands/testing/command_bench.h"

namespace damselfly {
namespace {

using Events = std::vector<std::string>;

constexpr char kWrongType[] =
    "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";

class SetWriteTest : public testing::Test {
 protected:
  std::string Run(std::initializer_list<absl::string_view> args) { return bench_.Run(args); }
  std::string EncodingOf(absl::string_view key) { return Run({"OBJECT", "ENCODING", key}); }

  CommandBench bench_{SetCommands(), KeyCommands(), ObjectCommands()};
};

TEST_F(SetWriteTest, AddsAndRemoves) {
  EXPECT_EQ(Run({"SADD", "s", "a", "b", "a"}), ":2\r\n");
  EXPECT_EQ(Run({"SADD", "s", "a"}), ":0\r\n");
  EXPECT_EQ(Run({"SREM", "s", "x", "a", "a"}), ":1\r\n");
  EXPECT_EQ(Run({"SREM", "s", "x"}), ":0\r\n");
  EXPECT_EQ(Run({"SREM", "s", "b"}), ":1\r\n");
  EXPECT_EQ(Run({"EXISTS", "s"}), ":0\r\n");
  EXPECT_EQ(Run({"SREM", "s", "b"}), ":0\r\n");
  EXPECT_EQ(bench_.TakeEvents(), (Events{"sadd s", "srem s", "srem s", "del s"}));
}

TEST_F(SetWriteTest, TellsItsTypeAndEncoding) {
  Run({"SADD", "s", "1", "2"});
  EXPECT_EQ(Run({"TYPE", "s"}), "+set\r\n");
  EXPECT_EQ(EncodingOf("s"), "$6\r\nintset\r\n");
  Run({"SADD", "s", "a"});
  EXPECT_EQ(EncodingOf("s"), "$9\r\nhashtable\r\n");
}

TEST_F(SetWriteTest, MovesAMember) {
  Run({"SADD", "from", "a", "b"});
  bench_.TakeEvents();
  EXPECT_EQ(Run({"SMOVE", "from", "to", "x"}), ":0\r\n");
  EXPECT_EQ(Run({"SMOVE", "from", "to", "a"}), ":1\r\n");
  Run({"SADD", "from", "a"});
  EXPECT_EQ(Run({"SMOVE", "from", "to", "a"}), ":1\r\n");
  EXPECT_EQ(Run({"SMOVE", "from", "to", "b"}), ":1\r\n");
  EXPECT_EQ(bench_.TakeEvents(), (Events{"srem from", "sadd to", "sadd from", "srem from",
                                         "srem from", "del from", "sadd to"}));
  EXPECT_EQ(Run({"SMEMBERS", "to"}), "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
  EXPECT_EQ(Run({"SMOVE", "from", "to", "a"}), ":0\r\n");
  EXPECT_EQ(Run({"SMOVE", "to", "to", "a"}), ":1\r\n");
  EXPECT_EQ(Run({"SMOVE", "to", "to", "x"}), ":0\r\n");
  EXPECT_EQ(bench_.TakeEvents(), Events{});
}

TEST_F(SetWriteTest, MovesOnlyBetweenSets) {
  bench_.SetString("text", "x");
  Run({"SADD", "s", "a"});
  EXPECT_EQ(Run({"SMOVE", "none", "text", "a"}), ":0\r\n");
  EXPECT_EQ(Run({"SMOVE", "s", "text", "a"}), kWrongType);
  EXPECT_EQ(Run({"SMOVE", "s", "text", "x"}), kWrongType);
  EXPECT_EQ(Run({"SMOVE", "text", "s", "a"}), kWrongType);
  EXPECT_EQ(Run({"SMOVE", "text", "text", "a"}), kWrongType);
}

TEST_F(SetWriteTest, PopsOneMember) {
  Run({"SADD", "s", "a"});
  bench_.TakeEvents();
  EXPECT_EQ(Run({"SPOP", "s"}), "$1\r\na\r\n");
  EXPECT_EQ(Run({"SPOP", "s"}), "$-1\r\n");
  EXPECT_EQ(Run({"EXISTS", "s"}), ":0\r\n");
  EXPECT_EQ(bench_.TakeEvents(), (Events{"spop s", "del s"}));
  Run({"SADD", "s", "1", "2"});
  const std::string popped = Run({"SPOP", "s"});
  EXPECT_TRUE(popped == "$1\r\n1\r\n" || popped == "$1\r\n2\r\n") << popped;
  EXPECT_EQ(Run({"SCARD", "s"}), ":1\r\n");
}

TEST_F(SetWriteTest, PopsSeveralMembers) {
  for (int i = 0; i < 1000; ++i) Run({"SADD", "s", absl::StrCat("m", i)});
  bench_.TakeEvents();
  EXPECT_EQ(Run({"SPOP", "s", "0"}), "*0\r\n");
  EXPECT_EQ(Run({"SPOP", "s", "10"}).substr(0, 5), "*10\r\n");
  EXPECT_EQ(Run({"SPOP", "s", "900"}).substr(0, 6), "*900\r\n");
  EXPECT_EQ(Run({"SCARD", "s"}), ":90\r\n");
  bench_.set_protocol(3);
  EXPECT_EQ(Run({"SPOP", "s", "100"}).substr(0, 5), "~90\r\n");
  EXPECT_EQ(Run({"SPOP", "s", "100"}), "~0\r\n");
  EXPECT_EQ(Run({"EXISTS", "s"}), ":0\r\n");
  EXPECT_EQ(bench_.TakeEvents(), (Events{"spop s", "spop s", "spop s", "del s"}));
  const std::string error = "-ERR value is out of range, must be positive\r\n";
  EXPECT_EQ(Run({"SPOP", "s", "-1"}), error);
  EXPECT_EQ(Run({"SPOP", "s", "x"}), error);
  EXPECT_EQ(Run({"SPOP", "s", "1", "2"}), "-ERR syntax error\r\n");
}

TEST_F(SetWriteTest, RefusesOtherTypes) {
  bench_.SetString("text", "x");
  EXPECT_EQ(Run({"SADD", "text", "a"}), kWrongType);
  EXPECT_EQ(Run({"SREM", "text", "a"}), kWrongType);
  EXPECT_EQ(Run({"SPOP", "text"}), kWrongType);
  EXPECT_EQ(Run({"SPOP", "text", "0"}), kWrongType);
  EXPECT_EQ(bench_.GetString("text"), "x");
}

}  // namespace
}  // namespace damselfly
