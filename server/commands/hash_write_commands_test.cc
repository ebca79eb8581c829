#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/commands/hash_commands.h"
#include "server/commands/key_commands.h"
#include "server/commands/object_commands.h"
#include "server/commands/testing/command_bench.h"

namespace damselfly {
namespace {

using Events = std::vector<std::string>;

class HashWriteTest : public testing::Test {
 protected:
  std::string Run(std::initializer_list<absl::string_view> args) { return bench_.Run(args); }

  CommandBench bench_{HashCommands(), KeyCommands(), ObjectCommands()};
};

TEST_F(HashWriteTest, SetsFieldsAndCountsTheNewOnes) {
  EXPECT_EQ(Run({"HSET", "h", "a", "1", "b", "2", "a", "3"}), ":2\r\n");
  EXPECT_EQ(Run({"HSET", "h", "a", "4", "c", "5"}), ":1\r\n");
  EXPECT_EQ(Run({"HMGET", "h", "a", "b", "c"}), "*3\r\n$1\r\n4\r\n$1\r\n2\r\n$1\r\n5\r\n");
  EXPECT_EQ(Run({"HMSET", "h", "a", "6"}), "+OK\r\n");
  EXPECT_EQ(bench_.TakeEvents(), (Events{"hset h", "hset h", "hset h"}));
  EXPECT_EQ(Run({"HSET", "h", "a", "1", "b"}),
            "-ERR wrong number of arguments for 'hset' command\r\n");
  EXPECT_EQ(Run({"HMSET", "h", "a", "1", "b"}),
            "-ERR wrong number of arguments for 'hmset' command\r\n");
}

TEST_F(HashWriteTest, SetsAFieldOnlyOnce) {
  EXPECT_EQ(Run({"HSETNX", "h", "a", "1"}), ":1\r\n");
  EXPECT_EQ(Run({"HSETNX", "h", "a", "2"}), ":0\r\n");
  EXPECT_EQ(Run({"HGET", "h", "a"}), "$1\r\n1\r\n");
  EXPECT_EQ(bench_.TakeEvents(), (Events{"hset h"}));
}

TEST_F(HashWriteTest, DeletesTheHashWithItsLastField) {
  Run({"HSET", "h", "a", "1", "b", "2", "c", "3"});
  bench_.TakeEvents();
  EXPECT_EQ(Run({"HDEL", "h", "x", "a", "a"}), ":1\r\n");
  EXPECT_EQ(Run({"HDEL", "h", "x"}), ":0\r\n");
  EXPECT_EQ(Run({"HDEL", "h", "c", "b", "x"}), ":2\r\n");
  EXPECT_EQ(Run({"EXISTS", "h"}), ":0\r\n");
  EXPECT_EQ(Run({"HDEL", "h", "a"}), ":0\r\n");
  EXPECT_EQ(bench_.TakeEvents(), (Events{"hdel h", "hdel h", "del h"}));
}

TEST_F(HashWriteTest, AddsIntegers) {
  EXPECT_EQ(Run({"HINCRBY", "h", "n", "5"}), ":5\r\n");
  EXPECT_EQ(Run({"HINCRBY", "h", "n", "-7"}), ":-2\r\n");
  EXPECT_EQ(Run({"HGET", "h", "n"}), "$2\r\n-2\r\n");
  EXPECT_EQ(bench_.TakeEvents(), (Events{"hincrby h", "hincrby h"}));
  EXPECT_EQ(Run({"HINCRBY", "h", "n", "1.5"}), "-ERR value is not an integer or out of range\r\n");
  Run({"HSET", "h", "s", "abc", "max", "9223372036854775807"});
  EXPECT_EQ(Run({"HINCRBY", "h", "s", "1"}), "-ERR hash value is not an integer\r\n");
  EXPECT_EQ(Run({"HINCRBY", "h", "max", "1"}), "-ERR increment or decrement would overflow\r\n");
  EXPECT_EQ(Run({"HINCRBY", "none", "n", "x"}), "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(Run({"EXISTS", "none"}), ":0\r\n");
}

TEST_F(HashWriteTest, AddsFloatingPointNumbers) {
  EXPECT_EQ(Run({"HINCRBYFLOAT", "h", "n", "10.5"}), "$4\r\n10.5\r\n");
  EXPECT_EQ(Run({"HINCRBYFLOAT", "h", "n", "0.1"}), "$4\r\n10.6\r\n");
  EXPECT_EQ(Run({"HINCRBYFLOAT", "h", "n", "-5e-1"}), "$4\r\n10.1\r\n");
  EXPECT_EQ(bench_.TakeEvents(), (Events{"hincrbyfloat h", "hincrbyfloat h", "hincrbyfloat h"}));
  Run({"HSET", "h", "s", "abc", "inf", "inf", "i", "7"});
  EXPECT_EQ(Run({"HINCRBYFLOAT", "h", "i", "1"}), "$1\r\n8\r\n");
  EXPECT_EQ(Run({"HINCRBYFLOAT", "h", "n", "x"}), "-ERR value is not a valid float\r\n");
  EXPECT_EQ(Run({"HINCRBYFLOAT", "h", "n", "inf"}), "-ERR value is NaN or Infinity\r\n");
  EXPECT_EQ(Run({"HINCRBYFLOAT", "h", "s", "1"}), "-ERR hash value is not a float\r\n");
  EXPECT_EQ(Run({"HINCRBYFLOAT", "h", "inf", "1"}),
            "-ERR increment would produce NaN or Infinity\r\n");
}

TEST_F(HashWriteTest, RefusesOtherTypes) {
  bench_.SetString("s", "text");
  const std::string wrong =
      "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";
  EXPECT_EQ(Run({"HSET", "s", "a", "1"}), wrong);
  EXPECT_EQ(Run({"HSETNX", "s", "a", "1"}), wrong);
  EXPECT_EQ(Run({"HDEL", "s", "a"}), wrong);
  EXPECT_EQ(Run({"HINCRBY", "s", "a", "1"}), wrong);
  EXPECT_EQ(Run({"HINCRBYFLOAT", "s", "a", "1"}), wrong);
  EXPECT_EQ(bench_.GetString("s"), "text");
  EXPECT_EQ(bench_.TakeEvents(), Events{});
}

TEST_F(HashWriteTest, TellsItsTypeAndEncoding) {
  Run({"HSET", "h", "a", "1"});
  EXPECT_EQ(Run({"TYPE", "h"}), "+hash\r\n");
  EXPECT_EQ(Run({"OBJECT", "ENCODING", "h"}), "$8\r\nlistpack\r\n");
  Run({"HSET", "h", "a", std::string(65, 'x')});
  EXPECT_EQ(Run({"OBJECT", "ENCODING", "h"}), "$9\r\nhashtable\r\n");
}

}  // namespace
}  // namespace damselfly
