#ifndef DAMSELFLY_SERVER_STORE_TABLE_H_
#define DAMSELFLY_SERVER_STORE_TABLE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "server/base/prefetch.h"
#include "server/runtime/random.h"
#include "server/store/bucket.h"
#include "server/store/entry.h"
#include "server/store/segment.h"
#include "server/store/store_counters.h"
#include "server/store/table_ref.h"
#include "server/store/table_walk.h"

namespace damselfly {

// All that an empty table costs. Valid when all zero. The counts are the owner's to keep. All three
// are written under the slot's lock, each in one atomic step, and may be read so without it.
struct TableRoot {
  uint64_t ref = 0;  // SetRef writes it
  uint32_t key_count = 0;
  uint32_t expiring_key_count = 0;

  void SetRef(uint64_t bits) {
    std::atomic_ref<uint64_t>(ref).store(bits, std::memory_order_relaxed);
  }
  // Without the lock what it refers to may be freed at any time: good for its address alone.
  TableRef RefWithoutLock() {
    return TableRef(std::atomic_ref<uint64_t>(ref).load(std::memory_order_relaxed));
  }
};

// What all tables of a store have in common.
struct TableContext {
  uint64_t (*hash)(absl::string_view key, uint64_t seed);
  uint64_t hash_seed;
  WalkRegistry* walks;
  bool splits_uncovered = false;  // a deliberate bug
  // Another number each time the buckets of any table are freed. Null: nobody asks.
  uint32_t* bucket_epoch = nullptr;
};

// The keys of one database in one slot: a trie over the hash's top bits whose leaves are segments
// of one to sixteen cache-line buckets. It grows by a bucket or two, and splits and merges
// segments: no step costs more than rewriting one segment, and a segment is always exactly one
// prefix range of the hash, which is what makes cursors and walks hold.
//
// A Table is a handle, made for one operation; it owns nothing (the entries are its user's, the
// memory of the trie belongs to the root). Requires the slot's lock throughout.
class Table {
 public:
  // Positions in the table are prefixes of 32 bits of the hash: 0 is the start, kEnd is past the
  // last.
  static constexpr int kPositionBits = 32;
  static constexpr uint64_t kEnd = uint64_t{1} << kPositionBits;

  struct Location {
    Bucket* bucket = nullptr;
    int place = 0;
    bool found() const { return bucket != nullptr; }
    Entry* entry() const { return bucket->entry(place); }
  };

  // `slot` and `database` are what walks are told. `used_bytes` is charged for segments and nodes.
  Table(TableRoot* root, const TableContext& context, uint16_t slot, int database,
        OwnedCounter* used_bytes)
      : root_(root),
        context_(&context),
        used_bytes_(used_bytes),
        database_(database),
        slot_(slot) {}

  TableRoot& root() const { return *root_; }
  uint16_t slot() const { return slot_; }

  // ---- One key ----

  Location Find(uint64_t hash, absl::string_view key) const {
    const TableRef segment = Descend(root_->ref, hash);
    if (segment.is_null()) return {};
    const SegmentShape shape(segment);
    const uint16_t tag = shape.TagOf(hash);
    if (__builtin_expect(shape.is_linear(), 0)) return FindLinear(segment, tag, key);
    const SegmentShape::Candidates candidates = shape.CandidatesOf(tag);
    const Location first = FindInBucket(&segment.buckets()[candidates.first], tag, key);
    if (first.found()) return first;
    return FindInBucket(&segment.buckets()[candidates.second], tag, key);
  }

  // Must come before every change of an entry that is in the table. (The functions below see to it
  // themselves.)
  void PrepareChange(const Location& location) const {
    context_->walks->Cover(slot_, database_, location.bucket);
  }

  // Requires that no entry with this key is there.
  void Insert(uint64_t hash, Entry* entry);
  // Puts `entry`, of the same key, in the place of the old one, which becomes the caller's.
  void Replace(const Location& location, Entry* entry);
  // Takes the entry out; it becomes the caller's. `hash` is its key's.
  void Remove(const Location& location, uint64_t hash);

  // Where a Find looks: in the second bucket only when the first does not have the key. Until the
  // next change of the table.
  struct Probe {
    Bucket* first;  // null: the table has no bucket for the key, or many
    Bucket* second;
    uint16_t tag;

