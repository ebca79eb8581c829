#ifndef DAMSELFLY_SERVER_STORE_SLOT_GROUP_COUNTS_H_
#define DAMSELFLY_SERVER_STORE_SLOT_GROUP_COUNTS_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "server/base/crc16.h"
#include "server/store/store_counters.h"

namespace damselfly {

// One worker's share of how many keys there are in each group of neighbouring slots, for whoever
// looks for the slot of the n-th key: a step for each group and one for each slot of the right one,
// where there would be one for each slot. As with StoreCounters, only that worker writes, or
// whoever holds all slots' locks; shares may be negative, and only sums over all workers mean
// something.
class SlotGroupCounts {
 public:
  static constexpr int kSlotsInGroup = 128;
  static constexpr int kGroupCount = kSlotCount / kSlotsInGroup;
  static_assert(kGroupCount * kSlotsInGroup == kSlotCount);

  void Add(int database, uint16_t slot, int64_t amount) {
    counts_[static_cast<size_t>(database)][slot / kSlotsInGroup].Add(amount);
  }

  int64_t get(int database, int group) const {
    return counts_[static_cast<size_t>(database)][static_cast<size_t>(group)].get();
  }

  void Reset(int database) {
    for (OwnedCounter& count : counts_[static_cast<size_t>(database)]) count.Reset();
  }

  void Swap(int first, int second) {
    for (size_t group = 0; group < kGroupCount; ++group)
      counts_[static_cast<size_t>(first)][group].Swap(counts_[static_cast<size_t>(second)][group]);
  }

 private:
  using Groups = std::array<OwnedCounter, kGroupCount>;
  std::array<Groups, StoreCounters::kDatabaseCount> counts_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_SLOT_GROUP_COUNTS_H_
