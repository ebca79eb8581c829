#include "server/session/freed_memory.h"

#include "gtest/gtest.h"

namespace damselfly {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20;

TEST(FreedMemory, AsksOnceWhenAFallToHalfIsOver) {
  FreedMemory freed;
  EXPECT_FALSE(freed.Note(100 * kMiB, false));
  EXPECT_FALSE(freed.Note(60 * kMiB, false));  // still falling
  EXPECT_FALSE(freed.Note(20 * kMiB, true));
  EXPECT_FALSE(freed.Note(20 * kMiB, true));  // by now it is known to be freed, but is not yet
  EXPECT_TRUE(freed.Note(20 * kMiB, false));
  EXPECT_FALSE(freed.Note(20 * kMiB, false));
}

TEST(FreedMemory, SmallFallsAndSmallSharesAreLeftToTheAllocator) {
  FreedMemory freed;
  EXPECT_FALSE(freed.Note(30 * kMiB, false));
  EXPECT_FALSE(freed.Note(0, false));
  EXPECT_FALSE(freed.Note(0, false));
  EXPECT_FALSE(freed.Note(1000 * kMiB, false));
  EXPECT_FALSE(freed.Note(600 * kMiB, false));
  EXPECT_FALSE(freed.Note(600 * kMiB, false));
}

TEST(FreedMemory, EachFallIsMeasuredFromThePeakSinceTheLast) {
  FreedMemory freed;
  freed.Note(1000 * kMiB, false);
  freed.Note(100 * kMiB, false);
  EXPECT_TRUE(freed.Note(100 * kMiB, false));
  EXPECT_FALSE(freed.Note(200 * kMiB, false));
  EXPECT_FALSE(freed.Note(90 * kMiB, false));
  EXPECT_TRUE(freed.Note(90 * kMiB, false));
}

}  // namespace
}  // namespace damselfly
