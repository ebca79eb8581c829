#include "server/admin/memory_commands.h"

#include <string>

#include "gtest/gtest.h"
#include "server/commands/testing/command_bench.h"
#include "server/session/session_harness.h"

namespace damselfly {
namespace {

class MemoryCommandsTest : public testing::Test {
 protected:
  std::string Run(std::initializer_list<absl::string_view> args) { return bench_.Run(args); }
  int64_t UsageOf(absl::string_view key) {
    const std::string reply = Run({"MEMORY", "USAGE", key});
    EXPECT_EQ(reply[0], ':');
    return std::stoll(reply.substr(1));
  }

  CommandBench bench_{MemoryCommands()};
};

TEST_F(MemoryCommandsTest, UsageGrowsWithKeyValueAndDeadline) {
  bench_.SetString("k", "value");
  bench_.SetString("e", "value", bench_.now_ms + 1000);
  bench_.SetString(std::string(1000, 'k'), "value");
  bench_.SetString("big", std::string(100000, 'x'));
  EXPECT_GT(UsageOf("k"), 14);
  EXPECT_LT(UsageOf("k"), 64);
  EXPECT_GT(UsageOf("e"), UsageOf("k"));
  EXPECT_GT(UsageOf(std::string(1000, 'k')), 1000);
  EXPECT_GT(UsageOf("big"), 100000);
  EXPECT_LT(UsageOf("big"), 101000);
}

TEST_F(MemoryCommandsTest, UsageOfNothingIsNull) {
  EXPECT_EQ(Run({"MEMORY", "USAGE", "k"}), "$-1\r\n");
  bench_.SetString("k", "v", bench_.now_ms + 1);
  bench_.now_ms += 1;
  bench_.set_protocol(3);
  EXPECT_EQ(Run({"MEMORY", "USAGE", "k"}), "_\r\n");
}

TEST_F(MemoryCommandsTest, SamplesAreANumberThatIsNotNegative) {
  bench_.SetString("k", "v");
  EXPECT_EQ(Run({"MEMORY", "USAGE", "k", "samples", "0"}), Run({"MEMORY", "USAGE", "k"}));
  EXPECT_EQ(Run({"MEMORY", "USAGE", "k", "SAMPLES"}), "-ERR syntax error\r\n");
  EXPECT_EQ(Run({"MEMORY", "USAGE", "k", "SAMPLES", "-1"}), "-ERR syntax error\r\n");
  EXPECT_EQ(Run({"MEMORY", "USAGE", "k", "SAMPLES", "x"}),
            "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(Run({"MEMORY", "USAGE", "k", "FOO", "1"}), "-ERR syntax error\r\n");
}

TEST(MemoryPurge, HasEveryWorkerGiveBackWhatItHasFree) {
  SessionHarness node(3, "", MemoryCommands());
  EXPECT_EQ(node.Connect()->Call("MEMORY PURGE"), "+OK|");
  node.runtime().RunReady();
  EXPECT_EQ(node.runtime().memory_releases, 3);
}

}  // namespace
}  // namespace damselfly
