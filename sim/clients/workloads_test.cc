#include "gtest/gtest.h"
#include "sim/clients/exclusive_workload.h"
#include "sim/clients/reply_mode.h"
#include "sim/clients/shared_history.h"
#include "sim/clients/shared_workload.h"
#include "sim/world/world.h"

namespace damselfly::sim {
namespace {

class PlainWall final : public WallHistory {
 public:
  int64_t WallMinMs(int64_t begin_ns, int64_t) const override { return begin_ns / 1000000; }
  int64_t WallMaxMs(int64_t, int64_t end_ns) const override { return end_ns / 1000000; }
};

// The model itself plays the node, which is a perfect one.
class PerfectNode {
 public:
  // Answers all; every `lie_every`th bulk reply is a lie.
  void Serve(Workload* workload, int rounds, int lie_every = 0) {
    for (int i = 0; i < rounds; ++i) {
      std::vector<Args> calls;
      workload->NextCalls(&calls);
      for (const Args& args : calls) {
        now_ns_ += 1'000'000;
        const Moment moment{now_ns_, now_ns_, &wall_};
        std::vector<KeyspaceModel> others;
        ++number_;
        while (model_.Fork(args, number_, moment, &others)) {
        }
        Reply reply = model_.Execute(args, moment).ToReply();
        if (reply_mode_.Mutes(args)) {
          workload->OnMuted(args, moment);
          continue;
        }
        if (lie_every > 0 && reply.type == Reply::Type::kBulk && ++bulks_ % lie_every == 0)
          reply.text += "?";
        workload->OnReply(args, reply, moment);
      }
    }
  }

 private:
  PlainWall wall_;
  ReplyMode reply_mode_;
  KeyspaceModel model_;
  int64_t now_ns_ = 0;
  uint64_t number_ = 0;
  int bulks_ = 0;
};

class WorkloadsTest : public testing::Test {
 protected:
  SeededDecider decider_{1};
  World world_{&decider_, 1, WorldKnobs()};
  int64_t now_ns_ = 0;
  SimClock clock_{&now_ns_, 0};
  OracleBoard board_;
  SharedHistory history_;
};

TEST_F(WorkloadsTest, APerfectNodePassesWithExclusiveKeys) {
  ExclusiveWorkload workload("c", DecisionStream(&decider_, "w"), &clock_, kAllFamilies, 4,
                             &board_);
  workload.OnConnected(1);
  PerfectNode().Serve(&workload, 2000);
  EXPECT_FALSE(board_.violated()) << board_.first_message();
  EXPECT_GT(board_.checks(Oracle::kSession), 2000u);
}

TEST_F(WorkloadsTest, APerfectNodePassesWithBigValuesAndDatabasesOfTheClientsOwn) {
  ExclusiveWorkload workload("c", DecisionStream(&decider_, "w"), &clock_, kAllFamilies, 4,
                             &board_);
  workload.AllowBigValues();
  workload.OwnDatabases(4);
  workload.OnConnected(1);
  PerfectNode().Serve(&workload, 2000);
  EXPECT_FALSE(board_.violated()) << board_.first_message();
}

TEST_F(WorkloadsTest, ALieAboutExclusiveKeysIsFound) {
  ExclusiveWorkload workload("c", DecisionStream(&decider_, "w"), &clock_, kAllFamilies, 4,
                             &board_);
  workload.OnConnected(1);
  PerfectNode().Serve(&workload, 2000, 50);
  EXPECT_TRUE(board_.violated());
}

TEST_F(WorkloadsTest, APerfectNodePassesWithSharedKeys) {
  SharedWorkload workload("c", DecisionStream(&decider_, "w"), &world_, &history_, 4, &board_);
  workload.OnConnected(1);
  PerfectNode().Serve(&workload, 2000);
  history_.CheckAll(&board_);
  EXPECT_FALSE(board_.violated()) << board_.first_message();
  for (Oracle oracle :
       {Oracle::kLinearizable, Oracle::kAllOrNothing, Oracle::kWatch, Oracle::kNoLateRead}) {
    EXPECT_GT(board_.checks(oracle), 100u) << OracleName(oracle);
  }
}

TEST_F(WorkloadsTest, ALieAboutSharedKeysIsFound) {
  SharedWorkload workload("c", DecisionStream(&decider_, "w"), &world_, &history_, 4, &board_);
  workload.OnConnected(1);
  PerfectNode().Serve(&workload, 2000, 50);
  history_.CheckAll(&board_);
  EXPECT_TRUE(board_.violated());
}

}  // namespace
}  // namespace damselfly::sim
