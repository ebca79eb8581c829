#include "server/store/segment.h"

#include <cstdlib>
#include <cstring>

#include "server/base/check.h"

namespace damselfly {
namespace {

// Entries a bucket, of seven, that a rebuilt segment is laid out for: room to grow a little before
// the next rebuild.
constexpr int kComfortableNumerator = 11;
constexpr int kComfortableDenominator = 2;

Placement FindLinearPlacement(Bucket* buckets, int bucket_count) {
  // Removal leaves holes anywhere, but the newest bucket has most of the room.
  for (int i = bucket_count - 1; i >= 0; --i) {
    if (!buckets[i].full()) return {&buckets[i], -1, nullptr};
  }
  return {};
}

}  // namespace

Placement FindPlacement(Bucket* buckets, const SegmentShape& shape, uint16_t tag) {
  if (shape.is_linear()) return FindLinearPlacement(buckets, shape.bucket_count());

  const SegmentShape::Candidates candidates = shape.CandidatesOf(tag);
  Bucket* const first = &buckets[candidates.first];
  Bucket* const second = &buckets[candidates.second];
  Bucket* const emptier = second->size() < first->size() ? second : first;
  if (!emptier->full()) return {emptier, -1, nullptr};

  for (Bucket* crowded : {first, second}) {
    for (int place = 0; place < Bucket::kCapacity; ++place) {
      const SegmentShape::Candidates others = shape.CandidatesOf(crowded->tag(place));
      Bucket* const refuge =
          crowded == &buckets[others.first] ? &buckets[others.second] : &buckets[others.first];
      if (!refuge->full()) return {crowded, place, refuge};
    }
  }
  return {};
}

int ApplyPlacement(const Placement& placement, uint16_t tag, Entry* entry) {
  if (placement.displaced >= 0) {
    placement.refuge->Add(placement.bucket->tag(placement.displaced),
                          placement.bucket->entry(placement.displaced));
    placement.bucket->Remove(placement.displaced);
  }
  return placement.bucket->Add(tag, entry);
}

int SegmentSize(TableRef segment) {
  int size = 0;
  for (int i = 0; i < segment.bucket_count(); ++i) size += segment.buckets()[i].size();
  return size;
}

int NextBucketCount(int bucket_count) {
  if (bucket_count == 1) return 2;
  if (bucket_count < SegmentShape::kIndexedBucketsMax) return bucket_count + 2;
  return bucket_count + (bucket_count + 3) / 4;
}

int BucketCountFor(int size) {
  int bucket_count = 1;
  while (bucket_count * kComfortableNumerator < size * kComfortableDenominator) {
    bucket_count = NextBucketCount(bucket_count);
  }
  return bucket_count;
}

TableRef AllocateSegment(int bucket_count, int depth, uint32_t version) {
  DFLY_CHECK_LE(bucket_count, TableRef::kBucketsMax);
  const size_t bytes = static_cast<size_t>(bucket_count) * sizeof(Bucket);
  auto* buckets = static_cast<Bucket*>(std::aligned_alloc(alignof(Bucket), bytes));
  DFLY_CHECK(buckets != nullptr);
  std::memset(static_cast<void*>(buckets), 0, bytes);
  for (int i = 0; i < bucket_count; ++i) buckets[i].set_version(version);
  return TableRef::Segment(buckets, bucket_count, depth);
}

void FreeSegment(TableRef segment) { std::free(segment.buckets()); }

TableNode* AllocateNode() {
  auto* node = static_cast<TableNode*>(std::aligned_alloc(alignof(TableNode), sizeof(TableNode)));
  DFLY_CHECK(node != nullptr);
  std::memset(node, 0, sizeof(TableNode));
  return node;
}

void FreeNode(TableNode* node) { std::free(node); }

}  // namespace damselfly
