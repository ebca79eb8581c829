#include "sim/replication/reply_oracle.h"

#include "gtest/gtest.h"
#include "sim/replication/fake_nodes.h"

namespace damselfly::sim {
namespace {

constexpr int64_t kWallMs = 1000;

class ReplyOracleTest : public testing::Test {
 protected:
  ReplyOracleTest()
      : lineages_(&log_, &board_),
        oracle_(&log_, &lineages_, &board_),
        master_(0, "A", 2),
        replica_(1, "A", 2) {
    lineages_.set_on_promotion(
        [this](const LineageOracle::Promotion& promotion) { oracle_.OnPromotion(promotion); });
    replica_.view.replica = true;
    See(master_);
    replica_.view.service = NodeView::Service::kLoading;
    See(replica_);
    replica_.view.service = NodeView::Service::kActive;
    See(replica_);
  }
  void See(const FakeNode& node) { lineages_.Observe(node.view, node, ++now_ns_); }
  // At the last pass that was seen.
  Occasion Now(const FakeNode& node) const {
    return {node.view.node, node.view.incarnation, now_ns_, now_ns_};
  }
  void Follow() {
    replica_.contents = master_.contents;
    replica_.view.positions = master_.view.positions;
    See(replica_);
  }
  void Read(const FakeNode& node, const std::string& key, const std::string& value) {
    oracle_.OnRead(Now(node), {{key, value.empty(), value}}, kWallMs, kWallMs, false);
  }
  void ExpectPasses() { EXPECT_FALSE(board_.violated()) << board_.first_message(); }
  void ExpectFinds(Oracle oracle) {
    ASSERT_TRUE(board_.violated());
    EXPECT_EQ(OracleName(board_.first_oracle()), OracleName(oracle)) << board_.first_message();
  }

