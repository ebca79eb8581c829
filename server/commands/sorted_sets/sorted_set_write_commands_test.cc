#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/commands/sorted_sets/sorted_set_bench.h"

namespace damselfly {
namespace {

using Events = std::vector<std::string>;

class SortedSetWriteTest : public testing::Test {
 protected:
  std::string All(absl::string_view key) {
    return bench_.Do(absl::StrCat("ZRANGE ", key, " 0 -1 WITHSCORES"));
  }

  SortedSetBench bench_;
};

TEST_F(SortedSetWriteTest, ZAddCountsNewMembers) {
  EXPECT_EQ(bench_.Do("ZADD z 2 b 1 a"), "2");
  EXPECT_EQ(bench_.Do("ZADD z 3 b 4 c"), "1");
  EXPECT_EQ(bench_.Do("ZADD z CH 5 b 4 c 1 d"), "2");
  EXPECT_EQ(All("z"), "[a 1 d 1 c 4 b 5]");
}

TEST_F(SortedSetWriteTest, ZAddHeedsItsConditions) {
  bench_.Do("ZADD z 5 a");
  EXPECT_EQ(bench_.Do("ZADD z NX 1 a 1 b"), "1");
  EXPECT_EQ(bench_.Do("ZADD z XX CH 6 a 1 c"), "1");
  EXPECT_EQ(bench_.Do("ZADD z GT CH 5 a 2 b"), "1");
  EXPECT_EQ(bench_.Do("ZADD z LT CH 5 a 3 b"), "1");
  EXPECT_EQ(bench_.Do("ZADD z XX GT CH 9 d"), "0");
  EXPECT_EQ(All("z"), "[b 2 a 5]");
  EXPECT_EQ(bench_.Do("ZADD other XX 1 a"), "0");
  EXPECT_EQ(bench_.Do("ZCARD other"), "0");
}

TEST_F(SortedSetWriteTest, ZAddIncrementsOneMember) {
  EXPECT_EQ(bench_.Do("ZADD z INCR 1.5 a"), "1.5");
  EXPECT_EQ(bench_.Do("ZADD z INCR 1.5 a"), "3");
  EXPECT_EQ(bench_.Do("ZADD z NX INCR 1 a"), "nil");
  EXPECT_EQ(bench_.Do("ZADD z XX INCR 1 b"), "nil");
  EXPECT_EQ(bench_.Do("ZADD z GT INCR -1 a"), "nil");
  EXPECT_EQ(bench_.Do("ZADD z INCR inf a"), "inf");
  EXPECT_EQ(bench_.Do("ZADD z INCR -inf a"), "-ERR resulting score is not a number (NaN)");
  bench_.set_protocol(3);
  EXPECT_EQ(bench_.Do("ZINCRBY z 2.25 c"), ",2.25");
}

TEST_F(SortedSetWriteTest, ZAddRefusesWhatContradictsItself) {
  EXPECT_EQ(bench_.Do("ZADD z NX XX 1 a"),
            "-ERR XX and NX options at the same time are not compatible");
  for (const char* options : {"GT NX", "LT NX", "GT LT"}) {
    EXPECT_EQ(bench_.Do(absl::StrCat("ZADD z ", options, " 1 a")),
              "-ERR GT, LT, and/or NX options at the same time are not compatible");
  }
  EXPECT_EQ(bench_.Do("ZADD z INCR 1 a 2 b"),
            "-ERR INCR option supports a single increment-element pair");
  EXPECT_EQ(bench_.Do("ZADD z 1 a 2"), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("ZADD z NX CH XX"), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("ZADD z 1 a x b"), "-ERR value is not a valid float");
  EXPECT_EQ(bench_.Do("ZADD z nan a"), "-ERR value is not a valid float");
  for (const char* option : {"NX", "xx", "GT", "LT", "CH", "INCR"})
    EXPECT_EQ(bench_.Do(absl::StrCat("ZINCRBY z ", option, " a")), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("ZINCRBY z x a"), "-ERR value is not a valid float");
  EXPECT_EQ(bench_.Do("ZCARD z"), "0");
}

TEST_F(SortedSetWriteTest, ScoresAreReadBeforeTheKey) {
  bench_.SetString("s", "text");
  EXPECT_EQ(bench_.Do("ZADD s x a"), "-ERR value is not a valid float");
  EXPECT_EQ(bench_.Do("ZADD s 1 a"),
            "-WRONGTYPE Operation against a key holding the wrong kind of value");
  EXPECT_EQ(bench_.Do("ZREM s a").substr(0, 10), "-WRONGTYPE");
  EXPECT_EQ(bench_.Do("ZREMRANGEBYRANK s 0 x"), "-ERR value is not an integer or out of range");
  EXPECT_EQ(bench_.Do("ZREMRANGEBYSCORE s 0 1").substr(0, 10), "-WRONGTYPE");
}

TEST_F(SortedSetWriteTest, ScoresPrintAsRedisPrintsThem) {
  bench_.Do("ZADD z 0.1 a 1e17 b 12345678901234567 c 1e300 d -inf e 3.0 f");
  EXPECT_EQ(All("z"),
            "[e -inf a 0.10000000000000001 f 3 c 12345678901234568 b 1e+17 d "
            "1.0000000000000001e+300]");
  bench_.set_protocol(3);
  EXPECT_EQ(bench_.Do("ZSCORE z a"), ",0.10000000000000001");
  EXPECT_EQ(bench_.Do("ZSCORE z e"), ",-inf");
}

TEST_F(SortedSetWriteTest, ASetGrowsOutOfItsPack) {
  for (int i = 0; i < 128; ++i) bench_.Do(absl::StrCat("ZADD z ", i, " m", i));
  EXPECT_EQ(bench_.Do("OBJECT ENCODING z"), "listpack");
  bench_.Do("ZADD z 5 n");
  EXPECT_EQ(bench_.Do("OBJECT ENCODING z"), "skiplist");
  EXPECT_EQ(bench_.Do("ZRANGE z 5 6"), "[m5 n]");
}

TEST_F(SortedSetWriteTest, ZRemRemovesMembersAndTheEmptySet) {
  bench_.Do("ZADD z 1 a 2 b 3 c");
  EXPECT_EQ(bench_.Do("ZREM z a x a c"), "2");
  EXPECT_EQ(All("z"), "[b 2]");
  EXPECT_EQ(bench_.Do("ZREM z b"), "1");
  EXPECT_EQ(bench_.database().Find(bench_.store().MakeKey("z")), nullptr);
  EXPECT_EQ(bench_.Do("ZREM z b"), "0");
}

TEST_F(SortedSetWriteTest, RangesAreRemoved) {
  for (int i = 0; i < 10; ++i) bench_.Do(absl::StrCat("ZADD z ", i, " m", i));
  EXPECT_EQ(bench_.Do("ZREMRANGEBYRANK z -2 -1"), "2");
  EXPECT_EQ(bench_.Do("ZREMRANGEBYRANK z 5 3"), "0");
  EXPECT_EQ(bench_.Do("ZREMRANGEBYSCORE z (0 2"), "2");
  EXPECT_EQ(bench_.Do("ZREMRANGEBYSCORE z x 2"), "-ERR min or max is not a float");
  EXPECT_EQ(All("z"), "[m0 0 m3 3 m4 4 m5 5 m6 6 m7 7]");
  bench_.Do("ZADD l 0 a 0 b 0 c 0 d");
  EXPECT_EQ(bench_.Do("ZREMRANGEBYLEX l [b (d"), "2");
  EXPECT_EQ(bench_.Do("ZREMRANGEBYLEX l b d"), "-ERR min or max not valid string range item");
  EXPECT_EQ(All("l"), "[a 0 d 0]");
}

TEST_F(SortedSetWriteTest, EventsTellWhatHasHappened) {
  bench_.Do("ZADD z 1 a 2 b 3 c 4 d 5 e");
  bench_.Do("ZADD z 1 a");
  bench_.Do("ZADD z NX 7 a");
  EXPECT_EQ(bench_.TakeEvents(), (Events{"zadd z"}));
  bench_.Do("ZINCRBY z 1 a");
  bench_.Do("ZINCRBY z 0 a");
  bench_.Do("ZREM z a");
  bench_.Do("ZREM z a");
  EXPECT_EQ(bench_.TakeEvents(), (Events{"zincr z", "zrem z"}));
  bench_.Do("ZREMRANGEBYSCORE z 2 2");
  bench_.Do("ZREMRANGEBYSCORE z 2 2");
  bench_.Do("ZREMRANGEBYLEX z [c [c");
  bench_.Do("ZREMRANGEBYRANK z 0 -1");
  EXPECT_EQ(bench_.TakeEvents(),
            (Events{"zremrangebyscore z", "zremrangebylex z", "zremrangebyrank z", "del z"}));
}

}  // namespace
}  // namespace damselfly
