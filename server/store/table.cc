#include "server/store/table.h"

#include "absl/container/inlined_vector.h"
#include "server/base/check.h"

namespace damselfly {
namespace {

// Two sibling segments with at most this many entries together become one. Less than half of what a
// segment holds when it splits, so that a table of constant size does not split and merge all the
// time.
constexpr int kMergeEntriesMax = 40;

// A segment is rebuilt smaller when it holds fewer entries a bucket than this (as a fraction).
constexpr int kShrinkNumerator = 14;
constexpr int kShrinkDenominator = 5;

uint64_t HashBit(int depth) { return uint64_t{1} << (63 - depth); }

}  // namespace

// An entry on its way from one segment to another.
struct Table::Item {
  Entry* entry;
  uint16_t tag;
};

// Room for what a full indexed segment holds; a linear one takes it to the heap.
class Table::ItemList
    : public absl::InlinedVector<Table::Item,
                                 Bucket::kCapacity * SegmentShape::kIndexedBucketsMax> {
 public:
  void Append(TableRef segment) {
    for (int i = 0; i < segment.bucket_count(); ++i) {
      const Bucket& bucket = segment.buckets()[i];
      for (uint32_t left = bucket.occupied_mask(); left != 0; left &= left - 1) {
        const int place = std::countr_zero(left);
        push_back({bucket.entry(place), bucket.tag(place)});
      }
    }
  }
};

Table::Location Table::FindLinear(TableRef segment, uint16_t tag, absl::string_view key) {
  for (int i = 0; i < segment.bucket_count(); ++i) {
    const Location location = FindInBucket(&segment.buckets()[i], tag, key);
    if (location.found()) return location;
  }
  return {};
}

void Table::Insert(uint64_t hash, Entry* entry) {
  if (root_->ref == 0) root_->SetRef(Allocate(1, 0).bits());
  for (;;) {
    const TableRef segment = Descend(root_->ref, hash);
    const SegmentShape shape(segment);
    const uint16_t tag = shape.TagOf(hash);
    const Placement placement = FindPlacement(segment.buckets(), shape, tag);
    if (placement.bucket != nullptr) {
      context_->walks->Cover(slot_, database_, placement.bucket);
      if (placement.refuge != nullptr) context_->walks->Cover(slot_, database_, placement.refuge);
      ApplyPlacement(placement, tag, entry);
      return;
    }
    Grow(hash, segment);
  }
}

void Table::Replace(const Location& location, Entry* entry) {
  PrepareChange(location);
  location.bucket->SetEntry(location.place, entry);
}

void Table::Remove(const Location& location, uint64_t hash) {
  PrepareChange(location);
  location.bucket->Remove(location.place);
  // Counting a whole segment on every removal would touch all its lines: a nearly empty bucket is
  // the hint.
  if (location.bucket->size() <= 1) Shrink(hash);
}

// Makes room in a full segment: more buckets, or two segments.
void Table::Grow(uint64_t hash, TableRef segment) {
  const int bucket_count = segment.bucket_count();
  if (bucket_count >= SegmentShape::kIndexedBucketsMax && segment.depth() < TableRef::kDepthMax) {
    Split(hash, segment);
    return;
  }
  CoverAll(segment);
  ItemList items;
  items.Append(segment);
  Link(hash, segment.depth(), Build(items, NextBucketCount(bucket_count), segment.depth()));
  Free(segment);
}

void Table::Split(uint64_t hash, TableRef segment) {
  if (!context_->splits_uncovered) CoverAll(segment);
  const int depth = segment.depth();
  const int window = SegmentShape::WindowOf(depth);
  const bool same_window = window == SegmentShape::WindowOf(depth + 1);

  ItemList items;
  items.Append(segment);
  ItemList halves[2];
  for (const Item& item : items) {
    if (same_window) {
      halves[item.tag >> (SegmentShape::kTagBits - 1 - (depth - window)) & 1].push_back(item);
    } else {
      // The tag's window moves on: the one place where keys are read again.
      const uint64_t item_hash = context_->hash(item.entry->key(), context_->hash_seed);
      halves[(item_hash & HashBit(depth)) != 0].push_back(
          {item.entry, SegmentShape::TagOf(item_hash, depth + 1)});
    }
  }
  if (depth % TableNode::kBits == 0) {
    used_bytes_->Add(sizeof(TableNode));
    Link(hash, depth, TableRef::Node(AllocateNode()));
  }
  for (int half = 0; half < 2; ++half) {
    const TableRef built =
        Build(halves[half], BucketCountFor(static_cast<int>(halves[half].size())), depth + 1);
    Link(half == 0 ? hash & ~HashBit(depth) : hash | HashBit(depth), depth + 1, built);
  }
  Free(segment);
}

// Gives memory back after a removal, where that is worth it: merges the segment with its sibling,
// as often as possible, or else makes it smaller.
void Table::Shrink(uint64_t hash) {
  TableRef segment = Descend(root_->ref, hash);
  int size = SegmentSize(segment);
  while (segment.depth() > 0 && size <= kMergeEntriesMax) {
    const TableRef sibling = Descend(root_->ref, hash ^ HashBit(segment.depth() - 1));
    if (sibling.depth() != segment.depth()) break;
    const int merged_size = size + SegmentSize(sibling);
    if (merged_size > kMergeEntriesMax) break;
    segment = Merge(hash, segment, sibling);
    size = merged_size;
  }
  if (size == 0 && segment.depth() == 0) {
    root_->SetRef(0);
    Free(segment);
    return;
  }
  if (segment.bucket_count() == 1 ||
      size * kShrinkDenominator > segment.bucket_count() * kShrinkNumerator)
    return;
  CoverAll(segment);
  ItemList items;
  items.Append(segment);
  Link(hash, segment.depth(), Build(items, BucketCountFor(size), segment.depth()));
  Free(segment);
}

// Returns the segment that takes the place of both.
TableRef Table::Merge(uint64_t hash, TableRef segment, TableRef sibling) {
  CoverAll(segment);
  CoverAll(sibling);
  ItemList items;
  items.Append(segment);
  items.Append(sibling);
  const int depth = segment.depth() - 1;
  const int shift = SegmentShape::WindowOf(depth + 1) - SegmentShape::WindowOf(depth);
  if (shift != 0) {
    // The bits that the tag's window gains are above the common depth: those of `hash`.
    const uint16_t common =
        static_cast<uint16_t>(SegmentShape::TagOf(hash, depth) & ~(0xffffu >> shift));
    for (Item& item : items) item.tag = static_cast<uint16_t>(common | item.tag >> shift);
  }
  const TableRef merged = Build(items, BucketCountFor(static_cast<int>(items.size())), depth);
  TableNode* const node = depth % TableNode::kBits == 0 ? NodeAt(hash, depth + 1) : nullptr;
  Link(hash, depth, merged);
  if (node != nullptr) {
    FreeNode(node);
    used_bytes_->Add(-static_cast<int64_t>(sizeof(TableNode)));
  }
  Free(segment);
  Free(sibling);
  return merged;
}

// A new segment with these entries, of `bucket_count` buckets or as few more as it takes.
TableRef Table::Build(const ItemList& items, int bucket_count, int depth) {
  for (;; bucket_count = NextBucketCount(bucket_count)) {
    const TableRef segment = Allocate(bucket_count, depth);
    const SegmentShape shape(segment);
    bool fits = true;
    for (const Item& item : items) {
      const Placement placement = FindPlacement(segment.buckets(), shape, item.tag);
      fits = placement.bucket != nullptr;
      if (!fits) break;
      ApplyPlacement(placement, item.tag, item.entry);
    }
    if (fits) return segment;
    Free(segment);
  }
}

// The node in whose children a segment of this depth on the path of `hash` stands. Requires depth >
// 0 and such a node.
TableNode* Table::NodeAt(uint64_t hash, int depth) const {
  TableRef ref(root_->ref);
  int level_end = TableNode::kBits;
  while (level_end < depth) {
    ref = TableRef(ref.node()->children[(hash >> (64 - level_end)) % TableNode::kFanOut]);
    level_end += TableNode::kBits;
  }
  DFLY_CHECK(ref.is_node());
  return ref.node();
}

// Makes `ref` the part of the table for all hashes that begin with the first `depth` bits of
// `hash`.
void Table::Link(uint64_t hash, int depth, TableRef ref) {
  if (depth == 0) {
    root_->SetRef(ref.bits());
    return;
  }
  TableNode* const node = NodeAt(hash, depth);
  const int level_end = (depth + TableNode::kBits - 1) / TableNode::kBits * TableNode::kBits;
  const size_t span = size_t{1} << (level_end - depth);
  const size_t begin = (hash >> (64 - level_end)) % TableNode::kFanOut / span * span;
  for (size_t i = begin; i < begin + span; ++i) node->children[i] = ref.bits();
}

void Table::CoverAll(TableRef segment, WalkRegistry::Audience audience) const {
  if (!context_->walks->active()) return;
  for (int i = 0; i < segment.bucket_count(); ++i) {
    context_->walks->Cover(slot_, database_, &segment.buckets()[i], audience);
  }
}

TableRef Table::Allocate(int bucket_count, int depth) {
  const TableRef segment = AllocateSegment(bucket_count, depth, context_->walks->epoch());
  used_bytes_->Add(SegmentBytes(segment));
  return segment;
}

void Table::Free(TableRef segment) {
  if (context_->bucket_epoch != nullptr) ++*context_->bucket_epoch;
  used_bytes_->Add(-SegmentBytes(segment));
  FreeSegment(segment);
}

}  // namespace damselfly