    // The entry that `bucket` is likely to have for the key, or null.
    const Entry* GuessIn(const Bucket* bucket) const {
      const uint32_t matches = bucket->Match(tag);
      return matches == 0 ? nullptr : bucket->entry(std::countr_zero(matches));
    }
  };
  static Probe ProbeFor(const TableRoot& root, uint64_t hash) {
    return ProbeIn(Descend(root.ref, hash), hash);
  }
  // In a segment, or null. Reads nothing of it.
  static Probe ProbeIn(TableRef segment, uint64_t hash) {
    const SegmentShape shape(segment);
    if (segment.is_null() || shape.is_linear()) return {nullptr, nullptr, 0};
    const uint16_t tag = shape.TagOf(hash);
    const SegmentShape::Candidates candidates = shape.CandidatesOf(tag);
    return {&segment.buckets()[candidates.first], &segment.buckets()[candidates.second], tag};
  }

  // Asks the cache for the node that ProbeFor reads first; false if the table, whose root refers to
  // `ref`, has none. Reads nothing of it.
  static bool PrefetchNode(TableRef ref, uint64_t hash) {
    if (!ref.is_node()) return false;
    PrefetchForRead(&ref.node()->children[hash >> (64 - TableNode::kBits)]);
    return true;
  }

  // ---- Many keys. The visitor must not change the table. ----

  using EntryVisitor = absl::FunctionRef<void(Entry& entry)>;

  void ForEach(EntryVisitor visitor) const;

  // Visits the entries of one segment at most, those at or after `position`, in the hash's order,
  // until `count` have been visited; entries of equal tags are never torn apart. Returns the
  // position to go on from, or kEnd. Whoever is in the table from position 0 to kEnd is visited,
  // whatever splits and merges happen between the calls.
  uint64_t Scan(uint64_t position, size_t count, EntryVisitor visitor) const;

  // Visits the segment at `position` whole and returns the position of the next one, or kEnd.
  uint64_t VisitSegment(uint64_t position, EntryVisitor visitor) const;

  // A bucket of the segment at a position. For looks that need not see everything: entries may move
  // to other buckets between them.
  struct BucketPosition {
    uint64_t position = 0;
    int bucket = 0;
  };
  // Visits the entries of one bucket and returns the next one's place; its position is kEnd after
  // the last.
  BucketPosition VisitBucket(BucketPosition at, EntryVisitor visitor) const;

  // Covers the segment at `position`, whose entries go to the walks of the audience; otherwise as
  // VisitSegment.
  uint64_t CoverSegment(uint64_t position,
                        WalkRegistry::Audience audience = WalkRegistry::Audience::kAll) const;

  // An entry chosen nearly uniformly, or null when there is none.
  Entry* RandomEntry(Random& random) const;

 private:
  struct SegmentRange {
    TableRef segment;
    uint64_t end;
  };

  static TableRef Descend(uint64_t root_bits, uint64_t hash) {
    TableRef ref(root_bits);
    for (int shift = 64 - TableNode::kBits; ref.is_node(); shift -= TableNode::kBits) {
      ref = TableRef(ref.node()->children[(hash >> shift) % TableNode::kFanOut]);
    }
    return ref;
  }

  static Location FindInBucket(Bucket* bucket, uint16_t tag, absl::string_view key) {
    for (uint32_t matches = bucket->Match(tag); matches != 0; matches &= matches - 1) {
      const int place = std::countr_zero(matches);
      if (bucket->entry(place)->HasKey(key)) return {bucket, place};
    }
    return {};
  }

  static Location FindLinear(TableRef segment, uint16_t tag, absl::string_view key);
  SegmentRange SegmentAt(uint64_t position) const;
  void CoverAll(TableRef segment,
                WalkRegistry::Audience audience = WalkRegistry::Audience::kAll) const;
  void Grow(uint64_t hash, TableRef segment);
  void Split(uint64_t hash, TableRef segment);
  void Shrink(uint64_t hash);
  TableRef Merge(uint64_t hash, TableRef segment, TableRef sibling);
  void Link(uint64_t hash, int depth, TableRef ref);
  TableNode* NodeAt(uint64_t hash, int depth) const;
  TableRef Allocate(int bucket_count, int depth);
  void Free(TableRef segment);

  struct Item;
  class ItemList;
  TableRef Build(const ItemList& items, int bucket_count, int depth);

  TableRoot* root_;

  const TableContext* context_;
  OwnedCounter* used_bytes_;
  int database_;
  uint16_t slot_;
};

// Takes one segment out of a table that nobody uses any more, so that it can be freed bit by bit.
// Returns it, or null when nothing is left. Inner nodes are freed on the way; `*freed_node_bytes`
// grows by their size.
TableRef PopSegment(uint64_t* root_bits, int64_t* freed_node_bytes);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_TABLE_H_
