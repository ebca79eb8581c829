#ifndef DAMSELFLY_SERVER_VALUES_PACK_VIEW_H_
#define DAMSELFLY_SERVER_VALUES_PACK_VIEW_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/base/bytes.h"
#include "server/base/numbers.h"

namespace damselfly {

// A pack is a sequence of short elements in one range of bytes, in Redis's listpack format:
//
//   | total bytes, 4, LE | elements, 2, LE | element ... | 0xff |
//   element = | encoding and integer or size | bytes? | size of both before, readable backwards |
//
// The count 65535 means "count them". In memory the last byte is not kept, though the total counts
// it: the total says as well where the elements end. There every element is in its canonical form:
// text that is an integer as ParseInt64 takes it is kept as an integer, sizes and integers in the
// shortest encoding. So equal elements are equal bytes. What comes from outside need not be
// canonical: see Pack::CanonicalCopyOf.

// An element as it is read. Valid until the pack changes.
struct PackElement {
  bool is_integer = false;
  int64_t integer = 0;      // of integers
  absl::string_view bytes;  // of text

  // The element as text; an integer is written into `scratch` (kIntegerBytesMax bytes).
  absl::string_view Text(char* scratch) const {
    return is_integer ? absl::string_view(scratch, FormatInt64(integer, scratch)) : bytes;
  }
};

// An element to be written or looked for. Refers to the text it was made from.
class PackItem {
 public:
  explicit PackItem(absl::string_view text) {
    const char first = text.empty() ? 'a' : text.front();
    if (text.size() < 64 && first != '-' && (first < '0' || first > '9')) {
      header_[0] = static_cast<char>(0x80 | text.size());
      header_size_ = 1;
      text_ = text;
    } else {
      FillFromText(text);
    }
  }
  explicit PackItem(int64_t integer) { FillFromInteger(integer); }

  // Bytes that it takes in a pack.
  size_t encoded_bytes() const;
  // Writes these bytes and returns what is behind them.
  char* WriteTo(char* to) const;

  // Whether the element that begins at `element` is this one.
  bool IsAt(const char* element) const {
    if (*element != header_[0]) return false;
    return (header_size_ == 1 || std::memcmp(element + 1, header_ + 1, header_size_ - 1u) == 0) &&
           EqualBytes(element + header_size_, text_.data(), text_.size());
  }

 private:
  void FillFromText(absl::string_view text);
  void FillFromInteger(int64_t integer);

  char header_[9];  // the encoding, with the size of text or the integer
  uint8_t header_size_;
  absl::string_view text_;
};

// Reads the pack that begins at an address, with the end byte or without. The bytes are trusted:
// they were written by the functions below, or have passed IsValid. Cheap to copy.
class PackView {
 public:
  // Where an element begins, in bytes from the pack's beginning. kNone: no element, past either
  // end.
  using Cursor = uint32_t;
  static constexpr Cursor kNone = 0;
  static constexpr size_t kHeaderBytes = 6;
  // What the total counts and memory does not hold.
  static constexpr size_t kEndBytes = 1;
  // Owners keep packs far below what the format can hold.
  static constexpr size_t kTotalBytesMax = size_t{1} << 30;

  explicit PackView(const char* begin) : begin_(begin) {}
  // A pack that nobody owns.
  static PackView Empty() { return PackView(kEmptyPack); }

  // Whether `bytes` are exactly one well-formed pack, end byte included: sizes, encodings and the
  // count agree, and nothing leads out of it.
  static bool IsValid(absl::string_view bytes);
  // Whether each element is in the canonical form.
  bool IsCanonical() const;

  // As a listpack, with its end byte: what limits are about.
  size_t total_bytes() const {
    uint32_t bytes;
    std::memcpy(&bytes, begin_, sizeof(bytes));
    return bytes;
  }
  // Without it: what a pack takes in memory.
  size_t kept_bytes() const { return total_bytes() - kEndBytes; }
  absl::string_view kept() const { return absl::string_view(begin_, kept_bytes()); }
  // A copy with the end byte, as it travels.
  std::string ToListpack() const;
  // O(1) below 65535 elements, else O(n).
  size_t count() const;
  bool empty() const { return end() == kHeaderBytes; }

