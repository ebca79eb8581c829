#include "server/replication/record.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/base/crc16.h"
#include "server/base/varint.h"
#include "server/runtime/random.h"

namespace damselfly {
namespace {

using Kind = Change::Kind;
using Form = Change::Form;

std::string Varint(uint64_t value) {
  char buffer[kVarintBytesMax];
  return std::string(buffer, WriteVarint(value, buffer));
}

std::string Encode(const Record& record) {
  std::string bytes = Varint(record.transaction_id) + Varint(record.lane_count);
  for (const Change& change : record.changes) AppendChange(change, false, &bytes);
  return bytes;
}

std::string EncodeAlone(const Change& change) {
  Record record;
  record.changes.push_back(change);
  return Encode(record);
}

Change KeyChange(Kind kind, absl::string_view key) {
  Change change;
  change.kind = kind;
  change.key = key;
  change.slot = KeySlot(key);
  return change;
}

// One of each kind and form, with odd numbers.
std::vector<Change> AllSorts() {
  std::vector<Change> changes;
  Change set = KeyChange(Kind::kSet, "key");
  set.database = 15;
  set.value = "some text";
  changes.push_back(set);
  set.form = Form::kRaw;
  set.expiry_ms = INT64_MAX;
  set.value = "";
  changes.push_back(set);
  set.form = Form::kInteger;
  set.integer = INT64_MIN;
  set.expiry_ms = 0;
  changes.push_back(set);
  set.integer = INT64_MAX;
  changes.push_back(set);
  set.form = Form::kCollection;
  set.value = "a type of the RDB format, and what follows";
  changes.push_back(set);
  Change update = KeyChange(Kind::kUpdate, "key");
  update.type = ValueType::kStream;
  update.value = "steps";
  changes.push_back(update);
  Change range = KeyChange(Kind::kWriteRange, "{tag}range");
  range.size = uint64_t{1} << 39;
  range.offset = 12345;
  range.value = "written";
  changes.push_back(range);
  Change expire = KeyChange(Kind::kExpireAt, "");
  expire.expiry_ms = 1700000000000;
  changes.push_back(expire);
  changes.push_back(KeyChange(Kind::kPersist, "p"));
  changes.push_back(KeyChange(Kind::kDelete, absl::string_view("\0\r\n", 3)));
  Change flush_slot;
  flush_slot.kind = Kind::kFlushSlot;
  flush_slot.slot = 16383;
  changes.push_back(flush_slot);
  Change flush;
  flush.kind = Kind::kFlushDatabase;
  flush.database = Change::kAllDatabases;
  changes.push_back(flush);
  flush.database = 3;
  changes.push_back(flush);
  Change swap;
  swap.kind = Kind::kSwapDatabases;
  swap.database = 1;
  swap.other_database = 15;
  changes.push_back(swap);
  return changes;
}

void ExpectEqual(const Change& a, const Change& b) {
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.database, b.database);
  EXPECT_EQ(a.other_database, b.other_database);
  EXPECT_EQ(a.slot, b.slot);
  EXPECT_EQ(a.key, b.key);
  EXPECT_EQ(a.expiry_ms, b.expiry_ms);
  EXPECT_EQ(a.offset, b.offset);
  EXPECT_EQ(a.size, b.size);
  if (a.kind == Kind::kSet) {
    EXPECT_EQ(a.form, b.form);
  }
  if (a.kind == Kind::kUpdate) {
    EXPECT_EQ(a.type, b.type);
  }
  if (a.kind == Kind::kSet && a.form == Form::kInteger) {
    EXPECT_EQ(a.integer, b.integer);
  } else {
    EXPECT_EQ(a.value, b.value);
  }
}

TEST(RecordTest, EveryKindOfChangeComesBackAsItWas) {
  Record record;
  record.transaction_id = UINT64_MAX;
  record.lane_count = 1024;
  record.changes = AllSorts();
  const std::string bytes = Encode(record);
  Record parsed;
  ASSERT_TRUE(ParseRecord(bytes, &parsed).ok()) << ParseRecord(bytes, &parsed);
  EXPECT_EQ(parsed.transaction_id, UINT64_MAX);
  EXPECT_EQ(parsed.lane_count, 1024u);
  ASSERT_EQ(parsed.changes.size(), record.changes.size());
  for (size_t i = 0; i < record.changes.size(); ++i) {
    SCOPED_TRACE(i);
    ExpectEqual(parsed.changes[i], record.changes[i]);
  }
  EXPECT_EQ(Encode(parsed), bytes);
}

TEST(RecordTest, BytesOnTheWireStayAsTheyAre) {
  Change set = KeyChange(Kind::kSet, "k");
  set.database = 2;
  set.value = "vv";
  set.expiry_ms = 299;
  EXPECT_EQ(EncodeAlone(set), std::string("\x00\x01\x01\x02\x01k\x02\xac\x02\x02vv", 12));
}

TEST(RecordTest, SlotIsThatOfTheKeyWhateverTheWriterThinks) {
  Change change = KeyChange(Kind::kDelete, "{user}1");
  change.slot = 1;
  Record parsed;
  ASSERT_TRUE(ParseRecord(EncodeAlone(change), &parsed).ok());
  EXPECT_EQ(parsed.changes[0].slot, KeySlot("user"));
}

TEST(RecordTest, ValueElsewhereLeavesOutItsBytesOnly) {
  Change change = KeyChange(Kind::kSet, "key");
  change.value = "value";
  std::string with, without;
  AppendChange(change, false, &with);
  AppendChange(change, true, &without);
  EXPECT_EQ(without + "value", with);
}

TEST(RecordTest, NothingIsTakenThatTheServerWouldNotHaveWritten) {
  const std::string alone = std::string("\x00\x01", 2);
  Record parsed;
  const auto refused = [&](std::string bytes) { return !ParseRecord(bytes, &parsed).ok(); };
  EXPECT_TRUE(refused(""));
  EXPECT_TRUE(refused(alone)) << "no change at all";
  EXPECT_TRUE(refused(std::string("\x00\x02", 2))) << "two lanes without a transaction";
  EXPECT_TRUE(refused(std::string("\x05\x01", 2))) << "a transaction of one lane";
  EXPECT_TRUE(refused(std::string("\x05\x00", 2)));
  EXPECT_TRUE(refused(Varint(5) + Varint(1025)));
  EXPECT_FALSE(refused(Varint(5) + Varint(1024))) << "an empty part";
  EXPECT_TRUE(refused(alone + std::string("\x00", 1))) << "kind 0";
  EXPECT_TRUE(refused(alone + "\x0a")) << "kind 10";
  EXPECT_TRUE(refused(alone + "\x04\x10\x01k")) << "database 16";
  EXPECT_TRUE(refused(alone + std::string("\x04\x00\x02k", 4))) << "key beyond the end";
  EXPECT_TRUE(refused(alone + std::string("\x04\x00\x81\x00k", 5))) << "varint too long";
  EXPECT_TRUE(refused(alone + std::string("\x04\x00\x01k", 4) + "?")) << "trailing byte";
  EXPECT_FALSE(refused(alone + std::string("\x04\x00\x01k", 4)));
  EXPECT_TRUE(refused(alone + std::string("\x03\x00\x01k\x00", 5))) << "no deadline";
  EXPECT_TRUE(refused(alone + "\x06" + Varint(16384)));
  EXPECT_TRUE(refused(alone + "\x07\x11"));
  EXPECT_TRUE(refused(alone + std::string("\x02\x00\x01k\x05\x04\x02vv", 9))) << "6 of 5 bytes";
  EXPECT_FALSE(refused(alone + std::string("\x02\x00\x01k\x06\x04\x02vv", 9)));
  EXPECT_TRUE(refused(alone + std::string("\x01\x00\x01k\x05\x00\x00", 7))) << "form 5";
  EXPECT_TRUE(refused(alone + std::string("\x09\x00\x01k\x06\x00", 6))) << "type 6";
  EXPECT_FALSE(refused(alone + std::string("\x09\x00\x01k\x05\x00", 6)));
}

TEST(RecordTest, ErrorSaysAtWhichByte) {
  Record parsed;
  const absl::Status status = ParseRecord(std::string("\x00\x01\x0a", 3), &parsed);
  EXPECT_EQ(status.message(), "bad replication record: byte out of range at byte 2");
}

TEST(RecordTest, EntryLeavesTheValueToTheCaller) {
  Change change = KeyChange(Kind::kSet, "key");
  change.form = Form::kRaw;
  change.value = "value";
  change.expiry_ms = 7;
  std::string bytes;
  AppendChange(change, true, &bytes);
  const size_t head_bytes = bytes.size();
  bytes += "val";
  Change parsed;
  size_t used = 0;
  ASSERT_TRUE(ParseEntry(bytes, &parsed, &used).ok());
  EXPECT_EQ(used, head_bytes);
  EXPECT_EQ(parsed.size, 5u);
  EXPECT_TRUE(parsed.value.empty());
  EXPECT_EQ(parsed.key, "key");
  EXPECT_EQ(parsed.slot, KeySlot("key"));
  EXPECT_EQ(parsed.form, Form::kRaw);
  EXPECT_EQ(parsed.expiry_ms, 7);
  for (size_t length = 0; length < head_bytes; ++length) {
    EXPECT_FALSE(ParseEntry(absl::string_view(bytes).substr(0, length), &parsed, &used).ok());
  }

  bytes.clear();
  change.form = Form::kInteger;
  change.integer = -5;
  AppendChange(change, true, &bytes);
  ASSERT_TRUE(ParseEntry(bytes, &parsed, &used).ok());
  EXPECT_EQ(used, bytes.size());
  EXPECT_EQ(parsed.integer, -5);
  EXPECT_EQ(parsed.size, 0u);

  bytes.clear();
  AppendChange(KeyChange(Kind::kDelete, "key"), true, &bytes);
  EXPECT_FALSE(ParseEntry(bytes, &parsed, &used).ok());
}

std::string Mutated(std::string bytes, Random& random) {
  for (uint64_t count = random.Below(4) + 1; count > 0 && !bytes.empty(); --count) {
    const size_t at = random.Below(bytes.size());
    switch (random.Below(5)) {
      case 0:
        bytes[at] = static_cast<char>(random.Below(256));
        break;
      case 1:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.Below(8)));
        break;
      case 2:
        bytes.erase(at, random.Below(4) + 1);
        break;
      case 3:
        bytes.insert(at, random.Below(12) + 1, static_cast<char>(random.Chance(1, 2) ? 0xff : 1));
        break;
      default:
        bytes.resize(at);
        break;
    }
  }
  return bytes;
}

