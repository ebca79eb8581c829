#ifndef DAMSELFLY_SERVER_STORE_ENTRY_H_
#define DAMSELFLY_SERVER_STORE_ENTRY_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#include "absl/strings/string_view.h"
#include "server/base/blob.h"
#include "server/base/bytes.h"
#include "server/base/check.h"
#include "server/base/prefetch.h"
#include "server/values/any_value.h"
#include "server/values/value_type.h"

namespace damselfly {

// How a string value is kept, in the words of OBJECT ENCODING.
enum class StringEncoding : uint8_t { kInt, kEmbstr, kRaw };

// One key and its value, in one allocation: header, optional deadline, key, and the value where it
// is short. Read through this class, changed through Database only.
//
//   offset 0      8           +8          +8           +8           + key size
//   | header | deadline? | payload? | key size? | key bytes | value bytes? |
//
// The payload is an integer that does not fit the header, a pointer to a Blob, or a collection: a
// value of any other type than string, which is one word with what it points to. The key size is
// there for keys of more than 65535 bytes only.
class Entry {
 public:
  static constexpr size_t kIntegerTextBytesMax = 20;
  static constexpr int64_t kNoExpiry = -1;
  // Longest string that OBJECT ENCODING calls "embstr".
  static constexpr size_t kEmbstrBytesMax = 44;
  // Longest string that is kept in the entry itself.
  static constexpr size_t kInlineBytesMax = 1024;

  absl::string_view key() const {
    const char* base = reinterpret_cast<const char*>(this);
    return absl::string_view(base + key_offset(), key_size());
  }
  bool HasKey(absl::string_view key) const {
    return key_size() == key.size() &&
           EqualBytes(reinterpret_cast<const char*>(this) + key_offset(), key.data(), key.size());
  }
  ValueType type() const { return static_cast<ValueType>(type_and_kind_ & 15); }

  bool has_expiry() const { return fields_ & kHasDeadline; }
  // Unix time in ms, or kNoExpiry.
  int64_t expiry_ms() const {
    return has_expiry() ? static_cast<int64_t>(Word(sizeof(Entry))) : kNoExpiry;
  }
  bool IsExpired(int64_t now_ms) const { return has_expiry() && expiry_ms() <= now_ms; }

  // Four bits in which AccessClock keeps what it knows of the accesses to the entry. No part of its
  // content; whoever makes another entry of this one hands them on.
  uint8_t access() const { return static_cast<uint8_t>(fields_ >> kAccessShift); }
  void set_access(uint8_t access) {
    fields_ = static_cast<uint8_t>((fields_ & kContentFields) | access << kAccessShift);
  }

  // ---- Strings (require type() == kString) ----
  StringEncoding string_encoding() const;
  // The value's bytes; an integer is written into `scratch` (kIntegerTextBytesMax bytes) first.
  absl::string_view StringValue(char* scratch) const {
    if (kind() == Kind::kInline) return absl::string_view(inline_bytes(), value_);
    return StringValueElsewhere(scratch);
  }
  size_t string_size() const;
  // True, and the value, if it is kept as an integer.
  bool IntegerValue(int64_t* value) const {
    if (kind() == Kind::kInt32) {
      *value = static_cast<int32_t>(value_);
      return true;
    }
    if (kind() == Kind::kInt64) {
      *value = static_cast<int64_t>(Word(payload_offset()));
      return true;
    }
    return false;
  }
  // The blob of a big value, else null. For replies without a copy.
  const Blob* blob() const { return kind() == Kind::kBlob ? blob_pointer() : nullptr; }

  // ---- Collections (require type() != kString) ----
  // The value, of the class that belongs to its type. Changed through ValueEdit only.
  template <class V>
  const V& as() const {
    DFLY_DCHECK(type() == V::kType);
    return *std::launder(reinterpret_cast<const V*>(collection_word()));
  }
  const ValueTraits& traits() const { return *TraitsOf(type()); }
  // Where the value stands, until the entry is replaced.
  const void* collection_word() const {
    return reinterpret_cast<const char*>(this) + payload_offset();
  }
  void* collection_word() { return reinterpret_cast<char*>(this) + payload_offset(); }

  // Asks the cache for where the value begins, if it is a collection.
  void PrefetchCollection() const {
    // Values keep tags in the lowest bits of their word at most.
    if (kind() == Kind::kCollection)
      PrefetchForRead(reinterpret_cast<const void*>(Word(payload_offset())));
  }

  // Bytes of memory that this entry and its value take, as asked of the allocator.
  size_t memory_bytes() const;

  // ---- For Database and tests: making, rewriting and freeing ----

  // Where the value is. The lowest bit says that there is a payload.
  enum class Kind : uint8_t { kInt32 = 0, kInt64 = 1, kInline = 2, kBlob = 3, kCollection = 5 };

