#include "sim/replication/closed_watch.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "sim/world/decider.h"

namespace damselfly::sim {
namespace {

constexpr int64_t kGivenNs = 5 * kSecond;

// Node 0 is said to be closed, at 5 records of its only lane; node 1 is its replica.
class ClosedWatchTest : public testing::Test {
 protected:
  ClosedWatchTest() {
    for (int i = 0; i < 2; ++i) {
      nodes_.push_back(std::make_unique<SimNode>(&world_.AddHost(absl::StrCat("node ", i), 1, 0),
                                                 SimNode::Parameters()));
      nodes_.back()->Start();
    }
    world_.RunUntil(kSecond);
    See(0, NodeView::Service::kActive, 5);
    See(1, NodeView::Service::kActive, 4);
  }
  void See(int node, NodeView::Service service, uint64_t position) {
    NodeView view;
    view.node = node;
    view.incarnation = nodes_[static_cast<size_t>(node)]->host().incarnation();
    view.replica = node == 1;
    view.service = service;
    view.lineage = "A";
    view.positions = {position};
    log_.Add(view, world_.now_ns());
  }
  void Close(bool cluster) {
    watch_ = std::make_unique<ClosedWatch>(
        &world_, &nodes_, &log_, cluster, [](int) { return kGivenNs; }, &board_);
    See(0, NodeView::Service::kTakenOver, 5);
    watch_->OnStep(0);
  }
  void RunFor(int64_t duration_ns) { world_.RunUntil(world_.now_ns() + duration_ns); }
  void RunOut() { RunFor(kGivenNs + ClosedWatch::kSlackNs + kMillisecond); }
  void ExpectFinds() {
    ASSERT_TRUE(board_.violated());
    EXPECT_EQ(OracleName(board_.first_oracle()), OracleName(Oracle::kTakeoverEnds));
  }

  SeededDecider decider_{1};
  World world_{&decider_, 1, WorldKnobs()};
  std::vector<std::unique_ptr<SimNode>> nodes_;
  ViewLog log_;
  OracleBoard board_;
  std::unique_ptr<ClosedWatch> watch_;
};

TEST_F(ClosedWatchTest, AMasterThatStaysClosedIsFound) {
  Close(false);
  RunFor(kGivenNs);
  EXPECT_FALSE(board_.violated());
  RunOut();
  ExpectFinds();
}

TEST_F(ClosedWatchTest, OneThatOpensInTimeIsRight) {
  Close(false);
  RunFor(kGivenNs);
  See(0, NodeView::Service::kActive, 5);
  RunOut();
  EXPECT_FALSE(board_.violated());
}

TEST_F(ClosedWatchTest, ItsTimeBeginsAnewWhenItHasBeenOpenBetween) {
  Close(false);
  RunFor(kGivenNs);
  See(0, NodeView::Service::kActive, 5);
  RunFor(kSecond);
  See(0, NodeView::Service::kTakenOver, 5);
  watch_->OnStep(0);
  RunFor(kGivenNs);
  EXPECT_FALSE(board_.violated());
  RunOut();
  ExpectFinds();
}

TEST_F(ClosedWatchTest, WhoEndsOrDiesIsGone) {
  Close(false);
  RunFor(kSecond);
  nodes_[0]->Kill(Host::Death::kReset);
  nodes_[0]->Start();
  RunOut();
  EXPECT_FALSE(board_.violated());
}

TEST_F(ClosedWatchTest, AMachineThatStandsStillIsGivenTheTimeOnceMore) {
  Close(false);
  nodes_[0]->host().PauseUntil(world_.now_ns() + kGivenNs);
  RunOut();
  EXPECT_FALSE(board_.violated());
  RunOut();
  ExpectFinds();
}

TEST_F(ClosedWatchTest, InAClusterWhoMayHaveHandedOverStays) {
  Close(true);
  RunFor(kSecond);
  See(1, NodeView::Service::kActive, 5);
  RunOut();
  EXPECT_FALSE(board_.violated());
}

TEST_F(ClosedWatchTest, WhoHasHandedOverMayGiveUpItsJournal) {
  See(1, NodeView::Service::kActive, 5);
  Close(true);
  RunFor(kSecond);
  NodeView without_journal = *log_.Last(0, nodes_[0]->host().incarnation());
  without_journal.positions.clear();
  log_.Add(without_journal, world_.now_ns());
  RunOut();
  EXPECT_FALSE(board_.violated());
}

TEST_F(ClosedWatchTest, InAClusterWhoCannotHaveHandedOverIsFound) {
  Close(true);
  RunOut();
  ExpectFinds();
}

}  // namespace
}  // namespace damselfly::sim
