#include "server/store/evictor.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/string_view.h"
#include "server/base/hash.h"
#include "server/store/database.h"
#include "server/store/store.h"

namespace damselfly {
namespace {

// Entries that the sweep goes over for each key evicted: with as many evictions as there are keys
// it makes as many rounds as the clock has generations.
constexpr int64_t kSweptPerEviction = AccessClock::kRankCount;
// It is called for so many at least.
constexpr int64_t kSweptTogetherMin = 128;

// Where the keys looked at are all well wanted, more are, up to so many: a sixteenth of all is good
// enough.
constexpr int64_t kLookedMax = 32;
// Under random policies each key looked at goes in one of so many cases.
constexpr uint64_t kRandomOneOf = 8;
// What one call visits at most where few keys have deadlines: some ten microseconds.
constexpr int64_t kVisitedMax = 1024;

// Better than anything: nobody can ask for it any more.
constexpr int64_t kWorthOfExpired = std::numeric_limits<int64_t>::max();

AccessClock::Kind ClockFor(EvictionPolicy policy) {
  if (IsLru(policy)) return AccessClock::Kind::kLru;
  if (IsLfu(policy)) return AccessClock::Kind::kLfu;
  return AccessClock::Kind::kOff;
}

bool IsRandom(EvictionPolicy policy) {
  return policy == EvictionPolicy::kAllKeysRandom || policy == EvictionPolicy::kVolatileRandom;
}

uint64_t LoadCount(uint32_t& count) {
  return std::atomic_ref<uint32_t>(count).load(std::memory_order_relaxed);
}

}  // namespace

Evictor::Evictor(Store* store) : store_(*store) {
  const int workers = store->options_.worker_count;
  Random seeds(store->options_.random_seed);
  for (int worker = 0; worker < workers; ++worker) {
    hands_.emplace_back(seeds.Next());
    hands_.back().slot = kSlotCount / workers * worker;
  }
}

void Evictor::Configure(const Settings& settings, int64_t now_ms) {
  constexpr int64_t kMsPerMinute = 60000;
  const SpinLockGuard guard(settings_lock_);
  policy_.store(settings.policy, std::memory_order_relaxed);
  samples_.store(settings.samples, std::memory_order_relaxed);
  decay_ms_.store(settings.decay_minutes * kMsPerMinute, std::memory_order_relaxed);
  clock_.set_log_factor(settings.log_factor);
  const AccessClock::Kind kind = ClockFor(settings.policy);
  if (kind == clock_.kind()) return;
  clock_.Start(kind, now_ms);
  good_rank_.store(0, std::memory_order_relaxed);
  kind_changed_.store(true, std::memory_order_release);
}

void Evictor::NoteAccess(Entry* entry, int worker) {
  const uint8_t before = entry->access();
  const uint8_t after = clock_.AfterAccess(before, hands_[static_cast<size_t>(worker)].random);
  if (after != before) entry->set_access(after);
}

// ---- Finding a key to evict ----

bool Evictor::MayHaveCandidates(EvictionPolicy policy) const {
  if (policy == EvictionPolicy::kNoEviction) return false;
  if (!IsVolatile(policy)) return store_.KeyCountOfAllDatabases() > 0;
  for (int database = 0; database < Store::kDatabaseCount; ++database) {
    if (store_.ExpiringKeyCount(database) > 0) return true;
  }
  return false;
}

// Without the lock, and so nothing is known of databases but the first.
bool Evictor::SlotMayHaveCandidates(uint16_t slot, EvictionPolicy policy) const {
  TableRoot& root = *store_.FindRoot(slot, 0);
  return LoadCount(IsVolatile(policy) ? root.expiring_key_count : root.key_count) > 0 ||
         store_.FindRoot(slot, 1) != nullptr;
}

void Evictor::LeaveSlot(Hand& hand, int next_slot) {
  hand.slot = next_slot;
  hand.database = 0;
  hand.at = {};
}

// Requires a slot's lock: while one is held it stays as it is. Who does not own expiry is told what
// goes.
bool Evictor::MayEvict(Permission allowed) const {
  return store_.owns_expiry() && store_.access() == Store::Access::kReadWrite && allowed();
}

Evictor::Outcome Evictor::EvictOne(int64_t now_ms, StoreCounters* counters, Permission allowed) {
  Hand& hand = hands_[static_cast<size_t>(counters->worker)];
  Search search{policy(), now_ms};
  if (!MayHaveCandidates(search.policy)) return Outcome::kNothing;
  for (int passed = 0; passed <= kSlotCount && !search.is_over;) {
    const int next = store_.used_slots_.Next(hand.slot);
    passed += next - hand.slot;
    if (next != hand.slot) LeaveSlot(hand, next);
    if (next == kSlotCount) {
      LeaveSlot(hand, 0);
      continue;
    }
    const auto slot = static_cast<uint16_t>(next);
    if (!SlotMayHaveCandidates(slot, search.policy)) {
      LeaveSlot(hand, next + 1);
      ++passed;
      continue;
    }
    store_.Lock(slot);
    const bool may_evict = MayEvict(allowed);
    if (may_evict && store_.MayPopulate(slot)) {
      SearchSegment(hand, &search, counters);
    } else {
      LeaveSlot(hand, next + 1);
    }
    const bool removed = search.is_over && search.entry != nullptr;
    if (removed) {
      Remove(hand, search, counters);
    } else if (search.entry != nullptr) {
      hand.key.assign(search.entry->key().data(), search.entry->key().size());
      search.entry = nullptr;
    }
    store_.Unlock(slot);
    if (!may_evict) return Outcome::kNothing;
    if (removed) {
      PayForSweep(hand, now_ms);
      return Outcome::kEvicted;
    }
    passed += hand.slot - next;
  }
  if (search.worth == Search::kNoWorth)
    return search.is_over ? Outcome::kUnfinished : Outcome::kNothing;
  if (!RemoveLater(hand, search, counters, allowed)) return Outcome::kNothing;
  PayForSweep(hand, now_ms);
  return Outcome::kEvicted;
}

// Looks at keys from the hand's place on, in one segment at most, and moves the hand.
void Evictor::SearchSegment(Hand& hand, Search* search, StoreCounters* counters) {
  const auto slot = static_cast<uint16_t>(hand.slot);
  TableRoot* const root = store_.FindRoot(slot, hand.database);
  if (root == nullptr) return LeaveSlot(hand, hand.slot + 1);
  const uint64_t segment = hand.at.position;
  const bool has_any =
      (IsVolatile(search->policy) ? root->expiring_key_count : root->key_count) > 0;
  if (!has_any) hand.at.position = Table::kEnd;
  const Table table = store_.TableAt(root, slot, hand.database, counters);
  while (hand.at.position == segment && !search->is_over) {
    hand.at = table.VisitBucket(hand.at, [&](Entry& entry) { Consider(entry, hand, search); });
    ++search->visited;
    search->is_over |= Suffices(*search) || search->visited >= kVisitedMax;
  }
  if (hand.at.position != Table::kEnd) return;
  hand.at = {};
  if (++hand.database == Store::kDatabaseCount) LeaveSlot(hand, hand.slot + 1);
}

void Evictor::Consider(Entry& entry, Hand& hand, Search* search) const {
  ++search->visited;
  if (IsVolatile(search->policy) && !entry.has_expiry()) return;
  ++search->looked;
  int64_t worth = 0;
  if (entry.IsExpired(search->now_ms)) {
    worth = kWorthOfExpired;
  } else if (search->policy == EvictionPolicy::kVolatileTtl) {
    worth = -std::max<int64_t>(entry.expiry_ms(), 0);
  } else if (IsRandom(search->policy)) {
    worth = hand.random.Below(kRandomOneOf) == 0 ? 1 : 0;
  } else {
    worth = clock_.RankOf(entry.access());
  }
  if (worth <= search->worth) return;
  search->worth = worth;
  search->slot = static_cast<uint16_t>(hand.slot);
  search->database = hand.database;
  search->entry = &entry;
}

bool Evictor::Suffices(const Search& search) const {
  if (search.worth == kWorthOfExpired) return true;
  if (IsRandom(search.policy)) return search.worth > 0 || search.looked >= kLookedMax;
  const int64_t samples = samples_.load(std::memory_order_relaxed);
  if (search.looked < samples) return false;
  if (search.looked >= kLookedMax) return true;
  // Of deadlines it is not known what is good.
  if (search.policy == EvictionPolicy::kVolatileTtl) return false;
  return search.worth >= good_rank_.load(std::memory_order_relaxed);
}

// Requires the lock of the slot of search.entry.
void Evictor::Remove(Hand& hand, const Search& search, StoreCounters* counters) {
  hand.key.assign(search.entry->key().data(), search.entry->key().size());
  const absl::string_view key = hand.key;
  Database database(&store_, search.database, search.now_ms, counters);
  const Key located{key, HashBytes(key, store_.hash_seed()), search.slot};
  // Big values are freed in the background. What has expired is counted and told of as such.
  if (!database.Delete(located, /*background=*/true)) return;
  counters->evicted_keys.Add(1);
  store_.Notify(counters->worker, search.database, KeyEventClass::kEvicted, "evicted", key);
}

// The best key was in a slot that has been unlocked since; what is there now goes. False if nothing
// may be evicted any more.
bool Evictor::RemoveLater(Hand& hand, const Search& search, StoreCounters* counters,
                          Permission allowed) {
  store_.Lock(search.slot);
  const bool may_evict = MayEvict(allowed);
  if (may_evict) {
    Database database(&store_, search.database, search.now_ms, counters);
    const Key located{hand.key, HashBytes(hand.key, store_.hash_seed()), search.slot};
    Search found = search;
    found.entry = database.Peek(located);
    if (found.entry != nullptr) Remove(hand, found, counters);
  }
  store_.Unlock(search.slot);
  return may_evict;
}

// ---- The sweep ----

void Evictor::PayForSweep(Hand& hand, int64_t now_ms) {
  if (!clock_.is_on()) return;
  hand.sweep_debt += kSweptPerEviction;
  if (hand.sweep_debt < kSweptTogetherMin) return;
  Sweep(std::exchange(hand.sweep_debt, 0), now_ms);
}

void Evictor::Sweep(int64_t entries, int64_t now_ms) {
  if (!clock_.is_on() || !sweep_lock_.TryLock()) return;
  if (kind_changed_.load(std::memory_order_relaxed)) {
    kind_changed_.exchange(false, std::memory_order_acquire);
    decayed_until_ms_ = now_ms;
    BeginRound(now_ms);
    round_renews_ = true;
  }
  while (entries > 0) {
    const int next = store_.used_slots_.Next(sweep_slot_);
    if (next != sweep_slot_) {
      sweep_slot_ = next;
      sweep_database_ = 0;
      sweep_position_ = 0;
    }
    if (next == kSlotCount) {
      EndRound(now_ms);
      BeginRound(now_ms);
      break;
    }
    SweepSegment(static_cast<uint16_t>(next), &entries);
  }
  sweep_lock_.Unlock();
}

// One segment of the slot, or what shows that there is none any more.
void Evictor::SweepSegment(uint16_t slot, int64_t* entries) {
  --*entries;
  if (!SlotMayHaveCandidates(slot, EvictionPolicy::kAllKeysLru)) {
    ++sweep_slot_;
    return;
  }
  store_.Lock(slot);
  TableRoot* root = store_.FindRoot(slot, sweep_database_);
  if (root != nullptr) {
    const Table table = store_.TableAt(root, slot, sweep_database_, &store_.counters_[0]);
    sweep_position_ =
        table.VisitSegment(sweep_position_, [&](Entry& entry) DFLY_NO_THREAD_SAFETY_ANALYSIS {
          --*entries;
          VisitInSweep(entry);
        });
    if (sweep_position_ == Table::kEnd) {
      sweep_position_ = 0;
      ++sweep_database_;
    }
    root =
        sweep_database_ == Store::kDatabaseCount ? nullptr : store_.FindRoot(slot, sweep_database_);
  }
  store_.Unlock(slot);
  if (root != nullptr) return;
  ++sweep_slot_;
  sweep_database_ = 0;
}

void Evictor::VisitInSweep(Entry& entry) {
  const uint8_t before = entry.access();
  uint8_t access = before;
  if (round_renews_) {
    access = clock_.first();
  } else if (clock_.kind() == AccessClock::Kind::kLru) {
    access = clock_.HoldBack(access);
  } else {
    access = AccessClock::Decayed(access, round_decay_);
  }
  if (access != before) entry.set_access(access);
  if (IsVolatile(policy()) && !entry.has_expiry()) return;
  ++rank_counts_[static_cast<size_t>(clock_.RankOf(access))];
}

void Evictor::EndRound(int64_t now_ms) {
  constexpr int64_t kNewestShare = 16;  // the newest generation is one of so many at least
  constexpr int64_t kOldestShare = 8;   // the oldest class is one of so many at most
  constexpr int64_t kGoodShare = 16;    // as many are good enough to go
  auto& counts = rank_counts_;
  const int64_t total = std::accumulate(counts.begin(), counts.end(), int64_t{0});
  if (total == 0) return;
  const size_t last = counts.size() - 1;
  const SpinLockGuard guard(settings_lock_);
  if (kind_changed_.load(std::memory_order_relaxed)) return;
  if (clock_.kind() == AccessClock::Kind::kLru && counts[0] * kNewestShare >= total &&
      (counts[last] + counts[last - 1]) * kOldestShare <= total) {
    clock_.Advance(now_ms);
    counts[last] += counts[last - 1];
    std::copy_backward(counts.begin(), counts.end() - 2, counts.end() - 1);
    counts[0] = 0;
  }
  int rank = static_cast<int>(last);
  int64_t good = counts[last];
  while (good * kGoodShare < total) good += counts[static_cast<size_t>(--rank)];
  good_rank_.store(rank, std::memory_order_relaxed);
}

void Evictor::BeginRound(int64_t now_ms) {
  sweep_slot_ = 0;
  sweep_database_ = 0;
  sweep_position_ = 0;
  rank_counts_.fill(0);
  round_renews_ = false;
  round_decay_ = 0;
  const int64_t decay_ms = decay_ms_.load(std::memory_order_relaxed);
  // The clock may have been set back.
  decayed_until_ms_ = std::min(decayed_until_ms_, now_ms);
  if (clock_.kind() != AccessClock::Kind::kLfu || decay_ms == 0) {
    decayed_until_ms_ = now_ms;
    return;
  }
  round_decay_ = (now_ms - decayed_until_ms_) / decay_ms;
  decayed_until_ms_ += round_decay_ * decay_ms;
}

}  // namespace damselfly
