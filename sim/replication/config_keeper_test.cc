#include "sim/replication/config_keeper.h"

#include "gtest/gtest.h"
#include "sim/replication/cluster_nodes.h"

namespace damselfly::sim {
namespace {

// Slots of these keys: x 16287, Y 3036.
class ConfigKeeperTest : public testing::Test {
 protected:
  ConfigKeeperTest() {
    scenario::Range delay_ms;
    delay_ms.set_min(0);
    delay_ms.set_max(20);
    keeper_ = std::make_unique<ConfigKeeper>(&cluster_.world, &cluster_.host, &cluster_.nodes,
                                             delay_ms, &cluster_.history, &cluster_.board);
    keeper_->set_on_taken(
        [this](const Occasion& occasion, const ShardMap&) { taken_.push_back(occasion.node); });
    cluster_.host.runtime().loop(0).Post([this] { keeper_->Start(); });
  }
  void SetMap(const ShardMap& map) { keeper_->SetMap(std::make_shared<const ShardMap>(map)); }
  std::string AddressOf(size_t node) { return cluster_.nodes[node]->host().address(); }

  ClusterNodes cluster_{2};
  std::vector<int> taken_;
  std::unique_ptr<ConfigKeeper> keeper_;
};

TEST_F(ConfigKeeperTest, EveryNodeIsToldOnceOfEveryConfiguration) {
  cluster_.RunFor(kSecond);
  EXPECT_EQ(taken_.size(), 0u);
  ShardMap map = TwoShards(2);
  SetMap(map);
  EXPECT_FALSE(keeper_->settled());
  cluster_.RunFor(kSecond);
  EXPECT_TRUE(keeper_->settled());
  EXPECT_EQ(taken_.size(), 2u);
  EXPECT_EQ(cluster_.Ask(0, {"GET", "Y"}), "nil");
  EXPECT_EQ(cluster_.Ask(0, {"GET", "x"}), absl::StrCat("MOVED 16287 ", AddressOf(1), ":6379"));
  map.slots.Assign(3036, 3036, 1);
  SetMap(map);
  cluster_.RunFor(kSecond);
  EXPECT_EQ(cluster_.Ask(0, {"GET", "Y"}), absl::StrCat("MOVED 3036 ", AddressOf(1), ":6379"));
  EXPECT_EQ(taken_.size(), 4u);
  EXPECT_FALSE(cluster_.board.violated()) << cluster_.board.first_message();
}

TEST_F(ConfigKeeperTest, WhoHasDiedIsToldAgain) {
  SetMap(TwoShards(2));
  cluster_.RunFor(kSecond);
  cluster_.nodes[0]->Kill(Host::Death::kReset);
  cluster_.nodes[0]->Start();
  EXPECT_FALSE(keeper_->settled());
  cluster_.RunFor(kSecond);
  EXPECT_TRUE(keeper_->settled());
  EXPECT_EQ(std::count(taken_.begin(), taken_.end(), 0), 2);
}

TEST_F(ConfigKeeperTest, TellAgainTellsWhoKnows) {
  SetMap(TwoShards(2));
  cluster_.RunFor(kSecond);
  keeper_->TellAgain(1);
  EXPECT_FALSE(keeper_->settled());
  cluster_.RunFor(kSecond);
  EXPECT_TRUE(keeper_->settled());
  EXPECT_EQ(std::count(taken_.begin(), taken_.end(), 1), 2);
}

// The oracle is told: an answer of a node that may or may not have the last configuration fits
// either.
TEST_F(ConfigKeeperTest, APushThatHasNoAnswerIsInDoubtUntilAllIsOver) {
  SetMap(TwoShards(2));
  cluster_.RunFor(kSecond);
  ShardMap map = TwoShards(2);
  map.slots.Assign(3036, 3036, 1);
  const int64_t changed_ns = cluster_.world.now_ns();
  SetMap(map);
  // A node that takes connections, and answers nothing.
  cluster_.nodes[0]->host().PauseUntil(cluster_.world.now_ns() + 3600 * kSecond);
  cluster_.RunFor(kSecond);
  EXPECT_FALSE(keeper_->settled());
  keeper_->Close();
  const Occasion late = {0, 1, changed_ns + kSecond / 2, changed_ns + kSecond / 2};
  cluster_.history.shards.OnExecuted(late, 3036, "GET");
  cluster_.history.shards.Check(&cluster_.board);
  EXPECT_FALSE(cluster_.board.violated()) << cluster_.board.first_message();
}

}  // namespace
}  // namespace damselfly::sim
