#include "server/runtime/random.h"

#include <cstdint>
#include <map>
#include <set>

#include "gtest/gtest.h"

namespace damselfly {
namespace {

// The reference outputs of SplitMix64 for seed 1234567, as published with
// java.util.SplittableRandom's C version (Vigna, splitmix64.c) and used as its test vector by many
// implementations.
TEST(Random, GivesThePublishedStream) {
  Random random(1234567);
  EXPECT_EQ(random.Next(), 6457827717110365317u);
  EXPECT_EQ(random.Next(), 3203168211198807973u);
  EXPECT_EQ(random.Next(), 9817491932198370423u);
  EXPECT_EQ(random.Next(), 4593380528125082431u);
  EXPECT_EQ(random.Next(), 16408922859458223821u);
}

TEST(Random, EqualSeedsGiveEqualStreams) {
  Random one(42);
  Random other(42);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(one.Next(), other.Next());
}

TEST(Random, NeighbouringSeedsGiveDifferentStreams) {
  std::set<uint64_t> seen;
  for (uint64_t seed = 0; seed < 1000; ++seed) seen.insert(Random(seed).Next());
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(Random, BelowStaysBelowAndReachesEverything) {
  Random random(7);
  std::map<uint64_t, int> counts;
  for (int i = 0; i < 60'000; ++i) ++counts[random.Below(6)];
  EXPECT_EQ(counts.size(), 6u);
  EXPECT_EQ(counts.rbegin()->first, 5u);
  for (const auto& [value, count] : counts) EXPECT_NEAR(count, 10'000, 500) << value;
}

TEST(Random, BelowOneIsAlwaysZero) {
  Random random(7);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(random.Below(1), 0u);
}

TEST(Random, BetweenIncludesBothEnds) {
  Random random(7);
  std::set<int64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.Between(-2, 2));
  EXPECT_EQ(seen, (std::set<int64_t>{-2, -1, 0, 1, 2}));
  EXPECT_EQ(random.Between(9, 9), 9);
}

TEST(Random, ChanceIsExactAtItsEndsAndFairBetween) {
  Random random(7);
  int hits = 0;
  for (int i = 0; i < 40'000; ++i) {
    EXPECT_FALSE(random.Chance(0, 4));
    EXPECT_TRUE(random.Chance(4, 4));
    if (random.Chance(1, 4)) ++hits;
  }
  EXPECT_NEAR(hits, 10'000, 500);
}

TEST(Random, BetweenCoversTheWholeRangeOfIntegers) {
  Random random(5);
  bool negative = false;
  bool positive = false;
  for (int i = 0; i < 100; ++i) {
    const int64_t value = random.Between(INT64_MIN, INT64_MAX);
    negative = negative || value < 0;
    positive = positive || value > 0;
    EXPECT_GE(random.Between(INT64_MAX - 1, INT64_MAX), INT64_MAX - 1);
    EXPECT_EQ(random.Between(-7, -7), -7);
  }
  EXPECT_TRUE(negative && positive);
}

}  // namespace
}  // namespace damselfly
