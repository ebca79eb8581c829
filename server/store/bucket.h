#ifndef DAMSELFLY_SERVER_STORE_BUCKET_H_
#define DAMSELFLY_SERVER_STORE_BUCKET_H_

#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace damselfly {

class Entry;

// One cache line of the table: up to seven entries, each a 16-bit tag (a piece of the key's hash)
// and a 48-bit pointer. A bucket owns nothing; the table does. Trivially copyable, valid when all
// zero.
//
// Not thread-safe: the slot's lock guards it.
class alignas(64) Bucket {
 public:
  static constexpr int kCapacity = 7;

  int size() const { return std::popcount(occupied_); }
  bool full() const { return occupied_ == kAllOccupied; }
  bool empty() const { return occupied_ == 0; }
  bool occupied(int index) const { return (occupied_ >> index) & 1; }
  // Bit i is set when place i holds an entry.
  uint32_t occupied_mask() const { return occupied_; }

  uint16_t tag(int index) const { return tags_[index]; }

  Entry* entry(int index) const {
    uint64_t word;
    std::memcpy(&word, pointers_ + kPointerBytes * index, sizeof(word));
    return reinterpret_cast<Entry*>(word & kPointerMask);
  }

  // Bit i is set when place i holds an entry with this tag.
  uint32_t Match(uint16_t tag) const {
#if defined(__SSE2__)
    const __m128i tags = _mm_load_si128(reinterpret_cast<const __m128i*>(this));
    const __m128i equal = _mm_cmpeq_epi16(tags, _mm_set1_epi16(static_cast<int16_t>(tag)));
    const int mask = _mm_movemask_epi8(_mm_packs_epi16(equal, _mm_setzero_si128()));
    return static_cast<uint32_t>(mask) & occupied_;
#else
    uint32_t mask = 0;
    for (int i = 0; i < kCapacity; ++i) mask |= uint32_t{tags_[i] == tag} << i;
    return mask & occupied_;
#endif
  }

  // Requires !full(). Returns the place.
  int Add(uint16_t tag, Entry* entry) {
    const int index = std::countr_one(occupied_);
    tags_[index] = tag;
    occupied_ |= static_cast<uint8_t>(1u << index);
    SetEntry(index, entry);
    return index;
  }

  void SetEntry(int index, Entry* entry) {
    const uint64_t word = reinterpret_cast<uint64_t>(entry);
    std::memcpy(pointers_ + kPointerBytes * index, &word, kPointerBytes);
  }

  void Remove(int index) {
    occupied_ &= static_cast<uint8_t>(~(1u << index));
    eviction_ &= static_cast<uint8_t>(~(1u << index));
  }

  // The epoch of the last change, or of the last walk that covered this bucket; see WalkRegistry.
  uint32_t version() const { return version_; }
  void set_version(uint32_t version) { version_ = version; }

 private:
  static constexpr uint8_t kAllOccupied = (1u << kCapacity) - 1;
  static constexpr int kPointerBytes = 6;
  static constexpr uint64_t kPointerMask = (uint64_t{1} << 48) - 1;

  // Tags come first and fill one 16-byte vector together with the two masks, whose lane Match()
  // ignores.
  uint16_t tags_[kCapacity];
  uint8_t occupied_;
  uint8_t eviction_;  // recently used, a bit a place; kept here so that a read never writes to the
                      // entry
  // The last pointer is read with a word that reaches two bytes into spare_.
  uint8_t pointers_[kPointerBytes * kCapacity];
  [[maybe_unused]] uint8_t spare_[2];
  uint32_t version_;
};

static_assert(sizeof(Bucket) == 64);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_BUCKET_H_
