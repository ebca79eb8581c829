#include "sim/world/decider.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

TEST(Decider, EqualSeedsGiveEqualStreams) {
  SeededDecider first(7);
  SeededDecider second(7);
  DecisionStream a(&first, "network", 3);
  DecisionStream b(&second, "network", 3);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.Below(1000), b.Below(1000));
}

TEST(Decider, AStreamDoesNotDependOnTheOthersOpenedOrDrawnFrom) {
  SeededDecider first(7);
  SeededDecider second(7);
  DecisionStream a(&first, "network");
  DecisionStream other(&second, "faults");
  DecisionStream b(&second, "network");
  for (int i = 0; i < 100; ++i) {
    other.Below(10);
    EXPECT_EQ(a.Below(1000), b.Below(1000));
  }
}

TEST(Decider, PurposesInstancesAndSeedsDiffer) {
  EXPECT_NE(DeriveSeed(1, "a"), DeriveSeed(1, "b"));
  EXPECT_NE(DeriveSeed(1, "a", 1), DeriveSeed(1, "a", 2));
  EXPECT_NE(DeriveSeed(1, "a"), DeriveSeed(2, "a"));
}

class QuietDecider final : public Decider {
 public:
  StreamId OpenStream(absl::string_view, uint64_t) override { return 0; }
  uint64_t Decide(StreamId, uint64_t) override { return 0; }
};

TEST(Decider, ZeroIsTheQuietChoice) {
  QuietDecider quiet;
  DecisionStream stream(&quiet, "faults");
  EXPECT_FALSE(stream.Chance(65535, 65536));
  EXPECT_TRUE(stream.Chance(65536, 65536));
  EXPECT_EQ(stream.Between(20, 200), 20);
}

TEST(Decider, ChancesComeAboutAsOftenAsTheySay) {
  SeededDecider decider(1);
  DecisionStream stream(&decider, "faults");
  int count = 0;
  for (int i = 0; i < 100000; ++i) count += stream.Chance(1, 10);
  EXPECT_NEAR(count, 10000, 500);
}

}  // namespace
}  // namespace damselfly::sim
