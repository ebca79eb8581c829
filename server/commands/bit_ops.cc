#include "server/commands/bit_ops.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "server/base/check.h"

namespace damselfly {
namespace {

uint64_t LoadWord(const char* from) {
  uint64_t word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

void StoreWord(char* to, uint64_t word) { std::memcpy(to, &word, sizeof(word)); }

int64_t CountWholeBytes(const char* bytes, size_t size) {
  // Four counts at a time: the additions do not wait for each other.
  int64_t counts[4] = {0, 0, 0, 0};
  size_t at = 0;
  for (; at + 32 <= size; at += 32) {
    for (int i = 0; i < 4; ++i) counts[i] += std::popcount(LoadWord(bytes + at + 8 * i));
  }
  int64_t total = counts[0] + counts[1] + counts[2] + counts[3];
  for (; at + 8 <= size; at += 8) total += std::popcount(LoadWord(bytes + at));
  for (; at < size; ++at) total += std::popcount(static_cast<uint8_t>(bytes[at]));
  return total;
}

// The bits of a byte from `position` on, and up to it.
uint8_t FromBit(int64_t position) { return static_cast<uint8_t>(0xff >> (position % 8)); }
uint8_t UpToBit(int64_t position) { return static_cast<uint8_t>(0xff << (7 - position % 8)); }

// result[i] = function(result[i], source[i]) for all i < size; function takes words and bytes.
template <typename Function>
void Fold(char* result, const char* source, size_t size, Function function) {
  size_t at = 0;
  for (; at + 8 <= size; at += 8) {
    StoreWord(result + at, function(LoadWord(result + at), LoadWord(source + at)));
  }
  for (; at < size; ++at) {
    result[at] = static_cast<char>(
        function(static_cast<uint8_t>(result[at]), static_cast<uint8_t>(source[at])));
  }
}

void FoldSource(BitOperation operation, char* result, const char* source, size_t size) {
  switch (operation) {
    case BitOperation::kAnd:
      return Fold(result, source, size, [](uint64_t a, uint64_t b) { return a & b; });
    case BitOperation::kOr:
      return Fold(result, source, size, [](uint64_t a, uint64_t b) { return a | b; });
    case BitOperation::kXor:
      return Fold(result, source, size, [](uint64_t a, uint64_t b) { return a ^ b; });
    case BitOperation::kNot:
      return Fold(result, source, size, [](uint64_t, uint64_t b) { return ~b; });
  }
}

}  // namespace

int64_t CountBits(absl::string_view bytes, int64_t first, int64_t last) {
  DFLY_DCHECK(0 <= first && first <= last && last / 8 < static_cast<int64_t>(bytes.size()));
  const size_t first_byte = static_cast<size_t>(first / 8);
  const size_t last_byte = static_cast<size_t>(last / 8);
  int64_t count = CountWholeBytes(bytes.data() + first_byte, last_byte - first_byte + 1);
  count -= std::popcount(
      static_cast<uint8_t>(static_cast<uint8_t>(bytes[first_byte]) & ~FromBit(first)));
  count -=
      std::popcount(static_cast<uint8_t>(static_cast<uint8_t>(bytes[last_byte]) & ~UpToBit(last)));
  return count;
}

int64_t FindBit(absl::string_view bytes, bool bit, int64_t first, int64_t last) {
  DFLY_DCHECK(0 <= first && first <= last && last / 8 < static_cast<int64_t>(bytes.size()));
  // Looking for a clear bit is looking for a set one in the inverted string.
  const uint64_t inversion = bit ? 0 : ~uint64_t{0};
  const size_t last_byte = static_cast<size_t>(last / 8);
  size_t at = static_cast<size_t>(first / 8);
  uint8_t candidates = static_cast<uint8_t>((bytes[at] ^ inversion) & FromBit(first));
  while (candidates == 0 && at < last_byte) {
    ++at;
    while (at + 8 <= last_byte && LoadWord(bytes.data() + at) == inversion) at += 8;
    candidates = static_cast<uint8_t>(bytes[at] ^ inversion);
  }
  if (candidates == 0) return -1;
  const int64_t position = static_cast<int64_t>(at) * 8 + std::countl_zero(candidates);
  return position <= last ? position : -1;
}

void CombineBits(BitOperation operation, absl::Span<const absl::string_view> sources, char* result,
                 size_t size) {
  DFLY_CHECK(!sources.empty());
  DFLY_CHECK(operation != BitOperation::kNot || sources.size() == 1);
  // Part by part, so that the part of the result stays in the nearest cache while all sources are
  // folded into it.
  constexpr size_t kPartBytes = 16 * 1024;
  for (size_t begin = 0; begin < size; begin += kPartBytes) {
    const size_t part_size = std::min(kPartBytes, size - begin);
    char* const part = result + begin;
    bool is_first = true;
    for (const absl::string_view source : sources) {
      const absl::string_view bytes =
          begin < source.size() ? source.substr(begin, part_size) : absl::string_view();
      if (is_first && operation != BitOperation::kNot) {
        if (!bytes.empty()) std::memcpy(part, bytes.data(), bytes.size());
        std::memset(part + bytes.size(), 0, part_size - bytes.size());
      } else {
        FoldSource(operation, part, bytes.data(), bytes.size());
        if (operation == BitOperation::kAnd) {
          std::memset(part + bytes.size(), 0, part_size - bytes.size());
        }
      }
      is_first = false;
    }
  }
}

}  // namespace damselfly
