#include "sim/replication/core_liveness.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "sim/world/decider.h"
#include "sim/world/sim_network.h"

namespace damselfly::sim {
namespace {

// A master with two replicas, all of them well.
class CoreLivenessTest : public testing::TestWithParam<uint64_t> {
 protected:
  void SetUp() override {
    for (int i = 0; i < 3; ++i) {
      SimNode::Parameters parameters = {{"replication_timeout", "3000"}};
      if (i > 0) {
        parameters.emplace_back("replicaof",
                                absl::StrCat(nodes_[0]->host().address(), ":", SimNode::kPort));
      }
      nodes_.push_back(
          std::make_unique<SimNode>(&world_.AddHost(absl::StrCat("node ", i), 2, 0), parameters));
      nodes_.back()->Start();
    }
    world_.RunUntil(10 * kSecond);
  }

  SeededDecider decider_{GetParam()};
  World world_{&decider_, GetParam(), WorldKnobs()};
  Host& host_ = world_.AddHost("operator", 1, 0);
  OracleBoard board_;
  std::vector<std::unique_ptr<SimNode>> nodes_;
};

TEST_P(CoreLivenessTest, WhatIsLeftGoesOnServing) {
  CoreLiveness core(&world_, &host_, &nodes_, {-1, 0, 0}, &board_);
  EXPECT_TRUE(core.Begin({"k", "", ""}));
  world_.RunUntil(world_.now_ns() + CoreLiveness::kPatienceNs);
  EXPECT_TRUE(core.done());
  EXPECT_FALSE(board_.violated()) << board_.first_message();
  EXPECT_EQ(board_.checks(Oracle::kCoreLiveness), 1u);
}

TEST_P(CoreLivenessTest, AMasterThatAnswersNobodyIsFoundOut) {
  CoreLiveness core(&world_, &host_, &nodes_, {-1, 0, 0}, &board_);
  EXPECT_TRUE(core.Begin({"k", "", ""}));
  nodes_[0]->host().PauseUntil(SimNetwork::kUntilHealed);
  world_.RunUntil(world_.now_ns() + 2 * CoreLiveness::kPatienceNs);
  EXPECT_TRUE(!core.done() || board_.violated());
}

TEST_P(CoreLivenessTest, WithoutAMasterThatHasSomethingToServeNothingFails) {
  CoreLiveness core(&world_, &host_, &nodes_, {-1, 0, 0}, &board_);
  EXPECT_FALSE(core.Begin({"", "k", "k"}));
  EXPECT_EQ(core.failed_count(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, CoreLivenessTest, testing::Range<uint64_t>(1, 13));

}  // namespace
}  // namespace damselfly::sim
