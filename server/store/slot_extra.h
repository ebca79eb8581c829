#ifndef DAMSELFLY_SERVER_STORE_SLOT_EXTRA_H_
#define DAMSELFLY_SERVER_STORE_SLOT_EXTRA_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "server/store/awaited_keys.h"
#include "server/store/invalidation.h"
#include "server/store/store_counters.h"
#include "server/store/table.h"

namespace damselfly {

struct WatchMark;

// What active expiry knows of one table: no key in it expires before `next_ms`. That is found by
// sweeping the table, a few segments at a time; a sweep stands at `position` (0: none is under way)
// and has found `sweep_next_ms` so far.
struct DeadlineHint {
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  int64_t next_ms = kNever;
  int64_t sweep_next_ms = kNever;
  uint64_t position = 0;

  // Somebody gets a deadline: wherever the sweep stands, it must not be forgotten.
  void Note(int64_t at_ms) {
    next_ms = std::min(next_ms, at_ms);
    sweep_next_ms = std::min(sweep_next_ms, at_ms);
  }
};

struct Watcher {
  int database;
  std::string key;
  WatchMark* mark;
};

// The tables of the databases 1 to 15.
struct OtherDatabases {
  static constexpr int kCount = StoreCounters::kDatabaseCount - 1;
  TableRoot roots[kCount];
  DeadlineHint hints[kCount];
};

// The part of a slot that most slots do not have. Guarded by the slot's lock, except for the
// pointer to the other databases, whose key counts are read without it.
struct SlotExtra {
  SlotExtra() = default;
  SlotExtra(const SlotExtra&) = delete;
  SlotExtra& operator=(const SlotExtra&) = delete;
  ~SlotExtra() { delete others.load(std::memory_order_relaxed); }

  DeadlineHint hint;  // database 0
  std::vector<Watcher> watchers;
  TrackedKeys tracked_keys;
  std::unique_ptr<AwaitedKeys> awaited;  // null: there are none
  std::atomic<OtherDatabases*> others{nullptr};
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_SLOT_EXTRA_H_
