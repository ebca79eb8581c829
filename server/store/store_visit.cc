#include <algorithm>

#include "server/base/check.h"
#include "server/store/slot_extra.h"
#include "server/store/store.h"

// The parts of Store that go over many keys: Scan, random entries, walks.

namespace damselfly {
namespace {

// Slots that one call locks at most: a client that scans with a pattern gets an answer, if an empty
// one, soon.
constexpr int kScanSlotsMax = 1024;

// A cursor is the slot above the 32-bit position in its table.
uint64_t CursorOf(int slot, uint64_t position) {
  return static_cast<uint64_t>(slot) << Table::kPositionBits | position;
}

// Holds a slot's lock, unless the caller has them all.
class ConditionalLock {
 public:
  ConditionalLock(Store* store, uint16_t slot, bool all_locked)
      : store_(all_locked ? nullptr : store), slot_(slot) {
    if (store_ != nullptr) store_->Lock(slot_);
  }
  ~ConditionalLock() {
    if (store_ != nullptr) store_->Unlock(slot_);
  }
  ConditionalLock(const ConditionalLock&) = delete;
  ConditionalLock& operator=(const ConditionalLock&) = delete;

 private:
  Store* const store_;
  const uint16_t slot_;
};

}  // namespace

uint64_t Store::Scan(int database, uint64_t cursor, size_t count, bool all_locked,
                     EntryVisitor visitor) {
  uint64_t position = cursor % Table::kEnd;
  size_t visited = 0;
  int slots_locked = 0;
  const auto counting_visitor = [&](Entry& entry) {
    ++visited;
    visitor(entry);
  };
  const int begin = static_cast<int>((cursor >> Table::kPositionBits) % kSlotCount);
  for (int i = used_slots_.Next(begin); i < kSlotCount; i = used_slots_.Next(i + 1)) {
    if (i != begin) position = 0;
    const auto slot = static_cast<uint16_t>(i);
    if (KeyCountInSlot(database, slot) == 0) continue;
    if (slots_locked == kScanSlotsMax || (visited >= count && slots_locked > 0))
      return CursorOf(i, position);
    ++slots_locked;
    const ConditionalLock lock(this, slot, all_locked);
    const Table table = TableAt(FindRoot(slot, database), slot, database, &counters_[0]);
    do {
      position = table.Scan(position, count > visited ? count - visited : 1, counting_visitor);
    } while (position < Table::kEnd && visited < count);
    if (position < Table::kEnd && !options_.scans_skip) return CursorOf(i, position);
  }
  return 0;
}

void Store::ForEachInSlot(int database, uint16_t slot, EntryVisitor visitor) {
  TableRoot* const root = FindRoot(slot, database);
  if (root != nullptr) TableAt(root, slot, database, &counters_[0]).ForEach(visitor);
}

// The slot of the key that has `rank` others before it, in the order of slots; kSlotCount: there is
// none, or keys have moved meanwhile.
int Store::SlotOfRank(int database, uint64_t rank) const {
  int group = 0;
  for (; group < SlotGroupCounts::kGroupCount; ++group) {
    const uint64_t in_group = KeyCountInGroup(database, group);
    if (rank < in_group) break;
    rank -= in_group;
  }
  const int end = std::min((group + 1) * SlotGroupCounts::kSlotsInGroup, int{kSlotCount});
  for (int slot = used_slots_.Next(group * SlotGroupCounts::kSlotsInGroup); slot < end;
       slot = used_slots_.Next(slot + 1)) {
    const uint64_t in_slot = KeyCountInSlot(database, static_cast<uint16_t>(slot));
    if (rank < in_slot) return slot;
    rank -= in_slot;
  }
  return kSlotCount;
}

bool Store::RandomEntry(int database, int64_t now_ms, Random& random, bool all_locked,
                        EntryVisitor visitor) {
  constexpr int kTriesMax = 64;
  for (int i = 0; i < kTriesMax; ++i) {
    const uint64_t key_count = KeyCount(database);
    if (key_count == 0) break;
    // The slot of a random key: each slot counts as often as it has keys.
    const int chosen = SlotOfRank(database, random.Below(key_count));
    if (chosen == kSlotCount) continue;  // keys have gone meanwhile
    const auto slot = static_cast<uint16_t>(chosen);
    const ConditionalLock lock(this, slot, all_locked);
    Entry* const entry =
        TableAt(FindRoot(slot, database), slot, database, &counters_[0]).RandomEntry(random);
    if (entry == nullptr || entry->IsExpired(now_ms)) continue;
    visitor(*entry);
    return true;
  }
  // Nearly all keys are past their deadline, or there are none.
  return VisitFirstLive(database, now_ms, all_locked, visitor);
}

bool Store::VisitFirstLive(int database, int64_t now_ms, bool all_locked, EntryVisitor visitor) {
  for (int i = used_slots_.Next(0); i < kSlotCount; i = used_slots_.Next(i + 1)) {
    const auto slot = static_cast<uint16_t>(i);
    if (KeyCountInSlot(database, slot) == 0) continue;
    const ConditionalLock lock(this, slot, all_locked);
    Entry* live = nullptr;
    ForEachInSlot(database, slot, [&](Entry& entry) {
      if (live == nullptr && !entry.IsExpired(now_ms)) live = &entry;
    });
    if (live == nullptr) continue;
    visitor(*live);
    return true;
  }
  return false;
}

void Store::BeginWalk(TableWalk* walk) {
  walk->position = {walk->slots().first, 0, 0};
  walks_.Begin(walk);
}

void Store::EndWalk(TableWalk* walk) { walks_.End(walk); }

bool Store::StepWalk(TableWalk* walk, bool all_locked) {
  constexpr int kSlotsMax = 256;
  TableWalk::Position& position = walk->position;
  for (int passed = 0; passed < kSlotsMax && position.slot < kSlotCount;) {
    const auto slot = static_cast<uint16_t>(position.slot);
    // What is put there from now on is none of the walk's.
    if (!used_slots_.Has(slot)) {
      position = {position.slot + walk->slots().stride, 0, 0};
      continue;
    }
    ++passed;
    const ConditionalLock lock(this, slot, all_locked);
    for (; position.database < kDatabaseCount; ++position.database, position.prefix = 0) {
      TableRoot* const root = FindRoot(slot, position.database);
      if (root == nullptr || root->ref == 0 || position.prefix == Table::kEnd) continue;
      position.prefix =
          TableAt(root, slot, position.database, &counters_[0]).CoverSegment(position.prefix);
      return true;
    }
    position = {position.slot + walk->slots().stride, 0, 0};
  }
  return position.slot < kSlotCount;
}

// Before a whole table moves or goes: whoever walks and is meant gets all of it now.
void Store::CoverTable(TableRoot* root, uint16_t slot, int database,
                       WalkRegistry::Audience audience) {
  if (!walks_.HasAudience(slot, audience)) return;
  const Table table = TableAt(root, slot, database, &counters_[0]);
  for (uint64_t position = 0; position < Table::kEnd;)
    position = table.CoverSegment(position, audience);
}

}  // namespace damselfly
