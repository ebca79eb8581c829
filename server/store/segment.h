#ifndef DAMSELFLY_SERVER_STORE_SEGMENT_H_
#define DAMSELFLY_SERVER_STORE_SEGMENT_H_

#include <cstdint>

#include "server/store/bucket.h"
#include "server/store/table_ref.h"

namespace damselfly {

// Geometry of a segment: which piece of the hash is its entries' tag, and in which two buckets an
// entry may lie.
//
// A tag is sixteen bits of the hash, and starts 0, 8 or 16 bits from its top ("window"), so that at
// least eight of its bits lie below the segment's depth. These bits alone choose both candidate
// buckets, by range reduction, so that any number of buckets works, and so that a segment is
// rebuilt or split without reading a key.
//
// A segment of more than kIndexedBucketsMax buckets (only at the greatest depth: thousands of keys
// whose hashes begin alike) is "linear": entries lie in any bucket.
class SegmentShape {
 public:
  static constexpr int kIndexedBucketsMax = 16;
  static constexpr int kTagBits = 16;

  SegmentShape(int depth, int bucket_count) : depth_(depth), bucket_count_(bucket_count) {}
  explicit SegmentShape(TableRef ref) : SegmentShape(ref.depth(), ref.bucket_count()) {}

  int depth() const { return depth_; }
  int bucket_count() const { return bucket_count_; }
  bool is_linear() const { return bucket_count_ > kIndexedBucketsMax; }

  // Bits of the hash, from its top, that stand before the tag.
  static int WindowOf(int depth) { return depth <= 8 ? 0 : depth <= 16 ? 8 : 16; }
  static uint16_t TagOf(uint64_t hash, int depth) {
    return static_cast<uint16_t>(hash >> (64 - kTagBits - WindowOf(depth)));
  }
  uint16_t TagOf(uint64_t hash) const { return TagOf(hash, depth_); }

  struct Candidates {
    int first;
    int second;  // equals `first` only in a segment of one bucket
  };
  // Requires !is_linear().
  Candidates CandidatesOf(uint16_t tag) const {
    const auto below = static_cast<uint16_t>(tag << (depth_ - WindowOf(depth_)));
    const uint32_t mixed = (below * 0x9e3779b1u >> 16) & 0xffff;
    const int first =
        static_cast<int>((uint32_t{below} * static_cast<uint32_t>(bucket_count_)) >> 16);
    int second = static_cast<int>((mixed * static_cast<uint32_t>(bucket_count_)) >> 16);
    if (second == first) second = first + 1 < bucket_count_ ? first + 1 : 0;
    return {first, second};
  }

 private:
  int depth_;
  int bucket_count_;
};

// Where one more entry can go. `displaced` is the place in `bucket` whose entry moves to `refuge`
// first, or -1.
struct Placement {
  Bucket* bucket = nullptr;  // null: nowhere, the segment has to grow
  int displaced = -1;
  Bucket* refuge = nullptr;
};

// Finds room for an entry with this tag: the emptier of its two buckets; when both are full, the
// place of an entry that can move to its own other bucket (one displacement, no chains). Changes
// nothing.
Placement FindPlacement(Bucket* buckets, const SegmentShape& shape, uint16_t tag);

// Does what FindPlacement found. Returns the place in placement.bucket.
int ApplyPlacement(const Placement& placement, uint16_t tag, Entry* entry);

// The number of entries in all buckets.
int SegmentSize(TableRef segment);

// Bucket counts a segment goes through as it grows: 1, 2, 4, 6, ... 16 and, when linear, by a
// quarter at a time. Even numbers of cache lines are what allocators hand out without waste.
int NextBucketCount(int bucket_count);
// The smallest such count that is likely to hold `size` entries.
int BucketCountFor(int size);

// A segment of empty buckets, all with the given version. Owned by the caller.
TableRef AllocateSegment(int bucket_count, int depth, uint32_t version);
void FreeSegment(TableRef segment);
inline int64_t SegmentBytes(TableRef segment) {
  return static_cast<int64_t>(segment.bucket_count()) * static_cast<int64_t>(sizeof(Bucket));
}

TableNode* AllocateNode();
void FreeNode(TableNode* node);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_SEGMENT_H_
