#include "server/values/stream_block.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

using Texts = std::vector<absl::string_view>;

std::string TextOf(const PackElement& element) {
  char scratch[kIntegerBytesMax];
  return std::string(element.Text(scratch));
}

// The entry a reader stands at, as "1-2 a=b c=d", with a '!' before it when it is deleted.
std::string EntryOf(StreamBlockReader* reader) {
  char text[StreamId::kTextBytesMax];
  std::string entry = absl::StrCat(reader->is_deleted() ? "!" : "", reader->id().Text(text));
  PackElement field, value;
  while (reader->NextField(&field, &value)) {
    absl::StrAppend(&entry, " ", TextOf(field), "=", TextOf(value));
  }
  return entry;
}

std::vector<std::string> Forward(const StreamId& first_id, const StreamBlock& block) {
  std::vector<std::string> entries;
  StreamBlockReader reader(first_id, block.pack());
  while (reader.Next()) entries.push_back(EntryOf(&reader));
  return entries;
}

std::vector<std::string> Backward(const StreamId& first_id, const StreamBlock& block) {
  std::vector<std::string> entries;
  StreamBlockReader reader(first_id, block.pack());
  while (reader.Previous()) entries.insert(entries.begin(), EntryOf(&reader));
  return entries;
}

constexpr StreamId kFirst = {1, 1};

StreamBlock ThreeEntries() {
  StreamBlock block(Texts{"a", "1", "b", "two"});
  block.Append(kFirst, {1, 2}, Texts{"a", "70000", "b", ""});
  block.Append(kFirst, {2, 0}, Texts{"c", "-1"});
  return block;
}

void Delete(StreamBlock* block, int number) {
  StreamBlockReader reader(kFirst, block->pack());
  for (int i = 0; i <= number; ++i) ASSERT_TRUE(reader.Next());
  block->MarkDeleted(reader.cursor());
  block->CountDeleted(1);
}

TEST(StreamBlockTest, ReadsEntriesInBothDirections) {
  const StreamBlock block = ThreeEntries();
  const std::vector<std::string> entries = {"1-1 a=1 b=two", "1-2 a=70000 b=", "2-0 c=-1"};
  EXPECT_EQ(Forward(kFirst, block), entries);
  EXPECT_EQ(Backward(kFirst, block), entries);
  EXPECT_EQ(block.live(), 3u);
  EXPECT_EQ(block.deleted(), 0u);
}

TEST(StreamBlockTest, GoesOnFromAnEntryOfWhichNotAllFieldsWereTaken) {
  StreamBlock block = ThreeEntries();
  StreamBlockReader reader(kFirst, block.pack());
  PackElement field, value;
  ASSERT_TRUE(reader.Next());
  ASSERT_TRUE(reader.NextField(&field, &value));
  ASSERT_TRUE(reader.Next());
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(EntryOf(&reader), "2-0 c=-1");
  EXPECT_FALSE(reader.Next());
}

TEST(StreamBlockTest, KeepsDeletedEntriesWithAFlag) {
  StreamBlock block = ThreeEntries();
  Delete(&block, 1);
  EXPECT_EQ(Forward(kFirst, block),
            (std::vector<std::string>{"1-1 a=1 b=two", "!1-2 a=70000 b=", "2-0 c=-1"}));
  EXPECT_EQ(block.live(), 2u);
  EXPECT_EQ(block.deleted(), 1u);
}

// As redis-server 7.0.15 has it in DUMP.
TEST(StreamBlockTest, HasTheBytesOfRedis) {
  StreamBlock block = ThreeEntries();
  Delete(&block, 1);
  block.ShrinkToFit();
  EXPECT_EQ(absl::BytesToHexString(block.pack().ToListpack()),
            "440000001900020101010201816102816202000102010001000101018374776f0405010301000101"
            "01f2701101048001050100010101dfff020101816302dfff020601ff");
}

TEST(StreamBlockTest, IsFullByBytesOrByEntries) {
  const StreamBlock block = ThreeEntries();
  const Texts small = {"a", "b"};
  ValueContext context;
  EXPECT_TRUE(block.TakesMore(small, context));
  context.stream_node_max_entries = 3;
  EXPECT_FALSE(block.TakesMore(small, context));
  context.stream_node_max_entries = 0;
  context.stream_node_max_bytes = static_cast<int64_t>(block.pack().total_bytes() + 2);
  EXPECT_FALSE(block.TakesMore(small, context));
  context.stream_node_max_bytes = static_cast<int64_t>(block.pack().total_bytes() + 3);
  EXPECT_TRUE(block.TakesMore(small, context));
  context.stream_node_max_bytes = 0;
  EXPECT_TRUE(block.TakesMore(small, context));
}

TEST(StreamBlockTest, CountsDeletedEntriesAsEntries) {
  StreamBlock block = ThreeEntries();
  Delete(&block, 0);
  ValueContext context;
  context.stream_node_max_entries = 3;
  EXPECT_FALSE(block.TakesMore(Texts{"a", "b"}, context));
}

