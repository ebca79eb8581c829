#include "server/values/stream_block.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "server/base/check.h"

namespace damselfly {
namespace {

using Cursor = PackView::Cursor;

// The elements of one new entry; eight fields need no memory.
using Items = absl::InlinedVector<PackItem, 20>;

PackItem NumberItem(uint64_t number) { return PackItem(static_cast<int64_t>(number)); }

// Appends an entry that starts `offset` behind the block's ID.
void AddEntryItems(const StreamId& offset, StreamBlock::Fields fields, bool has_same_fields,
                   Items* items) {
  const size_t first = items->size();
  items->push_back(NumberItem(has_same_fields ? kStreamEntrySameFields : 0));
  items->push_back(NumberItem(offset.ms));
  items->push_back(NumberItem(offset.seq));
  if (!has_same_fields) items->push_back(NumberItem(fields.size() / 2));
  for (size_t i = 0; i < fields.size(); i += 2) {
    if (!has_same_fields) items->push_back(PackItem(fields[i]));
    items->push_back(PackItem(fields[i + 1]));
  }
  items->push_back(NumberItem(items->size() - first));
}

size_t ContentBytes(StreamBlock::Fields fields) {
  size_t bytes = 0;
  for (absl::string_view text : fields) bytes += text.size();
  return bytes;
}

// What an entry and a new block around it take beside its content, at most.
size_t EncodingBytesMax(StreamBlock::Fields fields) { return 16 * (fields.size() + 12); }

// Whether the fields are those that the block shares.
bool AreSharedFields(PackView pack, StreamBlock::Fields fields) {
  Cursor at = pack.Skip(pack.First(), 2);
  if (static_cast<uint64_t>(pack.Get(at).integer) != fields.size() / 2) return false;
  for (size_t i = 0; i < fields.size(); i += 2) {
    at = pack.Next(at);
    if (!pack.Equals(at, PackItem(fields[i]))) return false;
  }
  return true;
}

// Takes elements off a pack that nobody has vouched for: functions say whether there was one.
class BlockChecker {
 public:
  explicit BlockChecker(PackView pack) : pack_(pack), at_(pack.First()) {}

  bool done() const { return at_ == PackView::kNone; }
  size_t taken() const { return taken_; }

  bool Integer(int64_t* integer) {
    if (done()) return false;
    const PackElement element = pack_.Get(at_);
    *integer = element.integer;
    return element.is_integer && Skip(1);
  }
  // A number of things of which `elements_each` stand in the pack.
  bool Count(int64_t* count) {
    return Integer(count) && *count >= 0 && static_cast<uint64_t>(*count) <= pack_.total_bytes();
  }
  bool Skip(int64_t elements) {
    for (; elements > 0; --elements) {
      if (done()) return false;
      at_ = pack_.Next(at_);
      ++taken_;
    }
    return true;
  }

