#include "server/replication/record.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "server/base/bytes.h"
#include "server/base/check.h"
#include "server/base/crc16.h"
#include "server/base/varint.h"

namespace damselfly {
namespace {

using Kind = Change::Kind;
using Form = Change::Form;

constexpr uint64_t kKindMax = static_cast<uint64_t>(Kind::kUpdate);

// Kind, database, form and the like, and at most five numbers.
constexpr size_t kFixedBytesMax = 4 + 5 * kVarintBytesMax;

uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}

int64_t FromZigZag(uint64_t value) {
  return static_cast<int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

char* WriteByte(int value, char* to) {
  *to = static_cast<char>(value);
  return to + 1;
}

inline char* WriteBytes(absl::string_view bytes, char* to) {
  to = WriteVarint(bytes.size(), to);
  if (!bytes.empty()) CopyBytes(to, bytes.data(), bytes.size());
  return to + bytes.size();
}

char* WriteDatabase(int database, char* to) {
  DFLY_CHECK(database >= 0 && database < kRecordDatabaseCount);
  return WriteByte(database, to);
}

char* WriteDeadline(int64_t expiry_ms, char* to) {
  DFLY_CHECK(expiry_ms >= -1);
  return WriteVarint(static_cast<uint64_t>(expiry_ms) + 1, to);
}

char* WriteValue(const Change& change, bool value_elsewhere, char* to) {
  if (value_elsewhere) return WriteVarint(change.value.size(), to);
  return WriteBytes(change.value, to);
}

char* WriteSet(const Change& change, bool value_elsewhere, char* to) {
  to = WriteByte(static_cast<int>(change.form), to);
  to = WriteDeadline(change.expiry_ms, to);
  if (change.form == Form::kInteger) return WriteVarint(ZigZag(change.integer), to);
  return WriteValue(change, value_elsewhere, to);
}

// Goes through bytes from elsewhere. After the first error nothing more is read.
bool HasKey(Kind kind) {
  return kind != Kind::kFlushSlot && kind != Kind::kFlushDatabase && kind != Kind::kSwapDatabases;
}

class ChangeParser {
 public:
  explicit ChangeParser(absl::string_view bytes)
      : begin_(bytes.data()), at_(begin_), end_(begin_ + bytes.size()) {}

  bool done() const { return at_ == end_; }
  size_t used() const { return static_cast<size_t>(at_ - begin_); }
  absl::Status status() const {
    if (error_ == nullptr) return absl::OkStatus();
    return absl::DataLossError(absl::StrCat("bad replication record: ", error_, " at byte ",
                                            static_cast<size_t>(error_at_ - begin_)));
  }

  // All return whether there was such a thing.
  bool Number(uint64_t max, uint64_t* value) {
    const char* const from = at_;
    if (ReadVarint(&at_, end_, value) != VarintResult::kDone) return Fail("no number", from);
    return *value <= max || Fail("number out of range", from);
  }

  bool OneChange(Change* change) {
    uint64_t kind;
    if (!Byte(kKindMax, &kind)) return false;
    change->kind = static_cast<Kind>(kind);
    switch (change->kind) {
      case Kind::kSet:
        return Head(change) && SetHead(change) &&
               (change->form == Form::kInteger || Bytes(&change->value));
      case Kind::kWriteRange:
        return Head(change) && Range(change);
      case Kind::kExpireAt:
        return Head(change) && Deadline(1, change);
      case Kind::kPersist:
      case Kind::kDelete:
        return Head(change);
      case Kind::kFlushSlot:
        return Slot(change);
      case Kind::kFlushDatabase:
        return FlushedDatabase(change);
      case Kind::kSwapDatabases:
        return Database(&change->database) && Database(&change->other_database);
      case Kind::kUpdate:
        return Head(change) && Type(change) && Bytes(&change->value);
    }
    return Fail("unknown kind", at_ - 1);
  }

  bool Entry(Change* change) {
    uint64_t kind;
    if (!Byte(kKindMax, &kind)) return false;
    if (kind != static_cast<uint64_t>(Kind::kSet)) return Fail("no entry", at_ - 1);
    change->kind = Kind::kSet;
    if (!Head(change) || !SetHead(change)) return false;
    return change->form == Form::kInteger || Number(kStringBytesMax, &change->size);
  }

  // The first fields of a change that has a key.
  bool KindAndKey(int* database, absl::string_view* key) {
    uint64_t kind;
    if (!Byte(kKindMax, &kind) || !HasKey(static_cast<Kind>(kind))) return false;
    return Database(database) && Bytes(key);
  }

  bool Fail(const char* error, const char* at) {
    error_ = error;
    error_at_ = at;
    return false;
  }

 private:
  bool Byte(uint64_t max, uint64_t* value) {
    if (done()) return Fail("bytes are missing", at_);
    *value = static_cast<unsigned char>(*at_);
    if (*value > max) return Fail("byte out of range", at_);
    ++at_;
    return true;
  }

  bool Bytes(absl::string_view* bytes) {
    const char* const from = at_;
    uint64_t length;
    if (!Number(UINT64_MAX, &length)) return false;
    if (length > static_cast<uint64_t>(end_ - at_)) return Fail("length beyond the end", from);
    *bytes = absl::string_view(at_, length);
    at_ += length;
    return true;
  }

  bool Database(int* database) {
    uint64_t value;
    if (!Byte(kRecordDatabaseCount - 1, &value)) return false;
    *database = static_cast<int>(value);
    return true;
  }

  bool Head(Change* change) {
    if (!Database(&change->database) || !Bytes(&change->key)) return false;
    change->slot = KeySlot(change->key);
    return true;
  }

  // What is in front of a value.
  bool SetHead(Change* change) {
    uint64_t form;
    if (!Byte(static_cast<uint64_t>(Form::kCollection), &form)) return false;
    if (form < static_cast<uint64_t>(Form::kInteger)) return Fail("unknown form", at_ - 1);
    change->form = static_cast<Form>(form);
    if (!Deadline(0, change)) return false;
    if (change->form != Form::kInteger) return true;
    uint64_t integer;
    if (!Number(UINT64_MAX, &integer)) return false;
    change->integer = FromZigZag(integer);
    return true;
  }

  bool Type(Change* change) {
    uint64_t type;
    if (!Byte(kValueTypeCount - 1, &type)) return false;
    change->type = static_cast<ValueType>(type);
    return true;
  }

  bool Range(Change* change) {
    const char* const from = at_;
    if (!Number(kStringBytesMax, &change->size) || !Number(kStringBytesMax, &change->offset) ||
        !Bytes(&change->value)) {
      return false;
    }
    if (change->offset <= change->size && change->value.size() <= change->size - change->offset) {
      return true;
    }
    return Fail("range beyond the string", from);
  }

  bool Deadline(uint64_t min, Change* change) {
    const char* const from = at_;
    uint64_t value;
    if (!Number(uint64_t{1} << 63, &value)) return false;
    if (value < min) return Fail("no deadline", from);
    change->expiry_ms = static_cast<int64_t>(value - 1);
    return true;
  }

  bool Slot(Change* change) {
    uint64_t slot;
    if (!Number(kSlotCount - 1, &slot)) return false;
    change->slot = static_cast<uint16_t>(slot);
    return true;
  }

  bool FlushedDatabase(Change* change) {
    uint64_t value;
    if (!Byte(kRecordDatabaseCount, &value)) return false;
    change->database = static_cast<int>(value) - 1;
    return true;
  }

  const char* const begin_;
  const char* at_;
  const char* const end_;
  const char* error_ = nullptr;
  const char* error_at_ = nullptr;
};

bool ParseRecordHead(ChangeParser& parser, Record* record) {
  if (!parser.Number(UINT64_MAX, &record->transaction_id)) return false;
  if (!parser.Number(kRecordLaneCountMax, &record->lane_count)) return false;
  const bool alone = record->transaction_id == 0;
  return alone == (record->lane_count == 1) && record->lane_count > 0;
}

}  // namespace

size_t ChangeBytesMax(const Change& change, bool value_elsewhere) {
  return kFixedBytesMax + change.key.size() + (value_elsewhere ? 0 : change.value.size());
}

char* WriteChange(const Change& change, bool value_elsewhere, char* to) {
  to = WriteByte(static_cast<int>(change.kind), to);
  if (change.kind == Kind::kSet) [[likely]] {
    to = WriteBytes(change.key, WriteDatabase(change.database, to));
    return WriteSet(change, value_elsewhere, to);
  }
  switch (change.kind) {
    case Kind::kFlushSlot:
      return WriteVarint(change.slot, to);
    case Kind::kFlushDatabase:
      DFLY_CHECK(change.database >= Change::kAllDatabases);
      DFLY_CHECK(change.database < kRecordDatabaseCount);
      return WriteByte(change.database + 1, to);
    case Kind::kSwapDatabases:
      return WriteDatabase(change.other_database, WriteDatabase(change.database, to));
    default:
      break;
  }
  to = WriteBytes(change.key, WriteDatabase(change.database, to));
  switch (change.kind) {
    case Kind::kWriteRange:
      to = WriteVarint(change.offset, WriteVarint(change.size, to));
      return WriteValue(change, value_elsewhere, to);
    case Kind::kUpdate:
      return WriteValue(change, value_elsewhere, WriteByte(static_cast<int>(change.type), to));
    case Kind::kExpireAt:
      DFLY_CHECK(change.expiry_ms >= 0);
      return WriteDeadline(change.expiry_ms, to);
    default:
      return to;
  }
}

void AppendChange(const Change& change, bool value_elsewhere, std::string* out) {
  const size_t before = out->size();
  out->resize(before + ChangeBytesMax(change, value_elsewhere));
  const char* const end = WriteChange(change, value_elsewhere, &(*out)[before]);
  out->resize(static_cast<size_t>(end - out->data()));
}

absl::Status ParseRecord(absl::string_view bytes, Record* record) {
  record->changes.clear();
  ChangeParser parser(bytes);
  if (!ParseRecordHead(parser, record)) {
    if (parser.status().ok()) parser.Fail("no such number of lanes", bytes.data());
    return parser.status();
  }
  while (!parser.done()) {
    if (!parser.OneChange(&record->changes.emplace_back())) return parser.status();
  }
  if (record->changes.empty() && record->transaction_id == 0) {
    parser.Fail("nothing in it", bytes.data() + bytes.size());
  }
  return parser.status();
}

absl::Status ParseEntry(absl::string_view bytes, Change* change, size_t* used) {
  *change = Change();
  ChangeParser parser(bytes);
  if (parser.Entry(change)) *used = parser.used();
  return parser.status();
}

bool PeekKey(absl::string_view bytes, bool is_entry, int* database, absl::string_view* key) {
  ChangeParser parser(bytes);
  uint64_t number;
  if (!is_entry && !(parser.Number(UINT64_MAX, &number) && parser.Number(UINT64_MAX, &number)))
    return false;
  return parser.KindAndKey(database, key);
}

}  // namespace damselfly
