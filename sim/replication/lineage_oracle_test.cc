#include "sim/replication/lineage_oracle.h"

#include "gtest/gtest.h"
#include "sim/replication/fake_nodes.h"

namespace damselfly::sim {
namespace {

class LineageOracleTest : public testing::Test {
 protected:
  LineageOracleTest() : oracle_(&log_, &board_), master_(0, "A", 2), replica_(1, "A", 2) {
    oracle_.set_on_promotion(
        [this](const LineageOracle::Promotion& promotion) { promotions_.push_back(promotion); });
    See(master_);
    replica_.view.replica = true;
  }
  void See(const FakeNode& node) { oracle_.Observe(node.view, node, ++now_ns_); }
  // The replica is what its master is.
  void Sync() {
    replica_.contents = master_.contents;
    replica_.view.positions = master_.view.positions;
  }
  void Fill() {
    replica_.view.service = NodeView::Service::kLoading;
    See(replica_);
    replica_.view.service = NodeView::Service::kActive;
  }
  void Promote(const std::string& lineage) {
    replica_.view.replica = false;
    replica_.view.lineage = lineage;
    replica_.first = 0;
    replica_.journal = master_.journal;
    for (size_t i = 0; i < replica_.journal.size(); ++i)
      replica_.journal[i].resize(replica_.view.positions[i]);
  }
  void ExpectPasses() { EXPECT_FALSE(board_.violated()) << board_.first_message(); }
  void ExpectFinds(Oracle oracle) {
    ASSERT_TRUE(board_.violated());
    EXPECT_EQ(OracleName(board_.first_oracle()), OracleName(oracle)) << board_.first_message();
  }

