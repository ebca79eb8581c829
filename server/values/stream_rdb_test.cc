#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/runtime/random.h"
#include "server/values/rdb_writer.h"
#include "server/values/stream_range.h"
#include "server/values/stream_value.h"

namespace damselfly {
namespace {

using Texts = std::vector<absl::string_view>;

// DUMP of redis-server 7.0.15, without version and checksum: two blocks with a deleted entry, the
// groups "12" and "g1", whose consumers alice and bob have an entry pending each. As with
// rdbcompression no, and with it: nothing is long enough.
constexpr absl::string_view kTwoGroups =
    "1302100000000000000001000000000000000140444400000019000201010102018161028162020001020100010001"
    "01"
    "018374776f040501030100010101f2701101048001050100010101dfff020101816302dfff020601ff100000000000"
    "00"
    "012c000000000000000734340000001300020100010201816102816202000102010001000181780281790205010001"
    "0101"
    "dff90201018161028176020601ff04412d00010101020502c00c412d00070000026731412c0781ffffffffffffffff"
    "02"
    "00000000000000020000000000000000e803000000000000412c000000000000012c000000000000000708c3cc19a2"
    "01"
    "0000010205616c69636508c3cc19a201000001000000000000012c000000000000000703626f6208c3cc19a2010000"
    "01"
    "00000000000000020000000000000000";

// DUMP of five entries, whose block is compressed.
constexpr absl::string_view kCompressed =
    "13011000000000000000010000000000000000c34041409315930000001e00050100010101856669656c6406000102"
    "20"
    "0e0700018f76616c7565e0010401100420180001e00f184033e00c310003e00f310004e00c180101ff050500010000"
    "00"
    "0500";

std::string Bytes(absl::string_view hex) { return absl::HexStringToBytes(hex); }

class StreamRdbTest : public testing::Test {
 protected:
  bool Load(absl::string_view bytes) {
    stream_ = StreamValue();
    RdbReader reader(bytes.substr(1));
    return stream_.LoadRdb(static_cast<uint8_t>(bytes[0]), &reader, context_) &&
           reader.remaining() == 0;
  }
  std::string Saved() const {
    std::string bytes;
    stream_.AppendRdb(&bytes);
    return bytes;
  }

