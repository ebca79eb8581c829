#ifndef DAMSELFLY_SERVER_BASE_DECIMAL_H_
#define DAMSELFLY_SERVER_BASE_DECIMAL_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace damselfly {

// Floating point numbers in plain decimal notation: the cases that are common, several times as
// fast as the C library and to the same bit. What is not common is refused; ask the library then.

// Takes an optional '-', digits with at most one point among, before or behind them, and nothing
// else: at most 15 digits for a double, 19 for a long double. False: refused, *out is unchanged.
bool ParseShortDecimal(absl::string_view text, double* out);
bool ParseShortDecimal(absl::string_view text, long double* out);

// A sign, 19 digits, the point, 17 digits.
inline constexpr size_t kShortFixedBytesMax = 38;
// Writes `value` as "%.17Lf" does to `buffer` (room for kShortFixedBytesMax), no NUL, and returns
// the length. 0: refused. Zero is not, nor is what lies in [2^-63, 2^63), with either sign.
size_t FormatShortFixed17(long double value, char* buffer);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_BASE_DECIMAL_H_
