#ifndef DAMSELFLY_SERVER_SESSION_LATENCY_MONITOR_H_
#define DAMSELFLY_SERVER_SESSION_LATENCY_MONITOR_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace damselfly {

// Spikes by kind of event: "command", "fast-command", "expire-cycle"
// (https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency-monitor/).
// Thread-safe.
class LatencyMonitor {
 public:
  // Samples kept of an event, one a second at most.
  static constexpr size_t kSamplesMax = 160;

  struct Sample {
    int64_t unix_seconds;
    int64_t latency_ms;
  };
  struct Event {
    std::string name;
    std::vector<Sample> samples;  // oldest first
    int64_t latency_ms_max = 0;   // of all time since the reset
  };

  // Records that `event` took `latency_ms`. Of several in one second the worst is kept.
  void Add(absl::string_view event, int64_t unix_seconds, int64_t latency_ms);

  // All events, sorted by name.
  std::vector<Event> Events() const;
  // Forgets one event (or all, with an empty name); returns how many there were.
  int Reset(absl::string_view event);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Event> events_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_LATENCY_MONITOR_H_
