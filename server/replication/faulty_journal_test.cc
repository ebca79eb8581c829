#include "server/replication/faulty_journal.h"

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/replication/journal_harness.h"

namespace damselfly {
namespace {

Change ChangeOf(Change::Kind kind) {
  Change change = SetChange("k", "");
  change.kind = kind;
  if (kind == Change::Kind::kExpireAt) change.expiry_ms = 1000;
  return change;
}

class FaultyJournalTest : public testing::Test {
 protected:
  // What is read of changes of all kinds, the last two of which belong together.
  std::vector<ReadRecord> Written(ServerMutant mutant) {
    FaultyJournal journal(JournalOptions(1), &clock_, mutant);
    for (const Change::Kind kind : {Change::Kind::kDelete, Change::Kind::kPersist,
                                    Change::Kind::kExpireAt, Change::Kind::kFlushSlot})
      journal.OnChange(0, ChangeOf(kind));
    journal.OnChange(0, FlushAllChange());
    journal.BeginGroup(0);
    journal.OnChange(0, ChangeOf(Change::Kind::kDelete));
    journal.OnChange(0, SetChange("k", "v"));
    journal.EndGroup(0);
    CountingWaker waker;
    return ReadAll(journal.OpenReader(0, 0, &waker).get());
  }

  StillClock clock_;
};

TEST_F(FaultyJournalTest, ADeadlineThatHasPassedIsLostAndADeletionByCommandIsNot) {
  const std::vector<ReadRecord> records = Written(ServerMutant::kExpiryUnrecorded);
  ASSERT_EQ(records.size(), 5u);
  EXPECT_EQ(records[0].texts, std::vector<std::string>{"4"});
  EXPECT_EQ(records[4].texts, (std::vector<std::string>{"5", "k=v"}));
}

TEST_F(FaultyJournalTest, EachOfTheOthersLosesItsKindOfChange) {
  EXPECT_EQ(Written(ServerMutant::kPersistUnrecorded).size(), 5u);
  EXPECT_EQ(Written(ServerMutant::kDeadlineUnrecorded).size(), 5u);
  EXPECT_EQ(Written(ServerMutant::kFlushUnrecorded).size(), 5u);
  EXPECT_EQ(Written(ServerMutant::kSlotFlushUnrecorded).size(), 5u);
  EXPECT_EQ(Written(ServerMutant::kDeadlineLate).size(), 6u);
}

TEST_F(FaultyJournalTest, WithoutMarksEachChangeIsARecord) {
  EXPECT_EQ(Written(ServerMutant::kGroupsUnmarked).size(), 7u);
}

}  // namespace
}  // namespace damselfly