  Cursor First() const { return AtOrNone(kHeaderBytes); }
  Cursor Last() const { return Previous(end()); }
  // Requires an element's cursor. Previous takes end() too.
  Cursor Next(Cursor at) const { return AtOrNone(Behind(at)); }
  Cursor Previous(Cursor at) const;
  // The element with this index from the front, or from the back: -1 is the last one. Goes there
  // from the nearer end. kNone where there is none.
  Cursor At(int64_t index) const;
  // The element `steps` behind this one, or kNone. Skip(at, 0) is `at`.
  Cursor Skip(Cursor at, size_t steps) const {
    while (at != kNone && steps-- > 0) at = Next(at);
    return at;
  }
  // Where the next element begins, or end() behind the last one. Requires an element's cursor.
  Cursor Behind(Cursor at) const { return at + EntryBytes(begin_ + at); }
  // Where elements are inserted at the end.
  Cursor end() const { return static_cast<Cursor>(kept_bytes()); }

  // Requires an element's cursor.
  PackElement Get(Cursor at) const {
    const auto first = static_cast<uint8_t>(begin_[at]);
    PackElement element;
    if ((first & 0xc0) == 0x80) {
      element.bytes = absl::string_view(begin_ + at + 1, first & 0x3f);
    } else if (first < 0x80) {
      element.is_integer = true;
      element.integer = first;
    } else {
      element = GetLong(at);
    }
    return element;
  }
  bool Equals(Cursor at, const PackItem& item) const { return item.IsAt(begin_ + at); }

  // The first element equal to `item` among `from` and every (skip + 1)-th behind it; kNone if
  // there is none, or if `from` is kNone.
  Cursor Find(Cursor from, const PackItem& item, size_t skip = 0) const;

  // Whether the pack stays in its limits with so many elements and bytes of text more.
  bool HasRoomFor(size_t text_bytes, size_t elements) const {
    return total_bytes() + text_bytes + 16 * elements <= kTotalBytesMax;
  }

  // Whether two of the first and every (skip + 1)-th element behind it are equal.
  bool HasDuplicates(size_t skip = 0) const;

  // The encoded elements from one place to another, for PackSplice::encoded. Each is an element's
  // cursor or end().
  absl::string_view Range(Cursor from, Cursor to) const {
    return absl::string_view(begin_ + from, to - from);
  }

 private:
  static constexpr char kEmptyPack[kHeaderBytes] = {kHeaderBytes + kEndBytes, 0, 0, 0, 0, 0};

  // Bytes of the whole element, the size behind it included.
  static uint32_t EntryBytes(const char* element) {
    const auto first = static_cast<uint8_t>(*element);
    // A small integer or short text: one byte, the text, one byte of size.
    if (first < 0xc0) return 2 + (first & 0x3fu & (0u - (first >> 7)));
    return LongEntryBytes(element);
  }
  static uint32_t LongEntryBytes(const char* element);
  Cursor AtOrNone(size_t at) const { return at == end() ? kNone : static_cast<Cursor>(at); }
  PackElement GetLong(Cursor at) const;

  const char* begin_;
};

// One change of a pack: at `at` (an element's cursor or end()) `removed_count` elements of
// `removed_bytes` go, and new ones take their place: `items`, or ones that are encoded already.
// None of the new bytes may lie in the pack itself.
struct PackSplice {
  PackView::Cursor at = 0;
  size_t removed_bytes = 0;
  size_t removed_count = 0;
  absl::Span<const PackItem> items;
  absl::string_view encoded;
  size_t encoded_count = 0;

  size_t inserted_bytes() const;
  // The pack's total when this is done, or as much as that if the pack could not be so big.
  size_t TotalBytesAfter(PackView pack) const {
    return pack.total_bytes() - removed_bytes + inserted_bytes();
  }
};

// Writes an empty pack: kHeaderBytes.
void WriteEmptyPack(char* begin);

// Does it in place. Requires room for what is kept before or after, whichever is larger, and a
// total after of at most kTotalBytesMax.
void ApplyPackSplice(char* begin, const PackSplice& splice);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_PACK_VIEW_H_
