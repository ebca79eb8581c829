#include "server/resp/arg_arena.h"

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

TEST(ArgArena, ClosedListsStayWhileOthersGrow) {
  ArgArena arena;
  const std::string letters = "abcdefghijklmnopqrstuvwxyz";
  std::vector<absl::Span<const absl::string_view>> lists;
  for (size_t list = 0; list < 200; ++list) {
    for (size_t i = 0; i < list; ++i) arena.Add(absl::string_view(letters).substr(i % 26, 1));
    lists.push_back(arena.Close());
  }
  for (size_t list = 0; list < 200; ++list) {
    ASSERT_EQ(lists[list].size(), list);
    for (size_t i = 0; i < list; ++i) ASSERT_EQ(lists[list][i], letters.substr(i % 26, 1));
  }
}

TEST(ArgArena, TheOpenListOutlivesRelease) {
  ArgArena arena;
  for (int i = 0; i < 100; ++i) {
    arena.Add("closed");
    arena.Close();
  }
  arena.Add("x");
  arena.Release();
  arena.Add("y");
  EXPECT_EQ(arena.open_count(), 2u);
  EXPECT_EQ(arena.open()[0], "x");
  EXPECT_EQ(arena.open()[1], "y");
}

TEST(ArgArena, ReusesItsMemoryForBatchesOfTheSameSize) {
  ArgArena arena;
  const auto run_batch = [&arena] {
    for (int i = 0; i < 32; ++i) {
      for (int k = 0; k < 5; ++k) arena.Add("x");
      arena.Close();
    }
    arena.Release();
  };
  for (int i = 0; i < 5; ++i) run_batch();
  const size_t memory = arena.memory_bytes();
  const absl::string_view* const begin = arena.open().data();
  run_batch();
  EXPECT_EQ(arena.open().data(), begin);
  EXPECT_EQ(arena.memory_bytes(), memory);
}

TEST(ArgArena, GivesLargeMemoryBack) {
  ArgArena arena;
  for (int i = 0; i < 1000000; ++i) arena.Add("x");
  arena.Close();
  EXPECT_GE(arena.memory_bytes(), 1000000 * sizeof(absl::string_view));
  arena.Release();
  EXPECT_LT(arena.memory_bytes(), 64u * 1024);
  arena.Shrink();
  EXPECT_LT(arena.memory_bytes(), 64u);
}

}  // namespace
}  // namespace damselfly
