#ifndef DAMSELFLY_SERVER_STORE_SLOT_H_
#define DAMSELFLY_SERVER_STORE_SLOT_H_

#include <atomic>
#include <cstdint>

#include "server/base/spinlock.h"
#include "server/store/table.h"

namespace damselfly {

struct SlotExtra;

// One of the 16384 slots: its lock, its ownership, the root of its table in database 0, and a
// pointer to all that few slots have. Valid when all zero, so that an array of them costs no memory
// until it is touched.
struct Slot {
  // Bits of `flags`, which the lock guards.
  static constexpr uint8_t kWatched = 1;  // somebody WATCHes a key of this slot
  static constexpr uint8_t kOwned = 2;    // see Store::RestrictToOwnedSlots
  static constexpr uint8_t kTracked = 4;  // somebody keeps what it has read of this slot
  static constexpr uint8_t kAwaited = 8;  // somebody waits for a key of this slot

  SlotLock lock;
  uint8_t flags;
  // Accesses that the slot's figures do not have yet, so that commands which leave the slot's size
  // as it is need no more memory than this line. Guarded by the lock; see Store::CountAccess.
  uint8_t recent_read_count;
  uint8_t recent_write_count;
  TableRoot root;  // database 0
  std::atomic<SlotExtra*>
      extra;  // made when first needed, under the lock; stays until the store goes
};

static_assert(sizeof(Slot) == 32);

// What a member of a cluster knows of one slot beside what is in it. Guarded by the slot's lock.
// Valid when all zero.
struct SlotFigures {
  // Accesses to keys of the slot since the start, by what the commands may do: one for each key
  // that a command names. WATCH is none.
  uint64_t read_count;
  uint64_t write_count;
  int64_t entry_bytes;  // of the entries of database 0 with their keys and values
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_SLOT_H_
