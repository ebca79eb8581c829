#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/replication/journal.h"
#include "server/replication/journal_harness.h"
#include "server/replication/record.h"
#include "server/runtime/random.h"

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

// Two journals hold the same records: one has been told of the changes, of which most are appended
// without looking at limits and readers, the other has the records from elsewhere and looks each
// time.
class JournalTwinsTest : public ::testing::Test {
 protected:
  static constexpr int kReaders = 3;

  struct Twin {
    Twin(JournalTwinsTest* test) : journal(JournalOptions(1), &test->clock_) {}

    // "" where the position is not retained any more, or the reader is lost.
    std::string Read(int index, uint64_t position, size_t bytes_max) {
      std::unique_ptr<Journal::Reader>& reader = readers[index];
      if (!reader) reader = journal.OpenReader(0, position, &waker);
      if (!reader) return "";
      OutputBuffer output;
      if (reader->Read(&output, bytes_max)) {
        return absl::StrCat(reader->position(), " ", reader->lag_bytes(), " ", output.ToString());
      }
      reader.reset();
      return "";
    }

    CountingWaker waker;
    Journal journal;
    std::unique_ptr<Journal::Reader> readers[kReaders];
  };

  void Append() {
    const std::string value(random_.Below(random_.Chance(1, 50) ? 5000 : 150), 'v');
    Change change = SetChange("key", value);
    if (random_.Chance(1, 10)) change.kind = Change::Kind::kDelete;
    told_.journal.OnChange(0, change);
    std::string record("\0\1", 2);  // no transaction, one lane
    AppendChange(change, /*value_elsewhere=*/false, &record);
    applied_.journal.AppendApplied(0, record);
  }

  void SetLimits() {
    const auto time_ms = static_cast<int64_t>(random_.Below(20));
    const auto backlog_bytes =
        static_cast<int64_t>(random_.Below(random_.Chance(1, 4) ? 1000000 : 20000));
    const auto lag_bytes = static_cast<int64_t>(random_.Below(40000));
    told_.journal.SetLimits(time_ms, backlog_bytes, lag_bytes);
    applied_.journal.SetLimits(time_ms, backlog_bytes, lag_bytes);
  }

  void Read() {
    const auto index = static_cast<int>(random_.Below(kReaders));
    const uint64_t end = told_.journal.End(0);
    const uint64_t position = end - random_.Below(std::min<uint64_t>(end, 300) + 1);
    const size_t bytes_max = random_.Below(20000);
    ASSERT_EQ(told_.Read(index, position, bytes_max), applied_.Read(index, position, bytes_max));
  }

  StillClock clock_;
  Random random_{11};
  Twin told_{this};
  Twin applied_{this};
};

TEST_F(JournalTwinsTest, WhatIsAppendedWithoutLookingAroundIsKeptAndLostAsAllElse) {
  for (int step = 0; step < 100000; ++step) {
    const uint64_t choice = random_.Below(100);
    if (choice < 80) {
      Append();
    } else if (choice < 94) {
      ASSERT_NO_FATAL_FAILURE(Read());
    } else if (choice < 97) {
      clock_.AdvanceMs(static_cast<int64_t>(random_.Below(3)));
    } else if (choice < 99) {
      told_.journal.Trim();
      applied_.journal.Trim();
    } else if (random_.Chance(1, 5)) {
      SetLimits();
    } else {
      const size_t index = random_.Below(kReaders);
      told_.readers[index].reset();
      applied_.readers[index].reset();
    }
    ASSERT_EQ(told_.journal.End(0), applied_.journal.End(0)) << step;
    ASSERT_EQ(told_.journal.backlog_bytes(), applied_.journal.backlog_bytes()) << step;
    ASSERT_EQ(told_.waker.count, applied_.waker.count) << step;
  }
}

}  // namespace
}  // namespace damselfly
