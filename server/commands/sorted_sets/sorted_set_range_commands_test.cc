#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/commands/sorted_sets/sorted_set_bench.h"

namespace damselfly {
namespace {

class SortedSetRangeTest : public testing::TestWithParam<bool> {
 protected:
  // A packed set, or a table with the same members.
  SortedSetRangeTest() {
    if (GetParam()) bench_.store().value_context().zset_max_listpack_entries = 0;
    bench_.Do("ZADD z 1 a 2 b 3 c 4 d 5 e");
    bench_.Do("ZADD l 0 a 0 b 0 bb 0 c 0 d");
  }

  SortedSetBench bench_;
};

INSTANTIATE_TEST_SUITE_P(PackedOrTable, SortedSetRangeTest, testing::Bool(),
                         [](const auto& info) { return info.param ? "Table" : "Packed"; });

TEST_P(SortedSetRangeTest, ByRank) {
  EXPECT_EQ(bench_.Do("ZRANGE z 0 -1"), "[a b c d e]");
  EXPECT_EQ(bench_.Do("ZRANGE z 1 2"), "[b c]");
  EXPECT_EQ(bench_.Do("ZRANGE z -100 100"), "[a b c d e]");
  EXPECT_EQ(bench_.Do("ZRANGE z 3 1"), "[]");
  EXPECT_EQ(bench_.Do("ZRANGE z 5 9"), "[]");
  EXPECT_EQ(bench_.Do("ZRANGE z 0 1 REV WITHSCORES"), "[e 5 d 4]");
  EXPECT_EQ(bench_.Do("ZREVRANGE z -2 -1"), "[b a]");
  EXPECT_EQ(bench_.Do("ZRANGE none 0 -1"), "[]");
}

TEST_P(SortedSetRangeTest, ByScore) {
  EXPECT_EQ(bench_.Do("ZRANGE z 2 (4 BYSCORE"), "[b c]");
  EXPECT_EQ(bench_.Do("ZRANGE z (4 2 BYSCORE REV"), "[c b]");
  EXPECT_EQ(bench_.Do("ZRANGEBYSCORE z -inf 2 WITHSCORES"), "[a 1 b 2]");
  EXPECT_EQ(bench_.Do("ZREVRANGEBYSCORE z +inf (3"), "[e d]");
  EXPECT_EQ(bench_.Do("ZRANGEBYSCORE z 4 2"), "[]");
}

TEST_P(SortedSetRangeTest, ByMember) {
  EXPECT_EQ(bench_.Do("ZRANGE l [b (d BYLEX"), "[b bb c]");
  EXPECT_EQ(bench_.Do("ZRANGE l + (b BYLEX REV"), "[d c bb]");
  EXPECT_EQ(bench_.Do("ZRANGEBYLEX l - [bb"), "[a b bb]");
  EXPECT_EQ(bench_.Do("ZREVRANGEBYLEX l [c [b"), "[c bb b]");
  EXPECT_EQ(bench_.Do("ZRANGEBYLEX l + -"), "[]");
}

TEST_P(SortedSetRangeTest, Limits) {
  EXPECT_EQ(bench_.Do("ZRANGEBYSCORE z 1 5 LIMIT 1 2"), "[b c]");
  EXPECT_EQ(bench_.Do("ZREVRANGEBYSCORE z 5 1 LIMIT 1 2"), "[d c]");
  EXPECT_EQ(bench_.Do("ZRANGEBYSCORE z 1 5 LIMIT 3 -1"), "[d e]");
  EXPECT_EQ(bench_.Do("ZRANGEBYSCORE z 1 5 LIMIT 5 9"), "[]");
  EXPECT_EQ(bench_.Do("ZRANGEBYSCORE z 1 5 LIMIT 0 0"), "[]");
  EXPECT_EQ(bench_.Do("ZRANGEBYSCORE z 1 5 LIMIT -1 5"), "[]");
  EXPECT_EQ(bench_.Do("ZRANGEBYLEX l - + LIMIT 1 1"), "[b]");
}

TEST_P(SortedSetRangeTest, PairsInResp3) {
  bench_.set_protocol(3);
  EXPECT_EQ(bench_.Do("ZRANGE z 0 1 WITHSCORES"), "[[a ,1] [b ,2]]");
  EXPECT_EQ(bench_.Do("ZRANGE z 0 1"), "[a b]");
}

TEST_P(SortedSetRangeTest, WrongOptionsAreRefused) {
  EXPECT_EQ(bench_.Do("ZRANGE z 0 1 FOO"), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("ZRANGE z 0 1 REV REV"), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("ZRANGE z 0 1 BYSCORE BYLEX"), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("ZRANGE z 0 1 BYSCORE LIMIT 1"), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("ZREVRANGE z 0 1 REV"), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("ZRANGE z 0 1 LIMIT 0 1"),
            "-ERR syntax error, LIMIT is only supported in combination with either BYSCORE or "
            "BYLEX");
  EXPECT_EQ(bench_.Do("ZRANGEBYLEX l - + WITHSCORES"),
            "-ERR syntax error, WITHSCORES not supported in combination with BYLEX");
  EXPECT_EQ(bench_.Do("ZRANGE z a 1"), "-ERR value is not an integer or out of range");
  EXPECT_EQ(bench_.Do("ZRANGE z a 1 BYSCORE"), "-ERR min or max is not a float");
  EXPECT_EQ(bench_.Do("ZRANGE z a 1 BYLEX"), "-ERR min or max not valid string range item");
}

TEST_P(SortedSetRangeTest, RangesAreStored) {
  EXPECT_EQ(bench_.Do("ZRANGESTORE to z 2 4 BYSCORE"), "3");
  EXPECT_EQ(bench_.Do("ZRANGE to 0 -1 WITHSCORES"), "[b 2 c 3 d 4]");
  EXPECT_EQ(bench_.Do("ZRANGESTORE to z 0 1 REV"), "2");
  EXPECT_EQ(bench_.Do("ZRANGE to 0 -1"), "[d e]");
  EXPECT_EQ(bench_.Do("ZRANGESTORE z z 0 0"), "1");
  EXPECT_EQ(bench_.Do("ZRANGE z 0 -1"), "[a]");
  bench_.TakeEvents();
  bench_.SetString("s", "text");
  EXPECT_EQ(bench_.Do("ZRANGESTORE s z 0 -1"), "1");
  EXPECT_EQ(bench_.Do("ZRANGESTORE s none 0 -1"), "0");
  EXPECT_EQ(bench_.Do("ZRANGESTORE s none 0 -1"), "0");
  EXPECT_EQ(bench_.TakeEvents(), (std::vector<std::string>{"zrangestore s", "del s"}));
  EXPECT_EQ(bench_.Do("ZRANGESTORE s z 0 -1 WITHSCORES"), "-ERR syntax error");
}

}  // namespace
}  // namespace damselfly
