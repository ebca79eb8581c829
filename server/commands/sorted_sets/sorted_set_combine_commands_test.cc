#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/commands/sorted_sets/sorted_set_bench.h"

namespace damselfly {
namespace {

class SortedSetCombineTest : public testing::Test {
 protected:
  SortedSetCombineTest() {
    bench_.Do("ZADD x 1 a 2 b 3 c");
    bench_.Do("ZADD y 10 b 20 c 30 d");
    bench_.AddToSet("set", {"b", "z", "7"});
    bench_.SetString("s", "text");
  }

  SortedSetBench bench_;
};

TEST_F(SortedSetCombineTest, Unions) {
  EXPECT_EQ(bench_.Do("ZUNION 2 x y WITHSCORES"), "[a 1 b 12 c 23 d 30]");
  EXPECT_EQ(bench_.Do("ZUNION 2 x y"), "[a b c d]");
  EXPECT_EQ(bench_.Do("ZUNION 2 x y AGGREGATE MIN WITHSCORES"), "[a 1 b 2 c 3 d 30]");
  EXPECT_EQ(bench_.Do("ZUNION 2 x y WEIGHTS 10 1 AGGREGATE MAX WITHSCORES"),
            "[a 10 b 20 c 30 d 30]");
  EXPECT_EQ(bench_.Do("ZUNION 1 none"), "[]");
}

TEST_F(SortedSetCombineTest, Intersections) {
  EXPECT_EQ(bench_.Do("ZINTER 2 x y WITHSCORES"), "[b 12 c 23]");
  EXPECT_EQ(bench_.Do("ZINTER 2 x none"), "[]");
  EXPECT_EQ(bench_.Do("ZINTER 2 x x WEIGHTS 1 2 WITHSCORES"), "[a 3 b 6 c 9]");
  EXPECT_EQ(bench_.Do("ZINTERCARD 2 x y"), "2");
  EXPECT_EQ(bench_.Do("ZINTERCARD 2 x y LIMIT 1"), "1");
  EXPECT_EQ(bench_.Do("ZINTERCARD 2 x y LIMIT 0"), "2");
  EXPECT_EQ(bench_.Do("ZINTERCARD 2 x none"), "0");
}

TEST_F(SortedSetCombineTest, Differences) {
  EXPECT_EQ(bench_.Do("ZDIFF 2 x y WITHSCORES"), "[a 1]");
  EXPECT_EQ(bench_.Do("ZDIFF 3 x none set"), "[a c]");
  EXPECT_EQ(bench_.Do("ZDIFF 2 x x"), "[]");
}

TEST_F(SortedSetCombineTest, SetsCountAsScoresOfOne) {
  EXPECT_EQ(bench_.Do("ZUNION 2 x set WITHSCORES"), "[7 1 a 1 z 1 b 3 c 3]");
  EXPECT_EQ(bench_.Do("ZINTER 2 set x WEIGHTS 5 1 WITHSCORES"), "[b 7]");
  EXPECT_EQ(bench_.Do("ZDIFF 2 set x"), "[7 z]");
}

TEST_F(SortedSetCombineTest, InfinitiesNeverGiveNan) {
  bench_.Do("ZADD p inf a");
  bench_.Do("ZADD n -inf a");
  EXPECT_EQ(bench_.Do("ZUNION 2 p n WITHSCORES"), "[a 0]");
  EXPECT_EQ(bench_.Do("ZUNION 1 p WEIGHTS 0 WITHSCORES"), "[a 0]");
}

TEST_F(SortedSetCombineTest, PairsInResp3) {
  bench_.set_protocol(3);
  EXPECT_EQ(bench_.Do("ZINTER 2 x y WITHSCORES"), "[[b ,12] [c ,23]]");
}

TEST_F(SortedSetCombineTest, ResultsAreStored) {
  EXPECT_EQ(bench_.Do("ZUNIONSTORE to 2 x y"), "4");
  EXPECT_EQ(bench_.Do("ZRANGE to 0 -1 WITHSCORES"), "[a 1 b 12 c 23 d 30]");
  EXPECT_EQ(bench_.Do("ZINTERSTORE x 2 x y"), "2");
  EXPECT_EQ(bench_.Do("ZRANGE x 0 -1 WITHSCORES"), "[b 12 c 23]");
  EXPECT_EQ(bench_.Do("ZDIFFSTORE s 2 to x"), "2");
  EXPECT_EQ(bench_.Do("ZRANGE s 0 -1"), "[a d]");
  bench_.TakeEvents();
  EXPECT_EQ(bench_.Do("ZDIFFSTORE s 2 to to"), "0");
  EXPECT_EQ(bench_.Do("ZINTERSTORE s 1 none"), "0");
  EXPECT_EQ(bench_.Do("ZUNIONSTORE s 1 set"), "3");
  EXPECT_EQ(bench_.TakeEvents(), (std::vector<std::string>{"del s", "zunionstore s"}));
}

TEST_F(SortedSetCombineTest, WrongArgumentsAreRefused) {
  EXPECT_EQ(bench_.Do("ZUNION 0 x"), "-ERR at least 1 input key is needed for 'zunion' command");
  EXPECT_EQ(bench_.Do("ZUNION x y"), "-ERR value is not an integer or out of range");
  EXPECT_EQ(bench_.Do("ZUNION 3 x y"), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("ZUNION 2 x s"),
            "-WRONGTYPE Operation against a key holding the wrong kind of value");
  EXPECT_EQ(bench_.Do("ZUNION 2 x y WEIGHTS 1"), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("ZUNION 2 x y WEIGHTS 1 a"), "-ERR weight value is not a float");
  EXPECT_EQ(bench_.Do("ZUNION 2 x y AGGREGATE AVG"), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("ZDIFF 2 x y WEIGHTS 1 2"), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("ZUNIONSTORE to 2 x y WITHSCORES"), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("ZINTERCARD 2 x y LIMIT -1"), "-ERR LIMIT can't be negative");
  EXPECT_EQ(bench_.Do("ZINTERCARD 2 x y WITHSCORES"), "-ERR syntax error");
}

}  // namespace
}  // namespace damselfly
