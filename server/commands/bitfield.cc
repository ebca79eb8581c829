#include "server/commands/bitfield.h"

#include "server/base/numbers.h"

namespace damselfly {
namespace {

// A field of 64 bits that begins within a byte spans nine of them.
using Window = unsigned __int128;

// The lowest bits of `raw` as a number of this type.
int64_t Interpret(uint64_t raw, BitfieldType type) {
  const int unused = 64 - type.bits;
  return type.is_signed ? static_cast<int64_t>(raw << unused) >> unused
                        : static_cast<int64_t>(raw << unused >> unused);
}

int64_t WrappingAdd(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

int64_t WrappingSubtract(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}

enum class Fit : uint8_t { kFits, kAbove, kBelow };

Fit JudgeUnsigned(BitfieldType type, int64_t value, int64_t increment) {
  // A negative value, which only SET brings, counts as the huge number that its bits make.
  if (value < 0 || value > type.max()) return Fit::kAbove;
  if (increment > type.max() - value) return Fit::kAbove;
  return increment < -value ? Fit::kBelow : Fit::kFits;
}

// Distances to the limits wrap, as Redis's do: a value far below the minimum, within max() of the
// lowest int64, counts as above the maximum, and SET with OVERFLOW SAT shows it.
Fit JudgeSigned(BitfieldType type, int64_t value, int64_t increment) {
  const int64_t room_above = WrappingSubtract(type.max(), value);
  const int64_t room_below = WrappingSubtract(type.min(), value);
  const bool widest = type.bits == 64;
  if (value > type.max() || (!widest && increment > room_above) ||
      (value >= 0 && increment > 0 && increment > room_above)) {
    return Fit::kAbove;
  }
  if (value < type.min() || (!widest && increment < room_below) ||
      (value < 0 && increment < 0 && increment < room_below)) {
    return Fit::kBelow;
  }
  return Fit::kFits;
}

}  // namespace

int64_t BitfieldType::max() const {
  const int magnitude_bits = is_signed ? bits - 1 : bits;
  return static_cast<int64_t>((uint64_t{1} << magnitude_bits) - 1);
}

int64_t BitfieldType::min() const { return is_signed ? -max() - 1 : 0; }

bool ParseBitfieldType(absl::string_view text, BitfieldType* type) {
  if (text.empty() || (text[0] != 'i' && text[0] != 'u')) return false;
  const bool is_signed = text[0] == 'i';
  int64_t bits;
  if (!ParseInt64(text.substr(1), &bits) || bits < 1 || bits > (is_signed ? 64 : 63)) return false;
  *type = {is_signed, static_cast<int>(bits)};
  return true;
}

int64_t ReadBitfield(absl::string_view bytes, int64_t offset, BitfieldType type) {
  constexpr int kWindowBytes = 9;
  const size_t first = static_cast<size_t>(offset / 8);
  Window window = 0;
  for (size_t i = first; i < first + kWindowBytes; ++i) {
    window = window << 8 | (i < bytes.size() ? static_cast<uint8_t>(bytes[i]) : 0);
  }
  const int behind = kWindowBytes * 8 - static_cast<int>(offset % 8) - type.bits;
  return Interpret(static_cast<uint64_t>(window >> behind), type);
}

void WriteBitfield(char* bytes, int64_t offset, BitfieldType type, int64_t value) {
  const size_t first = static_cast<size_t>(offset / 8);
  const int before = static_cast<int>(offset % 8);
  const int window_bytes = (before + type.bits + 7) / 8;
  const int behind = window_bytes * 8 - before - type.bits;
  Window window = 0;
  for (int i = 0; i < window_bytes; ++i) {
    window = window << 8 | static_cast<uint8_t>(bytes[first + i]);
  }
  const Window mask = (Window{1} << type.bits) - 1;
  window &= ~(mask << behind);
  window |= (static_cast<Window>(static_cast<uint64_t>(value)) & mask) << behind;
  for (int i = window_bytes - 1; i >= 0; --i) {
    bytes[first + i] = static_cast<char>(window & 0xff);
    window >>= 8;
  }
}

bool AddBitfield(BitfieldType type, int64_t value, int64_t increment, BitfieldOverflow overflow,
                 int64_t* sum) {
  const Fit fit =
      type.is_signed ? JudgeSigned(type, value, increment) : JudgeUnsigned(type, value, increment);
  if (fit == Fit::kFits || overflow == BitfieldOverflow::kWrap) {
    *sum = Interpret(static_cast<uint64_t>(WrappingAdd(value, increment)), type);
    return true;
  }
  if (overflow == BitfieldOverflow::kFail) return false;
  *sum = fit == Fit::kAbove ? type.max() : type.min();
  return true;
}

}  // namespace damselfly
