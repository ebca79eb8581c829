#include "server/store/entry.h"

#include <cstdlib>

#include "server/base/check.h"
#include "server/base/numbers.h"

namespace damselfly {
namespace {

constexpr size_t kNarrowKeyBytesMax = 0xffff;

size_t RoundUp(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

}  // namespace

StringEncoding Entry::string_encoding() const {
  switch (kind()) {
    case Kind::kInt32:
    case Kind::kInt64:
      return StringEncoding::kInt;
    case Kind::kInline:
      return !is_raw() && value_ <= kEmbstrBytesMax ? StringEncoding::kEmbstr
                                                    : StringEncoding::kRaw;
    case Kind::kBlob:
      return StringEncoding::kRaw;
    case Kind::kCollection:
      break;
  }
  DFLY_UNREACHABLE();
}

absl::string_view Entry::StringValueElsewhere(char* scratch) const {
  if (kind() == Kind::kBlob) return blob_pointer()->view();
  int64_t integer = 0;
  DFLY_CHECK(IntegerValue(&integer));
  return absl::string_view(scratch, FormatInt64(integer, scratch));
}

size_t Entry::string_size() const {
  if (kind() == Kind::kInline) return value_;
  char scratch[kIntegerTextBytesMax];
  return StringValueElsewhere(scratch).size();
}

size_t Entry::memory_bytes() const {
  size_t bytes = allocation_bytes();
  if (kind() == Kind::kBlob) bytes += blob_pointer()->memory_bytes();
  if (kind() == Kind::kCollection) bytes += traits().memory_bytes(collection_word());
  return bytes;
}

// What is asked of the allocator is a function of the content's size alone, so that no capacity
// need be stored: in steps of eight bytes, and for raw strings in steps of a quarter to a half,
// which makes repeated APPENDs cheap.
size_t Entry::AllocationBytes(size_t content_bytes, bool is_raw) {
  if (!is_raw) return RoundUp(content_bytes, 8);
  if (content_bytes <= 128) return RoundUp(content_bytes, 32);
  return RoundUp(content_bytes, std::bit_floor(content_bytes - 1) / 4);
}

size_t Entry::AllocationBytesOf(const Parts& parts) {
  const size_t value_bytes = parts.kind == Kind::kInline ? parts.bytes.size() : 0;
  return AllocationBytes(KeyOffset(FieldsOf(parts)) + parts.key.size() + value_bytes, parts.is_raw);
}

size_t Entry::allocation_bytes() const {
  const size_t value_bytes = kind() == Kind::kInline ? value_ : 0;
  return AllocationBytes(key_offset() + key_size() + value_bytes, is_raw());
}

uint8_t Entry::FieldsOf(const Parts& parts) {
  uint8_t fields = 0;
  if (parts.has_expiry) fields |= kHasDeadline;
  if (static_cast<uint8_t>(parts.kind) & 1) fields |= kHasPayload;
  if (parts.key.size() > kNarrowKeyBytesMax) fields |= kHasWideKey;
  if (parts.is_raw) fields |= kRaw;
  return fields;
}

// Writes all but the key's bytes.
void Entry::Fill(const Parts& parts) {
  DFLY_DCHECK_EQ(parts.kind == Kind::kCollection, parts.type != ValueType::kString);
  type_and_kind_ = static_cast<uint8_t>(static_cast<uint8_t>(parts.type) |
                                        static_cast<uint8_t>(parts.kind) << 4);
  fields_ = FieldsOf(parts);
  key_size_ = fields_ & kHasWideKey ? 0 : static_cast<uint16_t>(parts.key.size());
  if (parts.has_expiry) set_expiry_ms(parts.expiry_ms);
  if (fields_ & kHasWideKey) SetWord(key_offset() - 8, parts.key.size());
  switch (parts.kind) {
    case Kind::kInt32:
      value_ = static_cast<uint32_t>(static_cast<int32_t>(parts.integer));
      break;
    case Kind::kInt64:
      value_ = 0;
      SetWord(payload_offset(), static_cast<uint64_t>(parts.integer));
      break;
    case Kind::kInline:
      DFLY_CHECK_LE(parts.bytes.size(), kInlineBytesMax);
      value_ = static_cast<uint32_t>(parts.bytes.size());
      // The bytes may be this entry's own.
      if (!parts.bytes.empty())
        std::memmove(mutable_inline_bytes(), parts.bytes.data(), parts.bytes.size());
      break;
    case Kind::kBlob:
      value_ = 0;
      SetBlobPointer(parts.blob);
      break;
    case Kind::kCollection:
      value_ = 0;
      SetWord(payload_offset(), parts.collection);
      break;
  }
}

Entry* Entry::Create(const Parts& parts) {
  auto* entry = static_cast<Entry*>(std::malloc(AllocationBytesOf(parts)));
  DFLY_CHECK(entry != nullptr);
  char* const key = reinterpret_cast<char*>(entry) + KeyOffset(FieldsOf(parts));
  if (!parts.key.empty()) std::memcpy(key, parts.key.data(), parts.key.size());
  entry->Fill(parts);
  return entry;
}

void Entry::Destroy(Entry* entry) {
  if (entry->kind() == Kind::kBlob) entry->ReleaseBlob();
  if (entry->kind() == Kind::kCollection) entry->ReleaseCollection();
  std::free(entry);
}

bool Entry::Rewrite(const Parts& parts) {
  if (allocation_bytes() != AllocationBytesOf(parts) || key_offset() != KeyOffset(FieldsOf(parts)))
    return false;
  DFLY_DCHECK(kind() != Kind::kCollection);
  const BlobRef previous = kind() == Kind::kBlob ? ReleaseBlob() : BlobRef();
  const uint8_t kept_access = access();
  Fill(parts);
  set_access(kept_access);
  return true;
}

bool Entry::ResizeInPlace(size_t size) {
  if (kind() != Kind::kInline || !is_raw() || size > kInlineBytesMax) return false;
  if (AllocationBytes(key_offset() + key_size() + size, true) != allocation_bytes()) return false;
  if (size > value_) std::memset(mutable_inline_bytes() + value_, 0, size - value_);
  value_ = static_cast<uint32_t>(size);
  return true;
}

void Entry::DropDeadline() {
  DFLY_CHECK(has_expiry());
  char* const deadline = reinterpret_cast<char*>(this) + sizeof(Entry);
  const size_t end = key_offset() + key_size() + (kind() == Kind::kInline ? value_ : 0);
  std::memmove(deadline, deadline + 8, end - sizeof(Entry) - 8);
  fields_ &= static_cast<uint8_t>(~kHasDeadline);
}

Entry::Parts Entry::ToParts() const {
  Parts parts;
  parts.key = key();
  parts.has_expiry = has_expiry();
  parts.expiry_ms = expiry_ms();
  parts.kind = kind();
  parts.is_raw = is_raw();
  parts.type = type();
  if (kind() == Kind::kCollection) parts.collection = Word(payload_offset());
  if (kind() == Kind::kInline) parts.bytes = absl::string_view(inline_bytes(), value_);
  if (kind() == Kind::kBlob) parts.blob = blob_pointer();
  IntegerValue(&parts.integer);
  return parts;
}

BlobRef Entry::ReleaseBlob() {
  BlobRef blob = BlobRef::Adopt(blob_pointer());
  type_and_kind_ =
      static_cast<uint8_t>((type_and_kind_ & 15) | static_cast<uint8_t>(Kind::kInline) << 4);
  value_ = 0;
  return blob;
}

AnyValue Entry::ReleaseCollection() {
  AnyValue value = AnyValue::Adopt(type(), Word(payload_offset()));
  type_and_kind_ = static_cast<uint8_t>(static_cast<uint8_t>(ValueType::kString) |
                                        static_cast<uint8_t>(Kind::kInline) << 4);
  value_ = 0;
  return value;
}

}  // namespace damselfly
