#include "server/replication/short_set.h"

#include <string>

#include "gtest/gtest.h"
#include "server/base/crc16.h"
#include "server/replication/frame.h"
#include "server/replication/record.h"
#include "server/runtime/random.h"

namespace damselfly {
namespace {

std::string PayloadOf(const Change& change) {
  const ShortSet set(change);
  std::string frame(set.frame_bytes(), '\0');
  set.Write(frame.data());
  FrameParser parser;
  parser.Append(frame);
  Frame found;
  EXPECT_TRUE(*parser.Next(&found));
  return std::string(found.payload);
}

Change SetOf(absl::string_view key, absl::string_view value, int database = 0) {
  Change change;
  change.kind = Change::Kind::kSet;
  change.database = database;
  change.key = key;
  change.value = value;
  change.slot = KeySlot(key);
  return change;
}

// As the general parser has it; that it is one there at all is expected.
void ExpectSame(absl::string_view payload, const Change& change) {
  Record record;
  const absl::Status status = ParseRecord(payload, &record);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(record.transaction_id, 0u);
  ASSERT_EQ(record.changes.size(), 1u);
  const Change& same = record.changes[0];
  EXPECT_EQ(same.kind, change.kind);
  EXPECT_EQ(same.form, change.form);
  EXPECT_EQ(same.database, change.database);
  EXPECT_EQ(same.key, change.key);
  EXPECT_EQ(same.value, change.value);
  EXPECT_EQ(same.expiry_ms, change.expiry_ms);
  EXPECT_EQ(same.blob, change.blob);
}

TEST(ShortSet, WhatIsWrittenIsFoundAgain) {
  for (size_t key_bytes = 0; key_bytes <= 119; ++key_bytes) {
    for (size_t value_bytes = 0; key_bytes + value_bytes <= 119; ++value_bytes) {
      const std::string key(key_bytes, 'k');
      const std::string value(value_bytes, 'v');
      const Change written = SetOf(key, value, static_cast<int>(key_bytes % 16));
      ASSERT_TRUE(ShortSet::Is(written));
      const std::string payload = PayloadOf(written);
      Change found;
      ASSERT_TRUE(ShortSet::Parse(payload, &found));
      ExpectSame(payload, found);
    }
  }
}

TEST(ShortSet, OtherRecordsAreNone) {
  const std::string payload = PayloadOf(SetOf("key", "value"));
  Change found;
  EXPECT_FALSE(ShortSet::Parse("", &found));
  EXPECT_FALSE(ShortSet::Parse(absl::string_view(payload).substr(1), &found));
  EXPECT_FALSE(ShortSet::Parse(payload + "x", &found));
  Change expiring = SetOf("key", "value");
  expiring.expiry_ms = 7;
  Change raw = SetOf("key", "value");
  raw.form = Change::Form::kRaw;
  const std::string long_value(120, 'v');
  for (const Change& change : {expiring, raw, SetOf("key", long_value)}) {
    std::string record(payload, 0, 2);
    AppendChange(change, /*value_elsewhere=*/false, &record);
    EXPECT_FALSE(ShortSet::Parse(record, &found));
  }
}

TEST(ShortSet, NothingIsOneThatTheGeneralParserDoesNotHaveSo) {
  Random random(20261128);
  int found_count = 0;
  for (int i = 0; i < 300'000; ++i) {
    const std::string key(random.Below(20), 'k');
    const std::string value(random.Below(20), 'v');
    std::string payload = PayloadOf(SetOf(key, value));
    for (uint64_t left = 1 + random.Below(3); left > 0; --left) {
      const char byte = random.Chance(1, 2) ? static_cast<char>(random.Below(40))
                                            : static_cast<char>(random.Next());
      payload[random.Below(payload.size())] = byte;
    }
    if (random.Chance(1, 4)) payload.resize(random.Below(payload.size() + 1));
    Change found;
    if (!ShortSet::Parse(payload, &found)) continue;
    ++found_count;
    ExpectSame(payload, found);
  }
  EXPECT_GT(found_count, 10'000);
}

}  // namespace
}  // namespace damselfly
