#ifndef DAMSELFLY_SERVER_COMMANDS_BIT_OPS_H_
#define DAMSELFLY_SERVER_COMMANDS_BIT_OPS_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

// Strings as arrays of bits, a machine word at a time. Bit 0 is the highest bit of byte 0, as in
// SETBIT.

namespace damselfly {

// The number of set bits among the bits [first, last]. Requires first <= last < 8 * bytes.size().
int64_t CountBits(absl::string_view bytes, int64_t first, int64_t last);

// The position of the first bit equal to `bit` among the bits [first, last], or -1. Requires first
// <= last < 8 * bytes.size().
int64_t FindBit(absl::string_view bytes, bool bit, int64_t first, int64_t last);

enum class BitOperation : uint8_t { kAnd, kOr, kXor, kNot };

// Writes the combination of all sources to [result, result + size); sources shorter than that are
// continued with zeros. kNot takes one source and inverts it. Requires at least one source, none
// longer than `size`, and that `result` overlaps none.
void CombineBits(BitOperation operation, absl::Span<const absl::string_view> sources, char* result,
                 size_t size);

// The bit at `position`; beyond the end all bits are zero.
inline bool BitAt(absl::string_view bytes, int64_t position) {
  const size_t byte = static_cast<uint64_t>(position) / 8;
  return byte < bytes.size() && (static_cast<uint8_t>(bytes[byte]) >> (7 - position % 8) & 1) != 0;
}

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_BIT_OPS_H_
