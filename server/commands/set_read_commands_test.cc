#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/commands/set_commands.h"
#include "server/commands/testing/command_bench.h"

namespace damselfly {
namespace {

constexpr char kWrongType[] =
    "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";

class SetReadTest : public testing::Test {
 protected:
  std::string Run(std::initializer_list<absl::string_view> args) { return bench_.Run(args); }
  void FillBig() {
    for (int i = 0; i < 1000; ++i) Run({"SADD", "big", absl::StrCat("m", i)});
  }

  CommandBench bench_{SetCommands()};
};

TEST_F(SetReadTest, ReadsMembers) {
  Run({"SADD", "s", "3", "1", "2", "1"});
  EXPECT_EQ(Run({"SMEMBERS", "s"}), "*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n");
  EXPECT_EQ(Run({"SCARD", "s"}), ":3\r\n");
  EXPECT_EQ(Run({"SISMEMBER", "s", "2"}), ":1\r\n");
  EXPECT_EQ(Run({"SISMEMBER", "s", "x"}), ":0\r\n");
  EXPECT_EQ(Run({"SMISMEMBER", "s", "2", "4", "3"}), "*3\r\n:1\r\n:0\r\n:1\r\n");
  bench_.set_protocol(3);
  EXPECT_EQ(Run({"SMEMBERS", "s"}), "~3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n");
  FillBig();
  EXPECT_EQ(Run({"SCARD", "big"}), ":1000\r\n");
  EXPECT_EQ(Run({"SISMEMBER", "big", "m999"}), ":1\r\n");
  EXPECT_EQ(Run({"SMEMBERS", "big"}).substr(0, 7), "~1000\r\n");
}

TEST_F(SetReadTest, TakesAMissingKeyForAnEmptySet) {
  for (int protocol : {2, 3}) {
    bench_.set_protocol(protocol);
    EXPECT_EQ(Run({"SMEMBERS", "s"}), protocol == 2 ? "*0\r\n" : "~0\r\n");
    EXPECT_EQ(Run({"SCARD", "s"}), ":0\r\n");
    EXPECT_EQ(Run({"SISMEMBER", "s", "a"}), ":0\r\n");
    EXPECT_EQ(Run({"SMISMEMBER", "s", "a", "b"}), "*2\r\n:0\r\n:0\r\n");
    EXPECT_EQ(Run({"SRANDMEMBER", "s"}), protocol == 2 ? "$-1\r\n" : "_\r\n");
    EXPECT_EQ(Run({"SRANDMEMBER", "s", "5"}), "*0\r\n");
    EXPECT_EQ(Run({"SSCAN", "s", "0"}), "*2\r\n$1\r\n0\r\n*0\r\n");
  }
}

TEST_F(SetReadTest, RefusesOtherTypes) {
  bench_.SetString("text", "x");
  for (const char* command : {"SMEMBERS", "SCARD", "SRANDMEMBER"})
    EXPECT_EQ(Run({command, "text"}), kWrongType) << command;
  for (const char* command : {"SISMEMBER", "SMISMEMBER"})
    EXPECT_EQ(Run({command, "text", "a"}), kWrongType) << command;
  EXPECT_EQ(Run({"SRANDMEMBER", "text", "1"}), kWrongType);
  EXPECT_EQ(Run({"SSCAN", "text", "0"}), kWrongType);
}

TEST_F(SetReadTest, ChoosesMembersAtRandom) {
  Run({"SADD", "s", "1"});
  EXPECT_EQ(Run({"SRANDMEMBER", "s"}), "$1\r\n1\r\n");
  EXPECT_EQ(Run({"SRANDMEMBER", "s", "0"}), "*0\r\n");
  EXPECT_EQ(Run({"SRANDMEMBER", "s", "5"}), "*1\r\n$1\r\n1\r\n");
  EXPECT_EQ(Run({"SRANDMEMBER", "s", "-3"}), "*3\r\n$1\r\n1\r\n$1\r\n1\r\n$1\r\n1\r\n");
  EXPECT_EQ(Run({"SRANDMEMBER", "s", "x"}), "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(Run({"SRANDMEMBER", "s", "-9223372036854775808"}),
            "-ERR value is out of range, value must between -9223372036854775807 and "
            "9223372036854775807\r\n");
  EXPECT_EQ(Run({"SRANDMEMBER", "s", "1", "2"}), "-ERR syntax error\r\n");
  FillBig();
  std::set<std::string> replies;
  for (int i = 0; i < 50; ++i) replies.insert(Run({"SRANDMEMBER", "big"}));
  EXPECT_GT(replies.size(), 30u);
  EXPECT_EQ(Run({"SRANDMEMBER", "big", "500"}).substr(0, 6), "*500\r\n");
}

TEST_F(SetReadTest, RefusesMoreRepetitionsThanAResultMayHold) {
  const std::string refused = "-ERR the result would exceed result-bytes-max\r\n";
  Run({"SADD", "s", "1"});
  for (const char* count : {"-2147483649", "-9223372036854775807", "-100000000"})
    EXPECT_EQ(Run({"SRANDMEMBER", "s", count}), refused) << count;
  EXPECT_EQ(Run({"SRANDMEMBER", "none", "-9223372036854775807"}), "*0\r\n");
  bench_.commands().limits().result_bytes_max = 18;
  EXPECT_EQ(Run({"SRANDMEMBER", "s", "-2"}), "*2\r\n$1\r\n1\r\n$1\r\n1\r\n");
  bench_.commands().limits().result_bytes_max = 17;
  EXPECT_EQ(Run({"SRANDMEMBER", "s", "-2"}), refused);
}

TEST_F(SetReadTest, Scans) {
  Run({"SADD", "s", "1", "22", "23"});
  EXPECT_EQ(Run({"SSCAN", "s", "0", "MATCH", "2*"}),
            "*2\r\n$1\r\n0\r\n*2\r\n$2\r\n22\r\n$2\r\n23\r\n");
  EXPECT_EQ(Run({"SSCAN", "s", "x"}), "-ERR invalid cursor\r\n");
  EXPECT_EQ(Run({"SSCAN", "s", "0", "COUNT", "0"}), "-ERR syntax error\r\n");
  FillBig();
  const std::string part = Run({"SSCAN", "big", "0", "COUNT", "5"});
  EXPECT_LT(part.size(), 1000u);
  EXPECT_NE(part.substr(0, 11), "*2\r\n$1\r\n0\r\n");
}

}  // namespace
}  // namespace damselfly
