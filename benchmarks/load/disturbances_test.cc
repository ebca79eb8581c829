#include "benchmarks/load/disturbances.h"

#include <vector>

#include "gtest/gtest.h"

namespace damselfly::load {
namespace {

constexpr int64_t kMs = 1000 * 1000;
constexpr int64_t kWork_ns = 300;

void ExpectOne(const std::vector<Disturbance>& found, const Disturbance& wanted) {
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].begin_ns, wanted.begin_ns);
  EXPECT_EQ(found[0].end_ns, wanted.end_ns);
  EXPECT_EQ(found[0].slowness, wanted.slowness);
}

TEST(DisturbanceFinderTest, ALateAwakeningIsAStop) {
  DisturbanceFinder finder(7 * kMs);
  finder.Wake(1 * kMs, 1 * kMs + 4000, 7 * kMs, kWork_ns);
  finder.Wake(2 * kMs, 5 * kMs, 7 * kMs, kWork_ns);
  ExpectOne(finder.found(), {2 * kMs, 5 * kMs});
}

TEST(DisturbanceFinderTest, WhatTheWatchedProcessRanIsNoStop) {
  DisturbanceFinder finder(0);
  finder.Wake(1 * kMs, 4 * kMs, 3 * kMs, kWork_ns);
  EXPECT_TRUE(finder.found().empty());
  // Of a delay of 3 ms it ran for one, wherever that was.
  finder.Wake(5 * kMs, 8 * kMs, 4 * kMs, kWork_ns);
  ExpectOne(finder.found(), {6 * kMs, 8 * kMs});
  // What it ran before is not held against the next delay.
  finder.Wake(9 * kMs, 10 * kMs, 4 * kMs, kWork_ns);
  EXPECT_EQ(finder.found().size(), 2u);
}

TEST(DisturbanceFinderTest, TheEndOfTheWatchedProcessIsNoStop) {
  DisturbanceFinder finder(0);
  finder.Wake(1 * kMs, 1 * kMs, 900 * kMs, kWork_ns);
  finder.Wake(2 * kMs, 2 * kMs, 0, kWork_ns);
  EXPECT_TRUE(finder.found().empty());
}

TEST(DisturbanceFinderTest, WakingUpItselfTakesAMoment) {
  DisturbanceFinder finder(0);
  finder.Wake(kMs, kMs + DisturbanceFinder::kShortestStop_ns - 1, 0, kWork_ns);
  EXPECT_TRUE(finder.found().empty());
}

TEST(DisturbanceFinderTest, AClockIsSlowBetweenTwoWakingsThatBothFindItSo) {
  DisturbanceFinder finder(0);
  finder.Wake(1 * kMs, 1 * kMs, 0, kWork_ns);
  finder.Wake(2 * kMs, 2 * kMs, 0, 12 * kWork_ns);
  EXPECT_TRUE(finder.found().empty());
  finder.Wake(3 * kMs, 3 * kMs, 0, 8 * kWork_ns);
  ExpectOne(finder.found(), {2 * kMs, 3 * kMs, 8});
  finder.Wake(4 * kMs, 4 * kMs, 0, kWork_ns);
  EXPECT_EQ(finder.found().size(), 1u);
}

TEST(DisturbanceFinderTest, AClockThatIsALittleSlowerIsNotSlow) {
  DisturbanceFinder finder(0);
  for (int64_t at_ns = kMs; at_ns < 10 * kMs; at_ns += kMs)
    finder.Wake(at_ns, at_ns, 0, at_ns == kMs ? kWork_ns : 2 * kWork_ns - 1);
  EXPECT_TRUE(finder.found().empty());
}

TEST(DisturbanceFinderTest, AllLateAwakeningsAreKept) {
  DisturbanceFinder finder(0);
  finder.Wake(1 * kMs, 4 * kMs, 3 * kMs, kWork_ns);
  finder.Wake(5 * kMs, 5 * kMs + 1000, 3 * kMs, kWork_ns);
  ExpectOne(finder.late(), {1 * kMs, 4 * kMs});
}

TEST(StopsOfAllTest, CoresThatAreLateAtOnceWereStopped) {
  const std::vector<std::vector<Disturbance>> late = {
      {{1 * kMs, 4 * kMs}, {6 * kMs, 7 * kMs}, {9 * kMs, 10 * kMs}},
      {{2 * kMs, 5 * kMs}, {7 * kMs - 1000, 8 * kMs}, {20 * kMs, 21 * kMs}}};
  ExpectOne(StopsOfAll(late), {2 * kMs, 4 * kMs});
  EXPECT_TRUE(StopsOfAll(absl::MakeConstSpan(late).first(1)).empty());
  EXPECT_TRUE(StopsOfAll({}).empty());
}

TEST(DisturbancesTest, WhatMeetsOnSeveralCoresCountsOnce) {
  const Disturbances all({{50, 60, 3}, {10, 20}, {15, 30, 12}, {30, 31}});
  EXPECT_EQ(all.count(), 2);
  EXPECT_EQ(all.total_ns(), 31);
  EXPECT_EQ(all.longest_stop_ns(), 10);
  EXPECT_EQ(all.greatest_slowness(), 12);
}

TEST(DisturbancesTest, WithoutAnyNothingIsTouched) {
  const Disturbances none;
  EXPECT_FALSE(none.Touch(0, 1000));
  EXPECT_EQ(none.total_ns(), 0);
  EXPECT_EQ(none.longest_stop_ns(), 0);
  EXPECT_EQ(none.greatest_slowness(), 1);
}

TEST(DisturbancesTest, ATimeIsTouchedByWhatBeginsEndsOrLiesInIt) {
  const Disturbances all({{10, 20}, {30, 40, 5}});
  EXPECT_FALSE(all.Touch(0, 9));
  EXPECT_TRUE(all.Touch(0, 15));
  EXPECT_TRUE(all.Touch(12, 15));
  EXPECT_TRUE(all.Touch(15, 25));
  EXPECT_FALSE(all.Touch(21, 29));
  EXPECT_TRUE(all.Touch(25, 50));
  EXPECT_FALSE(all.Touch(41, 50));
}

TEST(DisturbancesTest, CatchingUpTakesAsLongAgain) {
  const Disturbances all({{1000, 1800}, {3000, 4000, 2}, {4500, 5200}});
  const Disturbances longer = all.WithCatchingUp();
  EXPECT_TRUE(longer.Touch(2600, 2700));
  EXPECT_FALSE(longer.Touch(2601, 2999));
  EXPECT_EQ(longer.count(), 2);
  EXPECT_EQ(longer.total_ns(), 1600 + 2900);
  EXPECT_EQ(longer.longest_stop_ns(), 800);
}

}  // namespace
}  // namespace damselfly::load
