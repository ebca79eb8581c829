#include "server/session/activity.h"

#include "gtest/gtest.h"

namespace damselfly {
namespace {

constexpr int64_t kNsPerSecond = 1000000000;

TEST(Activity, RatesSpanTheWindow) {
  Activity activity;
  EXPECT_EQ(activity.rates().commands_per_second, 0);
  for (int64_t i = 0; i < 100; ++i) {
    activity.Sample({i * kNsPerSecond / 10, i * 50, i * 1000, i * 2000}, 0);
  }
  EXPECT_DOUBLE_EQ(activity.rates().commands_per_second, 500);
  EXPECT_DOUBLE_EQ(activity.rates().input_bytes_per_second, 10000);
  EXPECT_DOUBLE_EQ(activity.rates().output_bytes_per_second, 20000);
}

TEST(Activity, OldSamplesLeaveTheWindow) {
  Activity activity;
  activity.Sample({0, 0, 0, 0}, 0);
  for (int64_t i = 1; i <= 20; ++i) activity.Sample({i * kNsPerSecond / 10, 1000000, 0, 0}, 0);
  EXPECT_EQ(activity.rates().commands_per_second, 0);
}

TEST(Activity, SamplesThatAreTakenSeldomDoNotStretchTheWindow) {
  Activity activity;
  activity.Sample({0, 0, 0, 0}, 0);
  activity.Sample({kNsPerSecond / 10, 1000000, 0, 0}, 0);
  EXPECT_GT(activity.rates().commands_per_second, 0);
  for (int64_t i = 1; i <= 4; ++i)
    activity.Sample({kNsPerSecond / 10 + i * kNsPerSecond * 4 / 10, 1000000, 0, 0}, 0);
  EXPECT_EQ(activity.rates().commands_per_second, 0);
}

TEST(Activity, TotalsThatWereResetGiveNoNegativeRates) {
  Activity activity;
  activity.Sample({0, 1000, 1000, 1000}, 0);
  activity.Sample({kNsPerSecond, 5, 5, 5}, 0);
  EXPECT_EQ(activity.rates().commands_per_second, 0);
  activity.Sample({2 * kNsPerSecond, 15, 5, 5}, 0);
  EXPECT_DOUBLE_EQ(activity.rates().commands_per_second, 10);
}

TEST(Activity, RemembersTheMostMemory) {
  Activity activity;
  activity.Sample({}, 100);
  activity.Sample({}, 50);
  EXPECT_EQ(activity.PeakMemory(60), 100);
  EXPECT_EQ(activity.PeakMemory(200), 200);
  activity.Reset();
  EXPECT_EQ(activity.PeakMemory(10), 10);
}

}  // namespace
}  // namespace damselfly
