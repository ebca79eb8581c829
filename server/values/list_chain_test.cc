#include "server/values/list_chain.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/runtime/random.h"

namespace damselfly {
namespace {

using testing::ElementsAre;

std::vector<size_t> CountsOf(const ListChain& chain) {
  std::vector<size_t> counts;
  for (const ListNode* node = chain.head(); node != nullptr; node = node->next) {
    counts.push_back(node->count());
  }
  return counts;
}

// What the chain says of itself, from its nodes.
void ExpectSound(const ListChain& chain) {
  size_t bytes = sizeof(ListChain), size = 0, nodes = 0;
  const ListNode* previous = nullptr;
  for (const ListNode* node = chain.head(); node != nullptr; node = node->next) {
    ASSERT_EQ(node->previous, previous);
    if (!node->is_big()) {
      ASSERT_TRUE(PackView::IsValid(node->view().ToListpack()));
      ASSERT_EQ(node->view().count(), node->count());
    }
    ASSERT_GT(node->count(), 0u);
    bytes += node->memory_bytes();
    size += node->count();
    ++nodes;
    previous = node;
  }
  ASSERT_EQ(chain.tail(), previous);
  ASSERT_EQ(chain.memory_bytes(), bytes);
  ASSERT_EQ(chain.size(), size);
  ASSERT_EQ(chain.node_count(), nodes);
}

TEST(ListLimitsTest, AreRedissOwn) {
  const ListLimits bytes(-2);
  EXPECT_TRUE(bytes.AllowsInsert(8000, 5000, 184));
  EXPECT_FALSE(bytes.AllowsInsert(8000, 1, 185));
  EXPECT_FALSE(bytes.IsBig(8177));
  EXPECT_TRUE(bytes.IsBig(8178));
  EXPECT_TRUE(bytes.AllowsMerge(8000, 9000, 199, 1));
  EXPECT_FALSE(bytes.AllowsMerge(8000, 1, 200, 1));
  EXPECT_EQ(ListLimits(-5).bytes_max(), 65536u);
  EXPECT_EQ(ListLimits(-100).bytes_max(), 65536u);
  const ListLimits counted(3);
  EXPECT_TRUE(counted.AllowsInsert(7, 2, 8000));
  EXPECT_FALSE(counted.AllowsInsert(7, 3, 1));
  EXPECT_FALSE(counted.AllowsInsert(7, 1, 8180));
  EXPECT_TRUE(counted.AllowsMerge(100, 1, 100, 2));
  EXPECT_FALSE(counted.AllowsMerge(100, 2, 100, 2));
  EXPECT_FALSE(ListLimits(0).AllowsInsert(7, 0, 1));
}

TEST(ListChainTest, FullNodeIsSplitAndJoinedWithItsNeighbours) {
  const ListLimits limits(4);
  ListChain chain;
  for (int i = 0; i < 12; ++i) chain.Push(ListEnd::kTail, absl::StrCat(i), limits);
  EXPECT_THAT(CountsOf(chain), ElementsAre(4, 4, 4));
  chain.Insert(5, ListSide::kAfter, "x", limits);
  EXPECT_THAT(CountsOf(chain), ElementsAre(4, 2, 3, 4));
  // Into the neighbour, which has room.
  chain.Insert(9, ListSide::kBefore, "y", limits);
  EXPECT_THAT(CountsOf(chain), ElementsAre(4, 2, 4, 4));
  // A node of its own, where neither has.
  chain.Insert(9, ListSide::kAfter, "z", limits);
  EXPECT_THAT(CountsOf(chain), ElementsAre(4, 2, 4, 1, 4));
  ExpectSound(chain);
}

TEST(ListChainTest, NodesThatLoseElementsGiveMemoryBack) {
  const ListLimits limits(-2);
  ListChain chain;
  for (int i = 0; i < 5000; ++i) chain.Push(ListEnd::kTail, "element:0012", limits);
  const size_t before = chain.memory_bytes();
  for (size_t i = 4999; i > 0; --i) {
    if (i % 8 != 0) chain.EraseRange(i, 1);
  }
  ExpectSound(chain);
  EXPECT_LT(chain.memory_bytes(), before / 3);
}

TEST(ListChainTest, QueueKeepsNoMemoryOfWhatHasGone) {
  const ListLimits limits(-2);
  ListChain chain;
  for (int i = 0; i < 2000; ++i) chain.Push(ListEnd::kTail, "element:0012", limits);
  const size_t before = chain.memory_bytes();
  for (int i = 0; i < 20000; ++i) {
    chain.Push(ListEnd::kTail, "element:0012", limits);
    chain.EraseRange(0, 1);
    ASSERT_LE(chain.memory_bytes(), before + 2 * 8192 + 200);
  }
  ExpectSound(chain);
}

TEST(ListChainTest, StaysSoundAtBothEnds) {
  const ListLimits limits(-1);
  Random random(7);
  ListChain chain;
  for (int i = 0; i < 20000; ++i) {
    const ListEnd end = random.Below(2) == 0 ? ListEnd::kHead : ListEnd::kTail;
    const bool grows = chain.size() == 0 || random.Below(10) < (i < 10000 ? 6 : 4);
    if (grows) {
      chain.Push(end, std::string(random.Below(200), 'x'), limits);
    } else {
      chain.EraseRange(end == ListEnd::kHead ? 0 : chain.size() - 1, 1);
    }
    if (i % 100 == 0) ExpectSound(chain);
    if (testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace damselfly
