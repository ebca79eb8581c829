#include <set>
#include <string>

#include "gtest/gtest.h"
#include "server/commands/sorted_sets/sorted_set_bench.h"

namespace damselfly {
namespace {

constexpr char kWrongType[] = "-WRONGTYPE Operation against a key holding the wrong kind of value";

class SortedSetReadTest : public testing::Test {
 protected:
  SortedSetReadTest() {
    bench_.Do("ZADD z 1 a 2 b 2 c 3.5 d");
    for (int i = 0; i < 300; ++i) bench_.Do(absl::StrCat("ZADD big ", i, " m", i));
    bench_.SetString("s", "text");
  }

  SortedSetBench bench_;
};

TEST_F(SortedSetReadTest, ScoresAndRanks) {
  EXPECT_EQ(bench_.Do("ZCARD z"), "4");
  EXPECT_EQ(bench_.Do("ZCARD none"), "0");
  EXPECT_EQ(bench_.Do("ZSCORE z d"), "3.5");
  EXPECT_EQ(bench_.Do("ZSCORE z x"), "nil");
  EXPECT_EQ(bench_.Do("ZSCORE none a"), "nil");
  EXPECT_EQ(bench_.Do("ZMSCORE z a x c"), "[1 nil 2]");
  EXPECT_EQ(bench_.Do("ZMSCORE none a b"), "[nil nil]");
  EXPECT_EQ(bench_.Do("ZRANK z c"), "2");
  EXPECT_EQ(bench_.Do("ZREVRANK z c"), "1");
  EXPECT_EQ(bench_.Do("ZRANK z x"), "nil");
  EXPECT_EQ(bench_.Do("ZRANK big m123"), "123");
  EXPECT_EQ(bench_.Do("ZREVRANK big m123"), "176");
}

TEST_F(SortedSetReadTest, CountsRanges) {
  EXPECT_EQ(bench_.Do("ZCOUNT z 2 +inf"), "3");
  EXPECT_EQ(bench_.Do("ZCOUNT z (2 3.5"), "1");
  EXPECT_EQ(bench_.Do("ZCOUNT big 10 (20"), "10");
  EXPECT_EQ(bench_.Do("ZCOUNT none 0 1"), "0");
  EXPECT_EQ(bench_.Do("ZCOUNT z a 1"), "-ERR min or max is not a float");
  EXPECT_EQ(bench_.Do("ZCOUNT z nan 1"), "-ERR min or max is not a float");
  EXPECT_EQ(bench_.Do("ZLEXCOUNT z - +"), "4");
  EXPECT_EQ(bench_.Do("ZLEXCOUNT z [b (c"), "1");
  EXPECT_EQ(bench_.Do("ZLEXCOUNT z b c"), "-ERR min or max not valid string range item");
}

// As strtod reads them: space in front is skipped, and nothing is 0.
TEST_F(SortedSetReadTest, BoundsAreReadLoosely) {
  EXPECT_EQ(SortedSetBench::Show(bench_.Run({"ZCOUNT", "z", "", " 2"})), "3");
  EXPECT_EQ(SortedSetBench::Show(bench_.Run({"ZCOUNT", "z", "(", "0x2"})), "3");
  EXPECT_EQ(SortedSetBench::Show(bench_.Run({"ZCOUNT", "z", "1 ", "2"})),
            "-ERR min or max is not a float");
}

TEST_F(SortedSetReadTest, OtherTypesAreRefused) {
  for (const char* command : {"ZCARD s", "ZSCORE s a", "ZMSCORE s a", "ZRANK s a", "ZCOUNT s 0 1",
                              "ZLEXCOUNT s - +", "ZRANDMEMBER s", "ZRANDMEMBER s 2", "ZSCAN s 0"}) {
    EXPECT_EQ(bench_.Do(command), kWrongType) << command;
  }
}

TEST_F(SortedSetReadTest, RandomMembers) {
  EXPECT_EQ(bench_.Do("ZRANDMEMBER none"), "nil");
  EXPECT_EQ(bench_.Do("ZRANDMEMBER none 3"), "[]");
  EXPECT_EQ(bench_.Do("ZRANDMEMBER z 0"), "[]");
  EXPECT_EQ(bench_.Do("ZRANDMEMBER z 10"), "[a b c d]");
  EXPECT_EQ(bench_.Do("ZRANDMEMBER z 10 WITHSCORES"), "[a 1 b 2 c 2 d 3.5]");
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) seen.insert(bench_.Do("ZRANDMEMBER z"));
  EXPECT_EQ(seen.size(), 4u);
  std::set<std::string> pairs;
  for (int i = 0; i < 200; ++i) pairs.insert(bench_.Do("ZRANDMEMBER z 2"));
  EXPECT_EQ(pairs.size(), 6u);
  EXPECT_EQ(bench_.Run({"ZRANDMEMBER", "z", "-9"}).substr(0, 4), "*9\r\n");
  bench_.set_protocol(3);
  EXPECT_EQ(bench_.Do("ZRANDMEMBER z 4 WITHSCORES"), "[[a ,1] [b ,2] [c ,2] [d ,3.5]]");
}

TEST_F(SortedSetReadTest, RefusesMoreRepetitionsThanAResultMayHold) {
  const std::string refused = "-ERR the result would exceed result-bytes-max";
  for (const char* count : {"-2147483649", "-9223372036854775807", "-100000000"})
    EXPECT_EQ(bench_.Do(absl::StrCat("ZRANDMEMBER z ", count)), refused) << count;
  EXPECT_EQ(bench_.Do("ZRANDMEMBER z -4611686018427387903 WITHSCORES"), refused);
  EXPECT_EQ(bench_.Do("ZRANDMEMBER none -9223372036854775807"), "[]");
  bench_.Do("ZADD one 1 a");
  bench_.commands().limits().result_bytes_max = 32;
  EXPECT_EQ(bench_.Do("ZRANDMEMBER one -2 WITHSCORES"), "[a 1 a 1]");
  EXPECT_EQ(bench_.Do("ZRANDMEMBER one -3 WITHSCORES"), refused);
  bench_.commands().limits().result_bytes_max = 31;
  EXPECT_EQ(bench_.Do("ZRANDMEMBER one -2 WITHSCORES"), refused);
}

TEST_F(SortedSetReadTest, RandomMembersRefuseOtherArguments) {
  EXPECT_EQ(bench_.Do("ZRANDMEMBER z x"), "-ERR value is not an integer or out of range");
  EXPECT_EQ(bench_.Do("ZRANDMEMBER z 1 WITH"), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("ZRANDMEMBER z 1 WITHSCORES x"), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("ZRANDMEMBER z 9223372036854775807 WITHSCORES"),
            "-ERR value is out of range");
}

TEST_F(SortedSetReadTest, AScanOfASmallSetIsDoneAtOnce) {
  EXPECT_EQ(bench_.Do("ZSCAN z 0"), "[0 [a 1 b 2 c 2 d 3.5]]");
  EXPECT_EQ(bench_.Do("ZSCAN z 0 MATCH [bd] COUNT 1"), "[0 [b 2 d 3.5]]");
  EXPECT_EQ(bench_.Do("ZSCAN none 0 FOO"), "[0 []]");
  EXPECT_EQ(bench_.Do("ZSCAN z x"), "-ERR invalid cursor");
  EXPECT_EQ(bench_.Do("ZSCAN z 0 TYPE zset"), "-ERR syntax error");
  bench_.Do("ZADD whole 1e17 a");
  EXPECT_EQ(bench_.Do("ZSCAN whole 0"), "[0 [a 100000000000000000]]");
}

TEST_F(SortedSetReadTest, AScanOfABigSetMeetsAllMembers) {
  std::set<std::string> members;
  std::string cursor = "0";
  int steps = 0;
  do {
    const std::string step = bench_.Do(absl::StrCat("ZSCAN big ", cursor, " COUNT 20"));
    const size_t space = step.find(' ');
    cursor = step.substr(1, space - 1);
    const std::string list = step.substr(space + 2, step.size() - space - 4);
    const std::vector<std::string> words = absl::StrSplit(list, ' ', absl::SkipEmpty());
    for (size_t i = 0; i + 1 < words.size(); i += 2) {
      EXPECT_EQ(words[i], absl::StrCat("m", words[i + 1]));
      members.insert(words[i]);
    }
    ++steps;
  } while (cursor != "0");
  EXPECT_EQ(members.size(), 300u);
  EXPECT_GT(steps, 5);
}

}  // namespace
}  // namespace damselfly
