#ifndef DAMSELFLY_SERVER_REPLICATION_RECORD_H_
#define DAMSELFLY_SERVER_REPLICATION_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/store/change.h"

namespace damselfly {

// One step of a lane: the changes that one command or transaction has made in the slots of that
// lane, applied together or not at all.
//
//   record := transaction id (varint; 0: in this lane alone) · lanes (varint) · change...
//   change := kind (1 byte) · its fields
//
// Varints are LEB128, in their shortest form. Lengths precede bytes. The end of the record ends the
// last change. Fields, in this order:
//
//   kSet            database (1 byte), key, form (1 byte), deadline + 1 (varint), then the integer
//                   (varint, zigzag) or the value
//   kWriteRange     database, key, size (varint), offset (varint), value
//   kExpireAt       database, key, deadline + 1 (varint)
//   kPersist        database, key
//   kDelete         database, key
//   kFlushSlot      slot (varint)
//   kFlushDatabase  database + 1 (1 byte; 0: all)
//   kSwapDatabases  database, other database
//   kUpdate         database, key, value type (1 byte), the steps
//
// A part may be empty of changes only in a transaction of several lanes. A transaction that holds a
// global change (Change::is_global) spans all lanes, and all of its changes, whatever their slots,
// are in the part of lane 0, in the order in which they happened; so parts are to be applied in
// ascending order of lanes, under the locks of all slots. In any other part all slots are of its
// lane.
struct Record {
  // The same in every lane that has a part of the transaction; never 0 then. Lanes agree on the
  // order of transactions that they share; the numbers themselves are only unique, not ascending.
  uint64_t transaction_id = 0;
  uint64_t lane_count = 1;      // how many lanes have a part
  std::vector<Change> changes;  // views into the record's bytes
};

inline constexpr uint64_t kRecordLaneCountMax = 1024;
// Beyond these nothing is taken from the wire.
inline constexpr int kRecordDatabaseCount = 16;
inline constexpr uint64_t kStringBytesMax = uint64_t{1} << 39;

// Room that WriteChange needs at most.
size_t ChangeBytesMax(const Change& change, bool value_elsewhere);
// AppendChange for those who have the room: returns the end of what it has written.
char* WriteChange(const Change& change, bool value_elsewhere, char* to);

// Appends one change in its wire form, but for the bytes of the value when `value_elsewhere`: the
// caller puts those right behind.
void AppendChange(const Change& change, bool value_elsewhere, std::string* out);

// Takes a record apart. The error says what is wrong at which byte; nothing that the server would
// not have written is accepted: unknown kinds, slots that are not the key's, lengths beyond the
// end, numbers out of range, trailing bytes. Costs memory for what is there only.
absl::Status ParseRecord(absl::string_view bytes, Record* record);

// Takes a single kSet apart, as snapshot entries have it: all but the value, whose length is left
// in change->size while change->value stays empty; *used is how many bytes that took.
absl::Status ParseEntry(absl::string_view bytes, Change* change, size_t* used);

// Finds the key of the first change of a record, or of an entry (`is_entry`), before it is taken
// apart, for whoever wants to have the memory near that it will touch. False when there is none;
// that there is one says nothing about the rest.
bool PeekKey(absl::string_view bytes, bool is_entry, int* database, absl::string_view* key);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_RECORD_H_
