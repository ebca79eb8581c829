#ifndef DAMSELFLY_SERVER_COMMANDS_BITFIELD_H_
#define DAMSELFLY_SERVER_COMMANDS_BITFIELD_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

// Integers of 1 to 64 bits at any bit of a string, as BITFIELD
// (https://redis.io/docs/latest/commands/bitfield/) reads, writes and counts with them. The first
// bit is the most significant one, of the integer as of the bytes.

namespace damselfly {

struct BitfieldType {
  bool is_signed = false;
  int bits = 0;  // signed: 1 to 64, unsigned: 1 to 63

  int64_t max() const;
  int64_t min() const;
};

// Parses "i<bits>" or "u<bits>".
bool ParseBitfieldType(absl::string_view text, BitfieldType* type);

// The field that begins at bit `offset`; bits beyond the end of the string are zero.
int64_t ReadBitfield(absl::string_view bytes, int64_t offset, BitfieldType type);

// Writes the lowest bits of `value` to the field. Requires that it lies within the bytes.
void WriteBitfield(char* bytes, int64_t offset, BitfieldType type, int64_t value);

enum class BitfieldOverflow : uint8_t { kWrap, kSaturate, kFail };

// Computes value + increment as a number of this type, by `overflow` where it does not fit.
// Returns false if it does not fit and `overflow` is kFail. SET is an increment of 0 of a value
// that may itself not fit.
bool AddBitfield(BitfieldType type, int64_t value, int64_t increment, BitfieldOverflow overflow,
                 int64_t* sum);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_BITFIELD_H_
