#ifndef DAMSELFLY_SERVER_SESSION_COMMAND_STATS_H_
#define DAMSELFLY_SERVER_SESSION_COMMAND_STATS_H_

#include <atomic>
#include <cstdint>

#include "server/session/latency_histogram.h"
#include "server/store/store_counters.h"

namespace damselfly {

// One worker's figures of one command (INFO commandstats and latencystats, LATENCY HISTOGRAM).
// Written by that worker only, save Reset().
class CommandStats {
 public:
  CommandStats() = default;
  ~CommandStats() { delete histogram_.load(std::memory_order_relaxed); }
  CommandStats(const CommandStats&) = delete;
  CommandStats& operator=(const CommandStats&) = delete;

  OwnedCounter calls;
  OwnedCounter nanoseconds;
  OwnedCounter rejected_calls;  // refused before it ran (arity, authentication, …)
  OwnedCounter failed_calls;    // ran, and answered an error

  // Counts `count` calls that took `elapsed_ns` each.
  void Record(int64_t elapsed_ns, int64_t count = 1) {
    calls.Add(count);
    nanoseconds.Add(elapsed_ns * count);
    LatencyHistogram* histogram = histogram_.load(std::memory_order_relaxed);
    if (__builtin_expect(histogram == nullptr, false)) {
      histogram = new LatencyHistogram;
      histogram_.store(histogram, std::memory_order_release);
    }
    histogram->Record(elapsed_ns, count);
  }

  // Null until the first call: most commands are never called, and an idle node stays small. Any
  // thread.
  const LatencyHistogram* histogram() const { return histogram_.load(std::memory_order_acquire); }

  // CONFIG RESETSTAT and LATENCY RESET, from any thread: a call that is being counted at the same
  // moment may survive.
  void Reset() {
    calls.Reset();
    nanoseconds.Reset();
    rejected_calls.Reset();
    failed_calls.Reset();
    ResetHistogram();
  }
  void ResetHistogram() {
    LatencyHistogram* histogram = histogram_.load(std::memory_order_acquire);
    if (histogram != nullptr) histogram->Reset();
  }

 private:
  std::atomic<LatencyHistogram*> histogram_{nullptr};  // owned; never replaced once set
};

// One worker's figures of everything else that INFO stats counts.
struct alignas(64) WorkerStats {
  OwnedCounter commands_processed;
  OwnedCounter connections_received;
  OwnedCounter connections_rejected;
  OwnedCounter input_bytes;
  OwnedCounter output_bytes;
  OwnedCounter error_replies;
  OwnedCounter reads_processed;
  OwnedCounter writes_processed;
  OwnedCounter query_buffer_limit_disconnections;
  OwnedCounter output_buffer_limit_disconnections;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_COMMAND_STATS_H_
