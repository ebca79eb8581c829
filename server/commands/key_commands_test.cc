#include "server/commands/key_commands.h"

#include <string>

#include "gtest/gtest.h"
#include "server/commands/testing/command_bench.h"

namespace damselfly {
namespace {

class KeyCommandsTest : public testing::Test {
 protected:
  std::string Run(std::initializer_list<absl::string_view> args) { return bench_.Run(args); }

  CommandBench bench_{KeyCommands()};
};

TEST_F(KeyCommandsTest, DelAndUnlinkCountTheKeysThatWere) {
  for (absl::string_view name : {"DEL", "UNLINK"}) {
    bench_.SetString("a", "1");
    bench_.SetString("b", "2");
    EXPECT_EQ(Run({name, "a", "missing", "b", "a"}), ":2\r\n");
    EXPECT_EQ(bench_.store().KeyCount(0), 0u);
  }
}

TEST_F(KeyCommandsTest, KeysMayBeEmptyOrBinary) {
  const absl::string_view binary("\0\r\n\xff", 4);
  bench_.SetString("", "empty");
  bench_.SetString(binary, "binary");
  EXPECT_EQ(Run({"EXISTS", "", binary}), ":2\r\n");
  EXPECT_EQ(Run({"DEL", ""}), ":1\r\n");
  EXPECT_EQ(Run({"DEL", absl::string_view("\0\r\n", 3)}), ":0\r\n");
  EXPECT_EQ(Run({"DEL", binary}), ":1\r\n");
}

TEST_F(KeyCommandsTest, ExistsAndTouchCountAKeyAsOftenAsItIsNamed) {
  bench_.SetString("a", "1");
  for (absl::string_view name : {"EXISTS", "TOUCH"}) {
    EXPECT_EQ(Run({name, "a", "a", "missing", "a"}), ":3\r\n");
  }
  EXPECT_EQ(bench_.counters().keyspace_hits.get(), 6);
  EXPECT_EQ(bench_.counters().keyspace_misses.get(), 2);
}

TEST_F(KeyCommandsTest, KeysPastTheirDeadlineAreNotThere) {
  bench_.SetString("a", "1", bench_.now_ms + 10);
  bench_.now_ms += 10;
  EXPECT_EQ(Run({"TYPE", "a"}), "+none\r\n");
  bench_.SetString("a", "1", bench_.now_ms + 10);
  bench_.now_ms += 10;
  EXPECT_EQ(Run({"DEL", "a"}), ":0\r\n");
}

TEST_F(KeyCommandsTest, TypeNamesTheValuesType) {
  bench_.SetString("a", "1");
  EXPECT_EQ(Run({"TYPE", "a"}), "+string\r\n");
  EXPECT_EQ(Run({"TYPE", "missing"}), "+none\r\n");
  EXPECT_EQ(Run({"TYPE", "a", "b"}), "-ERR wrong number of arguments for 'type' command\r\n");
}

TEST_F(KeyCommandsTest, DatabasesAreApart) {
  bench_.SetString("a", "1");
  bench_.database_index = 15;
  EXPECT_EQ(Run({"EXISTS", "a"}), ":0\r\n");
  EXPECT_EQ(Run({"DEL", "a"}), ":0\r\n");
  bench_.database_index = 0;
  EXPECT_EQ(Run({"EXISTS", "a"}), ":1\r\n");
}

}  // namespace
}  // namespace damselfly
