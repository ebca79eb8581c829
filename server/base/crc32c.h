#ifndef DAMSELFLY_SERVER_BASE_CRC32C_H_
#define DAMSELFLY_SERVER_BASE_CRC32C_H_

#include <nmmintrin.h>

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "absl/strings/string_view.h"

namespace damselfly {

// The CRC-32C (Castagnoli) of some bytes followed by `bytes`, of which `crc` is that of the former:
// 0 for none. As in iSCSI (RFC 3720, appendix B.4), by the instruction of SSE 4.2, which the build
// takes for granted.
inline uint32_t ExtendCrc32c(uint32_t crc, absl::string_view bytes) {
  const char* data = bytes.data();
  size_t size = bytes.size();
  uint64_t state = ~crc;
  for (; size >= 8; data += 8, size -= 8) {
    uint64_t word;
    std::memcpy(&word, data, sizeof(word));
    state = _mm_crc32_u64(state, word);
  }
  uint32_t last = static_cast<uint32_t>(state);
  if (size >= 4) {
    uint32_t word;
    std::memcpy(&word, data, sizeof(word));
    last = _mm_crc32_u32(last, word);
    data += 4;
    size -= 4;
  }
  for (; size > 0; ++data, --size) last = _mm_crc32_u8(last, static_cast<unsigned char>(*data));
  return ~last;
}

// The same of the bytes of `word`, an unsigned integer, the low one first.
template <typename Word>
inline uint32_t ExtendCrc32cByWord(uint32_t crc, Word word) {
  static_assert(std::is_unsigned_v<Word>);
  if constexpr (sizeof(Word) == 8) return ~static_cast<uint32_t>(_mm_crc32_u64(~crc, word));
  if constexpr (sizeof(Word) == 4) return ~_mm_crc32_u32(~crc, word);
  if constexpr (sizeof(Word) == 2) return ~_mm_crc32_u16(~crc, word);
  if constexpr (sizeof(Word) == 1) return ~_mm_crc32_u8(~crc, word);
}

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_BASE_CRC32C_H_