TEST(StreamBlockTest, GrowsWithSpareRoomAndGivesItBack) {
  StreamBlock block(Texts{"a", "b"});
  EXPECT_EQ(block.memory_bytes(), block.pack().kept_bytes());
  for (uint64_t i = 2; i < 90; ++i) block.Append(kFirst, {i, 0}, Texts{"a", "value"});
  EXPECT_LE(block.memory_bytes(), block.pack().kept_bytes() * 3 / 2);
  const std::vector<std::string> entries = Forward(kFirst, block);
  block.ShrinkToFit();
  EXPECT_EQ(block.memory_bytes(), block.pack().kept_bytes());
  EXPECT_EQ(Forward(kFirst, block), entries);
  EXPECT_EQ(Forward(kFirst, block.Clone()), entries);
}

// A pack of small integers, which are one byte and its size each, and of one-byte texts (negative).
std::string PackOf(std::initializer_list<int> elements) {
  std::string bytes(4, '\0');
  absl::StrAppend(&bytes, std::string(1, static_cast<char>(elements.size())), std::string(1, '\0'));
  for (const int element : elements) {
    if (element < 0) {
      absl::StrAppend(&bytes, "\x81", std::string(1, static_cast<char>(-element)), "\x02");
    } else {
      absl::StrAppend(&bytes, std::string(1, static_cast<char>(element)), "\x01");
    }
  }
  bytes.push_back('\xff');
  bytes[0] = static_cast<char>(bytes.size());
  return bytes;
}

bool IsValid(std::initializer_list<int> elements) {
  return StreamBlock::IsValid(PackOf(elements), kFirst);
}

TEST(StreamBlockTest, TakesBlocksThatAreRight) {
  EXPECT_TRUE(IsValid({1, 0, 1, -'f', 0, 2, 0, 0, -'v', 4}));
  EXPECT_TRUE(IsValid({1, 1, 1, -'f', 0, 2, 0, 0, -'v', 4, 1, 1, 1, 1, -'f', -'v', 6}));
  EXPECT_TRUE(IsValid({0, 1, 1, -'f', 0, 3, 0, 0, -'v', 4}));
  // The deleted entry lies behind the one after it.
  EXPECT_TRUE(IsValid({2, 1, 1, -'f', 0, 2, 0, 0, -'v', 4, 3, 9, 0, -'v', 4, 2, 5, 0, -'v', 4}));
}

TEST(StreamBlockTest, RefusesBlocksThatAreWrong) {
  EXPECT_FALSE(StreamBlock::IsValid("", kFirst));
  EXPECT_FALSE(StreamBlock::IsValid("nonsense", kFirst));
  EXPECT_FALSE(IsValid({}));
  EXPECT_FALSE(IsValid({1, 0, 1}));
  EXPECT_FALSE(IsValid({0, 0, 1, -'f', 0}));
  EXPECT_FALSE(IsValid({1, 0, 1, -'f'}));
  EXPECT_FALSE(IsValid({1, 0, 100, -'f', 0, 2, 0, 0, -'v', 4}));
  // The terminator, the counts, the flags.
  EXPECT_FALSE(IsValid({1, 0, 1, -'f', 1, 2, 0, 0, -'v', 4}));
  EXPECT_FALSE(IsValid({2, 0, 1, -'f', 0, 2, 0, 0, -'v', 4}));
  EXPECT_FALSE(IsValid({1, 1, 1, -'f', 0, 2, 0, 0, -'v', 4}));
  EXPECT_FALSE(IsValid({1, 0, 1, -'f', 0, 4, 0, 0, -'v', 4}));
  EXPECT_FALSE(IsValid({1, 0, 1, -'f', 0, -'x', 0, 0, -'v', 4}));
  // What leads backwards, and an entry that is cut short.
  EXPECT_FALSE(IsValid({1, 0, 1, -'f', 0, 2, 0, 0, -'v', 5}));
  EXPECT_FALSE(IsValid({1, 0, 1, -'f', 0, 2, 0, 0, -'v'}));
  EXPECT_FALSE(IsValid({1, 0, 1, -'f', 0, 0, 0, 0, 9, -'f', -'v', 6}));
  // IDs that do not ascend.
  EXPECT_FALSE(IsValid({2, 0, 1, -'f', 0, 2, 1, 0, -'v', 4, 2, 1, 0, -'v', 4}));
}

TEST(StreamBlockTest, BringsForeignBytesIntoCanonicalForm) {
  // The value is the text "7", which is an integer.
  const std::string bytes = PackOf({1, 0, 1, -'f', 0, 2, 0, 0, -'7', 4});
  ASSERT_TRUE(StreamBlock::IsValid(bytes, kFirst));
  const StreamBlock block = StreamBlock::FromBytes(bytes);
  EXPECT_EQ(block.pack().ToListpack(), PackOf({1, 0, 1, -'f', 0, 2, 0, 0, 7, 4}));
  EXPECT_EQ(block.memory_bytes(), block.pack().kept_bytes());
}

}  // namespace
}  // namespace damselfly
