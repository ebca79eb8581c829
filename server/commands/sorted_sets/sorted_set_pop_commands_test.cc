#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/commands/sorted_sets/sorted_set_bench.h"

namespace damselfly {
namespace {

class SortedSetPopTest : public testing::Test {
 protected:
  SortedSetPopTest() { bench_.Do("ZADD z 1 a 2 b 3 c 4 d"); }

  SortedSetBench bench_;
};

TEST_F(SortedSetPopTest, TakesFromEitherEnd) {
  EXPECT_EQ(bench_.Do("ZPOPMIN z"), "[a 1]");
  EXPECT_EQ(bench_.Do("ZPOPMAX z 2"), "[d 4 c 3]");
  EXPECT_EQ(bench_.Do("ZPOPMAX z 0"), "[]");
  EXPECT_EQ(bench_.Do("ZPOPMIN z 9"), "[b 2]");
  EXPECT_EQ(bench_.Do("ZPOPMIN z"), "[]");
  EXPECT_EQ(bench_.Do("ZCARD z"), "0");
}

TEST_F(SortedSetPopTest, PairsInResp3WhereThereIsACount) {
  bench_.set_protocol(3);
  EXPECT_EQ(bench_.Do("ZPOPMIN z"), "[a ,1]");
  EXPECT_EQ(bench_.Do("ZPOPMIN z 1"), "[[b ,2]]");
}

TEST_F(SortedSetPopTest, WrongArgumentsAreRefused) {
  EXPECT_EQ(bench_.Do("ZPOPMIN z -1"), "-ERR value is out of range, must be positive");
  EXPECT_EQ(bench_.Do("ZPOPMIN z x"), "-ERR value is out of range, must be positive");
  EXPECT_EQ(bench_.Do("ZPOPMIN z 1 2"), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("ZMPOP 0 z MIN"), "-ERR numkeys should be greater than 0");
  EXPECT_EQ(bench_.Do("ZMPOP 1 z MID"), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("ZMPOP 2 z MIN"), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("ZMPOP 1 z MIN COUNT 0"), "-ERR count should be greater than 0");
  EXPECT_EQ(bench_.Do("ZMPOP 1 z MIN COUNT 1 COUNT 1"), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("ZMPOP 9223372036854775807 z MIN"), "-ERR syntax error");
  bench_.SetString("s", "text");
  EXPECT_EQ(bench_.Do("ZPOPMIN s").substr(0, 10), "-WRONGTYPE");
  EXPECT_EQ(bench_.Do("ZPOPMIN s 0").substr(0, 10), "-WRONGTYPE");
  EXPECT_EQ(bench_.Do("ZMPOP 2 s z MIN").substr(0, 10), "-WRONGTYPE");
}

TEST_F(SortedSetPopTest, SeveralKeysAreTriedInTheirOrder) {
  EXPECT_EQ(bench_.Do("ZMPOP 3 x z y MAX COUNT 3"), "[z [[d 4] [c 3] [b 2]]]");
  EXPECT_EQ(bench_.Do("ZMPOP 2 x y MIN"), "nil-array");
}

TEST_F(SortedSetPopTest, EventsTellWhatHasHappened) {
  bench_.TakeEvents();
  bench_.Do("ZPOPMIN z 2");
  bench_.Do("ZMPOP 1 z MAX COUNT 9");
  bench_.Do("ZPOPMIN z");
  EXPECT_EQ(bench_.TakeEvents(), (std::vector<std::string>{"zpopmin z", "zpopmax z", "del z"}));
}

TEST_F(SortedSetPopTest, WaitingCommandsTakeWhatIsThere) {
  EXPECT_EQ(bench_.Do("BZPOPMIN x z 0"), "[z a 1]");
  EXPECT_EQ(bench_.Do("BZPOPMAX z x 0"), "[z d 4]");
  EXPECT_EQ(bench_.Do("BZMPOP 0 2 x z MIN COUNT 5"), "[z [[b 2] [c 3]]]");
  EXPECT_TRUE(bench_.waiting.empty());
}

TEST_F(SortedSetPopTest, WaitingCommandsCheckTheirTimeoutFirst) {
  EXPECT_EQ(bench_.Do("BZPOPMIN z x"), "-ERR timeout is not a float or out of range");
  EXPECT_EQ(bench_.Do("BZPOPMIN z -1"), "-ERR timeout is negative");
  EXPECT_EQ(bench_.Do("BZMPOP x 1 z MID"), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("BZMPOP x 1 z MIN"), "-ERR timeout is not a float or out of range");
  bench_.SetString("s", "text");
  EXPECT_EQ(bench_.Do("BZPOPMIN s z 0").substr(0, 10), "-WRONGTYPE");
}

TEST_F(SortedSetPopTest, WhereNothingMayWaitItIsAsWithATimeout) {
  static_cast<CommandBench&>(bench_).blocker = nullptr;
  EXPECT_EQ(bench_.Do("BZPOPMIN x 0"), "nil-array");
  EXPECT_EQ(bench_.Do("BZMPOP 0 1 x MIN"), "nil-array");
}

TEST_F(SortedSetPopTest, WhoWaitsIsServedFromTheKeyThatChanged) {
  EXPECT_EQ(bench_.Do("BZPOPMAX x y 1.5"), "");
  ASSERT_EQ(bench_.waiting.size(), 1u);
  EXPECT_EQ(bench_.waiting[0].key_indices, (std::vector<size_t>{1, 2}));
  EXPECT_EQ(bench_.waiting[0].timeout_ms, 1500);
  EXPECT_EQ(bench_.Serve(2), "");
  bench_.Do("ZADD y 1 a 2 b");
  EXPECT_EQ(bench_.Serve(1), "");
  EXPECT_EQ(bench_.Serve(2), "[y b 2]");
  EXPECT_EQ(bench_.Do("ZRANGE y 0 -1"), "[a]");
}

TEST_F(SortedSetPopTest, WhoWaitsForSeveralMembersIsServedSoMany) {
  EXPECT_EQ(bench_.Do("BZMPOP 0 2 x y MIN COUNT 2"), "");
  ASSERT_EQ(bench_.waiting.size(), 1u);
  EXPECT_EQ(bench_.waiting[0].key_indices, (std::vector<size_t>{3, 4}));
  bench_.Do("ZADD x 3 c 1 a 2 b");
  EXPECT_EQ(bench_.Serve(3), "[x [[a 1] [b 2]]]");
}

}  // namespace
}  // namespace damselfly
