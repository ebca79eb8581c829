#ifndef DAMSELFLY_SERVER_STORE_RECLAIMER_H_
#define DAMSELFLY_SERVER_STORE_RECLAIMER_H_

#include <atomic>
#include <cstdint>
#include <vector>

#include "server/base/blob.h"
#include "server/base/spinlock.h"
#include "server/base/thread_annotations.h"
#include "server/store/store_counters.h"
#include "server/store/table_ref.h"
#include "server/values/any_value.h"

namespace damselfly {

// Memory that no key refers to any more and that is freed bit by bit: tables of flushed databases,
// big values of unlinked keys. Thread-safe; `counters` are always the calling worker's.
class Reclaimer {
 public:
  Reclaimer() = default;
  Reclaimer(const Reclaimer&) = delete;
  Reclaimer& operator=(const Reclaimer&) = delete;
  ~Reclaimer();

  // Takes over a table with its entries.
  void AddTable(uint64_t root_bits, uint32_t key_count, StoreCounters* counters);
  void AddBlob(BlobRef blob, StoreCounters* counters);
  // A collection; freed some of its elements at a time. It is part of used_bytes until then.
  void AddValue(AnyValue value, StoreCounters* counters);

  // Frees about `entries_max` entries (a big string counts as one, a collection as its elements).
  // Returns true if there is more.
  bool Step(int64_t entries_max, StoreCounters* counters);
  // How many a step should free, as much of big values waits: no more than takes a tenth of a
  // millisecond.
  int64_t EntriesWanted() const;

  // More waits than is freed in passing: whoever drops something that is soon freed should free it,
  // or what waits would grow for as long as that goes on. Tables are counted, as nobody knows how
  // large the collections in them are.
  static constexpr int64_t kWaitingBytesMax = int64_t{8} << 20;
  static constexpr int64_t kWaitingTablesMax = 64;
  bool IsBehind() const {
    return waiting_bytes_.load(std::memory_order_relaxed) > kWaitingBytesMax ||
           waiting_tables_.load(std::memory_order_relaxed) > kWaitingTablesMax;
  }

 private:
  struct DroppedValue {
    AnyValue value;
    int64_t bytes;  // when it was dropped
  };

  // An entry in a step for each so many bytes that wait.
  static constexpr int64_t kWaitingBytesAnEntry = 64 * 1024;
  static constexpr int64_t kEntriesWantedMax = 1024;

  void FreeElements(DroppedValue dropped, int64_t* entries_max, StoreCounters* counters);
  int64_t FreeWithEntries(TableRef segment, StoreCounters* counters);

  SpinLock lock_;
  std::vector<uint64_t> tables_ DFLY_GUARDED_BY(lock_);
  std::vector<BlobRef> blobs_ DFLY_GUARDED_BY(lock_);
  std::vector<DroppedValue> values_ DFLY_GUARDED_BY(lock_);
  std::atomic<bool> has_work_{false};
  std::atomic<int64_t> waiting_bytes_{0};  // of blobs and values
  std::atomic<int64_t> waiting_tables_{0};
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_RECLAIMER_H_
