#ifndef DAMSELFLY_SERVER_RESP_SHORT_BULK_H_
#define DAMSELFLY_SERVER_RESP_SHORT_BULK_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace damselfly {

// The longest bulk string whose length has two digits. Strangers may send as much.
inline constexpr int64_t kShortBulkBytesMax = 99;
// Of an array of up to nine: "*9\r\n".
inline constexpr ptrdiff_t kArrayHeadBytes = 4;

// Takes the short bulk string at `p`, if all of it lies before `end`: "$3\r\nkey\r\n". Returns what
// follows it, or null, if it is anything else. Of the line breaks only the '\r' behind the length
// is looked at, as by Redis.
inline const char* TakeShortBulk(const char* p, const char* end, absl::string_view* out) {
  constexpr ptrdiff_t kBulkBytesMin = 6;  // "$0\r\n\r\n"
  if (end - p < kBulkBytesMin || p[0] != '$') return nullptr;
  size_t length = static_cast<unsigned char>(p[1]) - size_t{'0'};
  if (length > 9) return nullptr;
  size_t head_bytes = 4;  // "$9\r\n"
  if (p[2] != '\r') {
    const size_t digit = static_cast<unsigned char>(p[2]) - size_t{'0'};
    if (digit > 9 || length == 0 || p[3] != '\r') return nullptr;
    length = length * 10 + digit;
    head_bytes = 5;
  }
  const size_t bulk_bytes = head_bytes + length + 2;
  if (static_cast<size_t>(end - p) < bulk_bytes) return nullptr;
  *out = absl::string_view(p + head_bytes, length);
  return p + bulk_bytes;
}

// Looks at the first words of a command that begins at `data`, without taking it: as many as
// `words` has room for. False if it is too short for that, or long, or not all of that has come.
inline bool PeekWords(absl::string_view data, absl::Span<absl::string_view> words) {
  if (data.size() < static_cast<size_t>(kArrayHeadBytes) || data[0] != '*' || data[2] != '\r')
    return false;
  const size_t count = static_cast<unsigned char>(data[1]) - size_t{'0'};
  if (count > 9 || count < words.size()) return false;
  const char* p = data.data() + kArrayHeadBytes;
  for (absl::string_view& word : words) {
    p = TakeShortBulk(p, data.data() + data.size(), &word);
    if (p == nullptr) return false;
  }
  return true;
}

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_RESP_SHORT_BULK_H_
