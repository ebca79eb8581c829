#include "server/commands/object_commands.h"

#include <string>

#include "gtest/gtest.h"
#include "server/commands/testing/command_bench.h"

namespace damselfly {
namespace {

class ObjectCommandsTest : public testing::Test {
 protected:
  std::string Run(std::initializer_list<absl::string_view> args) { return bench_.Run(args); }

  void Evict(EvictionPolicy policy) {
    Evictor::Settings settings;
    settings.policy = policy;
    bench_.store().evictor().Configure(settings, bench_.now_ms);
  }

  CommandBench bench_{ObjectCommands()};
};

TEST_F(ObjectCommandsTest, EncodingTellsHowAStringIsKept) {
  bench_.SetString("number", "-9223372036854775808");
  bench_.SetString("leading zero", "007");
  bench_.SetString("short", std::string(44, 'x'));
  bench_.SetString("long", std::string(45, 'x'));
  EXPECT_EQ(Run({"OBJECT", "ENCODING", "number"}), "$3\r\nint\r\n");
  EXPECT_EQ(Run({"OBJECT", "encoding", "leading zero"}), "$6\r\nembstr\r\n");
  EXPECT_EQ(Run({"OBJECT", "ENCODING", "short"}), "$6\r\nembstr\r\n");
  EXPECT_EQ(Run({"OBJECT", "ENCODING", "long"}), "$3\r\nraw\r\n");
}

TEST_F(ObjectCommandsTest, SmallIntegersAreSharedAsInRedis) {
  bench_.SetString("a", "0");
  bench_.SetString("b", "9999");
  bench_.SetString("c", "10000");
  bench_.SetString("d", "-1");
  bench_.SetString("e", "text");
  EXPECT_EQ(Run({"OBJECT", "REFCOUNT", "a"}), ":2147483647\r\n");
  EXPECT_EQ(Run({"OBJECT", "REFCOUNT", "b"}), ":2147483647\r\n");
  for (absl::string_view key : {"c", "d", "e"})
    EXPECT_EQ(Run({"OBJECT", "REFCOUNT", key}), ":1\r\n");
}

TEST_F(ObjectCommandsTest, AMissingKeyIsNull) {
  for (absl::string_view name : {"ENCODING", "REFCOUNT", "FREQ", "IDLETIME"})
    EXPECT_EQ(Run({"OBJECT", name, "k"}), "$-1\r\n");
  bench_.set_protocol(3);
  EXPECT_EQ(Run({"OBJECT", "ENCODING", "k"}), "_\r\n");
}

TEST_F(ObjectCommandsTest, FrequencyNeedsAPolicyThatCounts) {
  bench_.SetString("a", "0");
  EXPECT_EQ(Run({"OBJECT", "FREQ", "a"}),
            "-ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please "
            "note that when switching between policies at runtime LRU and LFU data will take some "
            "time to adjust.\r\n");
  EXPECT_EQ(Run({"OBJECT", "IDLETIME", "a"}), ":0\r\n");
}

TEST_F(ObjectCommandsTest, FrequencyRisesWithAccesses) {
  Evict(EvictionPolicy::kVolatileLfu);
  bench_.SetString("a", "0");
  EXPECT_EQ(Run({"OBJECT", "FREQ", "a"}), ":5\r\n");
  EXPECT_EQ(Run({"OBJECT", "FREQ", "a"}), ":5\r\n");
  bench_.GetString("a");
  EXPECT_EQ(Run({"OBJECT", "FREQ", "a"}), ":7\r\n");
  for (int i = 0; i < 1000; ++i) bench_.GetString("a");
  const std::string reply = Run({"OBJECT", "FREQ", "a"});
  EXPECT_GT(std::stoi(reply.substr(1)), 9);
  EXPECT_LT(std::stoi(reply.substr(1)), 255);
  EXPECT_EQ(Run({"OBJECT", "IDLETIME", "a"}),
            "-ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that "
            "when switching between policies at runtime LRU and LFU data will take some time to "
            "adjust.\r\n");
}

TEST_F(ObjectCommandsTest, IdleTimeIsThatOfTheGenerationOfTheLastAccess) {
  Evict(EvictionPolicy::kAllKeysLru);
  bench_.SetString("a", "0");
  // The round's end is the generation's, as all keys have been accessed in it.
  bench_.store().evictor().Sweep(1000000, bench_.now_ms);
  bench_.now_ms += 10500;
  EXPECT_EQ(Run({"OBJECT", "IDLETIME", "a"}), ":10\r\n");
  bench_.GetString("a");
  EXPECT_EQ(Run({"OBJECT", "IDLETIME", "a"}), ":0\r\n");
}

TEST_F(ObjectCommandsTest, HelpListsTheSubcommands) {
  EXPECT_EQ(Run({"OBJECT", "HELP"}).substr(0, 5), "*11\r\n");
  EXPECT_EQ(Run({"OBJECT", "ENCODING"}),
            "-ERR wrong number of arguments for 'object|encoding' command\r\n");
  EXPECT_EQ(Run({"OBJECT"}), "-ERR wrong number of arguments for 'object' command\r\n");
}

}  // namespace
}  // namespace damselfly
