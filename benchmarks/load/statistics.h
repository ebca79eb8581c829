#ifndef DAMSELFLY_BENCHMARKS_LOAD_STATISTICS_H_
#define DAMSELFLY_BENCHMARKS_LOAD_STATISTICS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

struct hdr_histogram;

namespace damselfly::load {

// Durations from 1 ns to an hour (longer ones count as an hour), to three digits, in fixed memory.
class Histogram {
 public:
  Histogram();
  ~Histogram();
  Histogram(Histogram&&) = default;
  Histogram& operator=(Histogram&&) = default;

  void Record(int64_t duration_ns, int64_t count);
  void Add(const Histogram& other);

  int64_t count() const;
  // All 0 when it is empty.
  double mean_ns() const;
  int64_t min_ns() const;
  int64_t max_ns() const;
  int64_t percentile_ns(double percent) const;

 private:
  struct Close {
    void operator()(hdr_histogram* histogram) const;
  };
  std::unique_ptr<hdr_histogram, Close> histogram_;
};

// What was counted of one command template.
struct CommandStatistics {
  int64_t operations = 0;
  int64_t errors = 0;
  Histogram latency;
};

// When replies came that were received together, and when they were due. CLOCK_MONOTONIC.
struct ReplyTimes {
  int64_t start_ns;
  int64_t end_ns;
  int64_t count;
};

// What one thread counts, and the sum of all threads'.
struct Statistics {
  explicit Statistics(size_t command_count) : commands(command_count) {}

  // `text` of an error reply; counted under its first word.
  void CountError(size_t command, absl::string_view text);
  void Add(const Statistics& other);

  int64_t operations() const;
  int64_t errors() const;

  std::vector<CommandStatistics> commands;
  std::map<std::string, int64_t> errors_by_kind;
  std::string first_error;
  int64_t moved = 0;
  int64_t ask = 0;
  int64_t tryagain = 0;
  int64_t clusterdown = 0;
  int64_t verified = 0;
  int64_t missed_sends = 0;
  Histogram lateness;
  int64_t last_reply_ns = 0;  // of those that were counted; CLOCK_MONOTONIC
  double cpu_s = 0;
  double spin_s = 0;         // of it: looking for something to do
  double cpu_share_max = 0;  // of the busiest thread, without spin_s
  // Kept where something has to be said about single ones. Never moved as it grows: that would stop
  // the driver for as long as the longest stall that it might look for.
  std::deque<ReplyTimes> replies;
};

}  // namespace damselfly::load

#endif  // DAMSELFLY_BENCHMARKS_LOAD_STATISTICS_H_
