#include <string>

#include "gtest/gtest.h"
#include "server/commands/testing/string_bench.h"

namespace damselfly {
namespace {

class LcsCommandTest : public ::testing::Test {
 protected:
  LcsCommandTest() { bench_.Run({"MSET", "a", "ohmytext", "b", "mynewtext"}); }

  StringBench bench_;
};

TEST_F(LcsCommandTest, RepliesWithTextLengthOrPositions) {
  EXPECT_EQ(bench_.Run({"LCS", "a", "b"}), Bulk("mytext"));
  EXPECT_EQ(bench_.Run({"LCS", "a", "b", "len"}), Integer(6));
  EXPECT_EQ(bench_.Run({"LCS", "a", "b", "IDX"}),
            "*4\r\n$7\r\nmatches\r\n*2\r\n*2\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n"
            "*2\r\n*2\r\n:2\r\n:3\r\n*2\r\n:0\r\n:1\r\n$3\r\nlen\r\n:6\r\n");
}

TEST_F(LcsCommandTest, FiltersMatchesByLength) {
  EXPECT_EQ(bench_.Run({"LCS", "a", "b", "IDX", "MINMATCHLEN", "4", "WITHMATCHLEN"}),
            "*4\r\n$7\r\nmatches\r\n*1\r\n*3\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n:4\r\n"
            "$3\r\nlen\r\n:6\r\n");
  EXPECT_EQ(bench_.Run({"LCS", "a", "b", "IDX", "MINMATCHLEN", "100"}),
            "*4\r\n$7\r\nmatches\r\n*0\r\n$3\r\nlen\r\n:6\r\n");
  EXPECT_EQ(bench_.Run({"LCS", "a", "b", "IDX", "MINMATCHLEN", "-1"}),
            bench_.Run({"LCS", "a", "b", "IDX"}));
}

TEST_F(LcsCommandTest, RepliesWithAMapInResp3) {
  bench_.set_protocol(3);
  EXPECT_EQ(bench_.Run({"LCS", "a", "b", "IDX", "MINMATCHLEN", "9"}),
            "%2\r\n$7\r\nmatches\r\n*0\r\n$3\r\nlen\r\n:6\r\n");
}

TEST_F(LcsCommandTest, TakesMissingKeysAsEmpty) {
  EXPECT_EQ(bench_.Run({"LCS", "a", "missing"}), Bulk(""));
  EXPECT_EQ(bench_.Run({"LCS", "missing", "missing", "LEN"}), Integer(0));
}

TEST_F(LcsCommandTest, ComparesTheDigitsOfIntegers) {
  bench_.Run({"MSET", "n", "12345", "m", "245"});
  EXPECT_EQ(bench_.Run({"LCS", "n", "m"}), Bulk("245"));
  EXPECT_EQ(bench_.Run({"LCS", "n", "n", "LEN"}), Integer(5));
}

TEST_F(LcsCommandTest, SurvivesAKeyThatExpiresOnTheWay) {
  bench_.Run({"SET", "{a}other", "mynewtext", "PX", "10"});
  bench_.now_ms += 10;
  EXPECT_EQ(bench_.Run({"LCS", "a", "{a}other", "LEN"}), Integer(0));
}

TEST_F(LcsCommandTest, RefusesWrongOptions) {
  EXPECT_EQ(bench_.Run({"LCS", "a", "b", "LEN", "IDX"}),
            "-ERR If you want both the length and indexes, please just use IDX.\r\n");
  EXPECT_EQ(bench_.Run({"LCS", "a", "b", "MINMATCHLEN"}), kSyntaxError);
  EXPECT_EQ(bench_.Run({"LCS", "a", "b", "MINMATCHLEN", "x"}), kNotAnInteger);
  EXPECT_EQ(bench_.Run({"LCS", "a", "b", "FOO"}), kSyntaxError);
}

TEST_F(LcsCommandTest, RefusesStringsThatAreTooLongForEachOther) {
  bench_.Run({"SETRANGE", "long", "8190", "x"});
  bench_.Run({"SETRANGE", "longer", "16382", "x"});
  EXPECT_EQ(bench_.Run({"LCS", "long", "longer", "LEN"}), Integer(8191));
  bench_.Run({"APPEND", "longer", "x"});
  EXPECT_EQ(bench_.Run({"LCS", "long", "longer", "LEN"}),
            "-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len\r\n");
}

}  // namespace
}  // namespace damselfly
