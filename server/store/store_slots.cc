#include <cstdlib>

#include "server/base/check.h"
#include "server/store/slot_extra.h"
#include "server/store/store.h"

// Single slots: who owns them, and removing all that is in one.

namespace damselfly {

void Store::RestrictToOwnedSlots() {
  DFLY_CHECK(figures_ == nullptr);
  flags_required_ = Slot::kOwned;
  // calloc, as for the slots: what is not touched costs nothing.
  figures_ = static_cast<SlotFigures*>(std::calloc(kSlotCount, sizeof(SlotFigures)));
  DFLY_CHECK(figures_ != nullptr);
}

void Store::Own(uint16_t slot) {
  DFLY_CHECK(restricted_to_owned_slots());
  slots_[slot].flags |= Slot::kOwned;
}

uint64_t Store::Disown(uint16_t slot, StoreCounters* counters) {
  Close(slot);
  return FlushSlot(slot, counters);
}

void Store::Close(uint16_t slot) {
  DFLY_CHECK(restricted_to_owned_slots());
  slots_[slot].flags &= ~Slot::kOwned;
  // Also those whose key is not there: another node may make it from now on.
  if (slots_[slot].flags & Slot::kWatched) {
    for (const Watcher& watcher : EnsureExtra(slot).watchers)
      watcher.mark->dirty.store(true, std::memory_order_relaxed);
  }
  TellSlotLost(slot);
}

uint64_t Store::FlushSlot(uint16_t slot, StoreCounters* counters) {
  uint64_t flushed = 0;
  for (int database = 0; database < kDatabaseCount; ++database) {
    TableRoot* const root = FindRoot(slot, database);
    if (root == nullptr) break;  // and none of the higher ones
    const auto expiring_keys = static_cast<int64_t>(root->expiring_key_count);
    const uint64_t keys = DetachTable(slot, database, root, counters);
    counters->keys[database].Add(-static_cast<int64_t>(keys));
    group_counts_[static_cast<size_t>(counters->worker)].Add(database, slot,
                                                             -static_cast<int64_t>(keys));
    counters->expiring_keys[database].Add(-expiring_keys);
    flushed += keys;
  }
  if (flushed == 0) return 0;
  TellSlotLost(slot);
  counters->dirty.Add(static_cast<int64_t>(flushed));
  Change change;
  change.kind = Change::Kind::kFlushSlot;
  change.slot = slot;
  Tell(change, *counters);
  return flushed;
}

}  // namespace damselfly
