#include "sim/cluster/introspection.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

const char kSlots[] =
    "*2\r\n"
    "*3\r\n:8192\r\n:16383\r\n*3\r\n$8\r\n10.0.0.2\r\n:6379\r\n$1\r\nb\r\n"
    "*3\r\n:0\r\n:8191\r\n*3\r\n$8\r\n10.0.0.1\r\n:6379\r\n$1\r\na\r\n";
const char kShard[] =
    "*1\r\n*4\r\n$5\r\nslots\r\n*4\r\n:0\r\n:99\r\n:100\r\n:16383\r\n$5\r\nnodes\r\n*1\r\n*8\r\n"
    "$2\r\nid\r\n$1\r\nb\r\n$2\r\nip\r\n$8\r\n10.0.0.2\r\n$4\r\nport\r\n:6379\r\n"
    "$4\r\nrole\r\n$6\r\nmaster\r\n";

Reply Read(absl::string_view bytes) {
  ReplyReader reader;
  reader.Feed(bytes);
  Reply reply;
  EXPECT_EQ(reader.Next(&reply), ReplyReader::Result::kReply);
  return reply;
}

Reply Bulk(std::string text) {
  Reply reply;
  reply.type = Reply::Type::kBulk;
  reply.text = std::move(text);
  return reply;
}

class IntrospectionTest : public testing::Test {
 protected:
  const std::vector<NodeAddress> nodes_ = {{"a", "10.0.0.1", 6379}, {"b", "10.0.0.2", 6379}};
  const NodeIndex index_{nodes_};
};

TEST_F(IntrospectionTest, SlotsAreReadInAnyOrder) {
  const auto ranges = ParseClusterSlots(Read(kSlots), index_);
  ASSERT_TRUE(ranges.ok()) << ranges.status();
  EXPECT_EQ(RangesText(*ranges), "0-8191:0 8192-16383:1");
}

TEST_F(IntrospectionTest, ShardsAreReadAndNeighboursJoined) {
  const auto ranges = ParseClusterShards(Read(kShard), index_);
  ASSERT_TRUE(ranges.ok()) << ranges.status();
  EXPECT_EQ(RangesText(*ranges), "0-16383:1");
}

TEST_F(IntrospectionTest, NodesAreReadWithRangesAndSingleSlots) {
  const auto ranges =
      ParseClusterNodes(Bulk("a 10.0.0.1:6379@6379 myself,master - 0 0 0 connected 0 2-16383\n"
                             "b 10.0.0.2:6379@6379 master - 0 0 0 connected 1\n"),
                        index_);
  ASSERT_TRUE(ranges.ok()) << ranges.status();
  EXPECT_EQ(RangesText(*ranges), "0-0:0 1-1:1 2-16383:0");
}

TEST_F(IntrospectionTest, LinesOfNodesMayEndInCarriageReturnsAndHaveMoreBlanks) {
  const auto ranges =
      ParseClusterNodes(Bulk("a 10.0.0.1:6379@6379 master - 0  0 0 connected 0-7 \r\n"
                             "b 10.0.0.2:6379@6379 master - 0 0 0 connected 8-16383\r\n"),
                        index_);
  ASSERT_TRUE(ranges.ok()) << ranges.status();
  EXPECT_EQ(RangesText(*ranges), "0-7:0 8-16383:1");
}

TEST_F(IntrospectionTest, WhatIsNoRangeIsRefused) {
  for (absl::string_view range : {"0-", "-16383", "0-1-16383", "0--16383", "x-16383", "-"}) {
    const auto ranges = ParseClusterNodes(
        Bulk(absl::StrCat("a 10.0.0.1:6379@6379 master - 0 0 0 connected ", range, "\n")), index_);
    EXPECT_FALSE(ranges.ok()) << range;
  }
}

TEST_F(IntrospectionTest, NodesAreFoundByIdAndOnlyAtTheirOwnAddress) {
  EXPECT_EQ(index_.Find("b", "10.0.0.2", 6379), 1);
  EXPECT_EQ(index_.Find("b", "10.0.0.1", 6379), -1);
  EXPECT_EQ(index_.Find("b", "10.0.0.2", 6380), -1);
  EXPECT_EQ(index_.Find("c", "10.0.0.2", 6379), -1);
}

TEST_F(IntrospectionTest, GapsStrangersAndErrorsAreRefused) {
  EXPECT_FALSE(
      ParseClusterNodes(Bulk("a 10.0.0.1:6379@6379 master - 0 0 0 connected 1-16383\n"), index_)
          .ok());
  EXPECT_FALSE(
      ParseClusterNodes(Bulk("b 10.0.0.1:6379@6379 master - 0 0 0 connected 0-16383\n"), index_)
          .ok());
  EXPECT_FALSE(ParseClusterSlots(Read("-ERR Cluster is not yet configured\r\n"), index_).ok());
  EXPECT_FALSE(ParseClusterShards(Read("*1\r\n*0\r\n"), index_).ok());
}

TEST_F(IntrospectionTest, InfoGivesNumbers) {
  const Reply info = Bulk("cluster_state:ok\r\ncluster_current_epoch:17\r\n");
  const auto epoch = ParseClusterInfo(info, "cluster_current_epoch");
  ASSERT_TRUE(epoch.ok());
  EXPECT_EQ(*epoch, 17);
  EXPECT_FALSE(ParseClusterInfo(info, "cluster_state").ok());
  EXPECT_FALSE(ParseClusterInfo(info, "cluster").ok());
}

}  // namespace
}  // namespace damselfly::sim
