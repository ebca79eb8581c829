#ifndef DAMSELFLY_SERVER_BASE_VARINT_H_
#define DAMSELFLY_SERVER_BASE_VARINT_H_

#include <bit>
#include <cstddef>
#include <cstdint>

namespace damselfly {

// LEB128: seven bits a byte, the low ones first, the top bit set in all bytes but the last.
inline constexpr size_t kVarintBytesMax = 10;

inline size_t VarintBytes(uint64_t value) {
  if (value < 0x80) return 1;
  return (static_cast<size_t>(std::bit_width(value)) + 6) / 7;
}

// Writes `value` to `to` (room for kVarintBytesMax); returns the end of what was written.
inline char* WriteVarint(uint64_t value, char* to) {
  while (value >= 0x80) {
    *to++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *to++ = static_cast<char>(value);
  return to;
}

enum class VarintResult { kDone, kNeedsMore, kInvalid };

// Reads a varint from [*from, end) and moves *from behind it. kInvalid: more than 64 bits, or more
// bytes than the number needs; *from is unchanged but for kDone.
inline VarintResult ReadVarint(const char** from, const char* end, uint64_t* value) {
  uint64_t read = 0;
  const char* at = *from;
  for (int shift = 0; at < end; shift += 7) {
    const uint64_t byte = static_cast<unsigned char>(*at++);
    if (shift == 63 && byte > 1) return VarintResult::kInvalid;
    read |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      if (byte == 0 && shift > 0) return VarintResult::kInvalid;
      *from = at;
      *value = read;
      return VarintResult::kDone;
    }
  }
  return VarintResult::kNeedsMore;
}

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_BASE_VARINT_H_
