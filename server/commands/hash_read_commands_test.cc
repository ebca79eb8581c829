#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/commands/hash_commands.h"
#include "server/commands/key_commands.h"
#include "server/commands/testing/command_bench.h"

namespace damselfly {
namespace {

class HashReadTest : public testing::Test {
 protected:
  std::string Run(std::initializer_list<absl::string_view> args) { return bench_.Run(args); }
  // A hash that has outgrown its compact form: f0 to f999 with the values v0 to v999.
  void FillBig() {
    for (int i = 0; i < 1000; ++i) Run({"HSET", "big", absl::StrCat("f", i), absl::StrCat("v", i)});
  }

  CommandBench bench_{HashCommands()};
};

TEST_F(HashReadTest, ReadsFieldsInTheOrderTheyCame) {
  EXPECT_EQ(Run({"HSET", "h", "b", "1", "a", "x", "c", ""}), ":3\r\n");
  EXPECT_EQ(Run({"HGET", "h", "a"}), "$1\r\nx\r\n");
  EXPECT_EQ(Run({"HGET", "h", "b"}), "$1\r\n1\r\n");
  EXPECT_EQ(Run({"HGET", "h", "d"}), "$-1\r\n");
  EXPECT_EQ(Run({"HMGET", "h", "c", "d", "a"}), "*3\r\n$0\r\n\r\n$-1\r\n$1\r\nx\r\n");
  EXPECT_EQ(Run({"HGETALL", "h"}),
            "*6\r\n$1\r\nb\r\n$1\r\n1\r\n$1\r\na\r\n$1\r\nx\r\n$1\r\nc\r\n$0\r\n\r\n");
  EXPECT_EQ(Run({"HKEYS", "h"}), "*3\r\n$1\r\nb\r\n$1\r\na\r\n$1\r\nc\r\n");
  EXPECT_EQ(Run({"HVALS", "h"}), "*3\r\n$1\r\n1\r\n$1\r\nx\r\n$0\r\n\r\n");
  EXPECT_EQ(Run({"HLEN", "h"}), ":3\r\n");
  EXPECT_EQ(Run({"HSTRLEN", "h", "a"}), ":1\r\n");
  EXPECT_EQ(Run({"HSTRLEN", "h", "d"}), ":0\r\n");
  EXPECT_EQ(Run({"HEXISTS", "h", "c"}), ":1\r\n");
  EXPECT_EQ(Run({"HEXISTS", "h", "d"}), ":0\r\n");
}

TEST_F(HashReadTest, ReadsBigHashes) {
  FillBig();
  EXPECT_EQ(Run({"HGET", "big", "f777"}), "$4\r\nv777\r\n");
  EXPECT_EQ(Run({"HGET", "big", "f1000"}), "$-1\r\n");
  EXPECT_EQ(Run({"HLEN", "big"}), ":1000\r\n");
  EXPECT_EQ(Run({"HSTRLEN", "big", "f12"}), ":3\r\n");
  EXPECT_EQ(Run({"HEXISTS", "big", "f12"}), ":1\r\n");
  EXPECT_EQ(Run({"HGETALL", "big"}).substr(0, 7), "*2000\r\n");
}

TEST_F(HashReadTest, TakesAMissingKeyForAnEmptyHash) {
  for (int protocol : {2, 3}) {
    bench_.set_protocol(protocol);
    const std::string null = protocol == 2 ? "$-1\r\n" : "_\r\n";
    EXPECT_EQ(Run({"HGET", "h", "a"}), null);
    EXPECT_EQ(Run({"HMGET", "h", "a", "b"}), absl::StrCat("*2\r\n", null, null));
    EXPECT_EQ(Run({"HGETALL", "h"}), protocol == 2 ? "*0\r\n" : "%0\r\n");
    EXPECT_EQ(Run({"HKEYS", "h"}), "*0\r\n");
    EXPECT_EQ(Run({"HVALS", "h"}), "*0\r\n");
    EXPECT_EQ(Run({"HLEN", "h"}), ":0\r\n");
    EXPECT_EQ(Run({"HSTRLEN", "h", "a"}), ":0\r\n");
    EXPECT_EQ(Run({"HEXISTS", "h", "a"}), ":0\r\n");
    EXPECT_EQ(Run({"HRANDFIELD", "h"}), null);
    EXPECT_EQ(Run({"HRANDFIELD", "h", "3"}), "*0\r\n");
    EXPECT_EQ(Run({"HSCAN", "h", "0", "NO", "OPTION"}), "*2\r\n$1\r\n0\r\n*0\r\n");
  }
}

TEST_F(HashReadTest, RefusesOtherTypes) {
  bench_.SetString("s", "text");
  const std::string wrong =
      "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";
  EXPECT_EQ(Run({"HGET", "s", "a"}), wrong);
  EXPECT_EQ(Run({"HMGET", "s", "a"}), wrong);
  for (const char* command : {"HGETALL", "HKEYS", "HVALS", "HLEN", "HRANDFIELD"})
    EXPECT_EQ(Run({command, "s"}), wrong) << command;
  EXPECT_EQ(Run({"HSTRLEN", "s", "a"}), wrong);
  EXPECT_EQ(Run({"HEXISTS", "s", "a"}), wrong);
  EXPECT_EQ(Run({"HRANDFIELD", "s", "1"}), wrong);
  EXPECT_EQ(Run({"HSCAN", "s", "0"}), wrong);
}

TEST_F(HashReadTest, GivesMapsInResp3) {
  Run({"HSET", "h", "a", "1"});
  bench_.set_protocol(3);
  EXPECT_EQ(Run({"HGETALL", "h"}), "%1\r\n$1\r\na\r\n$1\r\n1\r\n");
  EXPECT_EQ(Run({"HRANDFIELD", "h", "1", "WITHVALUES"}), "*1\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n");
}

TEST_F(HashReadTest, ChoosesFieldsAtRandom) {
  Run({"HSET", "h", "a", "1"});
  EXPECT_EQ(Run({"HRANDFIELD", "h"}), "$1\r\na\r\n");
  EXPECT_EQ(Run({"HRANDFIELD", "h", "2", "withvalues"}), "*2\r\n$1\r\na\r\n$1\r\n1\r\n");
  EXPECT_EQ(Run({"HRANDFIELD", "h", "-2"}), "*2\r\n$1\r\na\r\n$1\r\na\r\n");
  EXPECT_EQ(Run({"HRANDFIELD", "h", "-2", "WITHVALUES"}),
            "*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\na\r\n$1\r\n1\r\n");
  EXPECT_EQ(Run({"HRANDFIELD", "h", "0"}), "*0\r\n");
  FillBig();
  std::set<std::string> replies;
  for (int i = 0; i < 50; ++i) replies.insert(Run({"HRANDFIELD", "big"}));
  EXPECT_GT(replies.size(), 30u);
  EXPECT_EQ(Run({"HRANDFIELD", "big", "20"}).substr(0, 5), "*20\r\n");
  EXPECT_EQ(Run({"HRANDFIELD", "big", "2000"}).substr(0, 7), "*1000\r\n");
}

TEST_F(HashReadTest, RefusesMoreRepetitionsThanAResultMayHold) {
  const std::string refused = "-ERR the result would exceed result-bytes-max\r\n";
  Run({"HSET", "h", "a", "1"});
  for (const char* count : {"-2147483649", "-9223372036854775807", "-100000000"})
    EXPECT_EQ(Run({"HRANDFIELD", "h", count}), refused) << count;
  EXPECT_EQ(Run({"HRANDFIELD", "h", "-4611686018427387903", "WITHVALUES"}), refused);
  EXPECT_EQ(Run({"HRANDFIELD", "none", "-9223372036854775807"}), "*0\r\n");
  EXPECT_EQ(Run({"HRANDFIELD", "h", "9223372036854775807"}), "*1\r\n$1\r\na\r\n");

  // One byte more than the reply's.
  bench_.commands().limits().result_bytes_max = 18;
  EXPECT_EQ(Run({"HRANDFIELD", "h", "-2"}), "*2\r\n$1\r\na\r\n$1\r\na\r\n");
  EXPECT_EQ(Run({"HRANDFIELD", "h", "-3"}), refused);
  EXPECT_EQ(Run({"HRANDFIELD", "h", "-2", "WITHVALUES"}), refused);
  bench_.commands().limits().result_bytes_max = 17;
  EXPECT_EQ(Run({"HRANDFIELD", "h", "-2"}), refused);
  bench_.commands().limits().result_bytes_max = 0;
  EXPECT_EQ(Run({"HRANDFIELD", "h", "-100"}).size(), 6u + 700u);
}

TEST_F(HashReadTest, CountsTheBytesOfWhatItRepeats) {
  Run({"HSET", "h", "f", std::string(1000, 'v')});
  bench_.commands().limits().result_bytes_max = 10000;
  EXPECT_EQ(Run({"HRANDFIELD", "h", "-100"}).substr(0, 6), "*100\r\n");
  EXPECT_EQ(Run({"HRANDFIELD", "h", "-100", "WITHVALUES"}),
            "-ERR the result would exceed result-bytes-max\r\n");
  FillBig();
  EXPECT_EQ(Run({"HRANDFIELD", "big", "-1500"}),
            "-ERR the result would exceed result-bytes-max\r\n");
}

TEST_F(HashReadTest, RefusesWhatIsNoCountOfFields) {
  Run({"HSET", "h", "a", "1"});
  EXPECT_EQ(Run({"HRANDFIELD", "h", "x"}), "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(Run({"HRANDFIELD", "h", "1", "VALUES"}), "-ERR syntax error\r\n");
  EXPECT_EQ(Run({"HRANDFIELD", "h", "1", "WITHVALUES", "x"}), "-ERR syntax error\r\n");
  EXPECT_EQ(Run({"HRANDFIELD", "h", "-9223372036854775808"}),
            "-ERR value is out of range, value must between -9223372036854775807 and "
            "9223372036854775807\r\n");
  EXPECT_EQ(Run({"HRANDFIELD", "h", "4611686018427387904", "WITHVALUES"}),
            "-ERR value is out of range\r\n");
}

TEST_F(HashReadTest, Scans) {
  Run({"HSET", "h", "a", "1", "b", "2"});
  EXPECT_EQ(Run({"HSCAN", "h", "0", "MATCH", "b*", "COUNT", "1"}),
            "*2\r\n$1\r\n0\r\n*2\r\n$1\r\nb\r\n$1\r\n2\r\n");
  EXPECT_EQ(Run({"HSCAN", "h", "x"}), "-ERR invalid cursor\r\n");
  EXPECT_EQ(Run({"HSCAN", "h", "0", "TYPE", "hash"}), "-ERR syntax error\r\n");
  FillBig();
  const std::string part = Run({"HSCAN", "big", "0", "COUNT", "5"});
  EXPECT_LT(part.size(), 1000u);
  EXPECT_NE(part.substr(0, 11), "*2\r\n$1\r\n0\r\n");
}

}  // namespace
}  // namespace damselfly
