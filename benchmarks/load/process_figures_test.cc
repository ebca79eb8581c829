#include "benchmarks/load/process_figures.h"

#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "gtest/gtest.h"

namespace damselfly::load {
namespace {

TEST(ProcessFiguresTest, StatIsReadWhateverTheProgramIsCalled) {
  ProcessFigures figures;
  ASSERT_TRUE(
      ParseStat("7 (a) b) S 1 7 7 0 -1 4194560 111 222 33 44 5 6 7 8 20 0 1 0 100 9000 50 "
                "18446744073709551615",
                4096, &figures));
  EXPECT_EQ(figures.minor_faults, 111);
  EXPECT_EQ(figures.major_faults, 33);
  EXPECT_EQ(figures.resident_bytes, 50 * 4096);
  EXPECT_FALSE(ParseStat("7 (a) S 1 2", 4096, &figures));
  EXPECT_FALSE(ParseStat("", 4096, &figures));
}

TEST(ProcessFiguresTest, SwitchesOfThreadsAddUp) {
  ProcessFigures figures;
  const char text[] = "Name:\tx\nvoluntary_ctxt_switches:\t5\nnonvoluntary_ctxt_switches:\t2\n";
  ASSERT_TRUE(AddSwitches(text, &figures));
  ASSERT_TRUE(AddSwitches(text, &figures));
  EXPECT_EQ(figures.voluntary_switches, 10);
  EXPECT_EQ(figures.involuntary_switches, 4);
  EXPECT_FALSE(AddSwitches("Name:\tx\n", &figures));
}

TEST(ProcessFiguresTest, OwnProcessUsesTimeAndMemory) {
  absl::StatusOr<ProcessFigures> before = ReadProcessFigures(getpid());
  ASSERT_TRUE(before.ok()) << before.status();
  std::vector<char> touched(32 << 20, 'x');
  volatile uint64_t sum = 0;
  for (int round = 0; round < 20; ++round)
    for (char byte : touched) sum = sum + static_cast<uint64_t>(byte);
  absl::StatusOr<ProcessFigures> after = ReadProcessFigures(getpid());
  ASSERT_TRUE(after.ok());
  EXPECT_GT(after->cpu_ns, before->cpu_ns);
  EXPECT_GT(after->minor_faults, before->minor_faults);
  EXPECT_GE(after->resident_bytes, before->resident_bytes + (16 << 20));
}

TEST(ProcessFiguresTest, AProcessThatIsNotThereIsAnError) {
  EXPECT_FALSE(ReadProcessFigures(0x7ffffff0).ok());
}

}  // namespace
}  // namespace damselfly::load
