#include "sim/cluster/control_plane.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "sim/cluster/cluster_client.h"
#include "sim/cluster/config_order_oracle.h"
#include "sim/cluster/node_inspector.h"
#include "sim/cluster/scenario.h"

namespace damselfly::sim {
namespace {

// Three nodes, and a control plane of no bad habits but those that a test gives it.
class ControlPlaneTest : public testing::Test {
 protected:
  void Start(absl::string_view behaviour, bool epochs = true) {
    const auto scenario = ParseClusterScenario(
        absl::StrCat("control_plane { changes { min: 10 } ", behaviour, " }"), "test");
    ASSERT_TRUE(scenario.ok()) << scenario.status();
    for (int i = 0; i < 3; ++i) {
      Host& host = world_.AddHost(absl::StrCat("node ", i), 2, 0);
      const std::string id = absl::StrCat("n", i);
      nodes_.push_back(std::make_unique<SimNode>(
          &host, SimNode::Parameters{{"cluster_mode", "yes"},
                                     {"cluster_node_id", id},
                                     {"admin_port", absl::StrCat(ControlPlane::kAdminPort)}}));
      nodes_.back()->CountStartsIn(&node_starts_);
      nodes_.back()->Start();
      history_.nodes.push_back({id, host.address(), SimNode::kPort});
    }
    ControlPlaneOptions options;
    options.behaviour = scenario->control_plane();
    options.epochs = epochs;
    options.change_count = options.behaviour.changes().min();
    options.end_ns = kSecond;
    options.node_starts = counts_starts_ ? &node_starts_ : nullptr;
    plane_ = std::make_unique<ControlPlane>(&world_, &world_.AddHost("control plane", 1, 0),
                                            &nodes_, options, &history_, &board_);
    plane_->Start();
  }
  // Lets it have its last word, and every oracle its own.
  void Settle() {
    plane_->Stop();
    world_.RunUntil(world_.now_ns() + 10 * kSecond);
    plane_->Settle();
    world_.RunUntil(world_.now_ns() + 10 * kSecond);
    EXPECT_TRUE(plane_->settled());
    EXPECT_TRUE(plane_->idle());
    plane_->Close();
    CheckConfigOrder(history_.ledger, &board_);
    history_.Check(&board_);
    EXPECT_FALSE(board_.violated()) << board_.first_message();
  }
  size_t Pushes(PushOutcome outcome) const {
    size_t count = 0;
    for (const Push& push : history_.ledger.pushes()) count += push.outcome == outcome;
    return count;
  }

