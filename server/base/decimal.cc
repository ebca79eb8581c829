#include "server/base/decimal.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "server/base/numbers.h"

namespace damselfly {
namespace {

constexpr size_t kDoubleDigitsMax = 15;
constexpr size_t kLongDoubleDigitsMax = 19;

// All exact: 5^19 has 45 bits.
constexpr long double kPowersOfTen[kLongDoubleDigitsMax + 1] = {
    1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,  1e7L,  1e8L,  1e9L,
    1e10L, 1e11L, 1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L};

constexpr int kFixedDigits = 17;
constexpr uint64_t kFixedUnit = 100'000'000'000'000'000;  // 10^17

// The x87's format, in which what is computed below is exact: a mantissa without a hidden bit, then
// sign and exponent.
constexpr int kMantissaBits = 64;
constexpr int kExponentBias = 16383;
static_assert(std::numeric_limits<long double>::digits == kMantissaBits);

// Digits and power of ten are both exact, so one division rounds correctly (Clinger, "How to Read
// Floating Point Numbers Accurately", 1990).
template <typename Number>
bool Parse(absl::string_view text, size_t digits_max, Number* out) {
  const bool negative = !text.empty() && text[0] == '-';
  uint64_t digits = 0;
  size_t digit_count = 0, fraction_digits = 0;
  bool in_fraction = false;
  for (size_t i = negative ? 1 : 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c >= '0' && c <= '9') {
      if (++digit_count > digits_max) return false;
      digits = digits * 10 + static_cast<uint64_t>(c - '0');
      if (in_fraction) ++fraction_digits;
    } else if (c == '.' && !in_fraction) {
      in_fraction = true;
    } else {
      return false;
    }
  }
  if (digit_count == 0) return false;
  const Number value =
      static_cast<Number>(digits) / static_cast<Number>(kPowersOfTen[fraction_digits]);
  *out = negative ? -value : value;
  return true;
}

}  // namespace

bool ParseShortDecimal(absl::string_view text, double* out) {
  return Parse(text, kDoubleDigitsMax, out);
}

bool ParseShortDecimal(absl::string_view text, long double* out) {
  return Parse(text, kLongDoubleDigitsMax, out);
}

size_t FormatShortFixed17(long double value, char* buffer) {
  using Wide = unsigned __int128;
  constexpr long double kLimit = 9223372036854775808.0L;  // 2^63
  const long double magnitude = std::fabs(value);
  if (!(magnitude < kLimit) || (magnitude != 0 && magnitude < 1 / kLimit)) return 0;

  // magnitude = mantissa / 2^shift, with shift in [1, 127).
  uint64_t mantissa;
  uint16_t exponent;
  std::memcpy(&mantissa, &magnitude, sizeof(mantissa));
  std::memcpy(&exponent, reinterpret_cast<const char*>(&magnitude) + sizeof(mantissa),
              sizeof(exponent));
  const int shift = magnitude == 0 ? kMantissaBits : kExponentBias + kMantissaBits - 1 - exponent;
  uint64_t integer = static_cast<uint64_t>(Wide{mantissa} >> shift);
  const Wide fraction_mask = (Wide{1} << shift) - 1;
  // Below 2^121: whatever the integer, its bits and the fraction's are 64.
  const Wide scaled = (Wide{mantissa} & fraction_mask) * kFixedUnit;
  uint64_t fraction = static_cast<uint64_t>(scaled >> shift);
  // What is left is rounded to the nearest, and to an even digit from the middle.
  const Wide rest = scaled & fraction_mask;
  const Wide middle = Wide{1} << (shift - 1);
  if (rest > middle || (rest == middle && fraction % 2 == 1)) ++fraction;
  if (fraction == kFixedUnit) {
    fraction = 0;
    ++integer;
  }

  char* to = buffer;
  if (std::signbit(value)) *to++ = '-';
  to += FormatUint64(integer, to);
  *to++ = '.';
  const size_t zeros = static_cast<size_t>(kFixedDigits) - DecimalDigits(fraction);
  std::memset(to, '0', zeros);
  to += zeros;
  to += FormatUint64(fraction, to);
  return static_cast<size_t>(to - buffer);
}

}  // namespace damselfly
