#include "server/values/ziplist.h"

#include <cstddef>
#include <cstdint>

namespace damselfly {
namespace {

// | total bytes, 4, LE | offset of the last element, 4, LE | elements, 2, LE | element ... | 0xff |
// element = | size of the one before: a byte, or 254 and 4 bytes, LE | encoding | bytes |
constexpr size_t kLastOffset = 4;
constexpr size_t kCountOffset = 8;
constexpr size_t kHeaderBytes = 10;
constexpr uint8_t kEnd = 0xff;
constexpr uint8_t kWideSizeBefore = 254;
constexpr uint16_t kUnknownCount = 0xffff;

constexpr uint8_t kInteger16 = 0xc0;
constexpr uint8_t kInteger32 = 0xd0;
constexpr uint8_t kInteger64 = 0xe0;
constexpr uint8_t kInteger24 = 0xf0;
constexpr uint8_t kInteger8 = 0xfe;
// The values 0 to 12 in the encoding itself.
constexpr uint8_t kSmallestInteger = 0xf1;
constexpr uint8_t kLargestInteger = 0xfd;

// Takes numbers and bytes off the front of what is left.
class Bytes {
 public:
  explicit Bytes(absl::string_view rest) : rest_(rest) {}

  size_t size() const { return rest_.size(); }
  bool LittleEndian(size_t bytes, uint64_t* out) {
    absl::string_view taken;
    if (!Take(bytes, &taken)) return false;
    *out = 0;
    for (size_t i = bytes; i-- > 0;) *out = *out << 8 | static_cast<uint8_t>(taken[i]);
    return true;
  }
  bool BigEndian(size_t bytes, uint64_t* out) {
    absl::string_view taken;
    if (!Take(bytes, &taken)) return false;
    *out = 0;
    for (const char byte : taken) *out = *out << 8 | static_cast<uint8_t>(byte);
    return true;
  }
  bool Take(uint64_t bytes, absl::string_view* out) {
    if (bytes > rest_.size()) return false;
    *out = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return true;
  }

 private:
  absl::string_view rest_;
};

bool TakeInteger(size_t bytes, Bytes* from, PackElement* element) {
  uint64_t word;
  if (!from->LittleEndian(bytes, &word)) return false;
  const auto unused_bits = static_cast<int>(64 - 8 * bytes);
  element->is_integer = true;
  element->integer = static_cast<int64_t>(word << unused_bits) >> unused_bits;
  return true;
}

bool TakeContent(uint8_t encoding, Bytes* from, PackElement* element) {
  uint64_t size = encoding & 0x3fu;
  switch (encoding >> 6) {
    case 0:
      return from->Take(size, &element->bytes);
    case 1: {
      uint64_t low;
      return from->BigEndian(1, &low) && from->Take(size << 8 | low, &element->bytes);
    }
    case 2:
      return from->BigEndian(4, &size) && from->Take(size, &element->bytes);
    default:
      break;
  }
  if (encoding >= kSmallestInteger && encoding <= kLargestInteger) {
    element->is_integer = true;
    element->integer = encoding - kSmallestInteger;
    return true;
  }
  switch (encoding) {
    case kInteger8:
      return TakeInteger(1, from, element);
    case kInteger16:
      return TakeInteger(2, from, element);
    case kInteger24:
      return TakeInteger(3, from, element);
    case kInteger32:
      return TakeInteger(4, from, element);
    case kInteger64:
      return TakeInteger(8, from, element);
    default:
      return false;
  }
}

}  // namespace

bool ForEachInZiplist(absl::string_view bytes,
                      absl::FunctionRef<bool(const PackElement& element)> visit) {
  uint64_t total, last, count;
  Bytes header(bytes);
  if (!header.LittleEndian(kLastOffset, &total) ||
      !header.LittleEndian(kCountOffset - kLastOffset, &last) ||
      !header.LittleEndian(kHeaderBytes - kCountOffset, &count) || total != bytes.size() ||
      total <= kHeaderBytes || static_cast<uint8_t>(bytes.back()) != kEnd) {
    return false;
  }
  Bytes rest(bytes.substr(kHeaderBytes, bytes.size() - kHeaderBytes - 1));
  uint64_t visited = 0, size_before = 0, begin = kHeaderBytes;
  while (rest.size() > 0) {
    const size_t left = rest.size();
    begin = bytes.size() - 1 - left;
    uint64_t told_before, encoding;
    if (!rest.LittleEndian(1, &told_before) ||
        (told_before == kWideSizeBefore && !rest.LittleEndian(4, &told_before)) ||
        told_before != size_before || !rest.LittleEndian(1, &encoding)) {
      return false;
    }
    PackElement element;
    if (!TakeContent(static_cast<uint8_t>(encoding), &rest, &element) || !visit(element)) {
      return false;
    }
    size_before = left - rest.size();
    ++visited;
  }
  return last == begin && (count == kUnknownCount || count == visited);
}

}  // namespace damselfly
