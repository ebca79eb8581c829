#include "server/store/segment.h"

#include <vector>

#include "gtest/gtest.h"
#include "server/runtime/random.h"

namespace damselfly {
namespace {

TEST(SegmentShape, CandidatesAreTwoBucketsOfTheSegment) {
  for (int depth = 0; depth <= TableRef::kDepthMax; ++depth) {
    for (int bucket_count = 1; bucket_count <= SegmentShape::kIndexedBucketsMax; ++bucket_count) {
      const SegmentShape shape(depth, bucket_count);
      for (int tag = 0; tag <= 0xffff; tag += 37) {
        const SegmentShape::Candidates candidates = shape.CandidatesOf(static_cast<uint16_t>(tag));
        ASSERT_GE(candidates.first, 0);
        ASSERT_LT(candidates.first, bucket_count);
        ASSERT_GE(candidates.second, 0);
        ASSERT_LT(candidates.second, bucket_count);
        if (bucket_count > 1) {
          ASSERT_NE(candidates.first, candidates.second);
        }
      }
    }
  }
}

TEST(SegmentShape, EightBitsOfTheTagLieBelowEveryDepth) {
  for (int depth = 0; depth <= TableRef::kDepthMax; ++depth) {
    const int window = SegmentShape::WindowOf(depth);
    EXPECT_LE(window, depth);
    EXPECT_GE(window + SegmentShape::kTagBits - depth, 8);
  }
}

TEST(Segment, FillsWellBeforeItHasToGrow) {
  Random random(1);
  double load = 0;
  constexpr int kRounds = 200;
  for (int round = 0; round < kRounds; ++round) {
    const TableRef segment = AllocateSegment(16, 0, 0);
    const SegmentShape shape(segment);
    for (;;) {
      const auto tag = static_cast<uint16_t>(random.Next());
      const Placement placement = FindPlacement(segment.buckets(), shape, tag);
      if (placement.bucket == nullptr) break;
      ApplyPlacement(placement, tag, nullptr);
    }
    load += SegmentSize(segment) / (16.0 * Bucket::kCapacity);
    FreeSegment(segment);
  }
  EXPECT_GT(load / kRounds, 0.87);
}

TEST(Bucket, KeepsTagsAndPointersApart) {
  alignas(64) char memory[8 * Bucket::kCapacity];
  Bucket bucket{};
  for (int i = 0; i < Bucket::kCapacity; ++i) {
    EXPECT_FALSE(bucket.full());
    EXPECT_EQ(
        bucket.Add(static_cast<uint16_t>(100 + i % 3), reinterpret_cast<Entry*>(memory + 8 * i)),
        i);
  }
  EXPECT_TRUE(bucket.full());
  bucket.set_version(0xffffffff);
  for (int i = 0; i < Bucket::kCapacity; ++i) {
    EXPECT_EQ(bucket.entry(i), reinterpret_cast<Entry*>(memory + 8 * i));
    EXPECT_EQ(bucket.tag(i), 100 + i % 3);
  }
  EXPECT_EQ(bucket.Match(100), 0b1001001u);
  bucket.Remove(3);
  EXPECT_EQ(bucket.Match(100), 0b1000001u);
  EXPECT_EQ(bucket.Match(0), 0u);
  EXPECT_EQ(bucket.size(), 6);
}

TEST(Segment, BucketCountsGrowStepByStep) {
  EXPECT_EQ(BucketCountFor(0), 1);
  EXPECT_EQ(BucketCountFor(5), 1);
  EXPECT_EQ(BucketCountFor(6), 2);
  EXPECT_EQ(BucketCountFor(88), 16);
  EXPECT_EQ(NextBucketCount(14), 16);
  EXPECT_GT(NextBucketCount(16), SegmentShape::kIndexedBucketsMax);
}

}  // namespace
}  // namespace damselfly
