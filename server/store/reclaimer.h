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

 private:
  struct DroppedValue {
    AnyValue value;
    int64_t bytes;  // when it was dropped
  };

  void FreeElements(DroppedValue dropped, int64_t* entries_max, StoreCounters* counters);
  int64_t FreeWithEntries(TableRef segment, StoreCounters* counters);

  SpinLock lock_;
  std::vector<uint64_t> tables_ DFLY_GUARDED_BY(lock_);
  std::vector<BlobRef> blobs_ DFLY_GUARDED_BY(lock_);
  std::vector<DroppedValue> values_ DFLY_GUARDED_BY(lock_);
  std::atomic<bool> has_work_{false};
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_RECLAIMER_H_
