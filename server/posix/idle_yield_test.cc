#include "server/posix/idle_yield.h"

#include <cstdint>

#include "gtest/gtest.h"

namespace damselfly::posix {
namespace {

constexpr int64_t kShortNs = 200'000;
constexpr int64_t kLateNs = IdleYield::kAwayNsMax + 1;
static_assert(kShortNs < IdleYield::kAwayNsMax);

// A loop in a world where each attempt takes so long and finds work or does not.
class IdleYieldTest : public testing::Test {
 protected:
  bool Wanted() const { return yield_.ShouldYield(now_ns_); }

  void Attempt(int64_t away_ns, bool finds_work) {
    ASSERT_TRUE(Wanted());
    const int64_t begin_ns = now_ns_;
    now_ns_ += away_ns;
    yield_.Report(begin_ns, now_ns_, finds_work);
  }

  int64_t now_ns_ = 1'000'000'000;
  IdleYield yield_;
};

TEST_F(IdleYieldTest, GoesOnWhileItFindsWork) {
  for (int i = 0; i < 1000; ++i) Attempt(kShortNs, true);
  EXPECT_TRUE(Wanted());
}

TEST_F(IdleYieldTest, GoesOnWhileEveryFourthAttemptFindsWork) {
  for (int i = 0; i < 1000; ++i) Attempt(kShortNs, i % IdleYield::kEarnedByWork == 0);
  EXPECT_TRUE(Wanted());
}

TEST_F(IdleYieldTest, RestsForAMomentWhenARunOfAttemptsHasFoundNothing) {
  for (int i = 0; i < IdleYield::kCreditAfterRest; ++i) Attempt(1'000, false);
  EXPECT_FALSE(Wanted());
  now_ns_ += IdleYield::kRestNs - 1;
  EXPECT_FALSE(Wanted());
  now_ns_ += 1;
  for (int i = 0; i < IdleYield::kCreditAfterRest; ++i) Attempt(1'000, false);
  EXPECT_FALSE(Wanted());
}

TEST_F(IdleYieldTest, EarlierWorkPaysForALimitedRunThatFindsNothing) {
  for (int i = 0; i < 1000; ++i) Attempt(kShortNs, true);
  for (int i = 0; i < IdleYield::kCreditMax; ++i) Attempt(1'000, false);
  EXPECT_FALSE(Wanted());
}

TEST_F(IdleYieldTest, RestsInProportionWhenItWasLateTooOftenEvenIfItFoundWork) {
  for (int i = 0; i < IdleYield::kLateMax; ++i) Attempt(kLateNs, true);
  EXPECT_FALSE(Wanted());
  now_ns_ += IdleYield::kRestTimes * kLateNs - 1;
  EXPECT_FALSE(Wanted());
  now_ns_ += 1;
  EXPECT_TRUE(Wanted());
}

TEST_F(IdleYieldTest, BesideAThreadThatComputesItIsAwayForASmallShareOfTime) {
  const int64_t begin_ns = now_ns_;
  int64_t away_ns = 0;
  while (now_ns_ - begin_ns < 60'000'000'000) {
    if (Wanted()) {
      Attempt(4'000'000, true);
      away_ns += 4'000'000;
    } else {
      now_ns_ += 100'000;
    }
  }
  EXPECT_LT(away_ns,
            (now_ns_ - begin_ns) / IdleYield::kRestTimes + IdleYield::kLateMax * 4'000'000);
}

TEST_F(IdleYieldTest, OneThatIsLateAmongManyInTimeIsForgiven) {
  for (int i = 0; i < 100; ++i) {
    Attempt(kLateNs, true);
    for (int in_time = 0; in_time < IdleYield::kWorkPerLate; ++in_time) Attempt(kShortNs, true);
  }
  EXPECT_TRUE(Wanted());
}

}  // namespace
}  // namespace damselfly::posix
