#include "server/admin/latency_report.h"

#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

LatencyMonitor::Event MakeEvent() {
  LatencyMonitor::Event event;
  event.name = "command";
  event.samples = {{100, 10}, {190, 20}, {200, 15}};
  event.latency_ms_max = 50;
  return event;
}

TEST(LatencyReport, TheGraphHasAColumnForEachSample) {
  const std::string graph = DrawLatencyGraph(MakeEvent(), 200);
  const std::vector<std::string> lines = absl::StrSplit(graph, '\n');
  EXPECT_EQ(lines[0], "command - high 20 ms, low 10 ms (all time high 50 ms)");
  EXPECT_EQ(lines[1], std::string(80, '-'));
  EXPECT_EQ(lines[2], " #");
  EXPECT_EQ(lines[3], " #");
  EXPECT_EQ(lines[4], " ##");
  EXPECT_EQ(lines[5], "_##");
  EXPECT_EQ(lines[6], "");
  EXPECT_EQ(lines[7], "110");
  EXPECT_EQ(lines[8], "m0s");
  EXPECT_EQ(lines[9], " s");
}

TEST(LatencyReport, AGraphOfOneSampleIsFlat) {
  LatencyMonitor::Event event = MakeEvent();
  event.samples.resize(1);
  EXPECT_TRUE(absl::StrContains(DrawLatencyGraph(event, 100), "\n_\n"));
}

TEST(LatencyReport, TheReportSaysWhatWasSeen) {
  const LatencyMonitor::Event events[] = {MakeEvent()};
  const std::string report = WriteLatencyReport(events, 5, 100000);
  EXPECT_TRUE(absl::StrContains(report,
                                "1. command: 3 spikes, mean 15 ms, mean deviation 3 ms, one every "
                                "50 s, worst of all time 50 ms"))
      << report;
  EXPECT_TRUE(absl::StrContains(report, "CONFIG SET slowlog-log-slower-than 5000")) << report;
  EXPECT_FALSE(absl::StrContains(WriteLatencyReport(events, 5, 1000), "CONFIG SET")) << report;
}

TEST(LatencyReport, SaysWhenTheMonitorIsOffOrHasNothing) {
  EXPECT_TRUE(absl::StrContains(WriteLatencyReport({}, 0, 10000), "is off"));
  EXPECT_TRUE(absl::StrContains(WriteLatencyReport({}, 7, 10000), "7 ms"));
}

TEST(LatencyReport, HistogramsAccumulateAtRedisBoundaries) {
  LatencyHistogram histogram;
  for (int64_t ns : {500, 1000, 20'000, 20'000, 3'000'000}) histogram.Record(ns);
  histogram.Record(int64_t{1} << 40);
  LatencySummary summary;
  summary.Add(histogram);
  const std::vector<std::pair<int64_t, int64_t>> expected = {
      {1, 2}, {33, 4}, {4227, 5}, {1073741, 6}};
  EXPECT_EQ(CumulativeHistogram(summary), expected);
  EXPECT_TRUE(CumulativeHistogram(LatencySummary()).empty());
}

}  // namespace
}  // namespace damselfly
