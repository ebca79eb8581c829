#ifndef DAMSELFLY_SERVER_VALUES_STREAM_BLOCK_H_
#define DAMSELFLY_SERVER_VALUES_STREAM_BLOCK_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/base/prefetch.h"
#include "server/values/pack_view.h"
#include "server/values/stream_id.h"
#include "server/values/value_context.h"

namespace damselfly {

// Neighbouring entries of a stream in one pack, byte for byte as Redis keeps them. The first
// entry's ID and the names of its fields are said once, for the whole block:
//
//   | live | deleted | n | field 1 ... field n | 0 | entry | entry ...
//
//   entry = | flags | ms - first ms | seq - first seq | content | elements of this entry before
//   here | content = value 1 ... value n                           with the flag kSameFields
//           = m | field 1 | value 1 ... field m | value m   without
//
// An entry that is deleted stays where it is, with the flag kDeleted. The last element of an entry
// leads backwards to its flags; the 0 says that there is none before.
enum StreamEntryFlag : uint8_t { kStreamEntryDeleted = 1, kStreamEntrySameFields = 2 };

// Owns a block. The ID that its entries count from is with whoever holds it, as the key that it is
// found by. A block has one entry at least, dead or alive. Not thread-safe.
class StreamBlock {
 public:
  // Fields and values in turn.
  using Fields = absl::Span<const absl::string_view>;

  StreamBlock() = default;
  // A block of this one entry, whose ID is the block's. Requires CanHold(fields).
  explicit StreamBlock(Fields fields);
  ~StreamBlock();
  StreamBlock(StreamBlock&& other) noexcept { Swap(other); }
  StreamBlock& operator=(StreamBlock&& other) noexcept {
    Swap(other);
    return *this;
  }
  StreamBlock(const StreamBlock&) = delete;
  StreamBlock& operator=(const StreamBlock&) = delete;

  StreamBlock Clone() const { return CopyOf(pack()); }

  // Whether `bytes` are a pack that is a block, with entries whose IDs ascend from `first_id` on
  // and of which one at least is alive.
  static bool IsValid(absl::string_view bytes, const StreamId& first_id);
  // Requires IsValid(bytes).
  static StreamBlock FromBytes(absl::string_view bytes);

  PackView pack() const { return PackView(bytes_); }
  // Asks the cache for its beginning.
  void Prefetch() const {
    PrefetchForRead(bytes_);
    PrefetchForRead(bytes_ + 64);
  }
  // Asked of the allocator.
  size_t memory_bytes() const { return capacity_; }

  // Entries that are there, and those that are marked as deleted.
  uint64_t live() const { return static_cast<uint64_t>(pack().Get(pack().First()).integer); }
  uint64_t deleted() const {
    return static_cast<uint64_t>(pack().Get(pack().Next(pack().First())).integer);
  }

  // Whether an entry of these fields is small enough for a block of its own.
  static bool CanHold(Fields fields);
  // Whether one more entry, of these fields, belongs here and not in a new block. Requires CanHold.
  bool TakesMore(Fields fields, const ValueContext& context) const;
  // Requires TakesMore, and that `id` is behind all entries here; `first_id` is the block's.
  void Append(const StreamId& first_id, const StreamId& id, Fields fields);
  // Gives room back that Append keeps for entries to come.
  void ShrinkToFit();

  // Marks the live entry whose flags are at `entry` as deleted. Cursors stay as they are, and
  // live() and deleted() too: until CountDeleted says how many there were.
  void MarkDeleted(PackView::Cursor entry);
  void CountDeleted(uint64_t count);

 private:
  // Requires the canonical form.
  static StreamBlock CopyOf(PackView pack);
  void Swap(StreamBlock& other) {
    std::swap(bytes_, other.bytes_);
    std::swap(capacity_, other.capacity_);
  }
  void Apply(const PackSplice& splice);
  void SetCounts(uint64_t live, uint64_t deleted);

  char* bytes_ = nullptr;
  size_t capacity_ = 0;
};

// Goes over the entries of a block, in both directions. Valid until the block changes (MarkDeleted
// apart).
//
//   for (StreamBlockReader reader(first_id, block.pack()); reader.Next();) ...
class StreamBlockReader {
 public:
  // Stands before the first entry and behind the last one.
  StreamBlockReader(const StreamId& first_id, PackView pack);

  // To the next or the previous entry, deleted ones included; false when there is none, and then
  // the reader stands as at first. A reader goes one way only.
  bool Next();
  bool Previous();

  // The entry.
  const StreamId& id() const { return id_; }
  bool is_deleted() const { return flags_ & kStreamEntryDeleted; }
  size_t field_count() const { return field_count_; }
  PackView::Cursor cursor() const { return entry_; }
  // Takes the entry's next field; false behind the last one.
  bool NextField(PackElement* field, PackElement* value);

 private:
  void Read(PackView::Cursor entry);
  uint64_t IntegerAt(PackView::Cursor at) const {
    return static_cast<uint64_t>(pack_.Get(at).integer);
  }

  StreamId first_id_;
  PackView pack_;
  size_t shared_field_count_;
  PackView::Cursor shared_fields_;
  PackView::Cursor first_entry_;

  PackView::Cursor entry_ = PackView::kNone;
  StreamId id_;
  uint8_t flags_ = 0;
  size_t field_count_ = 0;
  size_t fields_left_ = 0;
  PackView::Cursor shared_field_ = PackView::kNone;  // the next one's name, if it is shared
  PackView::Cursor at_ = PackView::kNone;            // the next one's name or value
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_STREAM_BLOCK_H_
