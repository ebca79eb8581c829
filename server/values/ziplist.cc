#include "server/values/ziplist.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace damselfly {
namespace {

// Takes things off the front of bytes that may end anywhere.
class Cutter {
 public:
  explicit Cutter(absl::string_view bytes) : rest_(bytes) {}

  size_t remaining() const { return rest_.size(); }
  bool Byte(uint8_t* out) {
    if (rest_.empty()) return false;
    *out = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return true;
  }
  bool Bytes(size_t size, absl::string_view* out) {
    if (size > rest_.size()) return false;
    *out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }
  // An integer of up to eight bytes, little-endian, with its sign.
  bool Integer(size_t size, int64_t* out) {
    absl::string_view bytes;
    if (!Bytes(size, &bytes)) return false;
    uint64_t value = 0;
    for (size_t i = size; i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
    const auto unused_bits = static_cast<int>(64 - 8 * size);
    *out = static_cast<int64_t>(value << unused_bits) >> unused_bits;
    return true;
  }
  bool Unsigned32(uint32_t* out) {
    int64_t value;
    if (!Integer(4, &value)) return false;
    *out = static_cast<uint32_t>(value);
    return true;
  }

 private:
  absl::string_view rest_;
};

constexpr uint8_t kEnd = 0xff;
constexpr size_t kZiplistHeaderBytes = 10;

// The integers of a ziplist, by the byte that announces them.
bool AppendZiplistInteger(Cutter* cutter, uint8_t first, Pack* out) {
  size_t size;
  switch (first) {
    case 0xc0:
      size = 2;
      break;
    case 0xd0:
      size = 4;
      break;
    case 0xe0:
      size = 8;
      break;
    case 0xf0:
      size = 3;
      break;
    case 0xfe:
      size = 1;
      break;
    default:
      // Numbers from 0 to 12 are in the byte itself.
      if (first < 0xf1 || first > 0xfd) return false;
      out->Append(static_cast<int64_t>(first - 0xf1));
      return true;
  }
  int64_t value;
  if (!cutter->Integer(size, &value)) return false;
  out->Append(value);
  return true;
}

bool AppendZiplistElement(Cutter* cutter, Pack* out) {
  uint8_t first, low;
  if (!cutter->Byte(&first)) return false;
  if (first >= 0xc0) return AppendZiplistInteger(cutter, first, out);
  size_t size = first & 0x3f;
  if (first >= 0x80) {
    size = 0;
    for (int i = 0; i < 4; ++i) {
      if (!cutter->Byte(&low)) return false;
      size = size << 8 | low;
    }
  } else if (first >= 0x40) {
    if (!cutter->Byte(&low)) return false;
    size = size << 8 | low;
  }
  absl::string_view text;
  if (!cutter->Bytes(size, &text) || !out->HasRoomFor(size, 1)) return false;
  out->Append(text);
  return true;
}

// The size of a zipmap's field or value. `last` is set instead at the end.
bool ReadZipmapSize(Cutter* cutter, uint32_t* size, bool* last) {
  uint8_t first;
  if (!cutter->Byte(&first)) return false;
  *last = first == kEnd;
  *size = first;
  return first != 254 || cutter->Unsigned32(size);
}

}  // namespace

bool PackFromZiplist(absl::string_view bytes, Pack* out) {
  Cutter cutter(bytes);
  uint32_t total, tail;
  int64_t told;
  if (!cutter.Unsigned32(&total) || !cutter.Unsigned32(&tail) || !cutter.Integer(2, &told) ||
      total != bytes.size())
    return false;
  size_t count = 0, previous_bytes = 0, last_at = kZiplistHeaderBytes;
  for (;; ++count) {
    const size_t at = bytes.size() - cutter.remaining();
    // What stands before the element: the size of the one before it.
    uint8_t first;
    if (!cutter.Byte(&first)) return false;
    if (first == kEnd) break;
    uint32_t previous = first;
    if (first == 254 && !cutter.Unsigned32(&previous)) return false;
    if (previous != previous_bytes || !AppendZiplistElement(&cutter, out)) return false;
    previous_bytes = bytes.size() - cutter.remaining() - at;
    last_at = at;
  }
  const auto told_count = static_cast<uint16_t>(told);
  return cutter.remaining() == 0 && tail == last_at &&
         (told_count == 0xffff || told_count == count);
}

bool PackFromZipmap(absl::string_view bytes, Pack* out) {
  Cutter cutter(bytes);
  uint8_t told, unused;
  if (!cutter.Byte(&told)) return false;
  size_t count = 0;
  for (;; ++count) {
    uint32_t size;
    bool last;
    absl::string_view field, value, padding;
    if (!ReadZipmapSize(&cutter, &size, &last)) return false;
    if (last) break;
    if (!cutter.Bytes(size, &field)) return false;
    // The value's size is followed by the number of bytes behind it that are not used.
    if (!ReadZipmapSize(&cutter, &size, &last) || last || !cutter.Byte(&unused) ||
        !cutter.Bytes(size, &value) || !cutter.Bytes(unused, &padding))
      return false;
    if (!out->HasRoomFor(field.size() + value.size(), 2)) return false;
    out->Append({PackItem(field), PackItem(value)});
  }
  return cutter.remaining() == 0 && (told >= 254 || told == count);
}

}  // namespace damselfly
