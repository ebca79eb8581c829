#ifndef DAMSELFLY_SERVER_SESSION_SLOW_LOG_H_
#define DAMSELFLY_SERVER_SESSION_SLOW_LOG_H_

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace damselfly {

// The last commands that took long (https://redis.io/docs/latest/commands/slowlog-get/).
// Thread-safe.
class SlowLog {
 public:
  // Redis's limits on what is kept of one command.
  static constexpr size_t kArgumentsMax = 32;
  static constexpr size_t kArgumentBytesMax = 128;

  struct Entry {
    int64_t id = 0;  // ascending from 0; not reset by Reset()
    int64_t unix_seconds = 0;
    int64_t duration_us = 0;
    std::vector<std::string> args;
    std::string client_address;
    std::string client_name;
  };

  // Adds an entry, and drops the oldest ones beyond `entries_max` (>= 0).
  void Add(int64_t unix_seconds, int64_t duration_us, absl::Span<const absl::string_view> args,
           absl::string_view client_address, absl::string_view client_name, int64_t entries_max);

  // The newest `count` entries, newest first; all with a negative count.
  std::vector<Entry> Newest(int64_t count) const;
  int64_t size() const;
  void Reset();

 private:
  mutable std::mutex mutex_;
  std::deque<Entry> entries_;  // newest in front
  int64_t next_id_ = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_SLOW_LOG_H_
