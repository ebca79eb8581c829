#include <algorithm>

#include "absl/container/inlined_vector.h"
#include "server/base/check.h"
#include "server/base/prefetch.h"
#include "server/store/table.h"

// The parts of Table that go over many keys.

namespace damselfly {
namespace {

// The entries are asked for first, so that their cache misses overlap.
void VisitEntries(const Bucket& bucket, Table::EntryVisitor visitor) {
  for (uint32_t left = bucket.occupied_mask(); left != 0; left &= left - 1)
    PrefetchForRead(bucket.entry(std::countr_zero(left)));
  for (uint32_t left = bucket.occupied_mask(); left != 0; left &= left - 1)
    visitor(*bucket.entry(std::countr_zero(left)));
}

void VisitAll(TableRef segment, Table::EntryVisitor visitor) {
  for (int i = 0; i < segment.bucket_count(); ++i) VisitEntries(segment.buckets()[i], visitor);
}

}  // namespace

// The segment whose prefix range holds `position`, and where that range ends. Requires a table that
// is not empty.
Table::SegmentRange Table::SegmentAt(uint64_t position) const {
  const TableRef segment = Descend(root_->ref, position << (64 - kPositionBits));
  const uint64_t length = kEnd >> segment.depth();
  return {segment, position / length * length + length};
}

void Table::ForEach(EntryVisitor visitor) const {
  for (uint64_t position = 0; position < kEnd;) position = VisitSegment(position, visitor);
}

uint64_t Table::VisitSegment(uint64_t position, EntryVisitor visitor) const {
  if (root_->ref == 0) return kEnd;
  const SegmentRange range = SegmentAt(position);
  VisitAll(range.segment, visitor);
  return range.end;
}

Table::BucketPosition Table::VisitBucket(BucketPosition at, EntryVisitor visitor) const {
  if (root_->ref == 0) return {kEnd, 0};
  const SegmentRange range = SegmentAt(at.position);
  const int count = range.segment.bucket_count();
  if (at.bucket < count) VisitEntries(range.segment.buckets()[at.bucket], visitor);
  if (at.bucket + 1 < count) return {at.position, at.bucket + 1};
  return {range.end, 0};
}

uint64_t Table::CoverSegment(uint64_t position, WalkRegistry::Audience audience) const {
  if (root_->ref == 0) return kEnd;
  const SegmentRange range = SegmentAt(position);
  CoverAll(range.segment, audience);
  return range.end;
}

uint64_t Table::Scan(uint64_t position, size_t count, EntryVisitor visitor) const {
  if (root_->ref == 0) return kEnd;
  const SegmentRange range = SegmentAt(position);
  const int window = SegmentShape::WindowOf(range.segment.depth());
  // Position bits below the tag's lowest bit: not all of a position may be expressible in tags,
  // when the segment it was made for has merged since. Rounding down visits some entries again, and
  // none too few.
  const int below = kPositionBits - SegmentShape::kTagBits - window;
  const auto tag_min = static_cast<uint16_t>(position >> below);

  // Tag above place, so that sorting gives the order of the hash.
  absl::InlinedVector<uint64_t, Bucket::kCapacity * SegmentShape::kIndexedBucketsMax> found;
  for (int i = 0; i < range.segment.bucket_count(); ++i) {
    const Bucket& bucket = range.segment.buckets()[i];
    for (uint32_t left = bucket.occupied_mask(); left != 0; left &= left - 1) {
      const int place = std::countr_zero(left);
      if (bucket.tag(place) < tag_min) continue;
      found.push_back(uint64_t{bucket.tag(place)} << 32 |
                      static_cast<uint64_t>(i * Bucket::kCapacity + place));
    }
  }
  std::sort(found.begin(), found.end());

  for (size_t i = 0; i < found.size(); ++i) {
    const uint64_t tag = found[i] >> 32;
    if (i > 0 && i >= count && tag != found[i - 1] >> 32) {
      // All tags below this one are done.
      return (position >> (kPositionBits - window) << SegmentShape::kTagBits | tag) << below;
    }
    const auto index = static_cast<uint32_t>(found[i]);
    visitor(*range.segment.buckets()[index / Bucket::kCapacity].entry(
        static_cast<int>(index % Bucket::kCapacity)));
  }
  return range.end;
}

Entry* Table::RandomEntry(Random& random) const {
  if (root_->ref == 0) return nullptr;
  // Segments fill evenly with their share of the hash's range: a random hash picks a segment, a
  // random place an entry of it.
  constexpr int kTriesMax = 64;
  for (int i = 0; i < kTriesMax; ++i) {
    const TableRef segment = Descend(root_->ref, random.Next());
    const Bucket& bucket =
        segment.buckets()[random.Below(static_cast<uint64_t>(segment.bucket_count()))];
    const int place = static_cast<int>(random.Below(Bucket::kCapacity));
    if (bucket.occupied(place)) return bucket.entry(place);
  }
  // A nearly empty table: the next entry from a random position on, once around.
  Entry* found = nullptr;
  const auto keep_first = [&found](Entry& entry) {
    if (found == nullptr) found = &entry;
  };
  const uint64_t start = random.Below(kEnd);
  for (uint64_t position = start; position < kEnd && found == nullptr;)
    position = Scan(position, 1, keep_first);
  for (uint64_t position = 0; position <= start && found == nullptr;)
    position = Scan(position, 1, keep_first);
  return found;
}

TableRef PopSegment(uint64_t* root_bits, int64_t* freed_node_bytes) {
  for (;;) {
    uint64_t* place = root_bits;
    bool emptied_a_node = false;
    while (TableRef(*place).is_node()) {
      TableNode* const node = TableRef(*place).node();
      uint64_t* const child = std::find_if(node->children, node->children + TableNode::kFanOut,
                                           [](uint64_t bits) { return bits != 0; });
      if (child == node->children + TableNode::kFanOut) {
        FreeNode(node);
        *freed_node_bytes += sizeof(TableNode);
        *place = 0;
        emptied_a_node = true;
        break;
      }
      place = child;
    }
    if (emptied_a_node) continue;
    const TableRef segment(*place);
    if (segment.is_null()) return segment;
    // All adjacent references of a node to this segment go with it; `place` is the first of them.
    const uint64_t bits = *place;
    const int references =
        segment.depth() == 0
            ? 1
            : 1 << ((TableNode::kBits - segment.depth() % TableNode::kBits) % TableNode::kBits);
    for (int i = 0; i < references; ++i) {
      DFLY_CHECK_EQ(place[i], bits);
      place[i] = 0;
    }
    return segment;
  }
}

}  // namespace damselfly