  ValueContext context_;
  StreamValue stream_;
};

TEST_F(StreamRdbTest, ReadsWhatRedisWrites) {
  ASSERT_TRUE(Load(Bytes(kTwoGroups)));
  EXPECT_EQ(stream_.size(), 4u);
  EXPECT_EQ(stream_.blocks()->size(), 2u);
  EXPECT_EQ(stream_.first_id(), (StreamId{1, 1}));
  EXPECT_EQ(stream_.last_id(), (StreamId{301, 0}));
  EXPECT_EQ(stream_.max_deleted_id(), (StreamId{1, 2}));
  EXPECT_EQ(stream_.entries_added(), 5u);
  EXPECT_EQ(stream_.FindGroup("12")->entries_read(), 7);
  const StreamGroup& group = *stream_.FindGroup("g1");
  EXPECT_EQ(group.last_id(), (StreamId{300, 7}));
  EXPECT_EQ(group.entries_read(), StreamGroup::kUnknownEntriesRead);
  EXPECT_EQ(group.pending().size(), 2u);
  const StreamPendingEntry& entry = *group.FindPending({2, 0});
  EXPECT_EQ(entry.consumer, group.FindConsumer("bob"));
  EXPECT_EQ(entry.delivered_ms, 1000);
  EXPECT_EQ(entry.deliveries, 300u);
  EXPECT_EQ(*group.FindConsumer("alice")->pending().begin(), (StreamId{300, 7}));
}

TEST_F(StreamRdbTest, WritesTheBytesOfRedis) {
  for (const absl::string_view hex : {kTwoGroups, kCompressed}) {
    ASSERT_TRUE(Load(Bytes(hex)));
    EXPECT_EQ(absl::BytesToHexString(Saved()), hex);
  }
  stream_ = StreamValue();
  for (uint64_t ms = 1; ms <= 5; ++ms) {
    stream_.Append({ms, 0}, Texts{"field", "valuevaluevalue"}, context_);
  }
  EXPECT_EQ(absl::BytesToHexString(Saved()), kCompressed);
}

TEST_F(StreamRdbTest, KeepsAStreamWithoutEntries) {
  stream_.Create();
  stream_.CreateGroup("", {7, 1}, 0);
  stream_.SetIds({9, 2}, 4, {3, 3});
  const std::string bytes = Saved();
  ASSERT_TRUE(Load(bytes));
  EXPECT_EQ(Saved(), bytes);
  EXPECT_EQ(stream_.last_id(), (StreamId{9, 2}));
}

TEST_F(StreamRdbTest, ReadsTheOlderType) {
  std::string bytes;
  RdbWriter writer(&bytes);
  writer.Type(RdbType::kStream);
  writer.Length(1);
  char key[StreamId::kEncodedBytes];
  StreamId{1, 0}.EncodeTo(key);
  writer.String(absl::string_view(key, sizeof(key)));
  StreamBlock block(Texts{"f", "v"});
  block.Append({1, 0}, {2, 0}, Texts{"f", "w"});
  writer.String(block.pack().ToListpack());
  writer.Length(2);  // entries
  writer.Length(2);  // last ID
  writer.Length(0);
  writer.Length(1);  // groups
  writer.String("g");
  writer.Length(1);  // last ID
  writer.Length(0);
  writer.Length(0);  // pending
  writer.Length(1);  // consumers
  writer.String("c");
  writer.Milliseconds(77);
  writer.Length(0);
  ASSERT_TRUE(Load(bytes));
  EXPECT_EQ(stream_.size(), 2u);
  EXPECT_EQ(stream_.entries_added(), 2u);
  EXPECT_EQ(stream_.first_id(), (StreamId{1, 0}));
  EXPECT_TRUE(stream_.max_deleted_id().is_zero());
  EXPECT_EQ(stream_.FindGroup("g")->entries_read(), 1);
  EXPECT_EQ(stream_.FindGroup("g")->FindConsumer("c")->seen_ms(), 77);
}

TEST_F(StreamRdbTest, RefusesBytesThatAreCutShort) {
  const std::string bytes = Bytes(kTwoGroups);
  for (size_t size = 1; size < bytes.size(); ++size) {
    EXPECT_FALSE(Load(absl::string_view(bytes).substr(0, size))) << size;
    EXPECT_EQ(stream_.memory_bytes(), 0u);
  }
}

// What is let through must be whole: it is read to the end, and written and read again.
TEST_F(StreamRdbTest, SurvivesBytesThatAreChanged) {
  Random random(5);
  const std::string good = Bytes(kTwoGroups);
  int loaded = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = good;
    for (uint64_t n = 1 + random.Below(3); n > 0; --n) {
      bytes[1 + random.Below(bytes.size() - 1)] = static_cast<char>(random.Below(256));
    }
    if (!Load(bytes)) continue;
    ++loaded;
    size_t entries = 0;
    StreamRange range(stream_, StreamId::Min(), StreamId::Max());
    for (PackElement field, value; range.Next(); ++entries) {
      while (range.NextField(&field, &value)) {
      }
    }
    EXPECT_EQ(entries, stream_.size());
    const std::string saved = Saved();
    ASSERT_TRUE(Load(saved));
    EXPECT_EQ(Saved(), saved);
  }
  EXPECT_GT(loaded, 100);
}

TEST_F(StreamRdbTest, RefusesWhatDoesNotFitTogether) {
  const std::string good = Bytes(kTwoGroups);
  const auto replaced = [&](absl::string_view from_hex, absl::string_view to_hex) {
    std::string hex(kTwoGroups);
    hex.replace(hex.find(std::string(from_hex)), from_hex.size(), std::string(to_hex));
    return Bytes(hex);
  };
  ASSERT_TRUE(Load(good));
  // Entries, last ID, first ID.
  EXPECT_FALSE(Load(replaced("ff04412d00010101020502", "ff05412d00010101020502")));
  EXPECT_FALSE(Load(replaced("ff04412d00010101020502", "ff04412c00010101020502")));
  EXPECT_FALSE(Load(replaced("ff04412d00010101020502", "ff04412d00010201020502")));
  // The same consumer twice; an entry that is pending for nobody, or for one who has it not.
  EXPECT_FALSE(Load(replaced("03626f62", "03616c69")) &&
               Load(replaced("05616c696365", "03626f62")));
  EXPECT_FALSE(Load(replaced("03626f6208c3cc19a201000001", "03626f6208c3cc19a201000000")));
  EXPECT_FALSE(
      Load(replaced("0100000000000000020000000000000000", "0100000000000000030000000000000000")));
}

}  // namespace
}  // namespace damselfly
