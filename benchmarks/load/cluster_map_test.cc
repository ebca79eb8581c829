#include "benchmarks/load/cluster_map.h"

#include <string>

#include "gtest/gtest.h"

namespace damselfly::load {
namespace {

Reply Parse(absl::string_view bytes) {
  ReplyReader reader;
  reader.Feed(bytes);
  Reply reply;
  EXPECT_EQ(reader.Next(&reply), ReplyReader::Result::kReply);
  return reply;
}

constexpr char kSlots[] =
    "*3\r\n"
    "*3\r\n:0\r\n:5460\r\n*3\r\n$9\r\n127.0.0.1\r\n:7001\r\n$2\r\nid\r\n"
    "*4\r\n:5461\r\n:16382\r\n*3\r\n$9\r\n127.0.0.1\r\n:7002\r\n$2\r\nid\r\n"
    "*3\r\n$9\r\n127.0.0.1\r\n:7009\r\n$2\r\nid\r\n"
    "*3\r\n:16383\r\n:16383\r\n*3\r\n$-1\r\n:7003\r\n$2\r\nid\r\n";

TEST(ClusterMapTest, LearnsTheOwnersOfSlots) {
  ClusterMap map;
  EXPECT_EQ(map.owner(0), -1);
  ASSERT_TRUE(map.Learn(Parse(kSlots), "10.0.0.1").ok());
  ASSERT_EQ(map.nodes().size(), 3u);
  EXPECT_EQ(map.owner(0), 0);
  EXPECT_EQ(map.owner(5460), 0);
  EXPECT_EQ(map.owner(5461), 1);
  EXPECT_EQ(map.owner(16383), 2);
  EXPECT_EQ(map.nodes()[1].port, 7002);
  // Without a host it is the node that was asked.
  EXPECT_EQ(map.nodes()[2].host, "10.0.0.1");
}

TEST(ClusterMapTest, OneSlotMovesToANewNode) {
  ClusterMap map;
  ASSERT_TRUE(map.Learn(Parse(kSlots), "10.0.0.1").ok());
  const int node = map.NodeAt("127.0.0.1", 7004);
  EXPECT_EQ(node, 3);
  EXPECT_EQ(map.NodeAt("127.0.0.1", 7004), 3);
  EXPECT_EQ(map.NodeAt("127.0.0.1", 7001), 0);
  map.SetOwner(100, node);
  EXPECT_EQ(map.owner(100), 3);
  EXPECT_EQ(map.owner(101), 0);
}

TEST(ClusterMapTest, OddAnswersAreErrors) {
  for (const char* bad :
       {"+OK\r\n", "*1\r\n:1\r\n", "*1\r\n*3\r\n:0\r\n:16384\r\n*2\r\n$1\r\nh\r\n:1\r\n",
        "*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n$1\r\nh\r\n:0\r\n"}) {
    EXPECT_FALSE(ClusterMap().Learn(Parse(bad), "h").ok()) << bad;
  }
}

TEST(ClusterMapTest, RedirectionsAreRead) {
  Redirection to;
  ASSERT_TRUE(ParseRedirection("MOVED 3999 127.0.0.1:6381", &to));
  EXPECT_EQ(to.slot, 3999);
  EXPECT_EQ(to.host, "127.0.0.1");
  EXPECT_EQ(to.port, 6381);
  ASSERT_TRUE(ParseRedirection("ASK 1 ::1:6381", &to));
  EXPECT_EQ(to.host, "::1");
  ASSERT_TRUE(ParseRedirection("MOVED 1 :6381", &to));
  EXPECT_EQ(to.host, "");
  for (const char* bad : {"MOVED", "MOVED 1", "MOVED x h:1", "MOVED 16384 h:1", "MOVED 1 h",
                          "MOVED 1 h:0", "MOVED 1 h:99999"}) {
    EXPECT_FALSE(ParseRedirection(bad, &to)) << bad;
  }
}

}  // namespace
}  // namespace damselfly::load
