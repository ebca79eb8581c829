#include "benchmarks/load/reply_scanner.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "server/base/numbers.h"

namespace damselfly::load {
namespace {

constexpr size_t kLineBytesMax = 64 * 1024;
constexpr int64_t kLengthMax = int64_t{1} << 40;
constexpr absl::string_view kOk = "+OK\r\n";

// A row of them, compared at once.
constexpr size_t kRow = 16;
constexpr std::array<char, kRow * 5> MakeRow() {
  std::array<char, kRow * 5> row{};
  for (size_t i = 0; i < row.size(); ++i) row[i] = "+OK\r\n"[i % 5];
  return row;
}
constexpr std::array<char, kRow* 5> kOks = MakeRow();

// The length that stands in [p, end).
bool ReadLength(const char* p, const char* end, int64_t* length) {
  if (p != end && end - p <= 9 && *p != '-') {
    int64_t number = 0;
    for (; p != end; ++p) {
      const unsigned digit = static_cast<unsigned char>(*p) - unsigned{'0'};
      if (digit > 9) return false;
      number = number * 10 + digit;
    }
    *length = number;
    return true;
  }
  return ParseInt64(absl::string_view(p, static_cast<size_t>(end - p)), length) && *length >= -1 &&
         *length <= kLengthMax;
}

// The '\n' of the line at p, which is most often close; null if it is not there.
const char* FindLineEnd(const char* p, const char* end) {
  const char* const close = p + std::min<int64_t>(end - p, 8);
  for (const char* at = p; at != close; ++at) {
    if (*at == '\n') return at;
  }
  return static_cast<const char*>(std::memchr(close, '\n', static_cast<size_t>(end - close)));
}

ReplyScanner::Kind KindOfFirst(char type) {
  using Kind = ReplyScanner::Kind;
  switch (type) {
    case '-':
    case '!':
      return Kind::kError;
    case '$':
    case '=':
      return Kind::kString;
    case '_':
      return Kind::kNull;
    case '>':
      return Kind::kPush;
    case '*':
    case '~':
    case '%':
    case '|':
      return Kind::kAggregate;
    default:
      return Kind::kSimple;
  }
}

}  // namespace

size_t CountOks(absl::string_view bytes, size_t count_max) {
  const size_t count = std::min(bytes.size() / kOk.size(), count_max);
  const char* p = bytes.data();
  size_t done = 0;
  while (done + kRow <= count && std::memcmp(p, kOks.data(), kOks.size()) == 0) {
    p += kOks.size();
    done += kRow;
  }
  while (done < count && std::memcmp(p, kOk.data(), kOk.size()) == 0) {
    p += kOk.size();
    ++done;
  }
  return done;
}

ReplyScanner::Result ReplyScanner::Incomplete(size_t scanned, int64_t elements_left) {
  scanned_bytes_ = scanned;
  elements_left_ = elements_left;
  return {Kind::kIncomplete};
}

ReplyScanner::Result ReplyScanner::Next(absl::string_view bytes) {
  if (bytes.empty()) return {Kind::kIncomplete};
  const char* const begin = bytes.data();
  const char* const end = begin + bytes.size();
  const char* p = begin + scanned_bytes_;
  int64_t left = elements_left_;
  Result result{KindOfFirst(*begin)};
  while (left > 0) {
    const char* const line_end = FindLineEnd(p, end);
    if (line_end == nullptr) {
      if (static_cast<size_t>(end - p) > kLineBytesMax) return {Kind::kMalformed};
      return Incomplete(static_cast<size_t>(p - begin), left);
    }
    if (line_end - p < 2 || line_end[-1] != '\r') return {Kind::kMalformed};
    const char* const next = line_end + 1;
    int64_t length;
    switch (*p) {
      case '+':
      case '-':
      case ':':
      case '_':
      case '#':
      case ',':
      case '(':
        if (p == begin) result.text = {p + 1, static_cast<size_t>(line_end - p - 2)};
        p = next;
        --left;
        break;
      case '$':
      case '=':
      case '!':
        if (!ReadLength(p + 1, line_end - 1, &length)) return {Kind::kMalformed};
        if (length < 0) {
          if (p == begin) result.kind = Kind::kNull;
          p = next;
          --left;
          break;
        }
        if (end - next < length + 2) return Incomplete(static_cast<size_t>(p - begin), left);
        if (next[length] != '\r' || next[length + 1] != '\n') return {Kind::kMalformed};
        if (p == begin) result.text = {next, static_cast<size_t>(length)};
        p = next + length + 2;
        --left;
        break;
      case '*':
      case '~':
      case '>':
        if (!ReadLength(p + 1, line_end - 1, &length)) return {Kind::kMalformed};
        if (p == begin && length < 0) result.kind = Kind::kNull;
        left += std::max<int64_t>(length, 0) - 1;
        p = next;
        break;
      case '%':
      case '|':
        if (!ReadLength(p + 1, line_end - 1, &length) || length < 0) return {Kind::kMalformed};
        // What an attribute describes is still to come.
        left += 2 * length - (*p == '%' ? 1 : 0);
        p = next;
        break;
      default:
        return {Kind::kMalformed};
    }
    if (left > kLengthMax) return {Kind::kMalformed};
  }
  scanned_bytes_ = 0;
  elements_left_ = 1;
  result.bytes = static_cast<size_t>(p - begin);
  return result;
}

}  // namespace damselfly::load