  bool counts_starts_ = true;
  uint64_t node_starts_ = 0;
  SeededDecider decider_{1};
  ClusterHistory history_;
  World world_{&decider_, 1, WorldKnobs()};
  OracleBoard board_;
  std::vector<std::unique_ptr<SimNode>> nodes_;
  std::unique_ptr<ControlPlane> plane_;
};

TEST_F(ControlPlaneTest, EveryNodeIsToldOfEveryChange) {
  Start("delay_ms { min: 0 max: 1 }");
  world_.RunUntil(3 * kSecond);
  Settle();
  EXPECT_EQ(history_.ledger.config_count(), 12);
  EXPECT_EQ(history_.ledger.pushes().size(), 36u);
  for (int node = 0; node < 3; ++node) {
    const Occasion now = {node, 1, world_.now_ns(), world_.now_ns()};
    const std::vector<int> possible = history_.ledger.PossiblePushes(now);
    ASSERT_EQ(possible.size(), 1u);
    const Push& push = history_.ledger.pushes()[static_cast<size_t>(possible[0])];
    EXPECT_TRUE(history_.ledger.config(push.config) == plane_->goal());
  }
}

TEST_F(ControlPlaneTest, LatePushesAreOvertakenAndRefused) {
  Start("delay_ms { min: 0 max: 500 } duplicate_percent: 50 invalid_percent: 30");
  world_.RunUntil(3 * kSecond);
  Settle();
  EXPECT_GT(Pushes(PushOutcome::kStale), 5u);
  EXPECT_GT(Pushes(PushOutcome::kInvalid), 3u);
  EXPECT_GT(history_.counters["pushes repeated"], 5u);
}

TEST_F(ControlPlaneTest, WithoutEpochsNothingIsRefused) {
  Start("delay_ms { min: 0 max: 500 }", false);
  world_.RunUntil(3 * kSecond);
  Settle();
  EXPECT_EQ(Pushes(PushOutcome::kStale), 0u);
  EXPECT_EQ(Pushes(PushOutcome::kApplied), history_.ledger.pushes().size());
}

TEST_F(ControlPlaneTest, TheSameContentsComeWithoutTheirEpochWithItAndAgain) {
  Start("delay_ms { min: 0 max: 1 } without_epoch_percent: 100");
  world_.RunUntil(3 * kSecond);
  Settle();
  EXPECT_EQ(Pushes(PushOutcome::kApplied), 3u * (11 * 3 + 1));
  EXPECT_EQ(history_.counters["pushes of the same contents without and with an epoch"], 33u);
}

TEST_F(ControlPlaneTest, SomeNodesAreLeftOut) {
  Start("delay_ms { min: 0 max: 1 } skip_percent: 50");
  world_.RunUntil(3 * kSecond);
  Settle();
  EXPECT_LT(history_.ledger.pushes().size(), 30u);
  EXPECT_GT(history_.counters["pushes left out"], 5u);
}

TEST_F(ControlPlaneTest, ANodeThatComesBackIsToldAgain) {
  Start("delay_ms { min: 0 max: 1 }");
  world_.At(2 * kSecond, [this] { nodes_[1]->Kill(Host::Death::kReset); });
  world_.At(3 * kSecond, [this] { nodes_[1]->Start(); });
  world_.RunUntil(4 * kSecond);
  EXPECT_EQ(history_.counters["restarted nodes configured again"], 1u);
  EXPECT_FALSE(history_.ledger.MayBeUnconfigured({1, 2, world_.now_ns(), world_.now_ns()}));
  Settle();
}

TEST_F(ControlPlaneTest, ANodeThatComesBackIsToldAgainWhoeverCountsStarts) {
  counts_starts_ = false;
  Start("delay_ms { min: 0 max: 1 }");
  world_.At(2 * kSecond, [this] { nodes_[1]->Kill(Host::Death::kReset); });
  world_.At(3 * kSecond, [this] { nodes_[1]->Start(); });
  world_.RunUntil(4 * kSecond);
  EXPECT_EQ(history_.counters["restarted nodes configured again"], 1u);
}

TEST_F(ControlPlaneTest, BrokenLinksAreTriedAgain) {
  world_.faults().Draw(Fault::kReset, 20'000);
  Start("delay_ms { min: 0 max: 1 }");
  world_.RunUntil(5 * kSecond);
  world_.faults().Heal();
  Settle();
  EXPECT_GT(history_.counters["pushes without an answer"], 3u);
  EXPECT_GT(Pushes(PushOutcome::kUnknown) + Pushes(PushOutcome::kNever), 3u);
}

TEST_F(ControlPlaneTest, ClientsFindTheirWayAndTheInspectorNothing) {
  Start("delay_ms { min: 0 max: 50 }");
  ClusterClientOptions options;
  options.key_count = 20;
  ClusterClient client(&world_, &world_.AddHost("client", 1, 0), &nodes_, options, &history_,
                       &board_);
  NodeInspector inspector(&world_, &world_.AddHost("inspector", 1, 0), &nodes_,
                          ClusterClient::AllKeys(20), &history_, &board_);
  for (int node = 0; node < 3; ++node) inspector.PlanLooks(node, 20, 0, 5 * kSecond);
  client.Start();
  world_.RunUntil(5 * kSecond);
  client.Finish();
  world_.RunUntil(6 * kSecond);
  EXPECT_TRUE(client.finished());
  EXPECT_GT(client.done(), 200u);
  EXPECT_GT(history_.counters["requests redirected"], 3u);
  plane_->Settle();
  world_.RunUntil(8 * kSecond);
  inspector.ReadAll(plane_->goal());
  inspector.Probe(plane_->goal());
  world_.RunUntil(10 * kSecond);
  EXPECT_FALSE(inspector.probing());
  // Every key, and both sides of both ends of each range, but before the first slot and after the
  // last.
  EXPECT_EQ(board_.checks(Oracle::kEverySlot),
            ClusterClient::AllKeys(20).size() + 4 * plane_->goal().Ranges().size() - 2);
  Settle();
  EXPECT_GE(board_.checks(Oracle::kNoForeignKeys), 60u);
}

}  // namespace
}  // namespace damselfly::sim
