#include <algorithm>
#include <utility>

#include "server/store/slot_extra.h"
#include "server/store/store.h"

// Who has read which keys and wants to know when they change (client-side caching). Kept slot by
// slot, so that reading a key, changing it and telling of it are in one order.

namespace damselfly {

void Store::Track(const Key& key, KeyReader reader) {
  TrackedKeys& keys = EnsureExtra(key.slot).tracked_keys;
  const auto [found, is_new] = keys.try_emplace(std::string(key.bytes));
  if (is_new) {
    slots_[key.slot].flags |= Slot::kTracked;
    tracked_key_count_.fetch_add(1, std::memory_order_relaxed);
  }
  KeyReaders& readers = found->second;
  const auto place =
      std::lower_bound(readers.begin(), readers.end(), reader.client,
                       [](const KeyReader& each, uint64_t client) { return each.client < client; });
  if (place != readers.end() && place->client == reader.client) return;
  readers.insert(place, reader);
  tracked_reader_count_.fetch_add(1, std::memory_order_relaxed);
}

KeyReaders Store::TakeReaders(uint16_t slot, absl::string_view key) {
  if (!(slots_[slot].flags & Slot::kTracked)) return {};
  TrackedKeys& keys = EnsureExtra(slot).tracked_keys;
  const auto found = keys.find(key);
  if (found == keys.end()) return {};
  KeyReaders readers = std::move(found->second);
  keys.erase(found);
  if (keys.empty()) slots_[slot].flags &= ~Slot::kTracked;
  tracked_key_count_.fetch_sub(1, std::memory_order_relaxed);
  tracked_reader_count_.fetch_sub(static_cast<int64_t>(readers.size()), std::memory_order_relaxed);
  return readers;
}

TrackedKeys Store::TakeTrackedKeys(uint16_t slot) {
  if (!(slots_[slot].flags & Slot::kTracked)) return {};
  TrackedKeys keys = std::exchange(EnsureExtra(slot).tracked_keys, {});
  slots_[slot].flags &= ~Slot::kTracked;
  int64_t readers = 0;
  for (const auto& [key, its_readers] : keys) readers += static_cast<int64_t>(its_readers.size());
  tracked_key_count_.fetch_sub(static_cast<int64_t>(keys.size()), std::memory_order_relaxed);
  tracked_reader_count_.fetch_sub(readers, std::memory_order_relaxed);
  return keys;
}

void Store::TouchObserved(uint16_t slot, int database, absl::string_view key, int worker,
                          InvalidationCause cause) {
  if (slots_[slot].flags & (Slot::kWatched | Slot::kAwaited))
    TouchWanted(slot, database, key, worker);
  InvalidationSink* const sink = invalidation_sink();
  if (sink == nullptr) return;
  const KeyReaders readers = TakeReaders(slot, key);
  if (!readers.empty() || tells_all_changes()) sink->OnKeyInvalidated(worker, key, readers, cause);
}

void Store::TellSlotLost(uint16_t slot) {
  InvalidationSink* const sink = invalidation_sink();
  if (sink != nullptr) sink->OnSlotLost(TakeTrackedKeys(slot));
}

void Store::TellFlushed() {
  InvalidationSink* const sink = invalidation_sink();
  if (sink == nullptr) return;
  for (int slot = extra_slots_.Next(0); slot < kSlotCount; slot = extra_slots_.Next(slot + 1))
    TakeTrackedKeys(static_cast<uint16_t>(slot));
  sink->OnFlushed();
}

bool Store::ForgetTrackedKey(int worker, uint16_t from) {
  // Once round, from there on.
  for (const auto& [begin, end] : {std::pair<int, int>(from, kSlotCount), {0, from}}) {
    for (int i = extra_slots_.Next(begin); i < end; i = extra_slots_.Next(i + 1)) {
      if (ForgetTrackedKeyIn(static_cast<uint16_t>(i), worker)) return true;
    }
  }
  return false;
}

bool Store::ForgetTrackedKeyIn(uint16_t slot, int worker) {
  Lock(slot);
  const bool found = (slots_[slot].flags & Slot::kTracked) != 0;
  if (found) {
    const std::string key = EnsureExtra(slot).tracked_keys.begin()->first;
    const KeyReaders readers = TakeReaders(slot, key);
    InvalidationSink* const sink = invalidation_sink();
    if (sink != nullptr)
      sink->OnKeyInvalidated(worker, key, readers, InvalidationCause::kForgotten);
  }
  Unlock(slot);
  return found;
}

}  // namespace damselfly
