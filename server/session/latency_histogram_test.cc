#include "server/session/latency_histogram.h"

#include "gtest/gtest.h"
#include "server/session/command_stats.h"

namespace damselfly {
namespace {

TEST(LatencyHistogram, BucketsFollowOneAnotherWithoutGaps) {
  for (size_t i = 0; i + 1 < LatencyHistogram::kBuckets; ++i) {
    const int64_t end = LatencyHistogram::EndOf(i);
    EXPECT_EQ(LatencyHistogram::BucketOf(end - 1), i);
    EXPECT_EQ(LatencyHistogram::BucketOf(end), i + 1);
  }
  EXPECT_EQ(LatencyHistogram::BucketOf(-5), 0u);
  EXPECT_EQ(LatencyHistogram::EndOf(LatencyHistogram::kBuckets - 1),
            int64_t{1} << LatencyHistogram::kTopBits);
  EXPECT_EQ(LatencyHistogram::BucketOf(int64_t{1} << 40), LatencyHistogram::kBuckets - 1);
}

TEST(LatencyHistogram, PercentilesAreWithinOneSixteenth) {
  LatencyHistogram histogram;
  for (int64_t us = 1; us <= 1000; ++us) histogram.Record(us * 1000);
  LatencySummary summary;
  summary.Add(histogram);
  summary.Add(histogram);
  EXPECT_EQ(summary.total(), 2000);
  EXPECT_NEAR(static_cast<double>(summary.PercentileNs(50)), 500000, 500000 / 16.0);
  EXPECT_NEAR(static_cast<double>(summary.PercentileNs(99)), 990000, 990000 / 16.0);
  EXPECT_EQ(LatencySummary().PercentileNs(50), 0);
}

TEST(LatencyHistogram, CountsBelowAPowerOfTwoAreExact) {
  LatencyHistogram histogram;
  histogram.Record(1023);
  histogram.Record(1024);
  histogram.Record(2047);
  histogram.Record(2048);
  LatencySummary summary;
  summary.Add(histogram);
  EXPECT_EQ(summary.CountBelow(1024), 1);
  EXPECT_EQ(summary.CountBelow(2048), 3);
  EXPECT_EQ(summary.CountBelow(4096), 4);
}

TEST(CommandStats, TakesAHistogramWithTheFirstCallOnly) {
  CommandStats stats;
  EXPECT_EQ(stats.histogram(), nullptr);
  stats.Record(3000);
  ASSERT_NE(stats.histogram(), nullptr);
  EXPECT_EQ(stats.calls.get(), 1);
  EXPECT_EQ(stats.nanoseconds.get(), 3000);
  EXPECT_EQ(stats.histogram()->count(LatencyHistogram::BucketOf(3000)), 1);
  stats.Reset();
  EXPECT_EQ(stats.calls.get(), 0);
  EXPECT_EQ(stats.histogram()->count(LatencyHistogram::BucketOf(3000)), 0);
}

}  // namespace
}  // namespace damselfly
