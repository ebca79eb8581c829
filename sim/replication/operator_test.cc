#include "sim/replication/operator.h"

#include <algorithm>

#include "gtest/gtest.h"
#include "server/base/crc16.h"
#include "sim/oracles/key_slot.h"
#include "sim/replication/cluster_nodes.h"

namespace damselfly::sim {
namespace {

// The operator of a cluster whose nodes nobody else looks at.
class OperatorTest : public testing::Test {
 protected:
  OperatorTest() {
    options_.master_count = 3;
    options_.end_ns = 10 * kSecond;
    options_.cluster = true;
    options_.used_slots = {KeySlot("Y"), KeySlot("x")};
    options_.push_delay_ms.set_min(0);
    options_.push_delay_ms.set_max(50);
    options_.takeover_s.set_min(1);
    options_.takeover_s.set_max(1);
  }
  void Start() {
    operator_ = std::make_unique<Operator>(&cluster_.world, &cluster_.host, &cluster_.nodes,
                                           options_, &cluster_.history, &cluster_.board);
    operator_->Start();
  }
  const ShardMap& map() { return *cluster_.history.map; }
  std::vector<int> SlotCounts() {
    std::vector<int> counts(map().master_of.size(), 0);
    for (int slot = 0; slot < kSlotCount; ++slot)
      ++counts[static_cast<size_t>(map().ShardOf(slot))];
    return counts;
  }

  ClusterNodes cluster_{7};
  OperatorOptions options_;
  std::unique_ptr<Operator> operator_;
};

TEST_F(OperatorTest, EachMasterHasAShardAPartOfTheSlotsAndReplicas) {
  Start();
  EXPECT_EQ(map().master_of, (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(map().shard_of, (std::vector<int>{0, 1, 2, 0, 1, 2, 0}));
  for (int count : SlotCounts()) EXPECT_GT(count, kSlotCount / 3 / 4);
  cluster_.RunFor(5 * kSecond);
  EXPECT_TRUE(operator_->settled());
  EXPECT_FALSE(cluster_.board.violated()) << cluster_.board.first_message();
}

TEST_F(OperatorTest, OneShardLendsItsSlotsToOneThatIsNowhere) {
  options_.master_count = 1;
  options_.slot_moves = 20;
  Start();
  EXPECT_EQ(map().master_of, (std::vector<int>{0, ShardMap::kNone}));
  EXPECT_EQ(SlotCounts(), (std::vector<int>{kSlotCount, 0}));
  bool lent = false;
  for (int i = 0; i < 100; ++i) {
    cluster_.RunFor(kSecond / 10);
    lent = lent || SlotCounts()[1] > 0;
  }
  EXPECT_TRUE(lent);
}

TEST_F(OperatorTest, SlotsThatAreInUseMoveAndSomeComeBack) {
  options_.slot_moves = 20;
  Start();
  std::map<std::string, int> owners;
  for (int i = 0; i < 120; ++i) {
    cluster_.RunFor(kSecond / 10);
    ++owners[absl::StrCat(map().ShardOf(KeySlot("x")), " ", map().ShardOf(KeySlot("Y")))];
  }
  EXPECT_GT(owners.size(), 2u);
  EXPECT_GT(cluster_.history.counters["ranges of slots moved"], 10u);
  EXPECT_GT(cluster_.history.counters["ranges of slots given back"], 2u);
  operator_->Stop();
  cluster_.RunFor(5 * kSecond);
  EXPECT_TRUE(operator_->settled());
}

TEST_F(OperatorTest, AReplicaThatIsToldAnotherMasterChangesItsShard) {
  options_.repoints = 20;
  Start();
  cluster_.RunFor(15 * kSecond);
  EXPECT_GT(cluster_.history.counters["replicas told another master"], 0u);
  for (int node = 0; node < 7; ++node) {
    const int master = operator_->master_of(node);
    const int shard = map().shard_of[static_cast<size_t>(node)];
    EXPECT_EQ(map().master_of[static_cast<size_t>(shard)], master < 0 ? node : master);
  }
}

TEST_F(OperatorTest, AMasterForAWhileHasAShardWithoutSlots) {
  options_.detours = 10;
  Start();
  bool seen = false;
  for (int i = 0; i < 200 && !seen; ++i) {
    cluster_.RunFor(kSecond / 20);
    seen = map().master_of.size() == 4u;
  }
  ASSERT_TRUE(seen);
  EXPECT_EQ(SlotCounts()[3], 0);
  EXPECT_EQ(operator_->master_of(map().master_of[3]), Operator::kNone);
}

TEST_F(OperatorTest, WhoTakesOverHasTheSlotsOfItsMaster) {
  options_.takeovers = 5;
  Start();
  const std::vector<int> before = SlotCounts();
  cluster_.RunFor(20 * kSecond);
  EXPECT_GT(cluster_.history.counters["takeovers that succeeded"] +
                cluster_.history.counters["takeovers that failed"],
            0u);
  EXPECT_EQ(SlotCounts(), before);
  for (int master : map().master_of) EXPECT_EQ(operator_->master_of(master), Operator::kNone);
}

}  // namespace
}  // namespace damselfly::sim
