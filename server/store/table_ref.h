#ifndef DAMSELFLY_SERVER_STORE_TABLE_REF_H_
#define DAMSELFLY_SERVER_STORE_TABLE_REF_H_

#include <cstdint>

#include "server/store/bucket.h"

namespace damselfly {

struct TableNode;

// One word that refers to a part of a table: nothing, an inner node, or a segment (an array of
// buckets that holds exactly the entries whose hash begins with one prefix of `depth` bits).
// Everything that a lookup needs to know about a segment stands in the reference, so that the first
// memory touched is the bucket itself. All zero means nothing.
//
// Bits: 0 inner node; 1-5 depth; 6-47 pointer (64-byte aligned); 48-63 number of buckets.
class TableRef {
 public:
  static constexpr int kDepthMax = 24;
  static constexpr int kBucketsMax = 0xffff;

  TableRef() = default;
  explicit TableRef(uint64_t bits) : bits_(bits) {}
  static TableRef Segment(Bucket* buckets, int bucket_count, int depth) {
    return TableRef(reinterpret_cast<uint64_t>(buckets) | static_cast<uint64_t>(depth) << 1 |
                    static_cast<uint64_t>(bucket_count) << 48);
  }
  static TableRef Node(TableNode* node) { return TableRef(reinterpret_cast<uint64_t>(node) | 1); }

  bool is_null() const { return bits_ == 0; }
  bool is_node() const { return bits_ & 1; }
  bool is_segment() const { return bits_ != 0 && !is_node(); }
  uint64_t bits() const { return bits_; }
  friend bool operator==(TableRef a, TableRef b) { return a.bits_ == b.bits_; }

  TableNode* node() const { return reinterpret_cast<TableNode*>(bits_ & kPointerMask); }

  // Of segments.
  Bucket* buckets() const { return reinterpret_cast<Bucket*>(bits_ & kPointerMask); }
  int bucket_count() const { return static_cast<int>(bits_ >> 48); }
  int depth() const { return static_cast<int>(bits_ >> 1) & 31; }

 private:
  static constexpr uint64_t kPointerMask = 0x0000ffffffffffc0u;

  uint64_t bits_ = 0;
};

// Tells apart four bits of the hash. A segment that is less deep than its node's four bits is
// referred to by several adjacent children (extendible hashing, Fagin et al., 1979, within one
// node).
struct alignas(64) TableNode {
  static constexpr int kBits = 4;
  static constexpr int kFanOut = 1 << kBits;
  uint64_t children[kFanOut];
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_TABLE_REF_H_
