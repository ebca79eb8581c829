#include "benchmarks/load/stolen_time.h"

#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace damselfly::load {
namespace {

constexpr int64_t kMs = 1000 * 1000;

std::vector<std::pair<int64_t, int64_t>> Pairs(const std::vector<StolenMoment>& moments) {
  std::vector<std::pair<int64_t, int64_t>> pairs;
  for (const StolenMoment& moment : moments) pairs.emplace_back(moment.begin_ns, moment.end_ns);
  return pairs;
}

TEST(StolenFinderTest, ALateAwakeningIsStolenTime) {
  StolenFinder finder(7 * kMs);
  finder.Wake(1 * kMs, 1 * kMs + 4000, 7 * kMs);
  finder.Wake(2 * kMs, 5 * kMs, 7 * kMs);
  EXPECT_EQ(Pairs(finder.moments()),
            (std::vector<std::pair<int64_t, int64_t>>{{2 * kMs, 5 * kMs}}));
}

TEST(StolenFinderTest, WhatTheWatchedProcessRanIsNotStolen) {
  StolenFinder finder(0);
  finder.Wake(1 * kMs, 4 * kMs, 3 * kMs);
  EXPECT_TRUE(finder.moments().empty());
  // Of a delay of 3 ms it ran for one, wherever that was.
  finder.Wake(5 * kMs, 8 * kMs, 4 * kMs);
  EXPECT_EQ(Pairs(finder.moments()),
            (std::vector<std::pair<int64_t, int64_t>>{{6 * kMs, 8 * kMs}}));
  // What it ran before is not held against the next delay.
  finder.Wake(9 * kMs, 10 * kMs, 4 * kMs);
  EXPECT_EQ(finder.moments().size(), 2u);
}

TEST(StolenFinderTest, WakingUpItselfTakesAMoment) {
  StolenFinder finder(0);
  finder.Wake(kMs, kMs + StolenFinder::kShortest_ns - 1, 0);
  EXPECT_TRUE(finder.moments().empty());
}

TEST(StolenTimeTest, WhatTwoCoresLackAtOnceCountsOnce) {
  const StolenTime time({{50, 60}, {10, 20}, {15, 30}, {30, 31}});
  EXPECT_EQ(Pairs(time.moments()), (std::vector<std::pair<int64_t, int64_t>>{{10, 31}, {50, 60}}));
  EXPECT_EQ(time.total_ns(), 31);
  EXPECT_EQ(time.longest_ns(), 21);
}

TEST(StolenTimeTest, CatchingUpTakesTheLongerTheBusierItIs) {
  const StolenTime time({{1000, 2000}, {3000, 4000}});
  EXPECT_EQ(Pairs(time.WithCatchingUp(0).moments()), Pairs(time.moments()));
  EXPECT_EQ(Pairs(time.WithCatchingUp(0.2).moments()),
            (std::vector<std::pair<int64_t, int64_t>>{{1000, 2250}, {3000, 4250}}));
  // Busier than that nobody is ever done.
  EXPECT_EQ(Pairs(time.WithCatchingUp(0.99).moments()),
            (std::vector<std::pair<int64_t, int64_t>>{{1000, 5000}}));
}

TEST(StolenTimeTest, OnlyWhatLiesWithinIsCounted) {
  const StolenTime time({{10, 20}, {30, 40}});
  EXPECT_EQ(time.Within_ns(0, 10), 0);
  EXPECT_EQ(time.Within_ns(0, 15), 5);
  EXPECT_EQ(time.Within_ns(12, 15), 3);
  EXPECT_EQ(time.Within_ns(15, 35), 10);
  EXPECT_EQ(time.Within_ns(0, 100), 20);
  EXPECT_EQ(time.Within_ns(20, 30), 0);
  EXPECT_EQ(time.Within_ns(40, 50), 0);
  EXPECT_EQ(StolenTime().Within_ns(0, 100), 0);
  EXPECT_EQ(StolenTime().longest_ns(), 0);
}

}  // namespace
}  // namespace damselfly::load
