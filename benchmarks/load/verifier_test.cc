#include "benchmarks/load/verifier.h"

#include "gtest/gtest.h"

namespace damselfly::load {
namespace {

using Kind = ReplyScanner::Kind;

ReplyScanner::Result Reply(Kind kind, absl::string_view text) { return {kind, 0, text}; }

class VerifierTest : public testing::Test {
 protected:
  Values values_{SizeRange{8, 64}, 1};
  Verifier verifier_{&values_, 100};
};

TEST_F(VerifierTest, KeysAreWrittenOnceTheirSetIsAcknowledged) {
  EXPECT_FALSE(verifier_.IsWritten(63));
  verifier_.CheckSet(63, Reply(Kind::kSimple, "OK"));
  EXPECT_TRUE(verifier_.IsWritten(63));
  EXPECT_FALSE(verifier_.IsWritten(62));
  EXPECT_FALSE(verifier_.IsWritten(64));
  verifier_.MarkWritten(99);
  EXPECT_TRUE(verifier_.IsWritten(99));
  EXPECT_EQ(verifier_.differences(), 0);
}

TEST_F(VerifierTest, TheValueOfTheKeyIsRight) {
  const std::string value = values_.Make(values_.NumberOfKey(5));
  EXPECT_TRUE(verifier_.CheckGet(5, true, Reply(Kind::kString, value)));
  EXPECT_EQ(verifier_.differences(), 0);
}

TEST_F(VerifierTest, OtherAnswersAreDifferences) {
  const std::string value = values_.Make(values_.NumberOfKey(5));
  EXPECT_TRUE(verifier_.CheckGet(5, true, Reply(Kind::kString, value + "x")));
  EXPECT_TRUE(verifier_.CheckGet(6, true, Reply(Kind::kString, value)));
  EXPECT_TRUE(verifier_.CheckGet(5, true, Reply(Kind::kNull, "")));
  EXPECT_TRUE(verifier_.CheckGet(5, true, Reply(Kind::kSimple, "OK")));
  verifier_.CheckSet(7, Reply(Kind::kNull, ""));
  EXPECT_EQ(verifier_.differences(), 5);
  ASSERT_EQ(verifier_.texts().size(), 5u);
  EXPECT_EQ(verifier_.texts()[2], "key number 5 has been written and is missing");
}

TEST_F(VerifierTest, KeysThatThisRunHasNotWrittenAreNotItsBusiness) {
  EXPECT_FALSE(verifier_.CheckGet(5, false, Reply(Kind::kNull, "")));
  EXPECT_FALSE(verifier_.CheckGet(5, false, Reply(Kind::kString, "somebody else's")));
  EXPECT_EQ(verifier_.differences(), 0);
}

TEST_F(VerifierTest, ManyDifferencesAreCountedAndTheFirstShown) {
  for (int i = 0; i < 1000; ++i) verifier_.CheckGet(5, true, Reply(Kind::kNull, ""));
  EXPECT_EQ(verifier_.differences(), 1000);
  EXPECT_EQ(verifier_.texts().size(), Verifier::kTextsMax);
}

}  // namespace
}  // namespace damselfly::load
