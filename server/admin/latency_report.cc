#include "server/admin/latency_report.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "server/base/check.h"

namespace damselfly {
namespace {

constexpr size_t kGraphWidth = 80;
constexpr size_t kGraphHeight = 4;

// "5s", "3m", "2h", "1d": the unit is the largest that leaves at least 1.
std::string Age(int64_t seconds) {
  if (seconds < 60) return absl::StrCat(std::max<int64_t>(0, seconds), "s");
  if (seconds < 3600) return absl::StrCat(seconds / 60, "m");
  if (seconds < 86400) return absl::StrCat(seconds / 3600, "h");
  return absl::StrCat(seconds / 86400, "d");
}

// Adds a line without the spaces at its end.
void AppendTrimmed(std::string* text, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  absl::StrAppend(text, line, "\n");
}

struct EventSummary {
  int64_t mean_ms = 0;
  int64_t deviation_ms = 0;  // mean absolute deviation
  double period_seconds = 0;
};

EventSummary Summarize(const LatencyMonitor::Event& event) {
  const auto& samples = event.samples;
  const int64_t count = static_cast<int64_t>(samples.size());
  EventSummary summary;
  for (const auto& sample : samples) summary.mean_ms += sample.latency_ms;
  summary.mean_ms /= count;
  for (const auto& sample : samples)
    summary.deviation_ms += std::abs(sample.latency_ms - summary.mean_ms);
  summary.deviation_ms /= count;
  const int64_t span_seconds = samples.back().unix_seconds - samples.front().unix_seconds;
  summary.period_seconds =
      count < 2 ? 0 : static_cast<double>(span_seconds) / static_cast<double>(count - 1);
  return summary;
}

}  // namespace

std::string DrawLatencyGraph(const LatencyMonitor::Event& event, int64_t now_unix_seconds) {
  DFLY_CHECK(!event.samples.empty());
  const size_t count = std::min(event.samples.size(), kGraphWidth);
  const auto samples = absl::MakeSpan(event.samples).last(count);
  int64_t low_ms = samples[0].latency_ms;
  int64_t high_ms = low_ms;
  for (const auto& sample : samples) {
    low_ms = std::min(low_ms, sample.latency_ms);
    high_ms = std::max(high_ms, sample.latency_ms);
  }
  std::string graph =
      absl::StrCat(event.name, " - high ", high_ms, " ms, low ", low_ms, " ms (all time high ",
                   event.latency_ms_max, " ms)\n", std::string(kGraphWidth, '-'), "\n");
  // Twice the rows: the upper half of a row is '#', the lower half '_'.
  const auto half_rows = [&](int64_t latency_ms) {
    if (high_ms == low_ms) return int64_t{1};
    return 1 +
           (latency_ms - low_ms) * static_cast<int64_t>(2 * kGraphHeight - 1) / (high_ms - low_ms);
  };
  for (size_t row = kGraphHeight; row-- > 0;) {
    std::string line(count, ' ');
    for (size_t i = 0; i < count; ++i) {
      const int64_t filled = half_rows(samples[i].latency_ms) - static_cast<int64_t>(2 * row);
      if (filled > 0) line[i] = filled == 1 ? '_' : '#';
    }
    AppendTrimmed(&graph, line);
  }
  size_t label_rows = 0;
  std::vector<std::string> ages;
  for (const auto& sample : samples) {
    ages.push_back(Age(now_unix_seconds - sample.unix_seconds));
    label_rows = std::max(label_rows, ages.back().size());
  }
  graph += "\n";
  for (size_t row = 0; row < label_rows; ++row) {
    std::string line(count, ' ');
    for (size_t i = 0; i < count; ++i) {
      if (row < ages[i].size()) line[i] = ages[i][row];
    }
    AppendTrimmed(&graph, line);
  }
  return graph;
}

std::string WriteLatencyReport(absl::Span<const LatencyMonitor::Event> events, int64_t threshold_ms,
                               int64_t slow_log_us) {
  if (threshold_ms == 0) {
    return "The latency monitor is off. CONFIG SET latency-monitor-threshold <milliseconds> turns "
           "it on.\n";
  }
  if (events.empty()) {
    return absl::StrCat("Nothing has taken ", threshold_ms,
                        " ms or longer since the monitor was turned on or reset.\n");
  }
  std::string report = "These took longer than they should:\n\n";
  int number = 0;
  bool commands = false;
  for (const LatencyMonitor::Event& event : events) {
    const EventSummary summary = Summarize(event);
    absl::StrAppend(&report, ++number, ". ", event.name, ": ", event.samples.size(),
                    " spikes, mean ", summary.mean_ms, " ms, mean deviation ", summary.deviation_ms,
                    " ms, one every ", summary.period_seconds, " s, worst of all time ",
                    event.latency_ms_max, " ms\n");
    commands = commands || event.name == "command" || event.name == "fast-command";
  }
  report += "\nWhat may help:\n\n";
  if (commands) {
    if (slow_log_us < 0 || slow_log_us / 1000 > threshold_ms) {
      absl::StrAppend(
          &report,
          "- The slow log overlooks some of these commands: CONFIG SET slowlog-log-slower-than ",
          threshold_ms * 1000, "\n");
    }
    report +=
        "- SLOWLOG GET shows which commands are slow. Those that walk over large values or over "
        "all keys can be "
        "replaced by SCAN and its kin.\n";
  }
  report +=
      "- A machine that is short of processors or memory, or a virtual machine that has to wait "
      "for its host, makes "
      "everything slow at times.\n";
  return report;
}

std::vector<std::pair<int64_t, int64_t>> CumulativeHistogram(const LatencySummary& summary) {
  std::vector<std::pair<int64_t, int64_t>> pairs;
  int64_t seen = 0;
  for (int bits = 10; bits <= LatencyHistogram::kTopBits; ++bits) {
    const bool is_last = bits == LatencyHistogram::kTopBits;
    const int64_t boundary_ns = int64_t{1} << bits;
    const int64_t count = is_last ? summary.total() : summary.CountBelow(boundary_ns);
    // Redis names a boundary by the end of the (two digits wide) bucket that it falls into; the
    // last has none behind it.
    const int64_t shown_ns = is_last ? boundary_ns : boundary_ns + boundary_ns / 128 - 1;
    if (count > seen) pairs.emplace_back(shown_ns / 1000, count);
    seen = count;
  }
  return pairs;
}

}  // namespace damselfly
