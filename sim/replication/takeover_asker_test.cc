#include "sim/replication/takeover_asker.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "sim/replication/node_watch.h"
#include "sim/world/decider.h"
#include "sim/world/sim_network.h"

namespace damselfly::sim {
namespace {

// A master with two replicas, all of them watched.
class TakeoverAskerTest : public testing::Test {
 protected:
  TakeoverAskerTest() {
    for (int i = 0; i < 3; ++i) {
      SimNode::Parameters parameters;
      if (i > 0) {
        parameters.emplace_back("replicaof",
                                absl::StrCat(nodes_[0]->host().address(), ":", SimNode::kPort));
      }
      nodes_.push_back(
          std::make_unique<SimNode>(&world_.AddHost(absl::StrCat("node ", i), 2, 0), parameters));
      NodeWatch::Options options;
      options.number = i;
      options.output_bytes_max = int64_t{1} << 30;
      watches_.push_back(
          std::make_unique<NodeWatch>(&world_, &nodes_, &slots_, options, &history_, &board_));
      nodes_.back()->host().set_exit_handler([](int) {});
      nodes_.back()->Start();
    }
    world_.RunUntil(10 * kSecond);
  }
  void Ask(int replica, bool alone, int* result) {
    host_.runtime().loop(0).Post(
        [this, replica, alone, result] { tasks_.Spawn(AskNow(replica, alone, result)); });
  }
  void RunFor(int64_t duration_ns) { world_.RunUntil(world_.now_ns() + duration_ns); }

  SeededDecider decider_{1};
  World world_{&decider_, 1, WorldKnobs()};
  OracleBoard board_;
  ReplicationHistory history_{&board_};
  const std::vector<uint16_t> slots_;
  std::vector<std::unique_ptr<SimNode>> nodes_;
  std::vector<std::unique_ptr<NodeWatch>> watches_;
  Host& host_ = world_.AddHost("operator", 1, 0);
  TakeoverAsker asker_{&world_, &host_, &nodes_, &history_, &board_};
  TaskScope tasks_;

 private:
  Task<void> AskNow(int replica, bool alone, int* result) {
    const TakeoverAsker::Request request{replica, 0, 3, alone};
    DecisionStream draw(&decider_, "takeover", static_cast<uint64_t>(replica));
    const bool taken = co_await asker_.Ask(request, draw);
    *result = taken ? 1 : 0;
  }
};

TEST_F(TakeoverAskerTest, AReplicaThatIsInStepTakesOver) {
  int result = -1;
  Ask(1, true, &result);
  RunFor(10 * kSecond);
  EXPECT_EQ(result, 1);
  EXPECT_FALSE(board_.violated()) << board_.first_message();
}

TEST_F(TakeoverAskerTest, OfTwoThatAreAskedAtOnceOneTakesOver) {
  int one = -1;
  int other = -1;
  Ask(1, false, &one);
  Ask(2, false, &other);
  RunFor(60 * kSecond);
  EXPECT_EQ(one + other, 1);
  EXPECT_FALSE(board_.violated()) << board_.first_message();
}

TEST_F(TakeoverAskerTest, OneThatFailsBecauseItsLinkIsCutIsNoFault) {
  int result = -1;
  world_.network().Partition(nodes_[0]->host(), nodes_[1]->host(), world_.now_ns() + 6 * kSecond);
  Ask(1, true, &result);
  RunFor(60 * kSecond);
  EXPECT_NE(result, -1);
  EXPECT_FALSE(board_.violated()) << board_.first_message();
}

}  // namespace
}  // namespace damselfly::sim
