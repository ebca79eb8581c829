#include "server/admin/debug_handlers.h"

#include <string>

#include "gtest/gtest.h"
#include "server/admin/debug_commands.h"
#include "server/commands/testing/command_bench.h"

namespace damselfly {
namespace {

// The words as commands of their own, with args[1] as DEBUG has it.
constexpr CommandSpec kWords[] = {
    {.name = "object", .arity = 3, .handler = HandleDebugObject},
    {.name = "populate", .arity = -3, .handler = HandleDebugPopulate},
    {.name = "protocol", .arity = 3, .handler = HandleDebugProtocol},
    {.name = "stringmatch-len", .arity = 4, .handler = HandleDebugStringMatchLen},
};

class DebugHandlersTest : public testing::Test {
 protected:
  std::string Run(std::initializer_list<absl::string_view> args) { return bench_.Run(args); }

  CommandBench bench_{kWords};
};

TEST_F(DebugHandlersTest, ObjectTellsEncodingAndDumpedLength) {
  bench_.SetString("shared", "12");
  bench_.SetString("integer", "123456");
  bench_.SetString("short", "hello");
  bench_.SetString("long", std::string(300, 'x'));
  EXPECT_EQ(Run({"object", "OBJECT", "shared"}),
            "+Value at:0x0 refcount:2147483647 encoding:int serializedlength:2 lru:0 "
            "lru_seconds_idle:0\r\n");
  EXPECT_EQ(
      Run({"object", "OBJECT", "integer"}),
      "+Value at:0x0 refcount:1 encoding:int serializedlength:5 lru:0 lru_seconds_idle:0\r\n");
  EXPECT_EQ(
      Run({"object", "OBJECT", "short"}),
      "+Value at:0x0 refcount:1 encoding:embstr serializedlength:6 lru:0 lru_seconds_idle:0\r\n");
  EXPECT_EQ(
      Run({"object", "OBJECT", "long"}),
      "+Value at:0x0 refcount:1 encoding:raw serializedlength:302 lru:0 lru_seconds_idle:0\r\n");
  EXPECT_EQ(Run({"object", "OBJECT", "missing"}), "-ERR no such key\r\n");
}

TEST(DumpedStringBytes, AreThoseOfRedissDumpFormat) {
  EXPECT_EQ(DumpedStringBytes(""), 1);
  EXPECT_EQ(DumpedStringBytes("-128"), 2);
  EXPECT_EQ(DumpedStringBytes("128"), 3);
  EXPECT_EQ(DumpedStringBytes("32768"), 5);
  EXPECT_EQ(DumpedStringBytes("12345678901"), 12);
  EXPECT_EQ(DumpedStringBytes("007"), 4);
  EXPECT_EQ(DumpedStringBytes(std::string(63, 'x')), 64);
  EXPECT_EQ(DumpedStringBytes(std::string(64, 'x')), 66);
  EXPECT_EQ(DumpedStringBytes(std::string(16384, 'x')), 16389);
}

TEST_F(DebugHandlersTest, PopulateMakesKeysOfAGivenSize) {
  EXPECT_EQ(Run({"populate", "POPULATE", "3"}), "+OK\r\n");
  EXPECT_EQ(bench_.GetString("key:2"), "value:2");
  EXPECT_EQ(Run({"populate", "POPULATE", "2", "long", "9"}), "+OK\r\n");
  EXPECT_EQ(bench_.GetString("long:1"), std::string("value:1\0\0", 9));
  EXPECT_EQ(Run({"populate", "POPULATE", "2", "short", "3"}), "+OK\r\n");
  EXPECT_EQ(bench_.GetString("short:0"), "val");
  EXPECT_EQ(bench_.store().KeyCount(0), 7u);
}

TEST_F(DebugHandlersTest, PopulateLeavesKeysThatAreThere) {
  bench_.SetString("key:0", "mine");
  bench_.lock_all = true;
  EXPECT_EQ(Run({"populate", "POPULATE", "2"}), "+OK\r\n");
  bench_.lock_all = false;
  EXPECT_EQ(bench_.GetString("key:0"), "mine");
  EXPECT_EQ(bench_.GetString("key:1"), "value:1");
}

TEST_F(DebugHandlersTest, PopulateTakesNumbersThatAreNotNegative) {
  const std::string error = "-ERR value is out of range, must be positive\r\n";
  EXPECT_EQ(Run({"populate", "POPULATE", "x"}), error);
  EXPECT_EQ(Run({"populate", "POPULATE", "-1"}), error);
  EXPECT_EQ(Run({"populate", "POPULATE", "1", "key", "-1"}), error);
  EXPECT_EQ(bench_.store().KeyCount(0), 0u);
}

TEST_F(DebugHandlersTest, ProtocolHasTheRepliesOfRedis) {
  struct Case {
    absl::string_view type, resp2, resp3;
  };
  constexpr Case kCases[] = {
      {"string", "$11\r\nHello World\r\n", "$11\r\nHello World\r\n"},
      {"Integer", ":12345\r\n", ":12345\r\n"},
      {"double", "$5\r\n3.141\r\n", ",3.141\r\n"},
      {"null", "$-1\r\n", "_\r\n"},
      {"array", "*3\r\n:0\r\n:1\r\n:2\r\n", "*3\r\n:0\r\n:1\r\n:2\r\n"},
      {"set", "*3\r\n:0\r\n:1\r\n:2\r\n", "~3\r\n:0\r\n:1\r\n:2\r\n"},
      {"map", "*6\r\n:0\r\n:0\r\n:1\r\n:1\r\n:2\r\n:0\r\n",
       "%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n"},
      {"attrib", "$39\r\nSome real reply following the attribute\r\n",
       "|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n$39\r\nSome real reply "
       "following the attribute\r\n"},
      {"push", "-ERR RESP2 is not supported by this command\r\n",
       ">2\r\n$16\r\nserver-cpu-usage\r\n:42\r\n$40\r\nSome real reply following the push "
       "reply\r\n"},
      {"verbatim", "$25\r\nThis is a verbatim\nstring\r\n",
       "=29\r\ntxt:This is a verbatim\nstring\r\n"},
      {"true", ":1\r\n", "#t\r\n"},
      {"false", ":0\r\n", "#f\r\n"},
      {"bignum", "$37\r\n1234567999999999999999999999999999999\r\n",
       "(1234567999999999999999999999999999999\r\n"},
  };
  for (const Case& example : kCases) {
    bench_.set_protocol(2);
    EXPECT_EQ(Run({"protocol", "PROTOCOL", example.type}), example.resp2);
    bench_.set_protocol(3);
    EXPECT_EQ(Run({"protocol", "PROTOCOL", example.type}), example.resp3);
  }
  EXPECT_EQ(Run({"protocol", "PROTOCOL", "foo"}).substr(0, 31), "-ERR Wrong protocol type name. ");
}

TEST_F(DebugHandlersTest, LongStringsAreMatchedInNoTime) {
  EXPECT_EQ(Run({"stringmatch-len", "STRINGMATCH-LEN", "3", "a?a"}), ":1\r\n");
  EXPECT_EQ(Run({"stringmatch-len", "STRINGMATCH-LEN", "0", "a"}), ":0\r\n");
  EXPECT_EQ(Run({"stringmatch-len", "STRINGMATCH-LEN", "100000", "*a*a*a*a*a*a*a*a*b"}), ":0\r\n");
}

TEST(DebugAllowed, LocalMeansConnectionsFromThisMachine) {
  EXPECT_TRUE(DebugAllowed("yes", false));
  EXPECT_TRUE(DebugAllowed("local", true));
  EXPECT_FALSE(DebugAllowed("local", false));
  EXPECT_FALSE(DebugAllowed("no", true));
}

}  // namespace
}  // namespace damselfly
