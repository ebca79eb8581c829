#include "server/store/store.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <limits>
#include <string>
#include <utility>

#include "server/base/check.h"
#include "server/base/hash.h"
#include "server/base/prefetch.h"
#include "server/store/slot_extra.h"

namespace damselfly {
namespace {

// What one background step frees where not much waits, but for the rest of a segment: some ten
// microseconds. Clients wait for no longer than that, and the next step comes right behind them.
constexpr int64_t kEntriesFreedPerStep = 32;

// So many entries are freed by whoever flushes where the background cannot keep up, some
// milliseconds: nobody knows how many elements the collections have that are dropped.
constexpr int64_t kEntriesFreedByFlush = 100'000;

void AddToCount(uint32_t& count, int amount) {
  std::atomic_ref<uint32_t>(count).store(count + static_cast<uint32_t>(amount),
                                         std::memory_order_relaxed);
}

uint64_t LoadCount(uint32_t& count) {
  return std::atomic_ref<uint32_t>(count).load(std::memory_order_relaxed);
}

void SwapCounts(uint32_t& first, uint32_t& second) {
  const int difference = static_cast<int>(second - first);
  AddToCount(first, difference);
  AddToCount(second, -difference);
}

void SwapTables(TableRoot* first, TableRoot* second) {
  const uint64_t ref = first->ref;
  first->SetRef(second->ref);
  second->SetRef(ref);
  SwapCounts(first->key_count, second->key_count);
  SwapCounts(first->expiring_key_count, second->expiring_key_count);
}

}  // namespace

Store::Store(const Options& options)
    : options_(options),
      has_threads_(options.has_threads && options.worker_count > 1),
      // calloc, for memory that stays untouched: an idle slot costs nothing.
      slots_memory_(std::calloc(kSlotCount + 1, sizeof(Slot))),
      slots_(nullptr),
      context_{&HashBytes, options.hash_seed, &walks_, options.splits_uncovered,
               has_threads_ ? nullptr : &bucket_epoch_},
      counters_(static_cast<size_t>(options.worker_count)),
      group_counts_(static_cast<size_t>(options.worker_count)),
      workers_(static_cast<size_t>(options.worker_count)),
      background_step_entries_max_(options.background_step_entries_max) {
  DFLY_CHECK_GE(options.worker_count, 1);
  DFLY_CHECK(slots_memory_ != nullptr);
  value_context_.hash_seed = options.hash_seed;
  // No slot across two cache lines.
  const auto address = reinterpret_cast<uintptr_t>(slots_memory_);
  slots_ = reinterpret_cast<Slot*>((address + sizeof(Slot) - 1) / sizeof(Slot) * sizeof(Slot));
  for (int worker = 0; worker < options.worker_count; ++worker) {
    counters_[static_cast<size_t>(worker)].worker = worker;
    workers_[static_cast<size_t>(worker)].expiry_slot = worker;
  }
}

Store::~Store() {
  DFLY_CHECK(!walks_.active());
  // Which may be gone.
  set_change_sink(nullptr);
  set_key_event_sink(nullptr);
  set_invalidation_sink(nullptr);
  Flush(-1, /*wait=*/true, &counters_[0]);
  for (int slot = extra_slots_.Next(0); slot < kSlotCount; slot = extra_slots_.Next(slot + 1))
    delete slots_[slot].extra.load(std::memory_order_relaxed);
  std::free(figures_);
  std::free(slots_memory_);
}

void Store::LockSlots(absl::Span<const uint16_t> slots) {
  DFLY_DCHECK(std::is_sorted(slots.begin(), slots.end(), std::less_equal<uint16_t>()) ||
              slots.size() < 2);
  for (const uint16_t slot : slots) Lock(slot);
}

void Store::UnlockSlots(absl::Span<const uint16_t> slots) {
  for (const uint16_t slot : slots) Unlock(slot);
}

// Without threads nobody can hold a lock while somebody else asks for all: nothing to do, and no
// memory to touch.
void Store::LockAll() {
  if (!has_threads_) {
    DFLY_CHECK(!all_held_ && held_count_ == 0);
    all_held_ = true;
    return;
  }
  for (int slot = 0; slot < kSlotCount; ++slot) Lock(static_cast<uint16_t>(slot));
}

void Store::UnlockAll() {
  if (!has_threads_) {
    DFLY_CHECK(all_held_);
    all_held_ = false;
    return;
  }
  for (int slot = 0; slot < kSlotCount; ++slot) Unlock(static_cast<uint16_t>(slot));
}

uint64_t Store::KeyCount(int database) const {
  int64_t sum = 0;
  for (const StoreCounters& counters : counters_) sum += counters.keys[database].get();
  return static_cast<uint64_t>(std::max<int64_t>(sum, 0));
}

uint64_t Store::KeyCountOfAllDatabases() const {
  int64_t sum = 0;
  for (const StoreCounters& counters : counters_) {
    for (const OwnedCounter& keys : counters.keys) sum += keys.get();
  }
  return static_cast<uint64_t>(std::max<int64_t>(sum, 0));
}

uint64_t Store::ExpiringKeyCount(int database) const {
  int64_t sum = 0;
  for (const StoreCounters& counters : counters_) sum += counters.expiring_keys[database].get();
  return static_cast<uint64_t>(std::max<int64_t>(sum, 0));
}

uint64_t Store::KeyCountInSlot(int database, uint16_t slot) const {
  TableRoot* const root = FindRoot(slot, database);
  return root == nullptr ? 0 : LoadCount(root->key_count);
}

uint64_t Store::KeyCountInGroup(int database, int group) const {
  int64_t sum = 0;
  for (const SlotGroupCounts& counts : group_counts_) sum += counts.get(database, group);
  return static_cast<uint64_t>(std::max<int64_t>(sum, 0));
}

int64_t Store::AverageTtlMs(int database) const {
  constexpr int kSlotsMax = 64;
  const int64_t now_ms = last_step_ms_.load(std::memory_order_relaxed);
  double sum_ms = 0;
  int64_t sampled = 0;
  int slots = 0;
  const int start = static_cast<int>(Random(options_.random_seed).Below(kSlotCount));
  // Once round, from there on.
  for (const auto& [begin, end] : {std::pair(start, kSlotCount), std::pair(0, start)}) {
    for (int i = extra_slots_.Next(begin); i < end && slots < kSlotsMax;
         i = extra_slots_.Next(i + 1)) {
      const auto slot = static_cast<uint16_t>(i);
      TableRoot* const root = FindRoot(slot, database);
      if (root == nullptr || LoadCount(root->expiring_key_count) == 0 || !TryLockQuietly(slot))
        continue;
      ++slots;
      StoreCounters unused;
      TableAt(root, slot, database, &unused).VisitSegment(0, [&](Entry& entry) {
        if (!entry.has_expiry() || entry.IsExpired(now_ms)) return;
        sum_ms += static_cast<double>(entry.expiry_ms() - now_ms);
        ++sampled;
      });
      UnlockAfterTry(slot);
    }
  }
  return sampled == 0 ? 0 : static_cast<int64_t>(sum_ms / static_cast<double>(sampled));
}

uint64_t Store::DetachTable(uint16_t slot, int database, TableRoot* root, StoreCounters* counters) {
  if (root->ref == 0) return 0;
  CoverTable(root, slot, database, WalkRegistry::Audience::kWantsFlushed);
  if (!options_.flushes_unwatched) TouchWantedOf(slot, database, counters->worker);
  const uint32_t key_count = root->key_count;
  NoteBucketsGone();
  reclaimer_.AddTable(root->ref, key_count, counters);
  if (root->expiring_key_count > 0) HintAt(slot, database) = DeadlineHint();
  root->SetRef(0);
  if (figures_ != nullptr && database == 0) figures_[slot].entry_bytes = 0;
  AddToCount(root->key_count, -static_cast<int>(key_count));
  AddToCount(root->expiring_key_count, -static_cast<int>(root->expiring_key_count));
  return key_count;
}

uint64_t Store::Flush(int database, bool wait, StoreCounters* counters) {
  const bool was_behind = reclaimer_.IsBehind();
  uint64_t flushed = 0;
  const int first = database < 0 ? 0 : database;
  const int last = database < 0 ? kDatabaseCount - 1 : database;
  for (int i = used_slots_.Next(0); i < kSlotCount; i = used_slots_.Next(i + 1)) {
    const auto slot = static_cast<uint16_t>(i);
    for (int each = first; each <= last; ++each) {
      TableRoot* const root = FindRoot(slot, each);
      if (root == nullptr) {
        if (each > 0) break;  // and none of the higher ones
        continue;
      }
      flushed += DetachTable(slot, each, root, counters);
    }
  }
  for (StoreCounters& each : counters_) {
    for (int i = first; i <= last; ++i) {
      each.keys[i].Reset();
      each.expiring_keys[i].Reset();
    }
  }
  for (SlotGroupCounts& each : group_counts_) {
    for (int i = first; i <= last; ++i) each.Reset(i);
  }
  counters->dirty.Add(static_cast<int64_t>(flushed));
  Change change;
  change.kind = Change::Kind::kFlushDatabase;
  change.database = database < 0 ? Change::kAllDatabases : database;
  Tell(change, *counters);
  TellFlushed();
  if (wait) {
    const int64_t freed_before = counters->freed_keys.get();
    while (reclaimer_.Step(std::numeric_limits<int64_t>::max(), counters)) {
    }
    counters->freed_keys.Set(freed_before);  // which counts lazy freeing only
  } else if (was_behind) {
    reclaimer_.Step(kEntriesFreedByFlush, counters);
  }
  return flushed;
}

void Store::SwapDatabases(int first, int second, StoreCounters* counters) {
  if (first == second) return;
  for (int slot = used_slots_.Next(0); slot < kSlotCount; slot = used_slots_.Next(slot + 1)) {
    PrefetchRoots(slot, first, second);
    SwapInSlot(static_cast<uint16_t>(slot), first, second, counters->worker);
  }
  for (StoreCounters& each : counters_) {
    each.keys[first].Swap(each.keys[second]);
    each.expiring_keys[first].Swap(each.expiring_keys[second]);
  }
  for (SlotGroupCounts& each : group_counts_) each.Swap(first, second);
  Change change;
  change.kind = Change::Kind::kSwapDatabases;
  change.database = first;
  change.other_database = second;
  Tell(change, *counters);
}

// Asks for what the next slots keep outside the array of slots. Requires all locks.
void Store::PrefetchRoots(int slot, int first, int second) const {
  // Slots are swapped in the time of a few instructions each, while memory takes that of hundreds.
  constexpr int kExtraAhead = 32;
  constexpr int kRootsAhead = 16;
  if (slot + kExtraAhead >= kSlotCount) return;
  if (const auto* extra = slots_[slot + kExtraAhead].extra.load(std::memory_order_relaxed)) {
    PrefetchForWrite(&extra->hint);
    PrefetchForRead(&extra->others);
  }
  const auto near = static_cast<uint16_t>(slot + kRootsAhead);
  for (const int database : {first, second}) {
    if (database != 0) PrefetchForWrite(FindOtherRoot(near, database));
  }
}

void Store::SwapInSlot(uint16_t slot, int first, int second, int worker) {
  const auto is_empty = [&](int database) {
    const TableRoot* const root = FindRoot(slot, database);
    return root == nullptr || root->ref == 0;
  };
  if (is_empty(first) && is_empty(second)) return;
  TableRoot& first_root = EnsureRoot(slot, first);
  TableRoot& second_root = EnsureRoot(slot, second);
  if (walks_.active()) {
    CoverTable(&first_root, slot, first, WalkRegistry::Audience::kAll);
    CoverTable(&second_root, slot, second, WalkRegistry::Audience::kAll);
  }
  // A watched or awaited key has changed if it was there before or is there now.
  const bool wanted = (slots_[slot].flags & (Slot::kWatched | Slot::kAwaited)) != 0;
  const auto touch_both = [&] {
    TouchWantedOf(slot, first, worker);
    TouchWantedOf(slot, second, worker);
  };
  if (wanted) touch_both();
  NoteBucketsGone();
  SwapTables(&first_root, &second_root);
  // What the hints say of tables in which nothing expires is true of any other such table.
  if ((first_root.expiring_key_count | second_root.expiring_key_count) != 0)
    std::swap(HintAt(slot, first), HintAt(slot, second));
  if (wanted) touch_both();
}

bool Store::BackgroundStep(int worker, int64_t now_ms, StoreCounters* counters) {
  last_step_ms_.store(now_ms, std::memory_order_relaxed);
  const bool more_to_free =
      reclaimer_.Step(std::min(std::max(kEntriesFreedPerStep, reclaimer_.EntriesWanted()),
                               background_step_entries_max_.load(std::memory_order_relaxed)),
                      counters);
  const bool more_to_expire = ExpireStep(worker, now_ms, counters);
  evictor_.Sweep(background_step_entries_max_.load(std::memory_order_relaxed), now_ms);
  return more_to_free || more_to_expire;
}

StoreCountersSnapshot Store::TotalCounters() const {
  StoreCountersSnapshot total;
  for (const StoreCounters& counters : counters_) {
    total.keyspace_hits += counters.keyspace_hits.get();
    total.keyspace_misses += counters.keyspace_misses.get();
    total.expired_keys += counters.expired_keys.get();
    total.evicted_keys += counters.evicted_keys.get();
    total.dirty += counters.dirty.get();
    total.used_bytes += counters.used_bytes.get();
    total.background_bytes += counters.background_bytes.get();
    total.background_keys += counters.background_keys.get();
    total.freed_keys += counters.freed_keys.get();
  }
  return total;
}

// ---- Slots ----

TableRoot* Store::FindOtherRoot(uint16_t slot, int database) const {
  SlotExtra* const extra = slots_[slot].extra.load(std::memory_order_acquire);
  if (extra == nullptr) return nullptr;
  OtherDatabases* const others = extra->others.load(std::memory_order_acquire);
  return others == nullptr ? nullptr : &others->roots[database - 1];
}

SlotExtra& Store::EnsureExtra(uint16_t slot) {
  SlotExtra* extra = slots_[slot].extra.load(std::memory_order_relaxed);
  if (extra == nullptr) {
    extra = new SlotExtra();
    slots_[slot].extra.store(extra, std::memory_order_release);
    extra_slots_.Set(slot);
    used_slots_.Set(slot);
  }
  return *extra;
}

TableRoot& Store::EnsureOtherRoot(uint16_t slot, int database) {
  TableRoot* const root = FindRoot(slot, database);
  if (root != nullptr) return *root;
  auto* const others = new OtherDatabases();
  EnsureExtra(slot).others.store(others, std::memory_order_release);
  return others->roots[database - 1];
}

DeadlineHint& Store::HintAt(uint16_t slot, int database) {
  SlotExtra& extra = EnsureExtra(slot);
  if (database == 0) return extra.hint;
  EnsureRoot(slot, database);
  return extra.others.load(std::memory_order_relaxed)->hints[database - 1];
}

void Store::AddKeys(uint16_t slot, TableRoot& root, int database, int amount,
                    StoreCounters* counters) {
  AddToCount(root.key_count, amount);
  counters->keys[database].Add(amount);
  group_counts_[static_cast<size_t>(counters->worker)].Add(database, slot, amount);
}

void Store::AddExpiringKeys(TableRoot& root, int database, int amount, StoreCounters* counters) {
  AddToCount(root.expiring_key_count, amount);
  counters->expiring_keys[database].Add(amount);
}

// ---- Watching ----

void Store::Watch(int database, const Key& key, WatchMark* mark) {
  EnsureExtra(key.slot).watchers.push_back({database, std::string(key.bytes), mark});
  slots_[key.slot].flags |= Slot::kWatched;
}

void Store::Unwatch(int database, const Key& key, WatchMark* mark) {
  std::vector<Watcher>& watchers = EnsureExtra(key.slot).watchers;
  const auto found = std::find_if(watchers.begin(), watchers.end(), [&](const Watcher& watcher) {
    return watcher.mark == mark && watcher.database == database && watcher.key == key.bytes;
  });
  if (found == watchers.end()) return;
  watchers.erase(found);
  if (watchers.empty()) {
    watchers.shrink_to_fit();
    slots_[key.slot].flags &= ~Slot::kWatched;
  }
}

void Store::WakeWaiters(uint16_t slot, int database, absl::string_view key, int worker) {
  if (!(slots_[slot].flags & Slot::kAwaited)) return;
  AwaitedKey* const awaited = EnsureExtra(slot).awaited->Find(database, key);
  if (awaited != nullptr) NoteReady(slot, awaited, worker);
}

void Store::TouchWanted(uint16_t slot, int database, absl::string_view key, int worker) {
  SlotExtra& extra = EnsureExtra(slot);
  for (const Watcher& watcher : extra.watchers) {
    if (watcher.database == database && watcher.key == key) {
      watcher.mark->dirty.store(true, std::memory_order_relaxed);
    }
  }
  WakeWaiters(slot, database, key, worker);
}

void Store::TouchWantedOf(uint16_t slot, int database, int worker) {
  if (!(slots_[slot].flags & (Slot::kWatched | Slot::kAwaited))) return;
  TableRoot* const root = FindRoot(slot, database);
  if (root == nullptr) return;
  const Table table = TableAt(root, slot, database, &counters_[0]);
  const auto is_there = [&](absl::string_view key) {
    return table.Find(HashBytes(key, options_.hash_seed), key).found();
  };
  SlotExtra& extra = EnsureExtra(slot);
  for (const Watcher& watcher : extra.watchers) {
    if (watcher.database != database || !is_there(watcher.key)) continue;
    watcher.mark->dirty.store(true, std::memory_order_relaxed);
  }
  // A node that answers nothing serves nobody, and may be emptied in another worker's name.
  if (extra.awaited == nullptr || access() == Access::kNone) return;
  extra.awaited->ForEach(database, [&](AwaitedKey& awaited) {
    if (is_there(awaited.name->second)) NoteReady(slot, &awaited, worker);
  });
}

// ---- Waiting ----

void Store::Await(int database, const Key& key, KeyWait* wait) {
  std::unique_ptr<AwaitedKeys>& awaited = EnsureExtra(key.slot).awaited;
  if (awaited == nullptr) awaited = std::make_unique<AwaitedKeys>();
  awaited->Add(database, key.bytes, wait);
  slots_[key.slot].flags |= Slot::kAwaited;
}

void Store::StopAwaiting(uint16_t slot, KeyWait* wait) {
  std::unique_ptr<AwaitedKeys>& awaited = EnsureExtra(slot).awaited;
  DFLY_CHECK(awaited != nullptr);
  awaited->Remove(wait);
  if (!awaited->empty()) return;
  awaited = nullptr;
  slots_[slot].flags &= ~Slot::kAwaited;
}

AwaitedKey* Store::FindAwaited(const ReadyKey& key) const {
  if (!(slots_[key.slot].flags & Slot::kAwaited)) return nullptr;
  const SlotExtra& extra = *slots_[key.slot].extra.load(std::memory_order_relaxed);
  return extra.awaited->Find(key.database, key.key);
}

void Store::NoteReady(uint16_t slot, AwaitedKey* awaited, int worker) {
  if (std::exchange(awaited->noted_by, worker) == worker) return;
  ready_keys(worker).push_back({awaited->name->first, slot, awaited->name->second});
}

}  // namespace damselfly
