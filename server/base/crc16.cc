#include "server/base/crc16.h"

#include <array>
#include <cstddef>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace damselfly {
namespace {

using Table = std::array<uint16_t, 256>;

// tables[0][b] is the remainder of byte b; tables[k][b] that of b followed by k zero bytes. With
// eight of them, eight bytes are taken at a time and their remainders do not wait for each other
// ("slicing by eight", Kounavis and Berry, 2005).
constexpr std::array<Table, 8> MakeTables() {
  std::array<Table, 8> tables{};
  for (int byte = 0; byte < 256; ++byte) {
    uint16_t crc = static_cast<uint16_t>(byte << 8);
    for (int bit = 0; bit < 8; ++bit) {
      crc = static_cast<uint16_t>((crc << 1) ^ ((crc & 0x8000) != 0 ? 0x1021 : 0));
    }
    tables[0][byte] = crc;
  }
  for (int k = 1; k < 8; ++k) {
    for (int byte = 0; byte < 256; ++byte) {
      const uint16_t crc = tables[k - 1][byte];
      tables[k][byte] = static_cast<uint16_t>((crc << 8) ^ tables[0][crc >> 8]);
    }
  }
  return tables;
}

constexpr std::array<Table, 8> kTables = MakeTables();

// Is there a '{' among the eight bytes at `p`? (Mycroft's test for a zero byte: exact as to whether
// there is one.)
inline uint64_t BraceBits(const char* p) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  uint64_t word;
  std::memcpy(&word, p, sizeof(word));
  word ^= kOnes * '{';
  return (word - kOnes) & ~word & (kOnes << 7);
}

// Keys seldom have one, and most are short: cheaper than a call of memchr.
inline bool HasBrace(absl::string_view key) {
  const char* const data = key.data();
  const size_t size = key.size();
  if (size < 8) {
    for (char c : key) {
      if (c == '{') return true;
    }
    return false;
  }
#if defined(__SSE2__)
  if (size >= 16) {
    const __m128i brace = _mm_set1_epi8('{');
    const auto bits = [&](const char* p) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
      return _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, brace));
    };
    int found = bits(data + size - 16);
    for (size_t i = 0; i + 16 < size; i += 16) found |= bits(data + i);
    return found != 0;
  }
#endif
  // The last eight may have been looked at already.
  uint64_t found = BraceBits(data + size - 8);
  for (size_t i = 0; i + 8 < size; i += 8) found |= BraceBits(data + i);
  return found != 0;
}

inline const char* Find(const char* from, const char* end, char byte) {
  return static_cast<const char*>(std::memchr(from, byte, static_cast<size_t>(end - from)));
}

}  // namespace

uint16_t Crc16(absl::string_view bytes) {
  const unsigned char* p = reinterpret_cast<const unsigned char*>(bytes.data());
  size_t left = bytes.size();
  uint32_t crc = 0;
  while (left >= 8) {
    // The six bytes that do not wait for the remainder so far come first.
    const uint32_t rest = kTables[5][p[2]] ^ kTables[4][p[3]] ^ kTables[3][p[4]] ^
                          kTables[2][p[5]] ^ kTables[1][p[6]] ^ kTables[0][p[7]];
    crc = kTables[7][p[0] ^ (crc >> 8)] ^ kTables[6][p[1] ^ (crc & 0xff)] ^ rest;
    p += 8;
    left -= 8;
  }
  if (left >= 4) {
    crc = kTables[3][p[0] ^ (crc >> 8)] ^ kTables[2][p[1] ^ (crc & 0xff)] ^ kTables[1][p[2]] ^
          kTables[0][p[3]];
    p += 4;
    left -= 4;
  }
  while (left > 0) {
    crc = ((crc << 8) & 0xffff) ^ kTables[0][*p ^ (crc >> 8)];
    ++p;
    --left;
  }
  return static_cast<uint16_t>(crc);
}

absl::string_view HashTag(absl::string_view key) {
  if (key.empty()) return key;
  const char* const end = key.data() + key.size();
  const char* const open = Find(key.data(), end, '{');
  if (open == nullptr) return key;
  const char* const close = Find(open + 1, end, '}');
  if (close == nullptr || close == open + 1) return key;
  return absl::string_view(open + 1, static_cast<size_t>(close - open - 1));
}

uint16_t KeySlot(absl::string_view key) {
  if (__builtin_expect(HasBrace(key), 0)) key = HashTag(key);
  return Crc16(key) & (kSlotCount - 1);
}

}  // namespace damselfly
