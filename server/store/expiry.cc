#include <algorithm>
#include <atomic>

#include "absl/container/inlined_vector.h"
#include "server/base/crc16.h"
#include "server/base/hash.h"
#include "server/store/slot_extra.h"
#include "server/store/store.h"

// Active expiry: each worker goes round its home slots and sweeps those tables in which, by their
// hint, a deadline has passed. A sweep goes from segment to segment, deletes what has expired and
// learns the next deadline. It depends on the clock only by comparing deadlines with it: a clock
// set back delays, a clock set forward makes much work, done in bounded steps.

namespace damselfly {
namespace {

// Slots looked at in one step: with nothing to delete, some tens of microseconds. A round over all
// slots takes four steps at most, so at the usual ten steps a second what has expired is gone
// within half a second.
constexpr int kSlotsPerStepMax = kSlotCount / 4;

// After a round over all slots that has found nothing due there is no other for so long. Steps come
// one right behind the other while memory is being freed, and would look at the same slots over and
// over. (What has been found due may have stayed, where expiry was taken from this store
// meanwhile.)
constexpr int64_t kRoundPauseMs = 5;

}  // namespace

bool Store::ExpireStep(int worker, int64_t now_ms, StoreCounters* counters) {
  if (!active_expiry_.load(std::memory_order_relaxed) || !MayExpire(now_ms)) return false;
  bool any = false;
  const int databases = restricted_to_owned_slots() ? 1 : kDatabaseCount;
  for (int database = 0; database < databases && !any; ++database)
    any = ExpiringKeyCount(database) > 0;
  if (!any) return false;

  // Without the lock, and so of databases whose tables stay where they are.
  const auto may_expire = [this](int slot) {
    TableRoot& root = slots_[slot].root;
    return std::atomic_ref<uint32_t>(root.expiring_key_count).load(std::memory_order_relaxed) > 0 ||
           FindRoot(static_cast<uint16_t>(slot), 1) != nullptr;
  };
  WorkerState& state = workers_[static_cast<size_t>(worker)];
  if (state.round_slots >= kSlotCount) {
    const int64_t passed_ms = now_ms - state.round_ms;
    if (passed_ms >= 0 && passed_ms < kRoundPauseMs) return false;
    state.round_slots = 0;
  }
  int& slot = state.expiry_slot;
  int64_t visits_left = background_step_entries_max_.load(std::memory_order_relaxed);
  int slots_left = kSlotsPerStepMax;
  for (int passed = 0; passed < kSlotCount && slots_left > 0;) {
    const int next = extra_slots_.Next(slot);
    passed += next - slot;
    state.round_slots += next - slot;
    slot = next;
    if (slot == kSlotCount) {
      slot = 0;
      continue;
    }
    // Whoever gives a slot its first deadline meanwhile is seen to in the next round.
    if (may_expire(slot) && slot % options_.worker_count == worker) {
      const auto current = static_cast<uint16_t>(slot);
      --slots_left;
      Lock(current);
      const int64_t visits = ExpireInSlot(current, now_ms, visits_left, counters);
      Unlock(current);
      if (visits > 0) state.round_slots = 0;
      visits_left -= visits;
      // The slot may have more: the next step begins with it.
      if (visits_left <= 0) return true;
    }
    ++slot;
    ++passed;
    ++state.round_slots;
  }
  state.round_ms = now_ms;
  return false;
}

// Returns the number of entries visited: at least `visits_max` if the slot is not done.
int64_t Store::ExpireInSlot(uint16_t slot, int64_t now_ms, int64_t visits_max,
                            StoreCounters* counters) {
  int64_t visited = 0;
  for (int index = 0; index < kDatabaseCount && visited < visits_max; ++index) {
    TableRoot* const root = FindRoot(slot, index);
    if (root == nullptr) break;  // and none of the higher ones
    if (root->expiring_key_count == 0) continue;
    DeadlineHint& hint = HintAt(slot, index);
    if (hint.next_ms > now_ms) continue;
    Database database(this, index, now_ms, counters);
    visited += SweepTable(slot, database, hint, visits_max - visited);
  }
  return visited;
}

int64_t Store::SweepTable(uint16_t slot, Database& database, DeadlineHint& hint,
                          int64_t visits_max) {
  TableRoot* const root = FindRoot(slot, database.index());
  int64_t visited = 0;
  if (hint.position == 0) hint.sweep_next_ms = DeadlineHint::kNever;
  while (visited < visits_max) {
    absl::InlinedVector<const Entry*, Bucket::kCapacity * SegmentShape::kIndexedBucketsMax> expired;
    const Table table = TableAt(root, slot, database.index(), database.counters_);
    hint.position = table.VisitSegment(hint.position, [&](Entry& entry) {
      ++visited;
      if (!entry.has_expiry()) return;
      if (entry.IsExpired(database.now_ms())) {
        expired.push_back(&entry);
      } else {
        hint.sweep_next_ms = std::min(hint.sweep_next_ms, entry.expiry_ms());
      }
    });
    // Finding a key deletes it when it has expired.
    const uint32_t expiring_before = root->expiring_key_count;
    for (const Entry* const entry : expired) {
      database.Find(Key{entry->key(), HashBytes(entry->key(), options_.hash_seed), slot});
    }
    // Unless expiry has been taken from this store meanwhile: what stayed is due when it is back.
    if (expiring_before - root->expiring_key_count != expired.size())
      hint.sweep_next_ms = std::min(hint.sweep_next_ms, database.now_ms());
    ++visited;  // an empty segment is work too
    if (hint.position == Table::kEnd) {
      hint.position = 0;
      hint.next_ms = hint.sweep_next_ms;
      break;
    }
  }
  return visited;
}

}  // namespace damselfly
