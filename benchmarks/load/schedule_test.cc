#include "benchmarks/load/schedule.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

namespace damselfly::load {
namespace {

constexpr int64_t kBegin_ns = 1000000000000;

std::vector<int64_t> Moments(const Options& options, int share, double rate, int count) {
  Schedule schedule(options, share, 16, rate, kBegin_ns);
  std::vector<int64_t> moments;
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(schedule.number(), i);
    moments.push_back(schedule.next_ns() - kBegin_ns);
    schedule.Advance();
  }
  return moments;
}

TEST(ScheduleTest, EvenMomentsOfAllThreadsInterleaveAtOneDistance) {
  Options options;
  options.threads = 2;
  EXPECT_EQ(Moments(options, 0, 160000, 3), (std::vector<int64_t>{0, 200000, 400000}));
  EXPECT_EQ(Moments(options, 1, 160000, 3), (std::vector<int64_t>{100000, 300000, 500000}));
}

TEST(ScheduleTest, EvenMomentsDoNotDriftWhereTheDistanceIsNoWholeNumber) {
  Options options;
  EXPECT_EQ(Moments(options, 0, 300000, 3000001).back(), 160000000000);
}

TEST(ScheduleTest, PoissonMomentsKeepTheRateWithExponentialDistances) {
  Options options;
  options.arrivals = Arrivals::kPoisson;
  constexpr int kCount = 200000;
  const std::vector<int64_t> moments = Moments(options, 0, 160000, kCount);
  EXPECT_TRUE(std::is_sorted(moments.begin(), moments.end()));
  const double mean_ns = static_cast<double>(moments.back()) / kCount;
  EXPECT_NEAR(mean_ns, 100000, 1000);
  // Of an exponential distribution, exp(-1) is above the mean and exp(-3) above three times that.
  int above_one = 0, above_three = 0;
  for (int i = 1; i < kCount; ++i) {
    above_one += moments[i] - moments[i - 1] > 100000;
    above_three += moments[i] - moments[i - 1] > 300000;
  }
  EXPECT_NEAR(static_cast<double>(above_one) / kCount, 0.3679, 0.005);
  EXPECT_NEAR(static_cast<double>(above_three) / kCount, 0.0498, 0.003);
}

TEST(ScheduleTest, PoissonMomentsAreTheSeedsAndEachThreadHasItsOwn) {
  Options options;
  options.arrivals = Arrivals::kPoisson;
  options.threads = 2;
  EXPECT_EQ(Moments(options, 0, 160000, 10), Moments(options, 0, 160000, 10));
  EXPECT_NE(Moments(options, 0, 160000, 10), Moments(options, 1, 160000, 10));
  Options other = options;
  other.seed = options.seed + 1;
  EXPECT_NE(Moments(options, 0, 160000, 10), Moments(other, 0, 160000, 10));
}

}  // namespace
}  // namespace damselfly::load
