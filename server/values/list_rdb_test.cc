#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/numbers.h"
#include "server/runtime/random.h"
#include "server/values/list_value.h"
#include "server/values/rdb_writer.h"

namespace damselfly {
namespace {

using testing::ElementsAre;

template <size_t n>
std::string Wire(const char (&text)[n]) {
  return std::string(text, n - 1);
}

class ListRdbTest : public testing::Test {
 protected:
  std::vector<std::string> Load(absl::string_view bytes) {
    ListValue list;
    RdbReader reader(bytes.substr(1));
    if (!list.LoadRdb(static_cast<uint8_t>(bytes[0]), &reader, context_)) {
      EXPECT_EQ(list.size(), 0u);
      EXPECT_EQ(list.memory_bytes(), 0u);
      return {"malformed"};
    }
    EXPECT_EQ(reader.remaining(), 0u);
    std::vector<std::string> texts;
    char scratch[kIntegerBytesMax];
    for (ListIterator at = list.First(); !at.done(); at.Next()) {
      texts.emplace_back(at.Get().Text(scratch));
    }
    return texts;
  }

  ValueContext context_;
};

// The bytes of DUMP, without its footer, of RPUSH l a b 100 -5 12345 hello in redis-server 7.0.15.
const std::string kFromRedis = Wire(
    "\x12\x01\x02\x1d\x1d\0\0\0\x06\0\x81"
    "a\x02\x81"
    "b\x02"
    "d\x01\xdf\xfb\x02\xf1"
    "90\x03\x85hello\x06\xff");

TEST_F(ListRdbTest, WritesWhatRedisWrites) {
  ListValue list;
  for (const char* text : {"a", "b", "100", "-5", "12345", "hello"}) {
    list.Push(ListEnd::kTail, text, context_);
  }
  std::string bytes;
  list.AppendRdb(&bytes);
  EXPECT_EQ(bytes, kFromRedis);
}

TEST_F(ListRdbTest, ReadsWhatRedisWrites) {
  EXPECT_THAT(Load(kFromRedis), ElementsAre("a", "b", "100", "-5", "12345", "hello"));
}

TEST_F(ListRdbTest, ReadsOlderForms) {
  EXPECT_THAT(Load(Wire("\x01\x02\x01x\xc0\x05")), ElementsAre("x", "5"));
  const std::string ziplist = Wire("\x10\0\0\0\x0d\0\0\0\x02\0\0\x01x\x03\xf6\xff");
  EXPECT_THAT(Load(absl::StrCat("\x0a\x10", ziplist)), ElementsAre("x", "5"));
  EXPECT_THAT(Load(absl::StrCat("\x0e\x02\x10", ziplist, "\x10", ziplist)),
              ElementsAre("x", "5", "x", "5"));
}

TEST_F(ListRdbTest, ReadsPlainNodesAndSkipsEmptyOnes) {
  const std::string empty = Wire("\x02\x07\x07\0\0\0\0\0\xff");
  EXPECT_THAT(Load(absl::StrCat(Wire("\x12\x03"), empty, Wire("\x01\x03"), "abc", empty)),
              ElementsAre("abc"));
  EXPECT_THAT(Load(absl::StrCat(Wire("\x12\x01"), empty)), ElementsAre("malformed"));
}

TEST_F(ListRdbTest, RefusesMalformedBytes) {
  EXPECT_THAT(Load(Wire("\x12\0")), ElementsAre("malformed"));
  EXPECT_THAT(Load(Wire("\x01\0")), ElementsAre("malformed"));
  EXPECT_THAT(Load(Wire("\x12\x01\x03\x01x")), ElementsAre("malformed"));
  EXPECT_THAT(Load(Wire("\x12\x81\xff\xff\xff\xff\xff\xff\xff\xff")), ElementsAre("malformed"));
  EXPECT_THAT(Load(Wire("\x02\x01\x01x")), ElementsAre("malformed"));
  EXPECT_THAT(Load(Wire("\x12\x02\x01\x01x\x01\0")), ElementsAre("malformed"));
  for (size_t size = 1; size < kFromRedis.size(); ++size) {
    EXPECT_THAT(Load(kFromRedis.substr(0, size)), ElementsAre("malformed"));
  }
}

TEST_F(ListRdbTest, OversizedPacksBecomeNodes) {
  Pack pack;
  for (int i = 0; i < 100; ++i) pack.Append(std::string(1000, 'x'));
  std::string bytes;
  RdbWriter writer(&bytes, /*compress=*/false);
  writer.Type(RdbType::kListQuicklist2);
  writer.Length(1);
  writer.Length(2);
  writer.String(pack.ToListpack());
  ListValue list;
  RdbReader reader(absl::string_view(bytes).substr(1));
  ASSERT_TRUE(list.LoadRdb(static_cast<uint8_t>(bytes[0]), &reader, context_));
  EXPECT_EQ(list.size(), 100u);
  EXPECT_EQ(list.node_count(), 13u);
}

TEST_F(ListRdbTest, SurvivesDamage) {
  ListValue list;
  for (int i = 0; i < 300; ++i) {
    list.Push(ListEnd::kTail, absl::StrCat("element:", i * 7919 % 1000), context_);
    list.Push(ListEnd::kHead, absl::StrCat(i), context_);
  }
  list.Push(ListEnd::kTail, std::string(9000, 'x'), context_);
  std::string bytes;
  list.AppendRdb(&bytes);
  Random random(3);
  for (int i = 0; i < 5000; ++i) {
    std::string damaged = bytes;
    for (uint64_t n = 1 + random.Below(3); n > 0; --n) {
      damaged[1 + random.Below(damaged.size() - 1)] = static_cast<char>(random.Next());
    }
    ListValue loaded;
    RdbReader reader(absl::string_view(damaged).substr(1));
    if (loaded.LoadRdb(static_cast<uint8_t>(damaged[0]), &reader, context_)) {
      loaded.Push(ListEnd::kHead, "x", context_);
      loaded.EraseRange(0, loaded.size());
    }
    EXPECT_EQ(loaded.memory_bytes(), 0u);
  }
}

}  // namespace
}  // namespace damselfly
