#ifndef DAMSELFLY_SERVER_BASE_BYTES_H_
#define DAMSELFLY_SERVER_BASE_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace damselfly {

namespace bytes_internal {

template <typename Word>
Word Load(const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

// The bits in which the first and the last word of two ranges differ: of up to twice a word's
// bytes, that is all of them.
template <typename Word>
Word EndsDiffer(const char* a, const char* b, size_t size) {
  const size_t last = size - sizeof(Word);
  return (Load<Word>(a) ^ Load<Word>(b)) | (Load<Word>(a + last) ^ Load<Word>(b + last));
}

}  // namespace bytes_internal

// Whether `size` bytes at `a` and `b` are the same, in any alignment. For short ranges, such as
// keys that are mostly equal: costs less than a call of memcmp, and reads all of them.
inline bool EqualBytes(const char* a, const char* b, size_t size) {
  using namespace bytes_internal;
  if (size > 32) return std::memcmp(a, b, size) == 0;
  if (size > 16)
    return (EndsDiffer<uint64_t>(a, b, 16) |
            EndsDiffer<uint64_t>(a + size - 16, b + size - 16, 16)) == 0;
  if (size >= 8) return EndsDiffer<uint64_t>(a, b, size) == 0;
  if (size >= 4) return EndsDiffer<uint32_t>(a, b, size) == 0;
  for (size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

// Copies `size` bytes that do not overlap: for short ranges, as above.
inline void CopyBytes(char* to, const char* from, size_t size) {
  using namespace bytes_internal;
  if (size > 32 || size < 8) {
    std::memcpy(to, from, size);
    return;
  }
  const auto first = Load<uint64_t>(from);
  const auto last = Load<uint64_t>(from + size - 8);
  if (size > 16) {
    const auto second = Load<uint64_t>(from + 8);
    const auto third = Load<uint64_t>(from + size - 16);
    std::memcpy(to + 8, &second, 8);
    std::memcpy(to + size - 16, &third, 8);
  }
  std::memcpy(to, &first, 8);
  std::memcpy(to + size - 8, &last, 8);
}

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_BASE_BYTES_H_