  int64_t now_ns_ = 0;
  OracleBoard board_;
  ViewLog log_;
  LineageOracle lineages_;
  ReplyOracle oracle_;
  FakeNode master_;
  FakeNode replica_;
  const std::string a_ = KeyOfLane(0);
  const std::string b_ = KeyOfLane(1);
};

TEST_F(ReplyOracleTest, WhatWasAcknowledgedIsInTheHistory) {
  master_.Set(a_, "1");
  See(master_);
  oracle_.OnDone(Now(master_), "SET", {{a_, Effect::Kind::kEquals, "1"}});
  master_.Delete(a_);
  See(master_);
  oracle_.OnDone(Now(master_), "DEL", {{a_, Effect::Kind::kGone, ""}});
  ExpectPasses();
}

TEST_F(ReplyOracleTest, AnAcknowledgedWriteThatIsNotInTheHistoryIsFound) {
  master_.Set(a_, "1");
  See(master_);
  oracle_.OnDone(Now(master_), "SET", {{a_, Effect::Kind::kEquals, "2"}});
  ExpectFinds(Oracle::kLinearizable);
}

TEST_F(ReplyOracleTest, AWriteOutsideItsTimeIsFound) {
  master_.Set(a_, "1");
  See(master_);
  master_.Set(b_, "x");
  See(master_);
  oracle_.OnDone(Now(master_), "SET", {{a_, Effect::Kind::kEquals, "1"}});
  ExpectFinds(Oracle::kLinearizable);
}

TEST_F(ReplyOracleTest, AnotherDeadlineThanAskedForIsFound) {
  master_.Set(a_, "1", 5000);
  See(master_);
  oracle_.OnDone(Now(master_), "SET", {{a_, Effect::Kind::kEquals, "1", 4990, 5010}});
  ExpectPasses();
  oracle_.OnDone(Now(master_), "SET", {{a_, Effect::Kind::kEquals, "1", 4000, 4010}});
  ExpectFinds(Oracle::kLinearizable);
}

TEST_F(ReplyOracleTest, AWriteAtAReplicaIsFound) {
  oracle_.OnDone(Now(replica_), "SET", {{a_, Effect::Kind::kEquals, "1"}});
  ExpectFinds(Oracle::kReplicaPassive);
}

TEST_F(ReplyOracleTest, AReplicaMayLagAndMayNotInvent) {
  master_.Set(a_, "1");
  See(master_);
  Follow();
  master_.Set(a_, "2");
  See(master_);
  See(replica_);
  Read(replica_, a_, "1");
  ExpectPasses();
  Read(replica_, a_, "2");
  ExpectFinds(Oracle::kReplicaReads);
}

TEST_F(ReplyOracleTest, AReplicaThatShowsWhatWasBeforeIsFound) {
  for (const char* value : {"1", "2"}) {
    master_.Set(a_, value);
    See(master_);
    Follow();
  }
  See(replica_);
  now_ns_ += 10;
  Read(replica_, a_, "1");
  ExpectFinds(Oracle::kReplicaReads);
}

TEST_F(ReplyOracleTest, ExpiredKeysAreHidden) {
  master_.Set(a_, "1", kWallMs);
  master_.Set(b_, "2", kWallMs + 1);
  See(master_);
  Follow();
  now_ns_ += 10;
  Read(replica_, a_, "");
  Read(replica_, b_, "2");
  ExpectPasses();
  Read(replica_, a_, "1");
  ExpectFinds(Oracle::kReplicaReads);
}

TEST_F(ReplyOracleTest, AKeyThatHasNotExpiredIsShown) {
  master_.Set(b_, "2", kWallMs + 1);
  See(master_);
  Follow();
  now_ns_ += 10;
  Read(replica_, b_, "");
  ExpectFinds(Oracle::kReplicaReads);
}

TEST_F(ReplyOracleTest, HalfOfAPairIsFound) {
  oracle_.OnRead(Now(replica_), {{a_, false, "1"}, {b_, false, "2"}}, kWallMs, kWallMs, true);
  ExpectFinds(Oracle::kAtomicOnReplica);
}

TEST_F(ReplyOracleTest, WhoIsFilledAnswersNothing) {
  replica_.view.service = NodeView::Service::kLoading;
  See(replica_);
  now_ns_ += 10;
  oracle_.OnLoading(Now(replica_));
  ExpectPasses();
  Read(replica_, a_, "");
  ExpectFinds(Oracle::kUnconfigured);
}

TEST_F(ReplyOracleTest, WhoHasBeenTakenOverAcknowledgesNothing) {
  master_.view.service = NodeView::Service::kTakenOver;
  See(master_);
  now_ns_ += 10;
  oracle_.OnDone(Now(master_), "SET", {{a_, Effect::Kind::kEquals, "1"}});
  ExpectFinds(Oracle::kTakeoverLosesNothing);
}

TEST_F(ReplyOracleTest, ARefusalWithoutReasonIsFound) {
  oracle_.OnReadOnly(Now(replica_));
  ExpectPasses();
  oracle_.OnReadOnly(Now(master_));
  ExpectFinds(Oracle::kIntrospection);
}

TEST_F(ReplyOracleTest, WaitCountsWhoHasApplied) {
  master_.Set(a_, "1");
  See(master_);
  oracle_.OnWait(Now(master_), a_, "1", 0);
  Follow();
  oracle_.OnWait(Now(master_), a_, "1", 1);
  ExpectPasses();
  oracle_.OnWait(Now(master_), a_, "1", 2);
  ExpectFinds(Oracle::kWait);
}

TEST_F(ReplyOracleTest, WaitThatCountsOnReceiptIsFound) {
  master_.Set(a_, "1");
  See(master_);
  const Occasion early = Now(master_);
  now_ns_ += 10;
  Follow();
  oracle_.OnWait(early, a_, "1", 1);
  ExpectFinds(Oracle::kWait);
}

TEST_F(ReplyOracleTest, WhatWasRefusedAndIsThereIsFound) {
  master_.Set(a_, "1");
  See(master_);
  oracle_.OnRefused("2");
  oracle_.CheckEnd({a_, b_});
  ExpectPasses();
  oracle_.OnRefused("1");
  oracle_.CheckEnd({a_, b_});
  ExpectFinds(Oracle::kReplicaPassive);
}

TEST_F(ReplyOracleTest, ATokenThatIsAppendedTwiceIsFound) {
  master_.Set(a_, "one;");
  master_.Set(a_, "one;two;");
  master_.Delete(a_);
  master_.Set(a_, "one;");
  See(master_);
  oracle_.CheckEnd({a_});
  ExpectPasses();
  master_.Set(b_, "one;two;");
  master_.Set(b_, "one;two;one;");
  See(master_);
  oracle_.CheckEnd({a_, b_});
  ExpectFinds(Oracle::kExactlyOnce);
}

TEST_F(ReplyOracleTest, AnAcknowledgedTokenThatIsNotThereIsFound) {
  master_.Set(a_, "one;");
  See(master_);
  oracle_.OnDone(Now(master_), "APPEND", {{a_, Effect::Kind::kEndsWith, "two;"}});
  ExpectFinds(Oracle::kExactlyOnce);
}

}  // namespace
}  // namespace damselfly::sim
