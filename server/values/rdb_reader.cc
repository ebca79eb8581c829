#include "server/values/rdb_reader.h"

#include <bit>
#include <limits>
#include <utility>

#include "server/base/numbers.h"
#include "server/values/lzf.h"
#include "server/values/rdb_encoding.h"

namespace damselfly {

using namespace rdb_encoding;

bool RdbReader::Raw(size_t size, absl::string_view* out) {
  if (size > rest_.size()) return false;
  *out = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return true;
}

bool RdbReader::LittleEndian(int bytes, uint64_t* out) {
  absl::string_view raw;
  if (!Raw(static_cast<size_t>(bytes), &raw)) return false;
  *out = 0;
  for (int i = bytes; i-- > 0;) *out = *out << 8 | static_cast<uint8_t>(raw[i]);
  return true;
}

bool RdbReader::BigEndian(int bytes, uint64_t* out) {
  absl::string_view raw;
  if (!Raw(static_cast<size_t>(bytes), &raw)) return false;
  *out = 0;
  for (int i = 0; i < bytes; ++i) *out = *out << 8 | static_cast<uint8_t>(raw[i]);
  return true;
}

bool RdbReader::Byte(uint8_t* out) {
  uint64_t word;
  if (!LittleEndian(1, &word)) return false;
  *out = static_cast<uint8_t>(word);
  return true;
}

bool RdbReader::Type(RdbType* out) {
  uint8_t byte;
  if (!Byte(&byte)) return false;
  *out = static_cast<RdbType>(byte);
  return true;
}

bool RdbReader::Length(uint64_t* out) {
  uint8_t first;
  if (!Byte(&first)) return false;
  if (first == kLength32) return BigEndian(4, out);
  if (first == kLength64) return BigEndian(8, out);
  *out = first & ~kLengthBits;
  if ((first & kLengthBits) == kLength6) return true;
  if ((first & kLengthBits) != kLength14) return false;
  uint8_t second;
  if (!Byte(&second)) return false;
  *out = *out << 8 | second;
  return true;
}

bool RdbReader::String(absl::string_view* out, std::string* scratch) {
  if (rest_.empty()) return false;
  const auto first = static_cast<uint8_t>(rest_.front());
  if ((first & kLengthBits) != kLengthBits) {
    uint64_t size;
    return Length(&size) && Raw(size, out);
  }
  rest_.remove_prefix(1);
  const bool decoded = first == kInt8    ? Integer(1, scratch)
                       : first == kInt16 ? Integer(2, scratch)
                       : first == kInt32 ? Integer(4, scratch)
                       : first == kLzf   ? Compressed(scratch)
                                         : false;
  *out = *scratch;
  return decoded;
}

bool RdbReader::String(std::string* out) {
  absl::string_view view;
  std::string scratch;
  if (!String(&view, &scratch)) return false;
  if (view.data() == scratch.data()) {
    *out = std::move(scratch);
  } else {
    out->assign(view.data(), view.size());
  }
  return true;
}

bool RdbReader::Integer(int bytes, std::string* out) {
  uint64_t word;
  if (!LittleEndian(bytes, &word)) return false;
  const int unused_bits = 64 - 8 * bytes;
  const int64_t value = static_cast<int64_t>(word << unused_bits) >> unused_bits;
  char digits[kIntegerBytesMax];
  out->assign(digits, FormatInt64(value, digits));
  return true;
}

bool RdbReader::Compressed(std::string* out) {
  uint64_t compressed_size, size;
  absl::string_view compressed;
  if (!Length(&compressed_size) || !Length(&size) || !Raw(compressed_size, &compressed)) {
    return false;
  }
  out->clear();
  return LzfDecompress(compressed, size, out);
}

bool RdbReader::Double(double* out) {
  uint64_t word;
  if (!LittleEndian(8, &word)) return false;
  *out = std::bit_cast<double>(word);
  return true;
}

bool RdbReader::TextDouble(double* out) {
  uint8_t size;
  if (!Byte(&size)) return false;
  if (size == kNan || size == kInfinity || size == kMinusInfinity) {
    using Limits = std::numeric_limits<double>;
    *out = size == kNan        ? Limits::quiet_NaN()
           : size == kInfinity ? Limits::infinity()
                               : -Limits::infinity();
    return true;
  }
  absl::string_view text;
  return Raw(size, &text) && ParseDouble(text, out);
}

bool RdbReader::Milliseconds(int64_t* out) {
  uint64_t word;
  if (!LittleEndian(8, &word)) return false;
  *out = static_cast<int64_t>(word);
  return true;
}

}  // namespace damselfly
