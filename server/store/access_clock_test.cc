#include "server/store/access_clock.h"

#include "gtest/gtest.h"

namespace damselfly {
namespace {

using Kind = AccessClock::Kind;

TEST(AccessClock, KeepsNothingWhileItIsOff) {
  AccessClock clock;
  Random random(1);
  EXPECT_FALSE(clock.is_on());
  EXPECT_EQ(clock.first(), 0);
  EXPECT_EQ(clock.AfterAccess(7, random), 7);
  EXPECT_EQ(clock.RankOf(7), 0);
  EXPECT_EQ(clock.IdleMs(7, 1000), 0);
}

TEST(AccessClock, CountsGenerationsSinceTheLastAccess) {
  AccessClock clock;
  Random random(1);
  clock.Start(Kind::kLru, 1000);
  const uint8_t first = clock.first();
  for (int age = 1; age <= 15; ++age) {
    clock.Advance(1000 + age);
    EXPECT_EQ(clock.RankOf(first), age);
    EXPECT_EQ(clock.RankOf(clock.AfterAccess(first, random)), 0);
  }
}

TEST(AccessClock, HoldsBackWhatWouldBecomeTheNewest) {
  AccessClock clock;
  clock.Start(Kind::kLru, 0);
  uint8_t access = clock.first();
  for (int i = 0; i < 100; ++i) {
    access = clock.HoldBack(access);
    clock.Advance(i);
    EXPECT_EQ(clock.RankOf(access), std::min(i + 1, 15));
  }
}

TEST(AccessClock, TellsHowLongAnEntryHasBeenIdle) {
  AccessClock clock;
  clock.Start(Kind::kLru, 1000);
  const uint8_t oldest = clock.first();
  clock.Advance(5000);
  const uint8_t middle = clock.first();
  clock.Advance(7000);
  EXPECT_EQ(clock.IdleMs(oldest, 8000), 3000);
  EXPECT_EQ(clock.IdleMs(middle, 8000), 1000);
  EXPECT_EQ(clock.IdleMs(clock.first(), 8000), 0);
  EXPECT_EQ(clock.AfterIdleness(0, 8000), clock.first());
  EXPECT_EQ(clock.AfterIdleness(999, 8000), clock.first());
  EXPECT_EQ(clock.AfterIdleness(1500, 8000), middle);
  EXPECT_EQ(clock.AfterIdleness(3000, 8000), oldest);
  // Older than anything that is known.
  EXPECT_EQ(clock.RankOf(clock.AfterIdleness(100000, 8000)), 15);
}

TEST(AccessClock, LevelsRiseMoreSlowlyTheHigherTheyAre) {
  AccessClock clock;
  Random random(1);
  clock.Start(Kind::kLfu, 0);
  uint8_t access = clock.first();
  const auto after = [&](int accesses) {
    for (int i = 0; i < accesses; ++i) access = clock.AfterAccess(access, random);
    return access - clock.first();
  };
  EXPECT_EQ(after(1), 1);
  EXPECT_LE(after(9), 3);   // 10 accesses
  EXPECT_GE(after(90), 2);  // 100
  EXPECT_LE(after(0), 5);
  EXPECT_GE(after(900), 5);  // 1000
  EXPECT_LE(after(0), 8);
  EXPECT_EQ(after(1000000), 12);
  EXPECT_EQ(clock.RankOf(access), 0);
}

TEST(AccessClock, WithoutALogFactorEachAccessCounts) {
  AccessClock clock;
  Random random(1);
  clock.Start(Kind::kLfu, 0);
  clock.set_log_factor(0);
  uint8_t access = clock.first();
  for (int i = 0; i < 5; ++i) access = clock.AfterAccess(access, random);
  EXPECT_EQ(access, clock.first() + 5);
  for (int i = 0; i < 50; ++i) access = clock.AfterAccess(access, random);
  EXPECT_EQ(access, 15);
}

TEST(AccessClock, LevelsDecayToZero) {
  EXPECT_EQ(AccessClock::Decayed(5, 0), 5);
  EXPECT_EQ(AccessClock::Decayed(5, 2), 3);
  EXPECT_EQ(AccessClock::Decayed(5, 1000), 0);
}

TEST(AccessClock, FrequenciesGoThereAndBack) {
  for (int level = 0; level < 16; ++level) {
    const auto access = static_cast<uint8_t>(level);
    EXPECT_EQ(AccessClock::WithFrequency(AccessClock::FrequencyOf(access)), access);
    if (level > 0) {
      EXPECT_EQ(AccessClock::WithFrequency(AccessClock::FrequencyOf(access) - 1), level - 1);
    }
  }
  EXPECT_EQ(AccessClock::FrequencyOf(15), 255);
}

}  // namespace
}  // namespace damselfly
