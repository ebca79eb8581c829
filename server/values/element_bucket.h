#ifndef DAMSELFLY_SERVER_VALUES_ELEMENT_BUCKET_H_
#define DAMSELFLY_SERVER_VALUES_ELEMENT_BUCKET_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace damselfly {

class Element;

// One cache line of an ElementTable: up to seven elements, each a 16-bit tag (a piece of the hash)
// and a 48-bit pointer, in the first places; and a pointer to the bucket that has the rest of them.
// Owns nothing; the table does. Trivially copyable, valid and empty when all zero.
class alignas(64) ElementBucket {
 public:
  static constexpr int kCapacity = 7;

  int size() const { return size_; }
  bool full() const { return size_ == kCapacity; }
  uint16_t tag(int place) const { return tags_[place]; }
  Element* element(int place) const { return reinterpret_cast<Element*>(Pointer(place)); }
  ElementBucket* overflow() const { return reinterpret_cast<ElementBucket*>(Pointer(kCapacity)); }

  // Bit i is set when place i holds an element with this tag.
  uint32_t Match(uint16_t tag) const {
#if defined(__SSE2__)
    const __m128i tags = _mm_load_si128(reinterpret_cast<const __m128i*>(this));
    const __m128i equal = _mm_cmpeq_epi16(tags, _mm_set1_epi16(static_cast<int16_t>(tag)));
    const int mask = _mm_movemask_epi8(_mm_packs_epi16(equal, _mm_setzero_si128()));
    return static_cast<uint32_t>(mask) & ((1u << size_) - 1);
#else
    uint32_t mask = 0;
    for (int place = 0; place < size_; ++place) mask |= uint32_t{tags_[place] == tag} << place;
    return mask;
#endif
  }

  // Requires !full().
  void Add(uint16_t tag, Element* element) {
    tags_[size_] = tag;
    SetElement(size_, element);
    ++size_;
  }
  void Set(int place, uint16_t tag, Element* element) {
    tags_[place] = tag;
    SetElement(place, element);
  }
  void SetElement(int place, Element* element) {
    SetPointer(place, reinterpret_cast<uint64_t>(element));
  }
  void SetOverflow(ElementBucket* overflow) {
    SetPointer(kCapacity, reinterpret_cast<uint64_t>(overflow));
  }
  // Requires elements.
  void RemoveLast() { --size_; }

 private:
  static constexpr size_t kPointerBytes = 6;

  // The six bytes are the upper ones of a word that begins two bytes before them, which are always
  // in this bucket.
  uint64_t Pointer(int place) const {
    uint64_t word;
    std::memcpy(&word,
                reinterpret_cast<const char*>(this) + offsetof(ElementBucket, pointers_) - 2 +
                    kPointerBytes * static_cast<size_t>(place),
                sizeof(word));
    return word >> 16;
  }
  void SetPointer(int place, uint64_t word) {
    std::memcpy(pointers_ + kPointerBytes * static_cast<size_t>(place), &word, kPointerBytes);
  }

  // With the size they fill one vector, whose last lane Match() ignores.
  uint16_t tags_[kCapacity];
  uint16_t size_;
  uint8_t pointers_[kPointerBytes * (kCapacity + 1)];
};

static_assert(sizeof(ElementBucket) == 64);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_ELEMENT_BUCKET_H_
