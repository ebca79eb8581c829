#ifndef DAMSELFLY_SERVER_VALUES_ELEMENT_TABLE_H_
#define DAMSELFLY_SERVER_VALUES_ELEMENT_TABLE_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/base/hash.h"
#include "server/base/prefetch.h"
#include "server/runtime/random.h"
#include "server/values/element.h"
#include "server/values/element_bucket.h"

namespace damselfly {

// A hash table of elements, for collections that have outgrown their compact form. Owns them.
//
//   directory ──> chunks of 128 buckets (a small table: one chunk as big as is needed)
//                   bucket, 64 bytes: 7 x tag and pointer, overflow ──> bucket ...
//                                               └──> Element
//
// It grows and shrinks by one bucket at a time (linear hashing), so that no insertion and no
// removal takes long. The bucket with number i and level l holds what agrees with i in the lowest l
// bits of its hash; the levels of a table differ by one at most. A tag is sixteen bits of the hash
// that contain the next ones that will be asked for, so that a split reads no element, but for
// every eighth doubling.
//
// Elements stay where they are until they are replaced or erased. The order in which they are met
// depends on the seed and on the history of the table, and on nothing else. Not thread-safe.
class ElementTable {
 public:
  ElementTable(ElementPayload payload, uint64_t hash_seed);
  ~ElementTable();
  ElementTable(const ElementTable&) = delete;
  ElementTable& operator=(const ElementTable&) = delete;
  std::unique_ptr<ElementTable> Clone() const;

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  ElementPayload payload() const { return payload_; }
  uint64_t hash_seed() const { return hash_seed_; }
  // Bytes asked of the allocator for all but this object.
  size_t memory_bytes() const { return memory_bytes_; }

  // The element, or null.
  Element* Find(absl::string_view member) const { return Find(member, HashOf(member)); }
  uint64_t HashOf(absl::string_view member) const { return HashBytes(member, hash_seed_); }
  // `hash` is HashOf(member), for those who need it more than once.
  Element* Find(absl::string_view member, uint64_t hash) const {
    const Place place = FindPlace(member, hash);
    return place.bucket != nullptr ? place.bucket->element(place.index) : nullptr;
  }

  // Ask the cache for what Find looks at: the bucket, and, once that is there, the element that it
  // is likely to find.
  void PrefetchBucket(uint64_t hash) const { PrefetchForRead(BucketAt(IndexOf(hash))); }
  void PrefetchElement(uint64_t hash) const {
    const size_t index = IndexOf(hash);
    const ElementBucket* const bucket = BucketAt(index);
    const uint32_t mask = bucket->Match(TagOf(hash, LevelOf(index)));
    if (mask == 0) return;
    const char* const element =
        reinterpret_cast<const char*>(bucket->element(std::countr_zero(mask)));
    PrefetchForRead(element);
    // Across two lines as often as not.
    PrefetchForRead(element + kLikelyElementBytes);
  }

  // Adds an element, which becomes the table's. Requires that its member is not there.
  void Insert(Element* element) { Insert(element, HashOf(element->member())); }
  void Insert(Element* element, uint64_t hash);
  // The same for a member without a payload; returns whether it was new.
  bool InsertMember(absl::string_view member);
  // Sets the text of a member, new or not; returns whether it was new. `text` may not be part of
  // the table.
  bool SetText(absl::string_view member, absl::string_view text);
  // Puts `element` in the place of the one with the same member, which is freed. Requires that it
  // is there.
  void Replace(Element* element);
  // Returns whether it was there.
  bool Erase(absl::string_view member);

  // A member chosen uniformly. Requires !empty().
  const Element* RandomElement(Random& random) const;

  // `count` of the elements, each choice equally likely. Requires count <= size().
  std::vector<const Element*> Sample(size_t count, Random& random) const;

  // Calls visit(const Element&) for each element. The table may not change meanwhile.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (size_t i = 0; i < bucket_count_; ++i) VisitBucket(i, visit);
  }

  // The same as long as visit returns true; returns whether it always did.
  template <typename Visit>
  bool ForEachWhile(Visit visit) const {
    for (size_t i = 0; i < bucket_count_; ++i) {
      for (const ElementBucket* bucket = BucketAt(i); bucket != nullptr;
           bucket = bucket->overflow()) {
        for (int place = 0; place < bucket->size(); ++place) {
          const Element& element = *bucket->element(place);
          if (!visit(element)) return false;
        }
      }
    }
    return true;
  }

