#include "sim/replication/cluster_view.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

Reply Integer(int64_t number) {
  Reply reply;
  reply.type = Reply::Type::kInteger;
  reply.integer = number;
  return reply;
}

Reply Bulk(const std::string& text) {
  Reply reply;
  reply.type = Reply::Type::kBulk;
  reply.text = text;
  return reply;
}

Reply Array(std::vector<Reply> elements) {
  Reply reply;
  reply.type = Reply::Type::kArray;
  reply.elements = std::move(elements);
  return reply;
}

// Shard 0 of node 0, with replicas 2 and 3, has all slots but 100 and 200 to 299, which node 1 has.
class ClusterViewTest : public testing::Test {
 protected:
  ClusterViewTest() {
    map_.slots.Assign(100, 100, 1);
    map_.slots.Assign(200, 299, 1);
    map_.master_of = {0, 1};
    map_.shard_of = {0, 1, 0, 0};
  }
  ClusterView View() const { return ClusterView(map_); }

  const std::vector<NodeAddress> nodes_ = {{"n0", "10.0.0.1", 7000},
                                           {"n1", "10.0.0.2", 7001},
                                           {"n2", "10.0.0.3", 7002},
                                           {"n3", "10.0.0.4", 7003}};
  ShardMap map_;
};

TEST_F(ClusterViewTest, SlotsShowsEachRangeWithMasterAndReplicas) {
  EXPECT_EQ(View().SlotsText(nodes_),
            "0-99: n0@10.0.0.1:7000 | n2@10.0.0.3:7002 n3@10.0.0.4:7003\n"
            "100-100: n1@10.0.0.2:7001 | \n"
            "101-199: n0@10.0.0.1:7000 | n2@10.0.0.3:7002 n3@10.0.0.4:7003\n"
            "200-299: n1@10.0.0.2:7001 | \n"
            "300-16383: n0@10.0.0.1:7000 | n2@10.0.0.3:7002 n3@10.0.0.4:7003");
}

TEST_F(ClusterViewTest, ShardsShowsRangesRolesAndHealth) {
  EXPECT_EQ(View().ShardsText(nodes_),
            "0-99,101-199,300-16383: n0@10.0.0.1:7000 online | n2@10.0.0.3:7002 online, "
            "n3@10.0.0.4:7003 online\n"
            "100,200-299: n1@10.0.0.2:7001 online | ");
}

TEST_F(ClusterViewTest, NodesShowsALineForEachAndWhoTellsIt) {
  EXPECT_EQ(View().NodesText(nodes_, 2),
            "n0 10.0.0.1:7000@7000 master - 0 0 0 connected 0-99 101-199 300-16383\n"
            "n1 10.0.0.2:7001@7001 master - 0 0 0 connected 100 200-299\n"
            "n2 10.0.0.3:7002@7002 myself,slave n0 0 0 0 connected\n"
            "n3 10.0.0.4:7003@7003 slave n0 0 0 0 connected");
}

TEST_F(ClusterViewTest, WhoIsNotOnlineIsShownAsItsHealthHasIt) {
  map_.slots = Topology::Even(2);
  map_.health_of = {NodeHealth::kFail, NodeHealth::kOnline, NodeHealth::kHidden,
                    NodeHealth::kLoading};
  EXPECT_EQ(View().SlotsText(nodes_),
            "0-8191: n0@10.0.0.1:7000 | \n8192-16383: n1@10.0.0.2:7001 | ");
  EXPECT_EQ(View().ShardsText(nodes_),
            "0-8191: n0@10.0.0.1:7000 fail | n3@10.0.0.4:7003 loading\n"
            "8192-16383: n1@10.0.0.2:7001 online | ");
  EXPECT_EQ(View().NodesText(nodes_, 3),
            "n0 10.0.0.1:7000@7000 master - 0 0 0 disconnected 0-8191\n"
            "n1 10.0.0.2:7001@7001 master - 0 0 0 connected 8192-16383\n"
            "n3 10.0.0.4:7003@7003 myself,slave n0 0 0 0 connected");
}

