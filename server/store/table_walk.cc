#include "server/store/table_walk.h"

#include <algorithm>

#include "server/base/check.h"

namespace damselfly {

void WalkRegistry::Begin(TableWalk* walk) {
  const TableWalk::Slots& slots = walk->slots();
  DFLY_CHECK(0 <= slots.first && slots.first < slots.stride && slots.stride <= kSlotCount);
  SpinLockGuard guard(lock_);
  DFLY_CHECK_EQ(walk->epoch_, 0u);
  DFLY_CHECK_LT(epoch(), UINT32_MAX);
  walk->epoch_ = epoch() + 1;
  walk->wants_flushed_ = walk->receiver_->WantsFlushed();
  epoch_.store(walk->epoch_, std::memory_order_relaxed);
  walks_.push_back(walk);
  active_.store(static_cast<uint32_t>(walks_.size()), std::memory_order_relaxed);
}

void WalkRegistry::End(TableWalk* walk) {
  SpinLockGuard guard(lock_);
  const auto found = std::find(walks_.begin(), walks_.end(), walk);
  DFLY_CHECK(found != walks_.end());
  walks_.erase(found);
  walk->epoch_ = 0;
  active_.store(static_cast<uint32_t>(walks_.size()), std::memory_order_relaxed);
}

bool WalkRegistry::IsOfAudience(const TableWalk& walk, uint16_t slot, Audience audience) {
  return walk.Includes(slot) && (audience == Audience::kAll || walk.wants_flushed_);
}

bool WalkRegistry::HasAudience(uint16_t slot, Audience audience) {
  if (!active()) return false;
  SpinLockGuard guard(lock_);
  return std::any_of(walks_.begin(), walks_.end(),
                     [&](const TableWalk* walk) { return IsOfAudience(*walk, slot, audience); });
}

void WalkRegistry::CoverSlow(uint16_t slot, int database, Bucket* bucket, Audience audience) {
  // A walk that includes this slot cannot end while the caller holds the slot's lock, so the
  // receivers are called without the registry's.
  absl::InlinedVector<TableWalk*, 4> behind;
  uint32_t epoch_now;
  {
    SpinLockGuard guard(lock_);
    epoch_now = epoch();
    for (TableWalk* walk : walks_) {
      if (walk->epoch_ > bucket->version() && IsOfAudience(*walk, slot, audience))
        behind.push_back(walk);
    }
  }
  for (TableWalk* walk : behind) {
    for (int place = 0; place < Bucket::kCapacity; ++place) {
      if (bucket->occupied(place)) walk->receiver_->Receive(slot, database, *bucket->entry(place));
    }
  }
  bucket->set_version(epoch_now);
}

}  // namespace damselfly
