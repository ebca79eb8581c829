#ifndef DAMSELFLY_SERVER_STORE_TABLE_WALK_H_
#define DAMSELFLY_SERVER_STORE_TABLE_WALK_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "server/base/spinlock.h"
#include "server/base/thread_annotations.h"
#include "server/store/bucket.h"

namespace damselfly {

// One pass over the tables of a store (or of one slot) that sees them as they were at one instant,
// the cut, while writers go on: what snapshots, full syncs and migrations stand on. The receiver
// gets every entry of the cut exactly once, either when the walk comes to its bucket or, earlier,
// when somebody is about to change that bucket.
//
// Begin, step and end it through Store.
class TableWalk {
 public:
  static constexpr int kAllSlots = -1;

  class Receiver {
   public:
    virtual ~Receiver() = default;
    // Called under the slot's lock by whoever covers the bucket: the walk's own thread or a writer.
    // Must be short, must not touch the store, must not keep the entry.
    virtual void Receive(uint16_t slot, int database, const Entry& entry) = 0;
  };

  // `receiver` outlives the walk.
  TableWalk(int slot, Receiver* receiver) : slot_(slot), receiver_(receiver) {}
  TableWalk(const TableWalk&) = delete;
  TableWalk& operator=(const TableWalk&) = delete;

  bool Includes(uint16_t slot) const { return slot_ == kAllSlots || slot_ == slot; }
  int slot() const { return slot_; }

  // Where the walk continues; a hash prefix, so that it holds while the table changes.
  struct Position {
    int slot = 0;
    int database = 0;
    uint64_t prefix = 0;
  };
  Position position;

 private:
  friend class WalkRegistry;

  int slot_;
  Receiver* receiver_;
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

  // Hands the bucket's entries to every walk that has not seen them. To be called before each
  // change of a bucket.
  void Cover(uint16_t slot, int database, Bucket* bucket) {
    if (active() && bucket->version() < epoch()) CoverSlow(slot, database, bucket);
  }

  bool active() const { return active_.load(std::memory_order_relaxed) != 0; }
  uint32_t epoch() const { return epoch_.load(std::memory_order_relaxed); }

 private:
  void CoverSlow(uint16_t slot, int database, Bucket* bucket);

  SpinLock lock_;
  absl::InlinedVector<TableWalk*, 4> walks_ DFLY_GUARDED_BY(lock_);
  std::atomic<uint32_t> active_{0};
  std::atomic<uint32_t> epoch_{0};
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_TABLE_WALK_H_
