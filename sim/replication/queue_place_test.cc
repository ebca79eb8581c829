#include "sim/replication/queue_place.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

class QueuePlaceTest : public testing::Test {
 protected:
  void Be(bool replica, int64_t since_ns, const std::string& lineage = "L") {
    history_.views.Add({0, 1, replica, NodeView::Service::kActive, lineage, {1}}, since_ns);
  }
  static QueueRequest Wait(int64_t begin_ns, int64_t end_ns) {
    return {1, "{q0}a", "BLPOP", true, {begin_ns, end_ns}};
  }
  static QueueOracle::Pop Pop(int64_t at_ns) { return {{"{q0}a"}, 1, "", 0, 0, {at_ns, at_ns}}; }
  // Of an element that nobody pushed here, at that time.
  bool MayPopAt(int64_t at_ns) {
    QueueHistory queues(&place_);
    queues.life(1).OnPopped(Pop(at_ns), "{q0}a", {"x"});
    place_.NoteBreaks(&queues);
    OracleBoard board;
    queues.CheckAll("n", &board);
    return !board.violated();
  }

  OracleBoard board_;
  ReplicationHistory history_{&board_};
  ReplicationQueuePlace place_{0, &history_, &board_};
};

constexpr absl::string_view kForced =
    "UNBLOCKED force unblock from blocking operation, instance state changed (master -> "
    "replica?)";

TEST_F(QueuePlaceTest, WhoWaitsIsSentAwayWhenTheMasterBecomesAReplica) {
  Be(false, 0);
  Be(true, 100);
  EXPECT_TRUE(place_.OnRefused(Wait(50, 105), kForced));
  EXPECT_FALSE(board_.violated()) << board_.first_message();
}

TEST_F(QueuePlaceTest, NobodyIsSentAwayFromAMaster) {
  Be(false, 0);
  EXPECT_TRUE(place_.OnRefused(Wait(50, 105), kForced));
  EXPECT_TRUE(board_.violated());
}

TEST_F(QueuePlaceTest, MastershipIsGoneWhenItDoesNotComeBackSoon) {
  Be(false, 0);
  Be(true, 100);
  EXPECT_EQ(MastershipGoneNs(history_.views, {0, 1, 50, 500}, 20), 100);
  Be(false, 200);
  EXPECT_EQ(MastershipGoneNs(history_.views, {0, 1, 50, 500}, 20), 100);
  EXPECT_EQ(MastershipGoneNs(history_.views, {0, 1, 50, 500}, 150), WaiterOracle::kNever);
  EXPECT_EQ(MastershipGoneNs(history_.views, {0, 1, 210, 500}, 20), WaiterOracle::kNever);
}

TEST_F(QueuePlaceTest, AMasterFromTheBeginningHasNothingOfOthers) {
  Be(false, 0);
  Be(true, 100);
  Be(false, 200, "M");
  EXPECT_FALSE(MayPopAt(50));
  EXPECT_TRUE(MayPopAt(250));
}

}  // namespace
}  // namespace damselfly::sim
