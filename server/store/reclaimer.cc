#include "server/store/reclaimer.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "server/base/prefetch.h"
#include "server/store/table.h"

namespace damselfly {
namespace {

// Collections of so many elements are freed with their entries.
constexpr size_t kElementsAtOnceMax = 64;
// So many elements of a collection are freed before others are looked at.
constexpr int64_t kElementsInOneGo = 1000;

template <typename Visitor>
void ForEachEntry(TableRef segment, const Visitor& visitor) {
  for (int i = 0; i < segment.bucket_count(); ++i) {
    const Bucket& bucket = segment.buckets()[i];
    for (uint32_t left = bucket.occupied_mask(); left != 0; left &= left - 1)
      visitor(bucket.entry(std::countr_zero(left)));
  }
}

}  // namespace

// Frees a segment and its entries; returns how many there were. Collections that take long go among
// the dropped values.
int64_t Reclaimer::FreeWithEntries(TableRef segment, StoreCounters* counters) {
  int64_t freed = 0;
  int64_t bytes = SegmentBytes(segment);
  // Entries that nobody has looked at for long are far away: fetched one by one they would take
  // several times as long.
  ForEachEntry(segment, [](const Entry* entry) { PrefetchForWrite(entry); });
  ForEachEntry(segment, [&](Entry* entry) {
    if (entry->kind() == Entry::Kind::kCollection) {
      AnyValue value = entry->ReleaseCollection();
      if (value.size() > kElementsAtOnceMax) {
        AddValue(std::move(value), counters);
      } else {
        bytes += static_cast<int64_t>(value.memory_bytes());
      }
    }
    bytes += static_cast<int64_t>(entry->memory_bytes());
    Entry::Destroy(entry);
    ++freed;
  });
  FreeSegment(segment);
  counters->used_bytes.Add(-bytes);
  counters->background_keys.Add(-freed);
  counters->freed_keys.Add(freed);
  return freed;
}

Reclaimer::~Reclaimer() {
  StoreCounters unused;
  Step(std::numeric_limits<int64_t>::max(), &unused);
}

void Reclaimer::AddTable(uint64_t root_bits, uint32_t key_count, StoreCounters* counters) {
  if (root_bits == 0) return;
  counters->background_keys.Add(key_count);
  waiting_tables_.fetch_add(1, std::memory_order_relaxed);
  SpinLockGuard guard(lock_);
  tables_.push_back(root_bits);
  has_work_.store(true, std::memory_order_relaxed);
}

void Reclaimer::AddBlob(BlobRef blob, StoreCounters* counters) {
  const auto bytes = static_cast<int64_t>(blob->memory_bytes());
  counters->background_keys.Add(1);
  counters->background_bytes.Add(bytes);
  waiting_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  SpinLockGuard guard(lock_);
  blobs_.push_back(std::move(blob));
  has_work_.store(true, std::memory_order_relaxed);
}

void Reclaimer::AddValue(AnyValue value, StoreCounters* counters) {
  const auto bytes = static_cast<int64_t>(value.memory_bytes());
  counters->background_keys.Add(1);
  counters->background_bytes.Add(bytes);
  waiting_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  SpinLockGuard guard(lock_);
  values_.push_back({std::move(value), bytes});
  has_work_.store(true, std::memory_order_relaxed);
}

// Frees elements, as many as there may be, and puts the rest back.
void Reclaimer::FreeElements(DroppedValue dropped, int64_t* entries_max, StoreCounters* counters) {
  const int64_t elements = std::min(*entries_max, kElementsInOneGo);
  *entries_max -= elements;
  if (!dropped.value.FreeSome(static_cast<size_t>(elements))) {
    SpinLockGuard guard(lock_);
    values_.push_back(std::move(dropped));
    // Another worker may have found nothing meanwhile, and said so.
    has_work_.store(true, std::memory_order_relaxed);
    return;
  }
  counters->used_bytes.Add(-dropped.bytes);
  counters->background_bytes.Add(-dropped.bytes);
  waiting_bytes_.fetch_sub(dropped.bytes, std::memory_order_relaxed);
  counters->background_keys.Add(-1);
  counters->freed_keys.Add(1);
}

int64_t Reclaimer::EntriesWanted() const {
  return std::min(waiting_bytes_.load(std::memory_order_relaxed) / kWaitingBytesAnEntry,
                  kEntriesWantedMax);
}

bool Reclaimer::Step(int64_t entries_max, StoreCounters* counters) {
  if (!has_work_.load(std::memory_order_relaxed)) return false;
  while (entries_max > 0) {
    uint64_t table = 0;
    BlobRef blob;
    DroppedValue dropped;
    {
      SpinLockGuard guard(lock_);
      if (!blobs_.empty()) {
        blob = std::move(blobs_.back());
        blobs_.pop_back();
      } else if (!values_.empty()) {
        dropped = std::move(values_.back());
        values_.pop_back();
      } else if (!tables_.empty()) {
        table = tables_.back();
        tables_.pop_back();
      } else {
        tables_.shrink_to_fit();
        blobs_.shrink_to_fit();
        values_.shrink_to_fit();
        has_work_.store(false, std::memory_order_relaxed);
        return false;
      }
    }
    if (blob) {
      const auto bytes = static_cast<int64_t>(blob->memory_bytes());
      counters->used_bytes.Add(-bytes);
      counters->background_bytes.Add(-bytes);
      waiting_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
      counters->background_keys.Add(-1);
      counters->freed_keys.Add(1);
      --entries_max;
      continue;
    }
    if (dropped.value) {
      FreeElements(std::move(dropped), &entries_max, counters);
      continue;
    }
    int64_t node_bytes = 0;
    while (entries_max > 0) {
      const TableRef segment = PopSegment(&table, &node_bytes);
      if (segment.is_null()) break;
      // An empty segment is work too.
      entries_max -= FreeWithEntries(segment, counters) + 1;
    }
    counters->used_bytes.Add(-node_bytes);
    if (table == 0) {
      waiting_tables_.fetch_sub(1, std::memory_order_relaxed);
    } else {
      SpinLockGuard guard(lock_);
      tables_.push_back(table);
      // Another worker may have found nothing meanwhile, and said so.
      has_work_.store(true, std::memory_order_relaxed);
    }
  }
  return true;
}

}  // namespace damselfly
