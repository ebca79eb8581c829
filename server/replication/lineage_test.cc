#include "server/replication/lineage.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "server/replication/journal_harness.h"

namespace damselfly {
namespace {

const char kId[] = "0123456789abcdef0123456789abcdef01234567";
const char kPrevious[] = "fedcba9876543210fedcba9876543210fedcba98";
const char kOther[] = "00000000000000000000000000000000000000ff";

class LineageTest : public ::testing::Test {
 protected:
  LineageTest() {
    lineage_.id = kId;
    lineage_.previous_id = kPrevious;
    lineage_.fork = {101, 201};
    Journal::Options options;
    options.lane_count = 2;
    options.first = {100, 200};
    journal_ = std::make_unique<Journal>(options, &clock_);
    for (int lane = 0; lane < 2; ++lane) {
      const std::string key = KeyInLane(lane, 2);
      for (int i = 0; i < 3; ++i) journal_->OnChange(0, SetChange(key, "v"));
    }
  }

  bool Resumes(absl::string_view id, const Positions& positions) {
    return CanResume(lineage_, id, positions, *journal_);
  }

  StillClock clock_;
  Lineage lineage_;
  std::unique_ptr<Journal> journal_;
};

TEST_F(LineageTest, ResumesWhatTheJournalStillHas) {
  EXPECT_TRUE(Resumes(kId, {100, 200}));
  EXPECT_TRUE(Resumes(kId, {103, 200}));
  EXPECT_TRUE(Resumes(kId, {103, 203}));
}

TEST_F(LineageTest, DoesNotResumeWhatTheJournalLacks) {
  EXPECT_FALSE(Resumes(kId, {99, 200}));
  EXPECT_FALSE(Resumes(kId, {100, 199}));
}

TEST_F(LineageTest, NeverResumesFromTheFuture) {
  EXPECT_FALSE(Resumes(kId, {104, 203}));
  EXPECT_FALSE(Resumes(kId, {103, UINT64_MAX}));
}

TEST_F(LineageTest, OfThePreviousOneOnlyWhatWasBeforeTheForkIsShared) {
  EXPECT_TRUE(Resumes(kPrevious, {101, 201}));
  EXPECT_TRUE(Resumes(kPrevious, {100, 200}));
  EXPECT_FALSE(Resumes(kPrevious, {102, 201}));
  EXPECT_FALSE(Resumes(kPrevious, {101, 202}));
}

TEST_F(LineageTest, StrangersDoNotResume) {
  EXPECT_FALSE(Resumes(kOther, {100, 200}));
  EXPECT_FALSE(Resumes("", {}));
  EXPECT_FALSE(Resumes("", {100, 200}));
  lineage_.previous_id = "";
  EXPECT_FALSE(Resumes("", {100, 200}));
}

TEST_F(LineageTest, WhoeverHasOtherLanesDoesNotResume) {
  EXPECT_FALSE(Resumes(kId, {100}));
  EXPECT_FALSE(Resumes(kId, {100, 200, 0}));
  lineage_.fork = {101};
  EXPECT_FALSE(Resumes(kPrevious, {100, 200}));
}

TEST(LineageId, IsFortyHexadecimalDigits) {
  EXPECT_TRUE(IsLineageId(kId));
  EXPECT_FALSE(IsLineageId(""));
  EXPECT_FALSE(IsLineageId("?"));
  EXPECT_FALSE(IsLineageId(std::string(39, 'a')));
  EXPECT_FALSE(IsLineageId(std::string(40, 'g')));
}

}  // namespace
}  // namespace damselfly
