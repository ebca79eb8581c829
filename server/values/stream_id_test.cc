#include "server/values/stream_id.h"

#include <limits>
#include <string>

#include "gtest/gtest.h"
#include "server/values/stream_radix_nodes.h"

namespace damselfly {
namespace {

constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();

std::string TextOf(const StreamId& id) {
  char text[StreamId::kTextBytesMax];
  return std::string(id.Text(text));
}

TEST(StreamIdTest, OrdersByTimeAndThenByNumber) {
  EXPECT_LT((StreamId{1, 9}), (StreamId{2, 0}));
  EXPECT_LT((StreamId{2, 0}), (StreamId{2, 1}));
  EXPECT_EQ((StreamId{2, 1}), (StreamId{2, 1}));
  EXPECT_LT((StreamId{kMax - 1, kMax}), StreamId::Max());
}

TEST(StreamIdTest, StepsOverTheEndOfANumber) {
  StreamId id = {1, kMax};
  EXPECT_TRUE(id.Increment());
  EXPECT_EQ(id, (StreamId{2, 0}));
  EXPECT_TRUE(id.Decrement());
  EXPECT_EQ(id, (StreamId{1, kMax}));
}

TEST(StreamIdTest, GoesRoundAtTheEnds) {
  StreamId id = StreamId::Max();
  EXPECT_FALSE(id.Increment());
  EXPECT_EQ(id, StreamId::Min());
  EXPECT_FALSE(id.Decrement());
  EXPECT_EQ(id, StreamId::Max());
}

TEST(StreamIdTest, IsWrittenAsTwoNumbers) {
  EXPECT_EQ(TextOf({0, 0}), "0-0");
  EXPECT_EQ(TextOf({1700000000000, 12}), "1700000000000-12");
  EXPECT_EQ(TextOf(StreamId::Max()), "18446744073709551615-18446744073709551615");
  EXPECT_EQ(TextOf(StreamId::Max()).size(), StreamId::kTextBytesMax);
}

TEST(StreamIdTest, IsEncodedSoThatBytesOrderAsIds) {
  char bytes[StreamId::kEncodedBytes];
  StreamId{0x0102, 0x0304}.EncodeTo(bytes);
  EXPECT_EQ(std::string(bytes, sizeof(bytes)), std::string("\0\0\0\0\0\0\1\2\0\0\0\0\0\0\3\4", 16));
  EXPECT_EQ(StreamId::Decode(bytes), (StreamId{0x0102, 0x0304}));
}

size_t NodesOf(std::initializer_list<StreamId> ids) {
  StreamRadixNodes nodes;
  for (const StreamId& id : ids) nodes.Add(id);
  return nodes.Count();
}

// What redis-server 7.0.15 shows as radix-tree-nodes with one entry a block.
TEST(StreamRadixNodesTest, CountsAsRedisBuildsTheTree) {
  EXPECT_EQ(NodesOf({}), 1u);
  EXPECT_EQ(NodesOf({{1, 0}}), 2u);
  EXPECT_EQ(NodesOf({{1, 0}, {1, 1}}), 4u);
  EXPECT_EQ(NodesOf({{1, 0}, {2, 0}}), 6u);
  EXPECT_EQ(NodesOf({{1, 0}, {1, 1}, {2, 0}}), 8u);
  EXPECT_EQ(NodesOf({{1, 0}, {256, 0}, {257, 0}}), 9u);
}

}  // namespace
}  // namespace damselfly
