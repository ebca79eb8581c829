#include "benchmarks/load/statistics.h"

#include "gtest/gtest.h"

namespace damselfly::load {
namespace {

TEST(HistogramTest, PercentilesAreThoseOfWhatWasRecorded) {
  Histogram histogram;
  for (int64_t us = 1; us <= 10000; ++us) histogram.Record(us * 1000, 1);
  EXPECT_EQ(histogram.count(), 10000);
  for (double percent : {50.0, 90.0, 99.0, 99.9, 99.99}) {
    const double wanted = percent * 100 * 1000;
    EXPECT_NEAR(static_cast<double>(histogram.percentile_ns(percent)), wanted, wanted / 500);
  }
  EXPECT_NEAR(histogram.mean_ns(), 5000500, 5000);
  EXPECT_NEAR(static_cast<double>(histogram.max_ns()), 1e7, 1e4);
  EXPECT_NEAR(static_cast<double>(histogram.min_ns()), 1000, 1);
}

TEST(HistogramTest, EmptyIsAllZero) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0);
  EXPECT_EQ(histogram.min_ns(), 0);
  EXPECT_EQ(histogram.max_ns(), 0);
  EXPECT_EQ(histogram.mean_ns(), 0);
  EXPECT_EQ(histogram.percentile_ns(99), 0);
}

TEST(HistogramTest, WhatIsOutOfRangeCountsAtItsEnd) {
  Histogram histogram;
  histogram.Record(-5, 1);
  histogram.Record(int64_t{1} << 60, 1);
  EXPECT_EQ(histogram.count(), 2);
  EXPECT_EQ(histogram.min_ns(), 0);
  EXPECT_NEAR(static_cast<double>(histogram.max_ns()), 3.6e12, 3.6e9);
}

TEST(StatisticsTest, SumsAreOfAllThreads) {
  Statistics a(2), b(2);
  a.commands[0].operations = 3;
  a.commands[0].latency.Record(1000, 3);
  a.CountError(1, "ERR one");
  b.commands[1].operations = 4;
  b.CountError(1, "ERR two");
  b.CountError(0, "OOM command not allowed");
  b.cpu_share_max = 0.5;
  b.replies = {{1, 2, 3}};
  a.Add(b);
  EXPECT_EQ(a.operations(), 7);
  EXPECT_EQ(a.errors(), 3);
  EXPECT_EQ(a.errors_by_kind["ERR"], 2);
  EXPECT_EQ(a.errors_by_kind["OOM"], 1);
  EXPECT_EQ(a.first_error, "ERR one");
  EXPECT_EQ(a.commands[1].errors, 2);
  EXPECT_EQ(a.commands[0].latency.count(), 3);
  EXPECT_EQ(a.cpu_share_max, 0.5);
  EXPECT_EQ(a.replies.size(), 1u);
}

}  // namespace
}  // namespace damselfly::load