// What is accepted is exactly what would have been written: no two texts for one record.
TEST(RecordTest, AKeyIsFoundBeforeTheRecordIsParsed) {
  for (const Change& change : AllSorts()) {
    SCOPED_TRACE(static_cast<int>(change.kind));
    const bool has_key = change.kind < Kind::kFlushSlot || change.kind == Kind::kUpdate;
    const std::string record = EncodeAlone(change);
    std::string entry;
    AppendChange(change, /*value_elsewhere=*/true, &entry);
    for (const bool is_entry : {false, true}) {
      int database = -1;
      absl::string_view key;
      ASSERT_EQ(PeekKey(is_entry ? entry : record, is_entry, &database, &key), has_key);
      EXPECT_EQ(key, change.key);
      EXPECT_EQ(database, has_key ? change.database : -1);
    }
  }
}

TEST(RecordTest, MutatedRecordIsRefusedOrIsWhatItEncodesTo) {
  Random random(1);
  const std::vector<Change> changes = AllSorts();
  Record record;
  Record parsed;
  int accepted = 0;
  for (int round = 0; round < 100000; ++round) {
    record.changes.clear();
    record.transaction_id = random.Chance(1, 2) ? 0 : random.Below(300) + 1;
    record.lane_count = record.transaction_id == 0 ? 1 : random.Below(1023) + 2;
    for (uint64_t count = random.Below(5) + 1; count > 0; --count) {
      record.changes.push_back(changes[random.Below(changes.size())]);
    }
    const std::string bytes = Mutated(Encode(record), random);
    if (ParseRecord(bytes, &parsed).ok()) {
      ++accepted;
      ASSERT_EQ(Encode(parsed), bytes);
    }
    int database;
    absl::string_view key;
    if (PeekKey(bytes, /*is_entry=*/false, &database, &key)) {
      ASSERT_GE(key.data(), bytes.data());
      ASSERT_LE(key.data() + key.size(), bytes.data() + bytes.size());
    }
    Change entry;
    size_t used = 0;
    if (bytes.size() > 2 && ParseEntry(bytes.substr(2), &entry, &used).ok()) {
      ASSERT_LE(used, bytes.size() - 2);
    }
  }
  EXPECT_GT(accepted, 1000);
}

}  // namespace
}  // namespace damselfly
