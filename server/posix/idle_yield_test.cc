#include "server/posix/idle_yield.h"

#include <cstdint>

#include "gtest/gtest.h"

namespace damselfly::posix {
namespace {

constexpr int64_t kShortNs = 200'000;
constexpr int64_t kLateNs = IdleYield::kAwayNsMax + 1;
static_assert(kShortNs < IdleYield::kAwayNsMax);

// A busy loop in a world where each attempt takes so long and finds work or does not.
class IdleYieldTest : public testing::Test {
 protected:
  IdleYieldTest() { BeBusy(); }

  void BeBusy() {
    now_ns_ += IdleYield::kWindowNs;
    yield_.CountEvents(IdleYield::kBusyEvents, now_ns_);
    now_ns_ += IdleYield::kWindowNs;
    yield_.CountEvents(1, now_ns_);
  }

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

TEST_F(IdleYieldTest, OnlyTheBusyGiveWay) {
  EXPECT_FALSE(IdleYield().ShouldYield(now_ns_));
  EXPECT_TRUE(Wanted());
  yield_.CountEvents(IdleYield::kBusyEvents - 2, now_ns_);
  now_ns_ += IdleYield::kWindowNs;
  yield_.CountEvents(1, now_ns_);
  EXPECT_FALSE(Wanted());
}

TEST_F(IdleYieldTest, WhoWasBusyBeforeALongSleepIsNotBusyAfterIt) {
  yield_.CountEvents(IdleYield::kBusyEvents, now_ns_);
  now_ns_ += 2 * IdleYield::kWindowNs;
  yield_.CountEvents(1, now_ns_);
  EXPECT_FALSE(Wanted());
}

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

TEST_F(IdleYieldTest, RestsInProportionWhenItIsLateBeforeItHasEarnedTrust) {
  Attempt(kLateNs, true);
  EXPECT_FALSE(Wanted());
  now_ns_ += IdleYield::kRestTimes * kLateNs;
  Attempt(kLateNs, true);
  EXPECT_FALSE(Wanted());
}

TEST_F(IdleYieldTest, RestsInProportionWhenItWasLateTooOftenEvenIfItFoundWork) {
  for (int i = 0; i < 100; ++i) Attempt(kShortNs, true);
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
  EXPECT_LT(away_ns, (now_ns_ - begin_ns) / IdleYield::kRestTimes + 4'000'000);
}

TEST_F(IdleYieldTest, OneThatIsLateAmongManyInTimeIsForgiven) {
  for (int i = 0; i < 100; ++i) {
    for (int in_time = 0; in_time < IdleYield::kWorkPerLate; ++in_time) Attempt(kShortNs, true);
    Attempt(kLateNs, true);
  }
  EXPECT_TRUE(Wanted());
}

}  // namespace
}  // namespace damselfly::posix
