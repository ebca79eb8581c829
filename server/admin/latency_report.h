#ifndef DAMSELFLY_SERVER_ADMIN_LATENCY_REPORT_H_
#define DAMSELFLY_SERVER_ADMIN_LATENCY_REPORT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "server/session/latency_histogram.h"
#include "server/session/latency_monitor.h"

namespace damselfly {

// LATENCY GRAPH: the event's last samples as columns of characters, oldest on the left, each with
// its age below. Requires a sample.
std::string DrawLatencyGraph(const LatencyMonitor::Event& event, int64_t now_unix_seconds);

// LATENCY DOCTOR: what was seen and what may help. `threshold_ms` and `slow_log_us` are the
// parameters latency-monitor-threshold and slowlog-log-slower-than.
std::string WriteLatencyReport(absl::Span<const LatencyMonitor::Event> events, int64_t threshold_ms,
                               int64_t slow_log_us);

// LATENCY HISTOGRAM: pairs of microseconds and how many calls took no longer, at powers of two of
// 1024 ns; places where nothing is added are left out.
std::vector<std::pair<int64_t, int64_t>> CumulativeHistogram(const LatencySummary& summary);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_ADMIN_LATENCY_REPORT_H_
