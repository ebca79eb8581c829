#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/replication/journal.h"
#include "server/replication/journal_harness.h"

namespace damselfly {
namespace {

constexpr int64_t kNoTimeLimit = 0;
constexpr int64_t kPlenty = int64_t{1} << 40;

class JournalRetentionTest : public ::testing::Test {
 protected:
  void Fill(size_t bytes, absl::string_view key = "key") {
    const std::string value(1000, 'v');
    for (size_t filled = 0; filled < bytes; filled += 1020) {
      journal_.OnChange(0, SetChange(key, value));
    }
  }
  std::unique_ptr<Journal::Reader> Open(uint64_t position) {
    return journal_.OpenReader(0, position, &waker_);
  }
  // Reads without keeping anything; false when the reader is lost.
  static bool Skip(Journal::Reader* reader) {
    OutputBuffer output;
    return reader->Read(&output, SIZE_MAX);
  }

  StillClock clock_;
  CountingWaker waker_;
  Journal journal_{JournalOptions(1), &clock_};
};

TEST_F(JournalRetentionTest, OldestRecordsGoWhenThereIsTooMuch) {
  journal_.SetLimits(kNoTimeLimit, 1 << 20, 0);
  Fill(1 << 19);
  EXPECT_TRUE(journal_.Retains({0}));
  Fill(10 << 20);
  EXPECT_FALSE(journal_.Retains({0}));
  EXPECT_EQ(Open(0), nullptr);
  EXPECT_LE(journal_.backlog_bytes(), 1u << 20);
  EXPECT_GE(journal_.backlog_bytes(), (1u << 20) - (1u << 17)) << "no more than needed";
  const uint64_t kept = journal_.backlog_bytes() / 1024;
  EXPECT_TRUE(journal_.Retains({journal_.End(0) - kept}));
  EXPECT_NE(Open(journal_.End(0) - kept), nullptr);
}

TEST_F(JournalRetentionTest, SmallBacklogKeepsMostOfItsBytes) {
  journal_.SetLimits(kNoTimeLimit, 20000, 0);
  Fill(200000);
  EXPECT_LE(journal_.backlog_bytes(), 20000u);
  EXPECT_GE(journal_.backlog_bytes(), 15000u);
}

TEST_F(JournalRetentionTest, LimitIsSharedByTheLanes) {
  Journal journal(JournalOptions(4), &clock_);
  journal.SetLimits(kNoTimeLimit, 4 << 20, 0);
  const std::string key = KeyInLane(2, 4);
  for (int i = 0; i < 4000; ++i) journal.OnChange(0, SetChange(key, std::string(1000, 'v')));
  EXPECT_LE(journal.backlog_bytes(), 1u << 20);
}

TEST_F(JournalRetentionTest, NothingOfTheBacklogSurvivesALimitOfZero) {
  Fill(1 << 20);
  journal_.SetLimits(kNoTimeLimit, 0, 0);
  EXPECT_EQ(journal_.backlog_bytes(), 0u);
  EXPECT_FALSE(journal_.Retains({journal_.End(0) - 1}));
  EXPECT_TRUE(journal_.Retains({journal_.End(0)}));
  Fill(10);
  EXPECT_EQ(journal_.backlog_bytes(), 0u);
}

TEST_F(JournalRetentionTest, TrimDropsWhatIsTooOldAndKeepsWhatIsNot) {
  journal_.SetLimits(5000, kPlenty, 0);
  Fill(1 << 20);
  const uint64_t old_end = journal_.End(0);
  clock_.AdvanceMs(4000);
  journal_.Trim();
  EXPECT_TRUE(journal_.Retains({0}));
  clock_.AdvanceMs(1500);
  Fill(100);
  journal_.Trim();
  EXPECT_FALSE(journal_.Retains({0})) << "5.5 s old";
  EXPECT_TRUE(journal_.Retains({old_end})) << "just appended";
  clock_.AdvanceMs(5000);
  journal_.Trim();
  EXPECT_TRUE(journal_.Retains({old_end})) << "not older than the limit";
  clock_.AdvanceMs(1);
  journal_.Trim();
  EXPECT_FALSE(journal_.Retains({old_end}));
  EXPECT_EQ(journal_.backlog_bytes(), 0u);
  EXPECT_EQ(journal_.Ends(), Positions{old_end + 1});
}

TEST_F(JournalRetentionTest, LogGoesOnAfterAllOfItHasGone) {
  journal_.SetLimits(5000, kPlenty, 0);
  Fill(3000);
  clock_.AdvanceMs(1000);
  journal_.Trim();
  clock_.AdvanceMs(6000);
  journal_.Trim();
  ASSERT_EQ(journal_.backlog_bytes(), 0u);
  const uint64_t end = journal_.End(0);
  const auto reader = Open(end);
  journal_.OnChange(0, SetChange("key", "1"));
  EXPECT_EQ(ReadAll(reader.get()).at(0).texts.at(0), "key=1");
  EXPECT_EQ(ReadAll(Open(end).get()).size(), 1u);
}

TEST_F(JournalRetentionTest, WithoutATimeLimitNothingGrowsTooOld) {
  journal_.SetLimits(kNoTimeLimit, kPlenty, 0);
  Fill(1 << 20);
  clock_.AdvanceMs(int64_t{1000} * 86400 * 365);
  journal_.Trim();
  EXPECT_TRUE(journal_.Retains({0}));
}

TEST_F(JournalRetentionTest, AttachedReaderKeepsWhatItStillNeeds) {
  journal_.SetLimits(1000, 1 << 20, 0);
  const auto reader = Open(0);
  Fill(5 << 20);
  clock_.AdvanceMs(100000);
  journal_.Trim();
  EXPECT_TRUE(journal_.Retains({0}));
  EXPECT_EQ(reader->lag_bytes(), journal_.backlog_bytes());
  EXPECT_EQ(ReadAll(reader.get()).size(), journal_.End(0));
  clock_.AdvanceMs(1001);
  journal_.Trim();
  EXPECT_EQ(journal_.backlog_bytes(), 0u);
}

TEST_F(JournalRetentionTest, ReaderThatIsGoneKeepsNothing) {
  journal_.SetLimits(kNoTimeLimit, 1 << 20, 0);
  auto reader = Open(0);
  Fill(5 << 20);
  reader.reset();
  EXPECT_LE(journal_.backlog_bytes(), 1u << 20);
}

TEST_F(JournalRetentionTest, ReaderThatLagsTooFarLosesItsPlaceAndKeepsNothing) {
  journal_.SetLimits(kNoTimeLimit, 1 << 20, 2 << 20);
  const auto slow = Open(0);
  const auto fast = Open(0);
  Fill(1900000);
  ASSERT_TRUE(Skip(fast.get()));
  Fill(1900000);
  EXPECT_LE(journal_.backlog_bytes(), 2u << 20);
  EXPECT_FALSE(Skip(slow.get()));
  EXPECT_FALSE(Skip(slow.get())) << "for good";
  EXPECT_TRUE(Skip(fast.get()));
  EXPECT_EQ(fast->position(), journal_.End(0));
  Fill(100);
  EXPECT_LE(journal_.backlog_bytes(), 1u << 20);
}

TEST_F(JournalRetentionTest, ReaderThatHasKeptUpGetsARecordLongerThanTheLimit) {
  journal_.SetLimits(kNoTimeLimit, 1 << 20, 2 << 20);
  const auto reader = Open(0);
  const BlobRef blob = Blob::Copy(std::string(5 << 20, 'v'));
  journal_.OnChange(0, BlobChange("key", blob));
  EXPECT_EQ(ReadAll(reader.get()).size(), 1u);
  journal_.OnChange(0, BlobChange("key", blob));
  Fill(1);
  EXPECT_FALSE(Skip(reader.get())) << "did not keep up";
}

TEST_F(JournalRetentionTest, LimitsMayBeLifted) {
  journal_.SetLimits(kNoTimeLimit, 1 << 20, 0);
  const auto reader = Open(0);
  Fill(4 << 20);
  EXPECT_TRUE(Skip(reader.get()));
}

}  // namespace
}  // namespace damselfly