  // Visits whole buckets until `count` elements or ten times as many buckets have been seen;
  // returns the cursor to go on from, 0 at the end. Begins with 0. Who goes on to the end meets
  // every element that was there all the time, some perhaps more than once. Cursors have 48 bits;
  // any is fine.
  template <typename Visit>
  uint64_t Scan(uint64_t cursor, size_t count, Visit visit) const {
    size_t seen = 0, buckets = 0;
    do {
      const size_t index = IndexOf(ReverseBits(cursor << kCursorShift));
      seen += VisitBucket(index, visit);
      cursor = CursorBehind(index);
    } while (cursor != 0 && seen < count && ++buckets / 10 < count);
    return cursor;
  }

  // Makes an empty table as big as it needs to be for so many elements.
  void Reserve(size_t elements);

  // Frees about `count` elements; true when nothing is left. After the first call only this and the
  // destructor may be called.
  bool FreeSome(size_t count);

 private:
  static constexpr int kCursorShift = 16;
  static constexpr size_t kChunkBuckets = 128;
  static constexpr size_t kLikelyElementBytes = 32;

  struct Place {
    ElementBucket* bucket;  // null: not there
    int index;
  };

  static uint64_t ReverseBits(uint64_t word);
  // The lowest bit of the hash that is in the tags of a bucket of this level.
  static int WindowOf(int level) { return level & ~7; }
  static uint16_t TagOf(uint64_t hash, int level) {
    return static_cast<uint16_t>(hash >> WindowOf(level));
  }

  ElementBucket* BucketAt(size_t index) const {
    return directory_[index / kChunkBuckets] + index % kChunkBuckets;
  }
  size_t IndexOf(uint64_t hash) const {
    const size_t index = hash & wide_mask_;
    return index < bucket_count_ ? index : index & (wide_mask_ >> 1);
  }
  int LevelOf(size_t index) const {
    const size_t half = (wide_mask_ >> 1) + 1;
    const int level = std::bit_width(half) - 1;
    return index >= half || index < bucket_count_ - half ? level + 1 : level;
  }
  uint64_t CursorBehind(size_t index) const;

  Place FindPlace(absl::string_view member, uint64_t hash) const {
    const size_t index = IndexOf(hash);
    const uint16_t tag = TagOf(hash, LevelOf(index));
    ElementBucket* bucket = BucketAt(index);
    do {
      for (uint32_t mask = bucket->Match(tag); mask != 0; mask &= mask - 1) {
        const int place = std::countr_zero(mask);
        if (bucket->element(place)->HasMember(member)) return {bucket, place};
      }
      bucket = bucket->overflow();
    } while (bucket != nullptr);
    return {nullptr, 0};
  }

  template <typename Visit>
  size_t VisitBucket(size_t index, Visit& visit) const {
    size_t seen = 0;
    for (const ElementBucket* bucket = BucketAt(index); bucket != nullptr;
         bucket = bucket->overflow()) {
      for (int place = 0; place < bucket->size(); ++place) {
        const Element& element = *bucket->element(place);
        visit(element);
      }
      seen += static_cast<size_t>(bucket->size());
    }
    return seen;
  }

  void AddTo(size_t index, uint16_t tag, Element* element);
  void EraseAt(size_t index, Place place);
  // Empties a bucket and hands over what was in it; the buckets behind it become the caller's.
  ElementBucket TakeBucket(size_t index);
  // Calls put(tag, Element*) for all that was taken, and frees the buckets behind it.
  template <typename Put>
  void Drain(const ElementBucket& taken, Put put);
  // The tag of an element that moves from a bucket of one level to one of another.
  uint16_t Retag(uint16_t tag, const Element& element, int from, int to) const;
  void Split();
  void Merge();

  void AppendBucket();
  // Requires that it is empty.
  void RemoveLastBucket();
  void SetBucketCount(size_t count);
  ElementBucket* first_chunk() const { return directory_[0]; }
  void ResizeFirstChunk(size_t capacity);
  void ResizeDirectory(size_t capacity);
  ElementBucket* AllocateBuckets(size_t count);
  void FreeBuckets(ElementBucket* buckets, size_t count);

  ElementBucket** directory_;  // &only_chunk_ while its capacity is 1
  size_t bucket_count_ = 0;
  size_t wide_mask_ = 0;  // 2^(l + 1) - 1, where 2^l is the largest power not above the count
  size_t size_ = 0;
  uint64_t hash_seed_;
  size_t memory_bytes_ = 0;
  ElementBucket* only_chunk_ = nullptr;
  size_t directory_capacity_ = 1;
  uint32_t first_capacity_ = 0;
  uint32_t longest_chain_ = 1;  // in buckets; no chain has ever been longer
  ElementPayload payload_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_ELEMENT_TABLE_H_
