#ifndef DAMSELFLY_SERVER_SESSION_MEMORY_GATE_H_
#define DAMSELFLY_SERVER_SESSION_MEMORY_GATE_H_

#include <atomic>
#include <cstdint>
#include <limits>

#include "absl/strings/string_view.h"
#include "server/store/store_counters.h"

namespace damselfly {

class ServerState;

inline constexpr absl::string_view kOomError =
    "OOM command not allowed when used memory > 'maxmemory'.";

// What a node's memory is used for.
struct MemoryUse {
  int64_t dataset_bytes = 0;     // entries, values and tables, also those that wait to be freed
  int64_t background_bytes = 0;  // of these, what waits to be freed
  int64_t client_bytes = 0;      // connections and their buffers, but for replicas'
  int64_t replica_bytes = 0;     // likewise, of replicas
  int64_t backlog_bytes = 0;     // changes kept for replicas that come back

  int64_t total() const { return dataset_bytes + client_bytes + replica_bytes + backlog_bytes; }
  // maxmemory limits the total, less these: what is evicted would make them grow.
  int64_t not_counted() const { return replica_bytes + backlog_bytes; }
};
// Any worker.
MemoryUse MeasureMemory(ServerState& server);

// Keeps a node below maxmemory, as far as one worker's commands are concerned: sees when all of the
// memory must be looked at, and evicts keys. A worker may let its data grow by its share of the
// room that the last look has found before it looks again: so a command costs one comparison.
//
// Of the worker's thread, but for Reset().
class MemoryGate {
 public:
  // Neither is owned. `counters` are the worker's.
  MemoryGate(ServerState* server, StoreCounters* counters);
  MemoryGate(const MemoryGate&) = delete;
  MemoryGate& operator=(const MemoryGate&) = delete;

  // Before a command that may need memory: whether IsShort() must be asked.
  bool IsDue() const {
    return counters_.used_bytes.get() >= due_bytes_.load(std::memory_order_relaxed);
  }

  // Evicts what must go, as much of it as a command may wait for. Returns whether more than
  // maxmemory is in use and no key may be evicted. Requires that no lock is held.
  bool IsShort(int64_t now_ms);

  // The same in the background, due or not. Returns whether there is more to evict.
  bool EvictMore(int64_t now_ms);

  // What the gate goes by has changed. Any thread.
  void Reset() { due_bytes_.store(kAlwaysDue, std::memory_order_release); }

 private:
  static constexpr int64_t kAlwaysDue = std::numeric_limits<int64_t>::min();
  static constexpr int64_t kNeverDue = std::numeric_limits<int64_t>::max();

  enum class Level { kBelow, kAbove, kStuck };  // kStuck: above, and no key may be evicted
  Level Evict(int64_t limit_bytes, int64_t now_ms);
  Level Look(int64_t now_ms);
  bool MayEvict(int64_t now_ms) const;
  int64_t CountedBytes() const;
  int64_t EvictionsMax() const;
  int64_t SlackBytes(int64_t limit_bytes) const;

  ServerState& server_;
  StoreCounters& counters_;
  std::atomic<int64_t> due_bytes_{kAlwaysDue};
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_MEMORY_GATE_H_
