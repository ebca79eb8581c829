#ifndef DAMSELFLY_SERVER_BASE_HASH_H_
#define DAMSELFLY_SERVER_BASE_HASH_H_

#include <cstdint>
#include <cstring>

#include "absl/strings/string_view.h"

namespace damselfly {

namespace hash_internal {

// The two halves of a 128-bit product, folded: every bit of the operands reaches the whole result.
inline uint64_t MultiplyFold(uint64_t a, uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline uint64_t Load64(const char* from) {
  uint64_t value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

inline uint64_t Load32(const char* from) {
  uint32_t value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

// Odd 64-bit words with half of their bits set: fractions of the square roots of 2, 3, 5 and 7.
inline constexpr uint64_t kWord0 = 0x6a09e667f3bcc909;
inline constexpr uint64_t kWord1 = 0xbb67ae8584caa73b;
inline constexpr uint64_t kWord2 = 0x3c6ef372fe94f82b;
inline constexpr uint64_t kWord3 = 0xa54ff53a5f1d36f1;

uint64_t HashLong(const char* data, uint64_t size, uint64_t state);

}  // namespace hash_internal

// A keyed hash of `bytes`, well distributed in all 64 bits. Whoever does not know `seed` cannot
// practically find colliding keys; still no cryptographic hash. The same on every machine of the
// same byte order, so it may be stored in memory but never in a file or a message.
//
// The construction is the multiply-fold of wyhash (https://github.com/wangyi-fudan/wyhash): words
// are masked by secrets, multiplied to 128 bits, and the halves folded.
inline uint64_t HashBytes(absl::string_view bytes, uint64_t seed) {
  using namespace hash_internal;
  const char* data = bytes.data();
  const uint64_t size = bytes.size();
  uint64_t state = MultiplyFold(seed ^ kWord0, kWord1 ^ size);
  uint64_t a, b;
  if (size <= 16) {
    if (size >= 8) {
      a = Load64(data);
      b = Load64(data + size - 8);
    } else if (size >= 4) {
      a = Load32(data);
      b = Load32(data + size - 4);
    } else if (size > 0) {
      // The first, the middle and the last byte: all there are.
      a = static_cast<uint64_t>(static_cast<unsigned char>(data[0])) << 16 |
          static_cast<uint64_t>(static_cast<unsigned char>(data[size / 2])) << 8 |
          static_cast<unsigned char>(data[size - 1]);
      b = 0;
    } else {
      a = b = 0;
    }
  } else {
    if (size > 32) {
      state = HashLong(data, size, state);
    } else {
      state = MultiplyFold(Load64(data) ^ kWord2, Load64(data + 8) ^ state);
    }
    a = Load64(data + size - 16);
    b = Load64(data + size - 8);
  }
  return MultiplyFold(MultiplyFold(a ^ kWord2, b ^ state) ^ kWord3, state ^ kWord1);
}

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_BASE_HASH_H_
