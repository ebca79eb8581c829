#include "sim/world/sim_clock.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

TEST(SimClock, TheMonotonicClockFollowsTheWorldAndAlwaysMoves) {
  int64_t now_ns = 1000;
  SimClock clock(&now_ns, 0);
  const int64_t first = clock.MonotonicNs();
  EXPECT_GE(first, 1000);
  EXPECT_GT(clock.MonotonicNs(), first);
  now_ns = 5'000'000;
  EXPECT_EQ(clock.MonotonicNs(), 5'000'000);
}

TEST(SimClock, TheWallClockIsOffByItsSkew) {
  int64_t now_ns = 2'000'000;
  SimClock clock(&now_ns, -500);
  EXPECT_EQ(clock.WallUs(), SimClock::kEpochUs + 2000 - 500);
}

TEST(SimClock, TheWallClockRemembersItsSteps) {
  int64_t now_ns = 0;
  SimClock clock(&now_ns, 0);
  now_ns = 1'000'000;
  clock.StepWall(1000'000);
  now_ns = 2'000'000;
  clock.StepWall(-3000'000);
  EXPECT_EQ(clock.WallUsAt(999'999), SimClock::kEpochUs + 999);
  EXPECT_EQ(clock.WallUsAt(1'500'000), SimClock::kEpochUs + 1500 + 1000'000);
  EXPECT_EQ(clock.WallUs(), SimClock::kEpochUs + 2000 - 2000'000);
}

TEST(SimClock, ADriftingClockGainsOrLosesAndNeverRunsBackwards) {
  int64_t now_ns = 0;
  SimClock fast(&now_ns, 0);
  SimClock slow(&now_ns, 0);
  now_ns = 1'000'000'000;
  fast.SetDrift(20'000);
  slow.SetDrift(-20'000);
  EXPECT_EQ(fast.WallUs(), SimClock::kEpochUs + 1'000'000);
  int64_t last_us = slow.WallUs();
  for (int i = 0; i < 3000; ++i) {
    now_ns += 700;
    EXPECT_GE(slow.WallUs(), last_us);
    last_us = slow.WallUs();
  }
  now_ns = 11'000'000'000;
  EXPECT_EQ(fast.WallUs(), SimClock::kEpochUs + 11'200'000);
  EXPECT_EQ(slow.WallUs(), SimClock::kEpochUs + 10'800'000);
  // A step moves it and changes nothing of the drift.
  fast.StepWall(1'000'000);
  now_ns = 21'000'000'000;
  EXPECT_EQ(fast.WallUs(), SimClock::kEpochUs + 22'400'000);
  EXPECT_EQ(fast.WallUsAt(500'000'000), SimClock::kEpochUs + 500'000);
  const SimClock::Range range = fast.WallRangeUs(10'999'999'000, 11'000'000'000);
  EXPECT_EQ(range.max_us, SimClock::kEpochUs + 12'200'000);
}

TEST(SimClock, ARangeCoversTheStepsInside) {
  int64_t now_ns = 0;
  SimClock clock(&now_ns, 0);
  now_ns = 1'000'000;
  clock.StepWall(1000'000);
  now_ns = 2'000'000;
  clock.StepWall(-1000'000);
  now_ns = 3'000'000;
  const SimClock::Range range = clock.WallRangeUs(0, 3'000'000);
  EXPECT_EQ(range.min_us, SimClock::kEpochUs);
  EXPECT_EQ(range.max_us, SimClock::kEpochUs + 2000 + 1000'000);
  const SimClock::Range quiet = clock.WallRangeUs(2'500'000, 3'000'000);
  EXPECT_EQ(quiet.min_us, SimClock::kEpochUs + 2500);
  EXPECT_EQ(quiet.max_us, SimClock::kEpochUs + 3000);
}

TEST(SimClock, ALieIsShownAndNotAdmitted) {
  int64_t now_ns = 2'000'000;
  SimClock clock(&now_ns, 0);
  clock.AddLieUs(-500);
  EXPECT_EQ(clock.ShownWallUs(), clock.WallUs() - 500);
  clock.set_lie_permille(1000);
  EXPECT_EQ(clock.ShownWallUs(), clock.WallUs() - 500 + 2000);
}

}  // namespace
}  // namespace damselfly::sim
