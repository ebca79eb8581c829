#ifndef DAMSELFLY_SERVER_SESSION_SLOT_LOCKS_H_
#define DAMSELFLY_SERVER_SESSION_SLOT_LOCKS_H_

#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/commands/command_registry.h"
#include "server/store/store.h"

namespace damselfly {

// The locks that one command (or EXEC) holds while it runs: none, one slot's, several slots' in
// ascending order, or all. Released when it goes out of scope. At most one of the Lock methods is
// called, once.
class SlotLocks {
 public:
  explicit SlotLocks(Store* store) : store_(store) {}
  ~SlotLocks() {
    switch (held_) {
      case Held::kNone:
        break;
      case Held::kOne:
        store_->Unlock(slot_);
        break;
      case Held::kMany:
        store_->UnlockSlots(slots_);
        break;
      case Held::kAll:
        store_->UnlockAll();
        break;
    }
  }
  SlotLocks(const SlotLocks&) = delete;
  SlotLocks& operator=(const SlotLocks&) = delete;

  void LockOne(uint16_t slot) {
    store_->Lock(slot);
    slot_ = slot;
    held_ = Held::kOne;
  }
  void LockAll() {
    store_->LockAll();
    held_ = Held::kAll;
  }
  bool held() const { return held_ != Held::kNone; }
  bool Holds(uint16_t slot) const;
  // The slot comes behind all that are held.
  bool IsAboveAll(uint16_t slot) const;
  // In any order, with duplicates.
  using Slots = absl::InlinedVector<uint16_t, 16>;
  void LockMany(Slots slots);
  // Adds the slots of a command's keys to `slots`.
  static void CollectSlots(const Command& command, absl::Span<const absl::string_view> args,
                           Slots* slots);

 private:
  enum class Held : uint8_t { kNone, kOne, kMany, kAll };
  Store* const store_;
  Held held_ = Held::kNone;
  uint16_t slot_ = 0;
  Slots slots_;
};

// The lock of one slot, for its lifetime.
class OneSlotLock {
 public:
  OneSlotLock(Store* store, uint16_t slot) : store_(*store), slot_(slot) { store_.Lock(slot_); }
  ~OneSlotLock() { store_.Unlock(slot_); }
  OneSlotLock(const OneSlotLock&) = delete;
  OneSlotLock& operator=(const OneSlotLock&) = delete;

 private:
  Store& store_;
  const uint16_t slot_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_SLOT_LOCKS_H_
