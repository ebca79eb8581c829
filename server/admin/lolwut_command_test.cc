#include "server/admin/lolwut_command.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/commands/testing/command_bench.h"

namespace damselfly {
namespace {

using testing::EndsWith;
using testing::StartsWith;

TEST(LolwutCommand, EndsWithBothVersions) {
  CommandBench bench({LolwutCommands()});
  EXPECT_THAT(bench.Run({"LOLWUT"}), EndsWith("\nRedis ver. 7.0.15 / Damselfly ver. 0.1.0\n\r\n"));
  EXPECT_THAT(bench.Run({"LOLWUT"}), StartsWith("$"));
  bench.set_protocol(3);
  EXPECT_THAT(bench.Run({"LOLWUT"}), StartsWith("="));
}

TEST(LolwutCommand, MindsTheVersionsNumberAndNothingElse) {
  CommandBench bench({LolwutCommands()});
  EXPECT_EQ(bench.Run({"LOLWUT", "version", "x"}),
            "-ERR value is not an integer or out of range\r\n");
  for (absl::string_view word : {"VERSION", "foo", "5"}) {
    EXPECT_EQ(bench.Run({"LOLWUT", word}), bench.Run({"LOLWUT"}));
  }
  EXPECT_EQ(bench.Run({"LOLWUT", "VERSION", "5", "66", "8"}), bench.Run({"LOLWUT"}));
}

}  // namespace
}  // namespace damselfly
