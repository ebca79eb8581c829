#include "server/base/numbers.h"

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>

#include "server/base/check.h"
#include "server/base/decimal.h"

namespace damselfly {
namespace {

constexpr char kDigitPairs[] =
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546"
    "474849"
    "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596"
    "979899";

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Calls parse(begin, end_out) on a NUL-terminated copy of `text`: the C library takes no length.
template <typename Parse>
auto WithTerminated(absl::string_view text, Parse parse) {
  char small[256];
  if (text.size() < sizeof(small)) {
    std::memcpy(small, text.data(), text.size());
    small[text.size()] = '\0';
    return parse(static_cast<const char*>(small));
  }
  const std::string large(text.data(), text.size());
  return parse(large.c_str());
}

// Shared by double and long double: `read` is strtod or strtold.
template <typename Number, typename Read>
bool ParseFloating(absl::string_view text, Read read, Number* out) {
  if (text.empty() || IsSpace(text[0])) return false;
  return WithTerminated(text, [&](const char* begin) {
    const int saved_errno = errno;
    errno = 0;
    char* end;
    const Number value = read(begin, &end);
    const bool out_of_range = errno == ERANGE && (std::isinf(value) || value == 0);
    errno = saved_errno;
    if (end != begin + text.size() || out_of_range || std::isnan(value)) return false;
    *out = value;
    return true;
  });
}

size_t CopyText(const char* text, char* buffer) {
  const size_t size = std::strlen(text);
  std::memcpy(buffer, text, size);
  return size;
}

}  // namespace

bool ParseUint64(absl::string_view text, uint64_t* out) {
  const size_t size = text.size();
  if (size == 0 || size > 20) return false;
  const char* p = text.data();
  if (*p == '0') {
    if (size != 1) return false;
    *out = 0;
    return true;
  }
  uint64_t value = 0;
  const size_t safe_digits = size < 19 ? size : 19;
  for (size_t i = 0; i < safe_digits; ++i) {
    const unsigned digit = static_cast<unsigned char>(p[i]) - unsigned{'0'};
    if (digit > 9) return false;
    value = value * 10 + digit;
  }
  if (size == 20) {
    const unsigned digit = static_cast<unsigned char>(p[19]) - unsigned{'0'};
    if (digit > 9) return false;
    if (__builtin_mul_overflow(value, uint64_t{10}, &value)) return false;
    if (__builtin_add_overflow(value, uint64_t{digit}, &value)) return false;
  }
  *out = value;
  return true;
}

bool ParseInt64(absl::string_view text, int64_t* out) {
  constexpr uint64_t kLargest = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  uint64_t magnitude;
  if (!text.empty() && text[0] == '-') {
    if (!ParseUint64(text.substr(1), &magnitude)) return false;
    if (magnitude == 0 || magnitude > kLargest + 1) return false;
    *out = static_cast<int64_t>(~magnitude + 1);
    return true;
  }
  if (!ParseUint64(text, &magnitude) || magnitude > kLargest) return false;
  *out = static_cast<int64_t>(magnitude);
  return true;
}

size_t DecimalDigits(uint64_t value) {
  size_t digits = 1;
  while (value >= 10000) {
    value /= 10000;
    digits += 4;
  }
  if (value >= 1000) return digits + 3;
  if (value >= 100) return digits + 2;
  if (value >= 10) return digits + 1;
  return digits;
}

size_t FormatUint64(uint64_t value, char* buffer) {
  const size_t digits = DecimalDigits(value);
  char* end = buffer + digits;
  while (value >= 100) {
    end -= 2;
    std::memcpy(end, &kDigitPairs[2 * (value % 100)], 2);
    value /= 100;
  }
  if (value >= 10) {
    std::memcpy(end - 2, &kDigitPairs[2 * value], 2);
  } else {
    end[-1] = static_cast<char>('0' + value);
  }
  return digits;
}

size_t FormatInt64(int64_t value, char* buffer) {
  if (value >= 0) return FormatUint64(static_cast<uint64_t>(value), buffer);
  *buffer = '-';
  return 1 + FormatUint64(~static_cast<uint64_t>(value) + 1, buffer + 1);
}

bool ParseDouble(absl::string_view text, double* out) {
  if (ParseShortDecimal(text, out)) return true;
  return ParseFloating<double>(text, &std::strtod, out);
}

bool ParseLongDouble(absl::string_view text, long double* out) {
  if (text.size() >= kLongDoubleBytesMax) return false;
  if (ParseShortDecimal(text, out)) return true;
  return ParseFloating<long double>(text, &std::strtold, out);
}

size_t FormatDouble(double value, char* buffer) {
  // Integers below 2^53 have at most 16 digits, which "%.17g" prints as they are.
  constexpr double kExactMax = 9007199254740992.0;
  if (value > -kExactMax && value < kExactMax) {
    const int64_t integer = static_cast<int64_t>(value);
    if (static_cast<double>(integer) == value && (integer != 0 || !std::signbit(value))) {
      return FormatInt64(integer, buffer);
    }
  }
  const int size = std::snprintf(buffer, kDoubleBytesMax, "%.17g", value);
  DFLY_CHECK(size > 0 && static_cast<size_t>(size) < kDoubleBytesMax);
  return static_cast<size_t>(size);
}

size_t FormatLongDoubleHuman(long double value, char* buffer) {
  if (std::isinf(value)) return CopyText(value > 0 ? "inf" : "-inf", buffer);
  if (std::isnan(value)) return CopyText("nan", buffer);
  size_t size = FormatShortFixed17(value, buffer);
  if (size == 0) {
    const int printed = std::snprintf(buffer, kLongDoubleBytesMax, "%.17Lf", value);
    DFLY_CHECK(printed > 0 && static_cast<size_t>(printed) < kLongDoubleBytesMax);
    size = static_cast<size_t>(printed);
  }
  while (buffer[size - 1] == '0') --size;
  if (buffer[size - 1] == '.') --size;
  if (size == 2 && buffer[0] == '-' && buffer[1] == '0') {
    buffer[0] = '0';
    size = 1;
  }
  return size;
}

bool ParseMemoryBytes(absl::string_view text, uint64_t* out) {
  size_t digits = 0;
  uint64_t value = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    if (__builtin_mul_overflow(value, uint64_t{10}, &value)) return false;
    if (__builtin_add_overflow(value, static_cast<uint64_t>(text[digits] - '0'), &value))
      return false;
    ++digits;
  }
  absl::string_view unit = text.substr(digits);
  if (unit.size() > 2) return false;
  char lower[2] = {0, 0};
  for (size_t i = 0; i < unit.size(); ++i) {
    lower[i] =
        unit[i] >= 'A' && unit[i] <= 'Z' ? static_cast<char>(unit[i] + ('a' - 'A')) : unit[i];
  }
  uint64_t factor = 1;
  if (!unit.empty() && !(unit.size() == 1 && lower[0] == 'b')) {
    if (unit.size() == 2 && lower[1] != 'b') return false;
    const uint64_t base = unit.size() == 2 ? 1024 : 1000;
    switch (lower[0]) {
      case 'k':
        factor = base;
        break;
      case 'm':
        factor = base * base;
        break;
      case 'g':
        factor = base * base * base;
        break;
      default:
        return false;
    }
  }
  return !__builtin_mul_overflow(value, factor, out);
}

}  // namespace damselfly