TEST_F(ClusterViewTest, WhoIsPromotedIsInItsMastersPlace) {
  ClusterView view = View();
  view.Promote(2);
  EXPECT_EQ(view.ReplicasOf(2), (std::vector<int>{3}));
  EXPECT_EQ(view.ReplicasOf(0), (std::vector<int>{}));
  EXPECT_EQ(view.ShardsText(nodes_),
            "0-99,101-199,300-16383: n2@10.0.0.3:7002 online | n3@10.0.0.4:7003 online\n"
            "100,200-299: n1@10.0.0.2:7001 online | ");
  ClusterView other = View();
  other.Promote(1);
  EXPECT_EQ(other.ShardsText(nodes_), View().ShardsText(nodes_));
}

TEST_F(ClusterViewTest, WhoHasBeenTakenOverKnowsOfNobodyElse) {
  ClusterView view = View();
  EXPECT_TRUE(view.TakeOver(0, 3));
  EXPECT_EQ(view.ShardsText(nodes_),
            "0-99,101-199,300-16383: n3@10.0.0.4:7003 online | \n"
            "100,200-299: n1@10.0.0.2:7001 online | ");
  ClusterView other = View();
  EXPECT_FALSE(other.TakeOver(0, 1));
  EXPECT_FALSE(other.TakeOver(2, 3));
  EXPECT_EQ(other.ShardsText(nodes_), View().ShardsText(nodes_));
}

TEST_F(ClusterViewTest, AnswersAreReadWhateverTheirOrder) {
  map_.slots = Topology::Even(2);
  const Reply n0 = Array({Bulk("10.0.0.1"), Integer(7000), Bulk("n0")});
  const Reply n1 = Array({Bulk("10.0.0.2"), Integer(7001), Bulk("n1")});
  const Reply n2 = Array({Bulk("10.0.0.3"), Integer(7002), Bulk("n2")});
  const Reply n3 = Array({Bulk("10.0.0.4"), Integer(7003), Bulk("n3")});
  EXPECT_EQ(SlotsTextOf(Array({Array({Integer(8192), Integer(16383), n1}),
                               Array({Integer(0), Integer(8191), n0, n3, n2})})),
            View().SlotsText(nodes_));
  EXPECT_NE(SlotsTextOf(Array({Array({Integer(8192), Integer(16383), n1}),
                               Array({Integer(0), Integer(8191), n2, n0, n3})})),
            View().SlotsText(nodes_));
  EXPECT_EQ(NodesTextOf(Bulk("n3 10.0.0.4:7003@7003 slave n0 0 0 0 connected\n"
                             "n0 10.0.0.1:7000@7000 myself,master - 0 0 0 connected 0-8191\n"
                             "n1 10.0.0.2:7001@7001 master - 0 0 0 connected 8192-16383\n"
                             "n2 10.0.0.3:7002@7002 slave n0 0 0 0 connected\n")),
            View().NodesText(nodes_, 0));
}

TEST_F(ClusterViewTest, ShardsIsReadWithTheRolesThatItHas) {
  const auto node = [](const std::string& id, const std::string& ip, int64_t port,
                       const std::string& role) {
    return Array({Bulk("id"), Bulk(id), Bulk("endpoint"), Bulk(ip), Bulk("ip"), Bulk(ip),
                  Bulk("port"), Integer(port), Bulk("role"), Bulk(role), Bulk("health"),
                  Bulk("online")});
  };
  const auto shards = [&](const std::string& role) {
    return Array(
        {Array({Bulk("slots"), Array({Integer(8192), Integer(16383)}), Bulk("nodes"),
                Array({node("n1", "10.0.0.2", 7001, "master")})}),
         Array({Bulk("slots"), Array({Integer(0), Integer(8191)}), Bulk("nodes"),
                Array({node("n0", "10.0.0.1", 7000, "master"), node("n3", "10.0.0.4", 7003, role),
                       node("n2", "10.0.0.3", 7002, "replica")})})});
  };
  map_.slots = Topology::Even(2);
  EXPECT_EQ(ShardsTextOf(shards("replica")), View().ShardsText(nodes_));
  EXPECT_NE(ShardsTextOf(shards("master")), View().ShardsText(nodes_));
}

TEST_F(ClusterViewTest, WhatMakesNoSenseIsNoView) {
  for (const Reply& reply : {Bulk(""), Integer(3), Array({}), Array({Array({Integer(1)})})}) {
    EXPECT_NE(SlotsTextOf(reply), View().SlotsText(nodes_));
    EXPECT_NE(ShardsTextOf(reply), View().ShardsText(nodes_));
    EXPECT_NE(NodesTextOf(reply), View().NodesText(nodes_, 0));
  }
}

}  // namespace
}  // namespace damselfly::sim
