#include "server/session/latency_monitor.h"

#include "gtest/gtest.h"

namespace damselfly {
namespace {

TEST(LatencyMonitor, KeepsTheWorstOfEachSecond) {
  LatencyMonitor monitor;
  monitor.Add("command", 10, 5);
  monitor.Add("command", 10, 9);
  monitor.Add("command", 10, 7);
  monitor.Add("command", 11, 3);
  const auto events = monitor.Events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].name, "command");
  EXPECT_EQ(events[0].latency_ms_max, 9);
  ASSERT_EQ(events[0].samples.size(), 2u);
  EXPECT_EQ(events[0].samples[0].latency_ms, 9);
  EXPECT_EQ(events[0].samples[1].unix_seconds, 11);
}

TEST(LatencyMonitor, KeepsTheLastSamplesOnlyButTheMaximumOfAllTime) {
  LatencyMonitor monitor;
  monitor.Add("command", 0, 1000);
  for (int second = 1; second <= 200; ++second) monitor.Add("command", second, 1);
  const auto event = monitor.Events()[0];
  EXPECT_EQ(event.samples.size(), LatencyMonitor::kSamplesMax);
  EXPECT_EQ(event.samples.front().unix_seconds, 41);
  EXPECT_EQ(event.samples.back().unix_seconds, 200);
  EXPECT_EQ(event.latency_ms_max, 1000);
}

TEST(LatencyMonitor, ResetsOneEventOrAll) {
  LatencyMonitor monitor;
  monitor.Add("command", 1, 1);
  monitor.Add("expire-cycle", 1, 1);
  monitor.Add("fast-command", 1, 1);
  EXPECT_EQ(monitor.Reset("fork"), 0);
  EXPECT_EQ(monitor.Reset("command"), 1);
  EXPECT_EQ(monitor.Events().size(), 2u);
  EXPECT_EQ(monitor.Reset(""), 2);
  EXPECT_TRUE(monitor.Events().empty());
}

}  // namespace
}  // namespace damselfly
