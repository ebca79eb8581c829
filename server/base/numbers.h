#ifndef DAMSELFLY_SERVER_BASE_NUMBERS_H_
#define DAMSELFLY_SERVER_BASE_NUMBERS_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace damselfly {

// Numbers as Redis 7.0 reads and writes them. All parsers take the whole of `text` or fail; on
// failure *out is unchanged.

// A decimal integer in the one form that FormatInt64 would give it: an optional '-', digits, no
// leading zeros, no "-0", no spaces, no plus. The full int64 range.
bool ParseInt64(absl::string_view text, int64_t* out);

// The same for [0, 2^64).
bool ParseUint64(absl::string_view text, uint64_t* out);

// Enough for every int64_t and uint64_t.
inline constexpr size_t kIntegerBytesMax = 20;

// Writes the decimal digits to `buffer` (room for kIntegerBytesMax) and returns their number. No
// NUL.
size_t FormatUint64(uint64_t value, char* buffer);
size_t FormatInt64(int64_t value, char* buffer);
// The number of digits FormatUint64 would write.
size_t DecimalDigits(uint64_t value);

// A floating point number as commands take it: what strtod takes whole (decimal, hexadecimal,
// "inf", "infinity", in any case), but no NaN, no leading space, nothing behind it, not empty, and
// no overflow or underflow to zero.
bool ParseDouble(absl::string_view text, double* out);
// The same with the precision of INCRBYFLOAT, and texts of less than 5 KiB only.
bool ParseLongDouble(absl::string_view text, long double* out);

// Enough for FormatDouble.
inline constexpr size_t kDoubleBytesMax = 32;
// "%.17g"; "inf", "-inf", "nan", "-nan". Returns the length; writes no more than kDoubleBytesMax.
size_t FormatDouble(double value, char* buffer);

// Enough for FormatLongDoubleHuman: the largest finite long double has 4933 digits before the
// point.
inline constexpr size_t kLongDoubleBytesMax = 5 * 1024;
// "%.17Lf" without trailing zeros and without a bare point; "inf", "-inf", and "0" for "-0".
// Returns the length, or 0 for a value that does not fit (none does not).
size_t FormatLongDoubleHuman(long double value, char* buffer);

// An amount of memory as the configuration takes it: digits and an optional unit in any case: b, k
// (1000), kb (1024), m, mb, g, gb. False for anything else, negative numbers and overflow.
bool ParseMemoryBytes(absl::string_view text, uint64_t* out);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_BASE_NUMBERS_H_
