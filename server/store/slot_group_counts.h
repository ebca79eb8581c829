#ifndef DAMSELFLY_SERVER_STORE_SLOT_GROUP_COUNTS_H_
#define DAMSELFLY_SERVER_STORE_SLOT_GROUP_COUNTS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "server/base/crc16.h"
#include "server/store/store_counters.h"

namespace damselfly {

// One worker's share of how many keys there are in each group of neighbouring slots, for whoever
// looks for the slot of the n-th key: a step for each group and one for each slot of the right one,
// where there would be one for each slot. As with StoreCounters, only that worker writes, or
// whoever holds all slots' locks; shares may be negative, and only sums over all workers mean
// something. A database that never has a key costs a pointer.
class SlotGroupCounts {
 public:
  static constexpr int kSlotsInGroup = 128;
  static constexpr int kGroupCount = kSlotCount / kSlotsInGroup;
  static_assert(kGroupCount * kSlotsInGroup == kSlotCount);

  SlotGroupCounts() = default;
  ~SlotGroupCounts() {
    for (std::atomic<Groups*>& groups : databases_) delete groups.load(std::memory_order_relaxed);
  }
  SlotGroupCounts(const SlotGroupCounts&) = delete;
  SlotGroupCounts& operator=(const SlotGroupCounts&) = delete;

  void Add(int database, uint16_t slot, int64_t amount) {
    std::atomic<Groups*>& place = databases_[static_cast<size_t>(database)];
    Groups* groups = place.load(std::memory_order_relaxed);
    if (groups == nullptr) [[unlikely]] {
      groups = new Groups();
      place.store(groups, std::memory_order_release);
    }
    (*groups)[slot / kSlotsInGroup].Add(amount);
  }

  int64_t get(int database, int group) const {
    const Groups* const groups =
        databases_[static_cast<size_t>(database)].load(std::memory_order_acquire);
    return groups == nullptr ? 0 : (*groups)[static_cast<size_t>(group)].get();
  }

  // Requires all slots' locks, as does Swap. Groups are never freed: somebody may be reading them.
  void Reset(int database) {
    Groups* const groups =
        databases_[static_cast<size_t>(database)].load(std::memory_order_relaxed);
    if (groups == nullptr) return;
    for (OwnedCounter& count : *groups) count.Reset();
  }

  void Swap(int first, int second) {
    std::atomic<Groups*>& a = databases_[static_cast<size_t>(first)];
    std::atomic<Groups*>& b = databases_[static_cast<size_t>(second)];
    Groups* const groups = a.load(std::memory_order_relaxed);
    a.store(b.load(std::memory_order_relaxed), std::memory_order_release);
    b.store(groups, std::memory_order_release);
  }

 private:
  using Groups = std::array<OwnedCounter, kGroupCount>;
  std::array<std::atomic<Groups*>, StoreCounters::kDatabaseCount> databases_{};
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_SLOT_GROUP_COUNTS_H_
