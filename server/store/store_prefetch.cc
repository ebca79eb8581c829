// Store's prefetching.

#include <algorithm>
#include <bit>
#include <cstdint>

#include "server/base/check.h"
#include "server/base/prefetch.h"
#include "server/store/store.h"
#include "server/values/element_table.h"
#include "server/values/hash_value.h"
#include "server/values/set_value.h"
#include "server/values/sorted_set_value.h"
#include "server/values/stream_value.h"

namespace damselfly {
namespace {

// Of one command's keys: more would push out of the cache what has been fetched first.
constexpr size_t kKeysOfCommandMax = 128;

inline void PrefetchEntryLines(const Entry* entry) {
  const char* const bytes = reinterpret_cast<const char*>(entry);
  PrefetchForRead(bytes);
  // Longer entries lie across two lines, with some allocators any.
  PrefetchForRead(bytes + 48);
}

inline void PrefetchBoth(const Table::Probe& probe) {
  PrefetchForRead(probe.first);
  PrefetchForRead(probe.second);
}

// Of a large collection; else null. Looks at the entry alone.
inline const ElementTable* MembersTable(const Entry& entry) {
  switch (entry.type()) {
    case ValueType::kSet:
      return entry.as<SetValue>().members_table();
    case ValueType::kHash:
      return entry.as<HashValue>().members_table();
    case ValueType::kSortedSet:
      return entry.as<SortedSetValue>().members_table();
    default:
      return nullptr;
  }
}

// Null: there is none.
inline const StreamValue* StreamIn(const Entry* entry) {
  return entry != nullptr && entry->type() == ValueType::kStream ? &entry->as<StreamValue>()
                                                                 : nullptr;
}

}  // namespace

inline Table::Probe Store::ProbeFor(int database, const Key& key) const {
  const TableRoot* const root = FindRoot(key.slot, database);
  return root == nullptr ? Table::Probe{nullptr, nullptr, 0} : Table::ProbeFor(*root, key.hash);
}

// The key's, or another one with the same tag; null: there is none.
inline const Entry* Store::GuessEntry(int database, const Key& key) const {
  const Table::Probe probe = ProbeFor(database, key);
  if (probe.first == nullptr) return nullptr;
  const Entry* const entry = probe.GuessIn(probe.first);
  return entry != nullptr ? entry : probe.GuessIn(probe.second);
}

// Where many keys share a slot, a node stands between the slot and its segments. Keys are mostly
// spread evenly over the slots: if the first one's has none, no other is looked for.
inline void Store::PrefetchNodes(int database, absl::Span<const Key> keys) const {
  for (const Key& key : keys) {
    const TableRoot* const root = FindRoot(key.slot, database);
    if (root == nullptr || !Table::PrefetchNode(TableRef(root->ref), key.hash)) return;
  }
}

void Store::Prefetch(int database, absl::Span<Key> keys,
                     absl::Span<const absl::string_view> members) const {
  DFLY_DCHECK_LE(keys.size(), kPrefetchedKeysMax);
  has_threads_ ? PrefetchAmongThreads(database, keys) : PrefetchProbes(database, keys);
  if (!members.empty()) PrefetchCollections(database, keys, members);
}

void Store::PrefetchLocked(int database, absl::Span<Key> keys) const {
  keys = keys.subspan(0, kKeysOfCommandMax);
  for (; !keys.empty(); keys.remove_prefix(std::min(keys.size(), kPrefetchedKeysMax)))
    PrefetchProbes(database, keys.subspan(0, kPrefetchedKeysMax));
}

// Nothing changes meanwhile. The second bucket is fetched only for those keys that need it: what
// can be fetched at a time is limited by lines, not by keys.
void Store::PrefetchProbes(int database, absl::Span<Key> keys) const {
  // The entry that `bucket` is likely to have for the key; null: none.
  const auto guess = [&](Key& key, Bucket* bucket, uint16_t tag) -> const Entry* {
    const uint32_t matches = bucket->Match(tag);
    if (matches == 0) return nullptr;
    const int place = std::countr_zero(matches);
    if (!has_threads_) {
      key.guess = {bucket, bucket_epoch_, static_cast<uint16_t>(database),
                   static_cast<uint16_t>(place)};
    }
    return bucket->entry(place);
  };
  Table::Probe probes[kPrefetchedKeysMax];
  PrefetchNodes(database, keys);
  for (size_t i = 0; i < keys.size(); ++i) {
    probes[i] = ProbeFor(database, keys[i]);
    PrefetchForRead(probes[i].first);
  }
  uint32_t in_second = 0;  // a bit a key
  static_assert(kPrefetchedKeysMax <= 32);
  for (size_t i = 0; i < keys.size(); ++i) {
    const Table::Probe& probe = probes[i];
    if (probe.first == nullptr) continue;
    if (const Entry* const entry = guess(keys[i], probe.first, probe.tag)) {
      PrefetchEntryLines(entry);
    } else {
      PrefetchForRead(probe.second);
      in_second |= uint32_t{1} << i;
    }
  }
  for (; in_second != 0; in_second &= in_second - 1) {
    const auto i = static_cast<size_t>(std::countr_zero(in_second));
    const Table::Probe& probe = probes[i];
    if (const Entry* const entry = guess(keys[i], probe.second, probe.tag))
      PrefetchEntryLines(entry);
  }
}

// Nodes and segments may be freed by others unless the slot is locked: nothing is remembered from
// one stage to the next. The first one does without a lock, whose two atomic steps would cost more
// than the rest of it: where a slot has one segment, its root says where the buckets are; elsewhere
// the node is fetched, and looked at only then.
void Store::PrefetchAmongThreads(int database, absl::Span<const Key> keys) const {
  uint32_t in_node = 0;  // a bit a key
  static_assert(kPrefetchedKeysMax <= 32);
  for (size_t i = 0; i < keys.size(); ++i) {
    TableRoot* const root = FindRoot(keys[i].slot, database);
    if (root == nullptr) continue;
    const TableRef ref = root->RefWithoutLock();
    if (Table::PrefetchNode(ref, keys[i].hash)) {
      in_node |= uint32_t{1} << i;
    } else {
      PrefetchBoth(Table::ProbeIn(ref, keys[i].hash));
    }
  }
  for (; in_node != 0; in_node &= in_node - 1) {
    const Key& key = keys[static_cast<size_t>(std::countr_zero(in_node))];
    if (!TryLockQuietly(key.slot)) continue;
    PrefetchBoth(ProbeFor(database, key));
    UnlockAfterTry(key.slot);
  }
  for (const Key& key : keys) {
    if (!TryLockQuietly(key.slot)) continue;
    if (const Entry* const entry = GuessEntry(database, key)) PrefetchEntryLines(entry);
    UnlockAfterTry(key.slot);
  }
}

// The key's, as it has been guessed, or another one with the same tag; null: there is none.
inline const Entry* Store::EntryToFetch(int database, const Key& key) const {
  if (Holds(key.guess, database)) return key.guess.bucket->entry(key.guess.place);
  return has_threads_ ? GuessEntry(database, key) : nullptr;
}

// The entries are on their way, or there.
void Store::PrefetchCollections(int database, absl::Span<const Key> keys,
                                absl::Span<const absl::string_view> members) const {
  DFLY_DCHECK_EQ(members.size(), keys.size());
  MemberLookups lookups;
  uint32_t streams = 0;  // a bit a key
  static_assert(kPrefetchedKeysMax <= 32);
  for (size_t i = 0; i < keys.size(); ++i) {
    if (has_threads_ && !TryLockQuietly(keys[i].slot)) continue;
    if (const Entry* const entry = EntryToFetch(database, keys[i])) {
      entry->PrefetchCollection();
      if (const StreamValue* const stream = StreamIn(entry)) {
        stream->PrefetchState();
        streams |= uint32_t{1} << i;
      }
      const ElementTable* const table =
          members[i].data() != nullptr ? MembersTable(*entry) : nullptr;
      if (table != nullptr) lookups.each[lookups.count++] = {i, table, 0};
    }
    if (has_threads_) UnlockAfterTry(keys[i].slot);
  }
  if (lookups.count > 0) PrefetchMembers(database, keys, members, &lookups);
  if (streams != 0) PrefetchBlocks(database, keys, streams);
}

// Of the keys whose bits are set in `streams`.
void Store::PrefetchBlocks(int database, absl::Span<const Key> keys, uint32_t streams) const {
  for (; streams != 0; streams &= streams - 1) {
    const Key& key = keys[static_cast<size_t>(std::countr_zero(streams))];
    if (has_threads_ && !TryLockQuietly(key.slot)) continue;
    // Among threads it may be another one by now, or none.
    if (const StreamValue* const stream = StreamIn(EntryToFetch(database, key)))
      stream->PrefetchLastBlock();
    if (has_threads_) UnlockAfterTry(key.slot);
  }
}

void Store::PrefetchMembers(int database, absl::Span<const Key> keys,
                            absl::Span<const absl::string_view> members,
                            MemberLookups* lookups) const {
  const auto for_each = [&](auto visit) {
    for (MemberLookup& lookup : absl::MakeSpan(lookups->each, lookups->count)) {
      if (!has_threads_) {
        visit(lookup);
        continue;
      }
      // Tables may be freed by others unless the slot is locked.
      const Key& key = keys[lookup.index];
      if (!TryLockQuietly(key.slot)) continue;
      const Entry* const entry = GuessEntry(database, key);
      lookup.table = entry != nullptr ? MembersTable(*entry) : nullptr;
      if (lookup.table != nullptr) visit(lookup);
      UnlockAfterTry(key.slot);
    }
  };
  for_each([&](MemberLookup& lookup) {
    lookup.hash = lookup.table->HashOf(members[lookup.index]);
    lookup.table->PrefetchBucket(lookup.hash);
  });
  for_each([&](MemberLookup& lookup) { lookup.table->PrefetchElement(lookup.hash); });
}

}  // namespace damselfly