  // All that an entry is made from.
  struct Parts {
    absl::string_view key;
    bool has_expiry = false;
    int64_t expiry_ms = 0;
    Kind kind = Kind::kInline;
    int64_t integer = 0;      // kInt32, kInt64
    absl::string_view bytes;  // kInline; may point into another entry
    Blob* blob = nullptr;     // kBlob: its reference becomes the entry's
    ValueType type = ValueType::kString;
    uint64_t collection = 0;  // kCollection: becomes the entry's
    // A string that is written in place (APPEND, SETRANGE, SETBIT): "raw", and its allocation has
    // room to grow.
    bool is_raw = false;

    void SetInteger(int64_t value) {
      kind = value == static_cast<int32_t>(value) ? Kind::kInt32 : Kind::kInt64;
      integer = value;
    }
  };

  // The caller owns the result; Destroy() frees it.
  static Entry* Create(const Parts& parts);
  static void Destroy(Entry* entry);

  // Overwrites the entry with `parts` (of the same key) but for its access bits and returns true,
  // if the allocation is right for them and the key stays where it is; else changes nothing. Drops
  // a blob it held before. Requires that it holds no collection.
  bool Rewrite(const Parts& parts);

  // It is text of this size, neither raw nor an integer, and has no deadline: RewriteText puts
  // other such text in its place. Most SETs come to that.
  bool HoldsText(size_t size) const {
    constexpr int kInlineString =
        static_cast<int>(ValueType::kString) | static_cast<int>(Kind::kInline) << 4;
    return type_and_kind_ == kInlineString && (fields_ & kContentFields) == 0 && value_ == size;
  }
  // Requires HoldsText(bytes.size()), and bytes that are not the entry's own.
  void RewriteText(absl::string_view bytes) {
    CopyBytes(mutable_inline_bytes(), bytes.data(), bytes.size());
  }

  // Makes an inline raw string `size` bytes long where it stands, new bytes zero, and returns true;
  // false when the entry is something else or its allocation is not the right one for that size.
  bool ResizeInPlace(size_t size);

  // The entry as parts that refer to it; a blob or collection is not shared: parts have the
  // entry's own pointer.
  Parts ToParts() const;

  // Takes the deadline out where it stands: what is behind it moves up, and the allocation keeps
  // the room. Requires has_expiry().
  void DropDeadline();
  // Requires has_expiry().
  void set_expiry_ms(int64_t at_ms) { SetWord(sizeof(Entry), static_cast<uint64_t>(at_ms)); }

  Kind kind() const { return static_cast<Kind>(type_and_kind_ >> 4); }
  bool is_raw() const { return fields_ & kRaw; }
  // Of kInline.
  char* mutable_inline_bytes() { return const_cast<char*>(inline_bytes()); }
  // Of kBlob. The entry keeps its reference.
  Blob* blob_pointer() const { return reinterpret_cast<Blob*>(Word(payload_offset())); }
  // Of kBlob: takes the reference away; the entry holds an empty inline string from then on, for
  // Destroy() only.
  BlobRef ReleaseBlob();
  // Of kCollection, likewise.
  AnyValue ReleaseCollection();
  void SetBlobPointer(Blob* blob) { SetWord(payload_offset(), reinterpret_cast<uint64_t>(blob)); }

 private:
  // Bits of fields_. The first three say which optional words there are.
  static constexpr uint8_t kHasDeadline = 1;
  static constexpr uint8_t kHasPayload = 2;
  static constexpr uint8_t kHasWideKey = 4;
  static constexpr uint8_t kOptionalWords = 7;
  static constexpr uint8_t kRaw = 8;
  static constexpr uint8_t kContentFields = 15;
  static constexpr int kAccessShift = 4;  // the upper half: access()

  Entry() = default;

  static uint8_t FieldsOf(const Parts& parts);
  static size_t AllocationBytes(size_t content_bytes, bool is_raw);
  static size_t AllocationBytesOf(const Parts& parts);
  size_t allocation_bytes() const;
  void Fill(const Parts& parts);
  absl::string_view StringValueElsewhere(char* scratch) const;

  static size_t KeyOffset(uint8_t fields) {
    return sizeof(Entry) +
           8 * static_cast<size_t>(std::popcount(static_cast<uint8_t>(fields & kOptionalWords)));
  }
  size_t key_offset() const { return KeyOffset(fields_); }
  size_t payload_offset() const { return sizeof(Entry) + 8 * (fields_ & kHasDeadline); }
  size_t key_size() const {
    return fields_ & kHasWideKey ? static_cast<size_t>(Word(key_offset() - 8)) : key_size_;
  }
  const char* inline_bytes() const {
    return reinterpret_cast<const char*>(this) + key_offset() + key_size();
  }

  uint64_t Word(size_t offset) const {
    uint64_t word;
    std::memcpy(&word, reinterpret_cast<const char*>(this) + offset, sizeof(word));
    return word;
  }
  void SetWord(size_t offset, uint64_t word) {
    std::memcpy(reinterpret_cast<char*>(this) + offset, &word, sizeof(word));
  }

  uint8_t type_and_kind_;
  uint8_t fields_;
  uint16_t key_size_;
  uint32_t value_;  // kInt32: the integer; kInline: the value's size
};

static_assert(sizeof(Entry) == 8);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_ENTRY_H_
