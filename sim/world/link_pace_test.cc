#include "sim/world/link_pace.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

TEST(LinkPace, BytesTakeTheirTimeAndWaitForThoseBefore) {
  SeededDecider decider(1);
  DecisionStream decisions(&decider, "test");
  FaultBoard faults;
  faults.Draw(Fault::kSlowLink, 65536);
  LinkPace pace = LinkPace::Draw(&faults, decisions);
  const int64_t first_ns = pace.SentBy(0, 1'000'000, &faults);
  EXPECT_GE(first_ns, kSecondNs);
  EXPECT_EQ(pace.SentBy(0, 1'000'000, &faults), 2 * first_ns);
  EXPECT_EQ(pace.SentBy(5 * first_ns, 1'000'000, &faults), 6 * first_ns);
  EXPECT_EQ(faults.effects(Fault::kSlowLink), 3u);
}

TEST(LinkPace, WithoutTheFaultAndAfterTheHealingNothingIsSlow) {
  SeededDecider decider(1);
  DecisionStream decisions(&decider, "test");
  FaultBoard faults;
  LinkPace usual = LinkPace::Draw(&faults, decisions);
  EXPECT_EQ(usual.SentBy(7, 1'000'000, &faults), 7);
  faults.Draw(Fault::kSlowLink, 65536);
  LinkPace slow = LinkPace::Draw(&faults, decisions);
  EXPECT_GT(slow.SentBy(7, 1'000'000, &faults), 7);
  faults.Heal();
  EXPECT_EQ(slow.SentBy(7, 1'000'000, &faults), 7);
}

}  // namespace
}  // namespace damselfly::sim
