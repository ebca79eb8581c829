#include "server/commands/keyspace_commands.h"

#include <string>

#include "gtest/gtest.h"
#include "server/commands/testing/command_bench.h"

namespace damselfly {
namespace {

class KeyspaceCommandsTest : public testing::Test {
 protected:
  KeyspaceCommandsTest() {
    bench_.SetString("a", "1");
    bench_.SetString("b", "2");
    bench_.database_index = 3;
    bench_.SetString("c", "3");
    bench_.database_index = 0;
  }
  std::string Run(std::initializer_list<absl::string_view> args) { return bench_.Run(args); }
  std::string SizeOf(int database) {
    bench_.database_index = database;
    std::string size = Run({"DBSIZE"});
    bench_.database_index = 0;
    return size;
  }

  CommandBench bench_{KeyspaceCommands()};
};

TEST_F(KeyspaceCommandsTest, DbSizeCountsTheSelectedDatabase) {
  EXPECT_EQ(SizeOf(0), ":2\r\n");
  EXPECT_EQ(SizeOf(3), ":1\r\n");
  EXPECT_EQ(SizeOf(15), ":0\r\n");
}

TEST_F(KeyspaceCommandsTest, DbSizeCountsWhatHasExpiredUntilItIsDeleted) {
  bench_.SetString("gone", "v", bench_.now_ms + 1);
  bench_.now_ms += 1;
  EXPECT_EQ(SizeOf(0), ":3\r\n");
  EXPECT_EQ(bench_.GetString("gone"), "(none)");
  EXPECT_EQ(SizeOf(0), ":2\r\n");
}

TEST_F(KeyspaceCommandsTest, FlushDbEmptiesTheSelectedDatabase) {
  EXPECT_EQ(Run({"FLUSHDB"}), "+OK\r\n");
  EXPECT_EQ(SizeOf(0), ":0\r\n");
  EXPECT_EQ(SizeOf(3), ":1\r\n");
}

TEST_F(KeyspaceCommandsTest, FlushAllEmptiesAll) {
  EXPECT_EQ(Run({"FLUSHALL", "async"}), "+OK\r\n");
  EXPECT_EQ(SizeOf(0), ":0\r\n");
  EXPECT_EQ(SizeOf(3), ":0\r\n");
}

TEST_F(KeyspaceCommandsTest, FlushSyncGivesTheMemoryBackBeforeItAnswers) {
  EXPECT_EQ(Run({"FLUSHALL", "SYNC"}), "+OK\r\n");
  EXPECT_EQ(bench_.store().TotalCounters().background_bytes, 0);
  EXPECT_EQ(bench_.GetString("a"), "(none)");
}

TEST_F(KeyspaceCommandsTest, FlushKnowsNoOtherWords) {
  EXPECT_EQ(Run({"FLUSHALL", "NOW"}), "-ERR syntax error\r\n");
  EXPECT_EQ(Run({"FLUSHDB", "SYNC", "SYNC"}), "-ERR syntax error\r\n");
  EXPECT_EQ(SizeOf(0), ":2\r\n");
}

TEST_F(KeyspaceCommandsTest, SwapDbExchangesTwoDatabases) {
  EXPECT_EQ(Run({"SWAPDB", "0", "3"}), "+OK\r\n");
  EXPECT_EQ(SizeOf(0), ":1\r\n");
  EXPECT_EQ(SizeOf(3), ":2\r\n");
  EXPECT_EQ(bench_.GetString("c"), "3");
  EXPECT_EQ(Run({"SWAPDB", "3", "3"}), "+OK\r\n");
  EXPECT_EQ(SizeOf(3), ":2\r\n");
}

TEST_F(KeyspaceCommandsTest, SwapDbNeedsTwoDatabases) {
  EXPECT_EQ(Run({"SWAPDB", "x", "y"}), "-ERR invalid first DB index\r\n");
  EXPECT_EQ(Run({"SWAPDB", "99", "y"}), "-ERR invalid second DB index\r\n");
  EXPECT_EQ(Run({"SWAPDB", "3000000000", "1"}), "-ERR invalid first DB index\r\n");
  EXPECT_EQ(Run({"SWAPDB", "1", "16"}), "-ERR DB index is out of range\r\n");
  EXPECT_EQ(Run({"SWAPDB", "-1", "1"}), "-ERR DB index is out of range\r\n");
}

}  // namespace
}  // namespace damselfly
