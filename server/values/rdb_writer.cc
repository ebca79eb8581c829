#include "server/values/rdb_writer.h"

#include <bit>
#include <cstddef>
#include <limits>

#include "server/base/numbers.h"
#include "server/values/lzf.h"
#include "server/values/rdb_encoding.h"

namespace damselfly {
namespace {

using namespace rdb_encoding;

// Shorter strings are not worth a try to compress them, nor is a gain of less.
constexpr size_t kUncompressedBytesMax = 20;
constexpr size_t kGainBytesMin = 4;
// "-2147483648"
constexpr size_t kCompactDigitsMax = 11;

template <typename Small>
bool Fits(int64_t value) {
  return value >= std::numeric_limits<Small>::min() && value <= std::numeric_limits<Small>::max();
}

}  // namespace

void RdbWriter::LittleEndian(uint64_t word, int bytes) {
  for (int i = 0; i < bytes; ++i) Byte(static_cast<uint8_t>(word >> (8 * i)));
}

void RdbWriter::BigEndian(uint64_t word, int bytes) {
  for (int i = bytes; i-- > 0;) Byte(static_cast<uint8_t>(word >> (8 * i)));
}

void RdbWriter::Length(uint64_t length) {
  if (length < 1 << 6) {
    Byte(static_cast<uint8_t>(kLength6 | length));
  } else if (length < 1 << 14) {
    BigEndian(uint64_t{kLength14} << 8 | length, 2);
  } else if (length <= UINT32_MAX) {
    Byte(kLength32);
    BigEndian(length, 4);
  } else {
    Byte(kLength64);
    BigEndian(length, 8);
  }
}

void RdbWriter::String(absl::string_view bytes) {
  int64_t number;
  if (bytes.size() <= kCompactDigitsMax && ParseInt64(bytes, &number) && CompactInteger(number)) {
    return;
  }
  if (compress_ && bytes.size() > kUncompressedBytesMax && Compressed(bytes)) return;
  Length(bytes.size());
  Raw(bytes);
}

void RdbWriter::Integer(int64_t value) {
  if (CompactInteger(value)) return;
  char digits[kIntegerBytesMax];
  const size_t size = FormatInt64(value, digits);
  Length(size);
  Raw({digits, size});
}

void RdbWriter::Double(double value) { LittleEndian(std::bit_cast<uint64_t>(value), 8); }

void RdbWriter::Milliseconds(int64_t ms) { LittleEndian(static_cast<uint64_t>(ms), 8); }

bool RdbWriter::CompactInteger(int64_t value) {
  const auto word = static_cast<uint64_t>(value);
  if (Fits<int8_t>(value)) {
    Byte(kInt8);
    LittleEndian(word, 1);
  } else if (Fits<int16_t>(value)) {
    Byte(kInt16);
    LittleEndian(word, 2);
  } else if (Fits<int32_t>(value)) {
    Byte(kInt32);
    LittleEndian(word, 4);
  } else {
    return false;
  }
  return true;
}

bool RdbWriter::Compressed(absl::string_view bytes) {
  std::string compressed;
  if (!LzfCompress(bytes, kGainBytesMin, &compressed)) return false;
  Byte(kLzf);
  Length(compressed.size());
  Length(bytes.size());
  Raw(compressed);
  return true;
}

}  // namespace damselfly
