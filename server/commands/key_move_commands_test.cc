#include "server/commands/key_move_commands.h"

#include <string>

#include "gtest/gtest.h"
#include "server/commands/expire_commands.h"
#include "server/commands/testing/command_bench.h"

namespace damselfly {
namespace {

constexpr char kSameObject[] = "-ERR source and destination objects are the same\r\n";
constexpr char kNotAnInteger[] = "-ERR value is not an integer or out of range\r\n";
constexpr char kNoDatabase[] = "-ERR DB index is out of range\r\n";

class KeyMoveCommandsTest : public testing::Test {
 protected:
  std::string Run(std::initializer_list<absl::string_view> args) { return bench_.Run(args); }

  CommandBench bench_{KeyMoveCommands(), ExpireCommands()};
};

TEST_F(KeyMoveCommandsTest, RenameMovesValueAndDeadlineOverWhatWasThere) {
  bench_.SetString("a", "1", bench_.now_ms + 5000);
  bench_.SetString("b", "2");
  EXPECT_EQ(Run({"RENAME", "a", "b"}), "+OK\r\n");
  EXPECT_EQ(bench_.GetString("a"), "(none)");
  EXPECT_EQ(bench_.GetString("b"), "1");
  EXPECT_EQ(Run({"PTTL", "b"}), ":5000\r\n");
  bench_.SetString("c", "3");
  EXPECT_EQ(Run({"RENAME", "c", "b"}), "+OK\r\n");
  EXPECT_EQ(Run({"PTTL", "b"}), ":-1\r\n");
}

TEST_F(KeyMoveCommandsTest, RenameNxLeavesATakenNameAlone) {
  bench_.SetString("a", "1");
  bench_.SetString("b", "2");
  EXPECT_EQ(Run({"RENAMENX", "a", "b"}), ":0\r\n");
  EXPECT_EQ(bench_.GetString("a"), "1");
  EXPECT_EQ(Run({"RENAMENX", "a", "c"}), ":1\r\n");
  EXPECT_EQ(bench_.GetString("c"), "1");
}

TEST_F(KeyMoveCommandsTest, RenameNxTakesANameThatHasExpired) {
  bench_.SetString("a", "1");
  bench_.SetString("b", "2", bench_.now_ms + 1);
  bench_.now_ms += 1;
  EXPECT_EQ(Run({"RENAMENX", "a", "b"}), ":1\r\n");
  EXPECT_EQ(bench_.GetString("b"), "1");
}

TEST_F(KeyMoveCommandsTest, RenameOfNothingIsAnErrorEvenToItself) {
  EXPECT_EQ(Run({"RENAME", "a", "b"}), "-ERR no such key\r\n");
  EXPECT_EQ(Run({"RENAME", "a", "a"}), "-ERR no such key\r\n");
  EXPECT_EQ(Run({"RENAMENX", "a", "a"}), "-ERR no such key\r\n");
}

TEST_F(KeyMoveCommandsTest, RenameToItselfChangesNothing) {
  bench_.SetString("a", "1", bench_.now_ms + 5000);
  EXPECT_EQ(Run({"RENAME", "a", "a"}), "+OK\r\n");
  EXPECT_EQ(Run({"RENAMENX", "a", "a"}), ":0\r\n");
  EXPECT_EQ(Run({"PTTL", "a"}), ":5000\r\n");
}

TEST_F(KeyMoveCommandsTest, MoveTakesTheKeyToAnotherDatabase) {
  bench_.SetString("a", "1", bench_.now_ms + 5000);
  EXPECT_EQ(Run({"MOVE", "a", "9"}), ":1\r\n");
  EXPECT_EQ(bench_.GetString("a"), "(none)");
  bench_.database_index = 9;
  EXPECT_EQ(bench_.GetString("a"), "1");
  EXPECT_EQ(Run({"PTTL", "a"}), ":5000\r\n");
}

TEST_F(KeyMoveCommandsTest, MoveNeedsAKeyHereAndNoneThere) {
  EXPECT_EQ(Run({"MOVE", "a", "1"}), ":0\r\n");
  bench_.SetString("a", "here");
  bench_.database_index = 1;
  bench_.SetString("a", "there");
  bench_.database_index = 0;
  EXPECT_EQ(Run({"MOVE", "a", "1"}), ":0\r\n");
  EXPECT_EQ(bench_.GetString("a"), "here");
}

TEST_F(KeyMoveCommandsTest, MoveChecksTheDatabaseBeforeTheKey) {
  EXPECT_EQ(Run({"MOVE", "a", "x"}), kNotAnInteger);
  EXPECT_EQ(Run({"MOVE", "a", "99999999999999999999"}), kNotAnInteger);
  EXPECT_EQ(Run({"MOVE", "a", "3000000000"}),
            "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n");
  EXPECT_EQ(Run({"MOVE", "a", "16"}), kNoDatabase);
  EXPECT_EQ(Run({"MOVE", "a", "-1"}), kNoDatabase);
  EXPECT_EQ(Run({"MOVE", "a", "0"}), kSameObject);
}

TEST_F(KeyMoveCommandsTest, CopyTakesValueAndDeadline) {
  bench_.SetString("a", "1", bench_.now_ms + 5000);
  EXPECT_EQ(Run({"COPY", "a", "b"}), ":1\r\n");
  EXPECT_EQ(bench_.GetString("a"), "1");
  EXPECT_EQ(bench_.GetString("b"), "1");
  EXPECT_EQ(Run({"PTTL", "b"}), ":5000\r\n");
}

TEST_F(KeyMoveCommandsTest, CopyReplacesOnlyWhenTold) {
  bench_.SetString("a", "1");
  bench_.SetString("b", "2", bench_.now_ms + 5000);
  EXPECT_EQ(Run({"COPY", "a", "b"}), ":0\r\n");
  EXPECT_EQ(bench_.GetString("b"), "2");
  EXPECT_EQ(Run({"COPY", "a", "b", "replace"}), ":1\r\n");
  EXPECT_EQ(bench_.GetString("b"), "1");
  EXPECT_EQ(Run({"PTTL", "b"}), ":-1\r\n");
  EXPECT_EQ(Run({"COPY", "missing", "b", "REPLACE"}), ":0\r\n");
  EXPECT_EQ(bench_.GetString("b"), "1");
}

TEST_F(KeyMoveCommandsTest, CopyGoesToAnotherDatabaseUnderTheSameName) {
  bench_.SetString("a", "1");
  EXPECT_EQ(Run({"COPY", "a", "a", "DB", "3", "REPLACE"}), ":1\r\n");
  EXPECT_EQ(Run({"COPY", "a", "a", "DB", "3"}), ":0\r\n");
  bench_.database_index = 3;
  EXPECT_EQ(bench_.GetString("a"), "1");
}

TEST_F(KeyMoveCommandsTest, CopyOfABigValueIsIndependent) {
  const std::string big(200'000, 'x');
  bench_.SetString("a", big);
  EXPECT_EQ(Run({"COPY", "a", "b"}), ":1\r\n");
  bench_.SetString("a", "small");
  EXPECT_EQ(bench_.GetString("b"), big);
}

TEST_F(KeyMoveCommandsTest, CopyReadsItsOptionsFromLeftToRight) {
  EXPECT_EQ(Run({"COPY", "a", "b", "DB"}), "-ERR syntax error\r\n");
  EXPECT_EQ(Run({"COPY", "a", "b", "DB", "x", "FOO"}), kNotAnInteger);
  EXPECT_EQ(Run({"COPY", "a", "b", "DB", "16", "FOO"}), kNoDatabase);
  EXPECT_EQ(Run({"COPY", "a", "b", "DB", "1", "FOO"}), "-ERR syntax error\r\n");
  EXPECT_EQ(Run({"COPY", "a", "a"}), kSameObject);
  EXPECT_EQ(Run({"COPY", "a", "a", "DB", "1", "DB", "0"}), kSameObject);
}

}  // namespace
}  // namespace damselfly