  int64_t now_ns_ = 0;
  OracleBoard board_;
  ViewLog log_;
  LineageOracle oracle_;
  FakeNode master_;
  FakeNode replica_;
  std::vector<LineageOracle::Promotion> promotions_;
  const std::string a_ = KeyOfLane(0);
  const std::string b_ = KeyOfLane(1);
};

TEST_F(LineageOracleTest, AReplicaThatFollowsPasses) {
  master_.Set(a_, "1");
  See(master_);
  Fill();
  Sync();
  See(replica_);
  const FakeNode before = replica_;
  master_.Set(b_, "2", 1000);
  master_.Set(a_, "3");
  See(master_);
  See(before);
  Sync();
  See(replica_);
  ExpectPasses();
  EXPECT_EQ(oracle_.full_syncs(), 1u);
}

TEST_F(LineageOracleTest, WhatAMasterWritesInThePassInWhichItBecomesAReplicaIsItsLineages) {
  master_.Set(a_, "1");
  See(master_);
  master_.Set(a_, "2");
  master_.view.replica = true;
  See(master_);
  ExpectPasses();
}

TEST_F(LineageOracleTest, WhatAMasterDoesNotJournalBeforeItBecomesAReplicaIsFound) {
  master_.Set(a_, "1");
  See(master_);
  master_.Set(a_, "2");
  master_.Hold(a_, "3");
  master_.view.replica = true;
  See(master_);
  ExpectFinds(Oracle::kPrefix);
}

TEST_F(LineageOracleTest, WhatChangesWhileTheViewStaysIsFoundByALookNowAndThen) {
  master_.Set(a_, "1");
  See(master_);
  for (int i = 0; i < 1000; ++i) oracle_.ObserveUnchanged(master_.view, master_, ++now_ns_);
  ExpectPasses();
  master_.Hold(a_, "2");
  for (int i = 0; i < 100; ++i) oracle_.ObserveUnchanged(master_.view, master_, ++now_ns_);
  ExpectFinds(Oracle::kPrefix);
}

TEST_F(LineageOracleTest, AKeyMoreWhileTheViewStaysIsFoundInAFewPasses) {
  master_.Set(a_, "1");
  See(master_);
  master_.Hold(b_, "2");
  for (int i = 0; i < 4; ++i) oracle_.ObserveUnchanged(master_.view, master_, ++now_ns_);
  ExpectFinds(Oracle::kPrefix);
}

TEST_F(LineageOracleTest, AMasterThatDoesNotJournalIsFound) {
  master_.Set(a_, "1");
  master_.Hold(a_, "2");
  See(master_);
  ExpectFinds(Oracle::kPrefix);
}

TEST_F(LineageOracleTest, ARecordAppliedTwiceIsFound) {
  master_.Set(a_, "1");
  See(master_);
  Fill();
  Sync();
  See(replica_);
  master_.Set(a_, "11");
  See(master_);
  Sync();
  replica_.Hold(a_, "111");
  See(replica_);
  ExpectFinds(Oracle::kPrefix);
}

TEST_F(LineageOracleTest, AKeyMissingAfterAFullSyncIsFound) {
  master_.Set(a_, "1");
  master_.Set(b_, "2");
  See(master_);
  Fill();
  Sync();
  replica_.contents.erase({0, b_});
  See(replica_);
  ExpectFinds(Oracle::kCutConsistency);
}

TEST_F(LineageOracleTest, WhatIsLoadedIsNotLookedAt) {
  master_.Set(a_, "1");
  See(master_);
  Fill();
  replica_.view.service = NodeView::Service::kLoading;
  See(replica_);
  ExpectPasses();
}

TEST_F(LineageOracleTest, AReplicaThatChangesByItselfIsFound) {
  master_.Set(a_, "1");
  See(master_);
  Fill();
  Sync();
  See(replica_);
  replica_.Hold(b_, "x");
  See(replica_);
  ExpectFinds(Oracle::kReplicaPassive);
}

TEST_F(LineageOracleTest, AReplicaThatExpiresByItselfIsFound) {
  master_.Set(a_, "1", 500);
  See(master_);
  Fill();
  Sync();
  See(replica_);
  replica_.contents.erase({0, a_});
  See(replica_);
  ExpectFinds(Oracle::kDeleteByStream);
}

TEST_F(LineageOracleTest, AMasterThatExpiresInSilenceIsFound) {
  master_.Set(a_, "1", 500);
  See(master_);
  master_.contents.erase({0, a_});
  See(master_);
  ExpectFinds(Oracle::kDeleteByStream);
}

TEST_F(LineageOracleTest, AnotherDeadlineIsFound) {
  master_.Set(a_, "1", 500);
  See(master_);
  Fill();
  Sync();
  replica_.Hold(a_, "1", 501);
  See(replica_);
  ExpectFinds(Oracle::kDeadlineIdentity);
}

TEST_F(LineageOracleTest, AReplicaAheadOfItsMasterIsFound) {
  Fill();
  replica_.view.positions[0] = 7;
  See(replica_);
  ExpectFinds(Oracle::kPrefix);
}

TEST_F(LineageOracleTest, AReplicaThatGoesBackIsFound) {
  master_.Set(a_, "1");
  See(master_);
  Fill();
  Sync();
  See(replica_);
  replica_.contents.clear();
  replica_.view.positions[0] = 0;
  See(replica_);
  ExpectFinds(Oracle::kPrefix);
}

TEST_F(LineageOracleTest, HalfATransactionIsFound) {
  master_.Set(a_, "1", -1, /*transaction_id=*/5, /*part_count=*/2);
  master_.Set(b_, "1", -1, 5, 2);
  See(master_);
  Fill();
  Sync();
  See(replica_);
  ExpectPasses();
  master_.Set(a_, "2", -1, 6, 2);
  master_.Set(b_, "2", -1, 6, 2);
  See(master_);
  replica_.Hold(a_, "2");
  ++replica_.view.positions[0];
  See(replica_);
  ExpectFinds(Oracle::kAtomicOnReplica);
}

TEST_F(LineageOracleTest, ALineageWithTwoWritersIsFound) {
  master_.Set(a_, "1");
  See(master_);
  Fill();
  Sync();
  See(replica_);
  Promote("A");
  See(replica_);
  ExpectFinds(Oracle::kLineageFork);
}

TEST_F(LineageOracleTest, APromotedReplicaGoesOnFromWhatItHad) {
  master_.Set(a_, "1");
  See(master_);
  Fill();
  Sync();
  See(replica_);
  master_.Set(a_, "lost");
  See(master_);
  Promote("B");
  replica_.Set(b_, "new");
  See(replica_);
  ExpectPasses();
  ASSERT_EQ(promotions_.size(), 1u);
  EXPECT_EQ(promotions_[0].from, "A");
  EXPECT_FALSE(promotions_[0].takeover);
  EXPECT_EQ(promotions_[0].fork[0], 1u);
}

TEST_F(LineageOracleTest, APromotedReplicaThatLostSomethingIsFound) {
  master_.Set(a_, "1");
  See(master_);
  Fill();
  Sync();
  See(replica_);
  Promote("B");
  replica_.contents.clear();
  See(replica_);
  ExpectFinds(Oracle::kCrashLossIsSuffix);
}

TEST_F(LineageOracleTest, AHalfFilledReplicaIsPromotedEmpty) {
  Fill();
  Promote("B");
  replica_.Set(a_, "new");
  See(replica_);
  ExpectPasses();
}

TEST_F(LineageOracleTest, AHalfFilledReplicaThatIsPromotedAsItIsIsFound) {
  Fill();
  Promote("B");
  replica_.Hold(a_, "half");
  See(replica_);
  ExpectFinds(Oracle::kCrashLossIsSuffix);
}

TEST_F(LineageOracleTest, WithoutAJournalWhatHadComeIsFoundToo) {
  master_.Set(a_, "half");
  See(master_);
  Fill();
  Promote("B");
  replica_.view.positions.clear();
  replica_.Hold(b_, "new");
  See(replica_);
  ExpectPasses();
  FakeNode other = replica_;
  other.view.node = 2;
  other.view.replica = true;
  other.view.service = NodeView::Service::kLoading;
  See(other);
  other.view = replica_.view;
  other.view.node = 2;
  other.Hold(a_, "half");
  See(other);
  ExpectFinds(Oracle::kCrashLossIsSuffix);
}

TEST_F(LineageOracleTest, ASiblingResumesUpToTheFork) {
  master_.Set(a_, "1");
  See(master_);
  Fill();
  Sync();
  See(replica_);
  FakeNode sibling(2, "A", 2);
  sibling.view.replica = true;
  sibling.view.service = NodeView::Service::kLoading;
  See(sibling);
  sibling.view.service = NodeView::Service::kActive;
  sibling.view.positions = master_.view.positions;
  sibling.contents = master_.contents;
  See(sibling);
  Promote("B");
  replica_.Set(b_, "new");
  See(replica_);
  sibling.view.lineage = "B";
  See(sibling);
  sibling.view.positions = replica_.view.positions;
  sibling.contents = replica_.contents;
  See(sibling);
  ExpectPasses();
  EXPECT_EQ(oracle_.partial_syncs_after_promotion(), 1u);
}

TEST_F(LineageOracleTest, AnOldMasterThatKeepsWhatItWroteBeyondTheForkIsFound) {
  master_.Set(a_, "1");
  See(master_);
  Fill();
  Sync();
  See(replica_);
  master_.Set(a_, "beyond");
  See(master_);
  Promote("B");
  replica_.Set(a_, "new");
  See(replica_);
  master_.view.replica = true;
  master_.view.lineage = "B";
  See(master_);
  ExpectFinds(Oracle::kResumeHonesty);
}

TEST_F(LineageOracleTest, ATakeoverThatLeavesSomethingBehindIsFound) {
  master_.Set(a_, "1");
  See(master_);
  Fill();
  Sync();
  See(replica_);
  master_.Set(a_, "2");
  See(master_);
  oracle_.ExpectTakeover(1);
  Promote("B");
  See(replica_);
  ExpectFinds(Oracle::kTakeoverLosesNothing);
}

TEST_F(LineageOracleTest, AWriteBehindATakeoverIsFound) {
  Fill();
  See(replica_);
  oracle_.ExpectTakeover(1);
  Promote("B");
  See(replica_);
  ExpectPasses();
  EXPECT_TRUE(promotions_[0].takeover);
  master_.Set(a_, "late");
  See(master_);
  ExpectFinds(Oracle::kTakeoverLosesNothing);
}

TEST_F(LineageOracleTest, WhoIsMadeAMasterAgainAfterATakeoverGoesOnFromItsOwnHistory) {
  master_.Set(a_, "1");
  See(master_);
  Fill();
  Sync();
  See(replica_);
  master_.view.service = NodeView::Service::kTakenOver;
  See(master_);
  master_.view.service = NodeView::Service::kActive;
  master_.view.lineage = "B";
  See(master_);
  replica_.view.lineage = "B";
  See(replica_);
  master_.Set(a_, "2");
  See(master_);
  Sync();
  See(replica_);
  ExpectPasses();
  EXPECT_EQ(oracle_.partial_syncs_after_promotion(), 1u);
  EXPECT_TRUE(promotions_.empty());
}

TEST_F(LineageOracleTest, TwoWhoTakeOverFromTheSameMasterAreFound) {
  Fill();
  See(replica_);
  FakeNode rival = replica_;
  rival.view.node = 2;
  rival.view.service = NodeView::Service::kLoading;
  See(rival);
  rival.view.service = NodeView::Service::kActive;
  See(rival);
  oracle_.ExpectTakeover(1);
  Promote("B");
  See(replica_);
  ExpectPasses();
  oracle_.ExpectTakeover(2);
  rival.view.replica = false;
  rival.view.lineage = "C";
  See(rival);
  ExpectFinds(Oracle::kTakeoverLosesNothing);
}

TEST_F(LineageOracleTest, AnAcknowledgementBeyondWhatIsAppliedIsFound) {
  master_.Set(a_, "1");
  See(master_);
  Fill();
  Sync();
  See(replica_);
  oracle_.ObserveAcknowledged("A", 1, 1, 1);
  ExpectPasses();
  oracle_.ObserveAcknowledged("A", 1, 1, 2);
  ExpectFinds(Oracle::kAckedPosition);
}

TEST_F(LineageOracleTest, WhatTheJournalHasDroppedIsAGapAndNoFinding) {
  for (int i = 0; i < 3; ++i) master_.Set(a_, std::to_string(i));
  master_.journal[0].erase(master_.journal[0].begin(), master_.journal[0].begin() + 2);
  master_.first = 2;
  See(master_);
  ExpectPasses();
  EXPECT_EQ(oracle_.gaps(), 1u);
  EXPECT_EQ(oracle_.Find("A", 0, 1), nullptr);
  EXPECT_NE(oracle_.Find("A", 0, 3), nullptr);
}

}  // namespace
}  // namespace damselfly::sim
