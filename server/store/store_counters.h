#ifndef DAMSELFLY_SERVER_STORE_STORE_COUNTERS_H_
#define DAMSELFLY_SERVER_STORE_STORE_COUNTERS_H_

#include <atomic>
#include <cstdint>

namespace damselfly {

// A counter with one writing thread and any number of readers: no locked instruction.
class OwnedCounter {
 public:
  void Add(int64_t amount) { value_.store(get() + amount, std::memory_order_relaxed); }
  int64_t get() const { return value_.load(std::memory_order_relaxed); }
  void Set(int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void Reset() { Set(0); }
  // Requires that nobody else writes either of them.
  void Swap(OwnedCounter& other) {
    const int64_t value = get();
    Set(other.get());
    other.Set(value);
  }

 private:
  std::atomic<int64_t> value_{0};
};

// One worker's share of the store's figures; on a cache line of its own. Only that worker writes,
// or whoever holds all slots' locks. A share may be negative (one worker adds a key, another
// deletes it): only sums over all workers mean something.
struct alignas(64) StoreCounters {
  static constexpr int kDatabaseCount = 16;

  int worker = 0;  // whose share this is; constant

  OwnedCounter keyspace_hits;
  OwnedCounter keyspace_misses;
  OwnedCounter expired_keys;      // lazily or actively
  OwnedCounter evicted_keys;      // for want of memory
  OwnedCounter dirty;             // changes of the key space (INFO rdb_changes_since_last_save)
  OwnedCounter used_bytes;        // entries, values and tables, until they are freed
  OwnedCounter background_bytes;  // big values that wait to be freed, part of used_bytes
  OwnedCounter background_keys;   // keys that wait to be freed (INFO lazyfree_pending_objects)
  OwnedCounter freed_keys;        // keys freed in the background (INFO lazyfreed_objects)
  OwnedCounter keys[kDatabaseCount];
  OwnedCounter expiring_keys[kDatabaseCount];
};

struct StoreCountersSnapshot {
  int64_t keyspace_hits = 0;
  int64_t keyspace_misses = 0;
  int64_t expired_keys = 0;
  int64_t evicted_keys = 0;
  int64_t dirty = 0;
  int64_t used_bytes = 0;
  int64_t background_bytes = 0;
  int64_t background_keys = 0;
  int64_t freed_keys = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_STORE_COUNTERS_H_
