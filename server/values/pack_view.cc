#include "server/values/pack_view.h"

#include "absl/container/flat_hash_set.h"
#include "server/base/check.h"

namespace damselfly {
namespace {

// First bytes of elements. Small integers, short text and 13-bit integers keep bits of their
// content in it.
constexpr uint8_t kShortText = 0x80;
constexpr uint8_t kInteger13 = 0xc0;
constexpr uint8_t kMediumText = 0xe0;
constexpr uint8_t kLongText = 0xf0;
constexpr uint8_t kInteger16 = 0xf1;
constexpr uint8_t kInteger24 = 0xf2;
constexpr uint8_t kInteger32 = 0xf3;
constexpr uint8_t kInteger64 = 0xf4;
constexpr uint8_t kEnd = 0xff;

constexpr uint16_t kUnknownCount = 0xffff;
constexpr size_t kCountOffset = 4;

uint8_t ByteAt(const char* at) { return static_cast<uint8_t>(*at); }

template <typename Word>
Word LoadWord(const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

template <typename Word>
void StoreWord(char* to, Word word) {
  std::memcpy(to, &word, sizeof(word));
}

// Bytes that the size behind an element takes. The format's own limits: one less than what the
// bits could hold.
uint32_t BackSizeBytes(uint64_t size) {
  if (size <= 127) return 1;
  if (size < 16383) return 2;
  if (size < 2097151) return 3;
  if (size < 268435455) return 4;
  return 5;
}

// Seven bits a byte, the highest first; all but the first have their top bit set, so that a reader
// who comes from behind knows when to stop.
char* WriteBackSize(uint64_t size, char* to) {
  const uint32_t bytes = BackSizeBytes(size);
  for (uint32_t i = bytes; i-- > 0; size >>= 7)
    to[i] = static_cast<char>((size & 127) | (i > 0 ? 128 : 0));
  return to + bytes;
}

// Bytes of encoding, size and integer of the element with this first byte; 0 if there is no such
// element.
size_t HeadBytes(uint8_t first) {
  if (first < kInteger13) return 1;
  if (first < kLongText) return 2;
  switch (first) {
    case kLongText:
      return 5;
    case kInteger16:
      return 3;
    case kInteger24:
      return 4;
    case kInteger32:
      return 5;
    case kInteger64:
      return 9;
    default:
      return 0;
  }
}

// The bytes of text behind the head.
size_t TextBytes(const char* element) {
  const uint8_t first = ByteAt(element);
  if ((first & 0xc0) == kShortText) return first & 0x3f;
  if ((first & 0xf0) == kMediumText) return (first & 0x0fu) << 8 | ByteAt(element + 1);
  if (first == kLongText) return LoadWord<uint32_t>(element + 1);
  return 0;
}

size_t EncodedBytesOf(absl::Span<const PackItem> items) {
  size_t bytes = 0;
  for (const PackItem& item : items) bytes += item.encoded_bytes();
  return bytes;
}

}  // namespace

void PackItem::FillFromText(absl::string_view text) {
  int64_t integer;
  if (ParseInt64(text, &integer)) {
    FillFromInteger(integer);
    return;
  }
  text_ = text;
  if (text.size() < 64) {
    header_[0] = static_cast<char>(kShortText | text.size());
    header_size_ = 1;
  } else if (text.size() < 4096) {
    header_[0] = static_cast<char>(kMediumText | text.size() >> 8);
    header_[1] = static_cast<char>(text.size());
    header_size_ = 2;
  } else {
    header_[0] = static_cast<char>(kLongText);
    StoreWord(header_ + 1, static_cast<uint32_t>(text.size()));
    header_size_ = 5;
  }
}

void PackItem::FillFromInteger(int64_t integer) {
  if (integer >= 0 && integer < 128) {
    header_[0] = static_cast<char>(integer);
    header_size_ = 1;
  } else if (integer >= -4096 && integer < 4096) {
    header_[0] = static_cast<char>(kInteger13 | (integer >> 8 & 0x1f));
    header_[1] = static_cast<char>(integer);
    header_size_ = 2;
  } else if (integer == static_cast<int16_t>(integer)) {
    header_[0] = static_cast<char>(kInteger16);
    StoreWord(header_ + 1, static_cast<int16_t>(integer));
    header_size_ = 3;
  } else if (integer >= -(1 << 23) && integer < (1 << 23)) {
    header_[0] = static_cast<char>(kInteger24);
    header_[1] = static_cast<char>(integer);
    header_[2] = static_cast<char>(integer >> 8);
    header_[3] = static_cast<char>(integer >> 16);
    header_size_ = 4;
  } else if (integer == static_cast<int32_t>(integer)) {
    header_[0] = static_cast<char>(kInteger32);
    StoreWord(header_ + 1, static_cast<int32_t>(integer));
    header_size_ = 5;
  } else {
    header_[0] = static_cast<char>(kInteger64);
    StoreWord(header_ + 1, integer);
    header_size_ = 9;
  }
}

size_t PackItem::encoded_bytes() const {
  const size_t bytes = header_size_ + text_.size();
  return bytes + BackSizeBytes(bytes);
}

char* PackItem::WriteTo(char* to) const {
  std::memcpy(to, header_, header_size_);
  to += header_size_;
  if (!text_.empty()) CopyBytes(to, text_.data(), text_.size());
  return WriteBackSize(header_size_ + text_.size(), to + text_.size());
}

std::string PackView::ToListpack() const {
  std::string bytes;
  bytes.reserve(total_bytes());
  bytes.append(begin_, kept_bytes());
  bytes.push_back(static_cast<char>(kEnd));
  return bytes;
}

size_t PackView::count() const {
  const auto count = LoadWord<uint16_t>(begin_ + kCountOffset);
  if (count != kUnknownCount) return count;
  size_t counted = 0;
  for (Cursor at = First(); at != kNone; at = Next(at)) ++counted;
  return counted;
}

uint32_t PackView::LongEntryBytes(const char* element) {
  const uint64_t bytes = HeadBytes(ByteAt(element)) + TextBytes(element);
  return static_cast<uint32_t>(bytes + BackSizeBytes(bytes));
}

PackView::Cursor PackView::Previous(Cursor at) const {
  if (at == kHeaderBytes) return kNone;
  const char* back = begin_ + at;
  uint64_t size = 0;
  for (int shift = 0;; shift += 7) {
    --back;
    size |= static_cast<uint64_t>(ByteAt(back) & 127) << shift;
    if (!(ByteAt(back) & 128)) break;
  }
  return static_cast<Cursor>(static_cast<size_t>(back - begin_) - size);
}

PackView::Cursor PackView::At(int64_t index) const {
  const auto count = LoadWord<uint16_t>(begin_ + kCountOffset);
  if (count != kUnknownCount) {
    if (index >= count || index < -int64_t{count}) return kNone;
    if (index >= 0 && index > count / 2) index -= count;
    if (index < 0 && -index > count / 2) index += count;
  }
  if (index >= 0) return Skip(First(), static_cast<size_t>(index));
  Cursor at = Last();
  while (at != kNone && ++index < 0) at = Previous(at);
  return at;
}

PackElement PackView::GetLong(Cursor at) const {
  const char* const element = begin_ + at;
  const uint8_t first = ByteAt(element);
  PackElement result;
  if (first == kLongText || (first & 0xf0) == kMediumText) {
    result.bytes = absl::string_view(element + HeadBytes(first), TextBytes(element));
    return result;
  }
  result.is_integer = true;
  if ((first & 0xe0) == kInteger13) {
    const int value = (first & 0x1f) << 8 | ByteAt(element + 1);
    result.integer = value < 4096 ? value : value - 8192;
  } else if (first == kInteger16) {
    result.integer = LoadWord<int16_t>(element + 1);
  } else if (first == kInteger24) {
    const int value = ByteAt(element + 1) | ByteAt(element + 2) << 8 | ByteAt(element + 3) << 16;
    result.integer = value < (1 << 23) ? value : value - (1 << 24);
  } else if (first == kInteger32) {
    result.integer = LoadWord<int32_t>(element + 1);
  } else {
    DFLY_DCHECK_EQ(first, kInteger64);
    result.integer = LoadWord<int64_t>(element + 1);
  }
  return result;
}

PackView::Cursor PackView::Find(Cursor from, const PackItem& item, size_t skip) const {
  if (skip == 0) {
    if (from == kNone) return kNone;
    const Cursor behind_all = end();
    for (; from != behind_all; from = Behind(from)) {
      if (Equals(from, item)) return from;
    }
    return kNone;
  } else {
    while (from != kNone && !Equals(from, item)) from = Skip(from, skip + 1);
  }
  return from;
}

bool PackView::HasDuplicates(size_t skip) const {
  absl::flat_hash_set<absl::string_view> seen;
  for (Cursor at = First(); at != kNone; at = Skip(at, skip + 1)) {
    if (!seen.insert(Range(at, Behind(at))).second) return true;
  }
  return false;
}

bool PackView::IsValid(absl::string_view bytes) {
  if (bytes.size() < kHeaderBytes + kEndBytes || bytes.size() != LoadWord<uint32_t>(bytes.data()))
    return false;
  const size_t end = bytes.size() - kEndBytes;
  if (ByteAt(bytes.data() + end) != kEnd) return false;
  size_t at = kHeaderBytes, count = 0;
  for (; at < end; ++count) {
    const char* const element = bytes.data() + at;
    const size_t head = HeadBytes(ByteAt(element));
    if (head == 0 || head > end - at) return false;
    const size_t size = head + TextBytes(element);
    if (size + BackSizeBytes(size) > end - at) return false;
    char back[5];
    const auto back_bytes = static_cast<size_t>(WriteBackSize(size, back) - back);
    if (std::memcmp(element + size, back, back_bytes) != 0) return false;
    at += size + back_bytes;
  }
  const auto told = LoadWord<uint16_t>(bytes.data() + kCountOffset);
  return at == end && (told == kUnknownCount || told == count);
}

bool PackView::IsCanonical() const {
  size_t counted = 0;
  for (Cursor at = First(); at != kNone; at = Next(at)) {
    const PackElement element = Get(at);
    const PackItem item = element.is_integer ? PackItem(element.integer) : PackItem(element.bytes);
    if (item.encoded_bytes() != EntryBytes(begin_ + at) || !Equals(at, item)) return false;
    ++counted;
  }
  const auto told = LoadWord<uint16_t>(begin_ + kCountOffset);
  return told != kUnknownCount || counted >= kUnknownCount;
}

size_t PackSplice::inserted_bytes() const { return EncodedBytesOf(items) + encoded.size(); }

void WriteEmptyPack(char* begin) {
  StoreWord(begin, static_cast<uint32_t>(PackView::kHeaderBytes + PackView::kEndBytes));
  StoreWord(begin + kCountOffset, uint16_t{0});
}

void ApplyPackSplice(char* begin, const PackSplice& splice) {
  const PackView pack(begin);
  const size_t before = pack.total_bytes();
  const size_t inserted = splice.inserted_bytes();
  const size_t after = before - splice.removed_bytes + inserted;
  DFLY_CHECK(after <= PackView::kTotalBytesMax || after <= before);
  char* to = begin + splice.at;
  const size_t behind = pack.end() - splice.at - splice.removed_bytes;
  if (inserted != splice.removed_bytes) {
    if (behind > 0) std::memmove(to + inserted, to + splice.removed_bytes, behind);
    StoreWord(begin, static_cast<uint32_t>(after));
  }
  for (const PackItem& item : splice.items) to = item.WriteTo(to);
  if (!splice.encoded.empty()) std::memcpy(to, splice.encoded.data(), splice.encoded.size());

  const auto count = LoadWord<uint16_t>(begin + kCountOffset);
  if (count == kUnknownCount) return;
  const size_t count_after =
      count - splice.removed_count + splice.items.size() + splice.encoded_count;
  StoreWord(begin + kCountOffset,
            count_after < kUnknownCount ? static_cast<uint16_t>(count_after) : kUnknownCount);
}

}  // namespace damselfly
