#include "server/session/latency_monitor.h"

#include <algorithm>

namespace damselfly {

void LatencyMonitor::Add(absl::string_view event, int64_t unix_seconds, int64_t latency_ms) {
  std::lock_guard<std::mutex> guard(mutex_);
  Event& history = events_[std::string(event)];
  if (history.name.empty()) history.name = std::string(event);
  history.latency_ms_max = std::max(history.latency_ms_max, latency_ms);
  std::vector<Sample>& samples = history.samples;
  if (!samples.empty() && samples.back().unix_seconds == unix_seconds) {
    samples.back().latency_ms = std::max(samples.back().latency_ms, latency_ms);
    return;
  }
  if (samples.size() == kSamplesMax) samples.erase(samples.begin());
  samples.push_back({unix_seconds, latency_ms});
}

std::vector<LatencyMonitor::Event> LatencyMonitor::Events() const {
  std::lock_guard<std::mutex> guard(mutex_);
  std::vector<Event> events;
  events.reserve(events_.size());
  for (const auto& [name, event] : events_) events.push_back(event);
  return events;
}

int LatencyMonitor::Reset(absl::string_view event) {
  std::lock_guard<std::mutex> guard(mutex_);
  if (!event.empty()) return static_cast<int>(events_.erase(std::string(event)));
  const int count = static_cast<int>(events_.size());
  events_.clear();
  return count;
}

}  // namespace damselfly