 private:
  const PackView pack_;
  Cursor at_;
  size_t taken_ = 0;
};

// One entry; its ID goes to *id, its flags to *flags.
bool CheckEntry(BlockChecker* checker, int64_t shared_fields, const StreamId& first_id,
                StreamId* id, int64_t* flags) {
  const size_t begin = checker->taken();
  int64_t ms, seq, fields = shared_fields;
  if (!checker->Integer(flags) || !checker->Integer(&ms) || !checker->Integer(&seq)) return false;
  if (*flags < 0 || *flags > (kStreamEntryDeleted | kStreamEntrySameFields)) return false;
  const bool is_same = *flags & kStreamEntrySameFields;
  if (!is_same && !checker->Count(&fields)) return false;
  if (!checker->Skip(is_same ? fields : 2 * fields)) return false;
  const size_t elements = checker->taken() - begin;
  int64_t back;
  if (!checker->Integer(&back) || static_cast<uint64_t>(back) != elements) return false;
  *id = {first_id.ms + static_cast<uint64_t>(ms), first_id.seq + static_cast<uint64_t>(seq)};
  return true;
}

}  // namespace

StreamBlock::StreamBlock(Fields fields) {
  Items items;
  items.push_back(NumberItem(1));
  items.push_back(NumberItem(0));
  items.push_back(NumberItem(fields.size() / 2));
  for (size_t i = 0; i < fields.size(); i += 2) items.push_back(PackItem(fields[i]));
  items.push_back(NumberItem(0));
  AddEntryItems(StreamId(), fields, /*has_same_fields=*/true, &items);

  PackSplice splice;
  splice.at = PackView::kHeaderBytes;
  splice.items = items;
  capacity_ = PackView::kHeaderBytes + splice.inserted_bytes();
  bytes_ = static_cast<char*>(std::malloc(capacity_));
  DFLY_CHECK(bytes_ != nullptr);
  WriteEmptyPack(bytes_);
  ApplyPackSplice(bytes_, splice);
}

StreamBlock::~StreamBlock() { std::free(bytes_); }

StreamBlock StreamBlock::CopyOf(PackView pack) {
  StreamBlock copy;
  copy.capacity_ = pack.kept_bytes();
  copy.bytes_ = static_cast<char*>(std::malloc(copy.capacity_));
  DFLY_CHECK(copy.bytes_ != nullptr);
  std::memcpy(copy.bytes_, pack.kept().data(), copy.capacity_);
  return copy;
}

bool StreamBlock::IsValid(absl::string_view bytes, const StreamId& first_id) {
  if (bytes.size() > PackView::kTotalBytesMax || !PackView::IsValid(bytes)) return false;
  BlockChecker checker(PackView(bytes.data()));
  int64_t live, deleted, fields, terminator;
  if (!checker.Count(&live) || !checker.Count(&deleted) || !checker.Count(&fields) ||
      !checker.Skip(fields) || !checker.Integer(&terminator) || terminator != 0) {
    return false;
  }
  StreamId last;
  bool has_last = false;
  int64_t live_found = 0, deleted_found = 0;
  while (!checker.done()) {
    StreamId id;
    int64_t flags;
    if (!CheckEntry(&checker, fields, first_id, &id, &flags)) return false;
    if (flags & kStreamEntryDeleted) {
      ++deleted_found;
      continue;
    }
    ++live_found;
    // Deleted ones may be out of order: XSETID can take the stream back to before them.
    if (id < first_id || (has_last && id <= last)) return false;
    last = id;
    has_last = true;
  }
  return live_found == live && deleted_found == deleted && live + deleted > 0;
}

StreamBlock StreamBlock::FromBytes(absl::string_view bytes) {
  const PackView source(bytes.data());
  if (source.IsCanonical()) return CopyOf(source);
  StreamBlock block;
  block.capacity_ = bytes.size();
  block.bytes_ = static_cast<char*>(std::malloc(block.capacity_));
  DFLY_CHECK(block.bytes_ != nullptr);
  WriteEmptyPack(block.bytes_);
  for (Cursor at = source.First(); at != PackView::kNone; at = source.Next(at)) {
    const PackElement element = source.Get(at);
    const PackItem item = element.is_integer ? PackItem(element.integer) : PackItem(element.bytes);
    PackSplice splice;
    splice.at = block.pack().end();
    splice.items = absl::MakeConstSpan(&item, 1);
    block.Apply(splice);
  }
  block.ShrinkToFit();
  return block;
}

bool StreamBlock::CanHold(Fields fields) {
  return ContentBytes(fields) + EncodingBytesMax(fields) <= PackView::kTotalBytesMax;
}

bool StreamBlock::TakesMore(Fields fields, const ValueContext& context) const {
  const size_t bytes = pack().total_bytes() + ContentBytes(fields);
  if (bytes + EncodingBytesMax(fields) > PackView::kTotalBytesMax) return false;
  const int64_t bytes_limit = context.stream_node_max_bytes;
  if (bytes_limit > 0 && bytes >= static_cast<uint64_t>(bytes_limit)) return false;
  const int64_t entries_limit = context.stream_node_max_entries;
  return entries_limit <= 0 || live() + deleted() < static_cast<uint64_t>(entries_limit);
}

void StreamBlock::Append(const StreamId& first_id, const StreamId& id, Fields fields) {
  SetCounts(live() + 1, deleted());
  Items items;
  const StreamId offset = {id.ms - first_id.ms, id.seq - first_id.seq};
  AddEntryItems(offset, fields, AreSharedFields(pack(), fields), &items);
  PackSplice splice;
  splice.at = pack().end();
  splice.items = items;
  Apply(splice);
}

void StreamBlock::ShrinkToFit() {
  // Not realloc: allocators leave a block where it is that shrinks by less than half.
  if (capacity_ > pack().kept_bytes()) *this = Clone();
}

void StreamBlock::MarkDeleted(Cursor entry) {
  // Flags are a number below 128, which stands in its element's first byte.
  bytes_[entry] = static_cast<char>(bytes_[entry] | kStreamEntryDeleted);
}

void StreamBlock::CountDeleted(uint64_t count) { SetCounts(live() - count, deleted() + count); }

void StreamBlock::SetCounts(uint64_t live, uint64_t deleted) {
  const PackItem items[] = {NumberItem(live), NumberItem(deleted)};
  PackSplice splice;
  splice.at = PackView::kHeaderBytes;
  splice.removed_bytes = pack().Behind(pack().Behind(splice.at)) - splice.at;
  splice.removed_count = 2;
  splice.items = items;
  Apply(splice);
}

void StreamBlock::Apply(const PackSplice& splice) {
  const size_t needed =
      std::max(splice.TotalBytesAfter(pack()) - PackView::kEndBytes, pack().kept_bytes());
  if (needed > capacity_) {
    capacity_ = needed + needed / 2;
    bytes_ = static_cast<char*>(std::realloc(bytes_, capacity_));
    DFLY_CHECK(bytes_ != nullptr);
  }
  ApplyPackSplice(bytes_, splice);
}

StreamBlockReader::StreamBlockReader(const StreamId& first_id, PackView pack)
    : first_id_(first_id), pack_(pack) {
  const Cursor count = pack.Skip(pack.First(), 2);
  shared_field_count_ = IntegerAt(count);
  shared_fields_ = pack.Next(count);
  first_entry_ = pack.Next(pack.Skip(shared_fields_, shared_field_count_));
}

bool StreamBlockReader::Next() {
  Cursor next = first_entry_;
  if (entry_ != PackView::kNone) {
    const size_t elements_left = flags_ & kStreamEntrySameFields ? fields_left_ : 2 * fields_left_;
    next = pack_.Next(pack_.Skip(at_, elements_left));
  }
  Read(next);
  return next != PackView::kNone;
}

bool StreamBlockReader::Previous() {
  Cursor back = entry_ != PackView::kNone ? pack_.Previous(entry_) : pack_.Last();
  uint64_t elements = IntegerAt(back);
  if (elements == 0) back = PackView::kNone;
  for (; elements > 0; --elements) back = pack_.Previous(back);
  Read(back);
  return back != PackView::kNone;
}

void StreamBlockReader::Read(Cursor entry) {
  entry_ = entry;
  if (entry == PackView::kNone) return;
  flags_ = static_cast<uint8_t>(IntegerAt(entry));
  Cursor at = pack_.Next(entry);
  id_.ms = first_id_.ms + IntegerAt(at);
  at = pack_.Next(at);
  id_.seq = first_id_.seq + IntegerAt(at);
  at_ = pack_.Next(at);
  if (flags_ & kStreamEntrySameFields) {
    field_count_ = shared_field_count_;
    shared_field_ = shared_fields_;
  } else {
    field_count_ = IntegerAt(at_);
    at_ = pack_.Next(at_);
  }
  fields_left_ = field_count_;
}

bool StreamBlockReader::NextField(PackElement* field, PackElement* value) {
  if (fields_left_ == 0) return false;
  --fields_left_;
  if (flags_ & kStreamEntrySameFields) {
    *field = pack_.Get(shared_field_);
    shared_field_ = pack_.Next(shared_field_);
  } else {
    *field = pack_.Get(at_);
    at_ = pack_.Next(at_);
  }
  *value = pack_.Get(at_);
  at_ = pack_.Next(at_);
  return true;
}

}  // namespace damselfly
