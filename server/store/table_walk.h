#ifndef DAMSELFLY_SERVER_STORE_TABLE_WALK_H_
#define DAMSELFLY_SERVER_STORE_TABLE_WALK_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "server/base/crc16.h"
#include "server/base/spinlock.h"
#include "server/base/thread_annotations.h"
#include "server/store/bucket.h"

namespace damselfly {

// One pass over the tables of a store (of all its slots, of one, or of every n-th) that sees them
// as they were at one instant, the cut, while writers go on: what snapshots, full syncs and
// migrations stand on. The receiver gets every entry of the cut exactly once, either when the walk
// comes to its bucket or, earlier, when somebody is about to change that bucket.
//
// Begin, step and end it through Store.
class TableWalk {
 public:
  // Slots at equal distances: `first`, `first` + `stride`, and so on to the last. Requires
  // 0 <= first < stride <= kSlotCount.
  struct Slots {
    int first = 0;
    int stride = 1;

    static Slots All() { return {0, 1}; }
    static Slots One(uint16_t slot) { return {slot, kSlotCount}; }
    bool Include(uint16_t slot) const { return slot % stride == first; }
  };

  class Receiver {
   public:
    virtual ~Receiver() = default;
    // Called under the slot's lock by whoever covers the bucket: the walk's own thread or a writer.
    // Must be short, must not touch the store, must not keep the entry.
    virtual void Receive(uint16_t slot, int database, const Entry& entry) = 0;
    // Whether the entries of tables that are about to be emptied as a whole (FLUSHALL, a slot that
    // is lost) have to be received as well; a receiver to which it makes no difference spares the
    // flush the time that its keys take. Asked when the walk begins.
    virtual bool WantsFlushed() const { return true; }
  };

  // `receiver` outlives the walk.
  TableWalk(Slots slots, Receiver* receiver) : slots_(slots), receiver_(receiver) {}
  TableWalk(const TableWalk&) = delete;
  TableWalk& operator=(const TableWalk&) = delete;

  bool Includes(uint16_t slot) const { return slots_.Include(slot); }
  const Slots& slots() const { return slots_; }

  // Where the walk continues; a hash prefix, so that it holds while the table changes.
  struct Position {
    int slot = 0;
    int database = 0;
    uint64_t prefix = 0;
  };
  Position position;

 private:
  friend class WalkRegistry;

  Slots slots_;
  Receiver* receiver_;
  bool wants_flushed_ = true;
  uint32_t epoch_ = 0;
};

// The walks that go on, and the epochs that tell what they have covered.
//
// Each walk begins a new epoch. A bucket whose version is at or above a walk's epoch has been
// covered for that walk; covering a bucket serves all walks at once and sets its version to the
// newest epoch. All changes of a bucket are preceded by covering it, and new buckets are born
// covered, so an entry can neither be missed nor come twice, wherever it is moved.
//
// Thread-safe, as long as a walk begins and ends under the locks of all slots that it includes.
class WalkRegistry {
 public:
  WalkRegistry() = default;
  WalkRegistry(const WalkRegistry&) = delete;
  WalkRegistry& operator=(const WalkRegistry&) = delete;

  void Begin(TableWalk* walk);
  void End(TableWalk* walk);

  // Who is handed a bucket's entries: all walks, or those that want what is about to be flushed.
  enum class Audience : uint8_t { kAll, kWantsFlushed };

  // Hands the bucket's entries to every walk of the audience that has not seen them. To be called
  // before each change of a bucket.
  void Cover(uint16_t slot, int database, Bucket* bucket, Audience audience = Audience::kAll) {
    if (active() && bucket->version() < epoch()) CoverSlow(slot, database, bucket, audience);
  }

  // Whether any walk over the slot is of the audience.
  bool HasAudience(uint16_t slot, Audience audience);

  bool active() const { return active_.load(std::memory_order_relaxed) != 0; }
  uint32_t epoch() const { return epoch_.load(std::memory_order_relaxed); }

 private:
  static bool IsOfAudience(const TableWalk& walk, uint16_t slot, Audience audience);
  void CoverSlow(uint16_t slot, int database, Bucket* bucket, Audience audience);

  SpinLock lock_;
  absl::InlinedVector<TableWalk*, 4> walks_ DFLY_GUARDED_BY(lock_);
  std::atomic<uint32_t> active_{0};
  std::atomic<uint32_t> epoch_{0};
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_TABLE_WALK_H_
