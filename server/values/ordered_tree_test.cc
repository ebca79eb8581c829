#include "server/values/ordered_tree.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/runtime/random.h"

namespace damselfly {
namespace {

// A tree, and a sorted vector that says what it should hold.
class OrderedTreeTest : public ::testing::Test {
 protected:
  ~OrderedTreeTest() override {
    tree_.CheckInvariants();
    for (Element* element : all_) Element::Destroy(element);
  }

  const Element* NewElement(absl::string_view member) {
    all_.push_back(Element::CreateWithWord(member, 0));
    return all_.back();
  }

  size_t PlaceOf(double score, absl::string_view member) const {
    return static_cast<size_t>(std::lower_bound(model_.begin(), model_.end(), 0,
                                                [&](const OrderedItem& item, int) {
                                                  return Precedes(item, score, member);
                                                }) -
                               model_.begin());
  }

  void Insert(double score, absl::string_view member) {
    const Element* element = NewElement(member);
    tree_.Insert(score, element);
    model_.insert(model_.begin() + static_cast<int64_t>(PlaceOf(score, member)), {score, element});
  }

  void EraseAt(size_t rank) {
    const OrderedItem erased = tree_.EraseAt(rank);
    EXPECT_EQ(erased.element, model_[rank].element);
    EXPECT_EQ(erased.score, model_[rank].score);
    model_.erase(model_.begin() + static_cast<int64_t>(rank));
  }

  void ChangeScore(size_t rank, double score) {
    const OrderedItem item = model_[rank];
    tree_.ChangeScore(item.score, item.element, score);
    model_.erase(model_.begin() + static_cast<int64_t>(rank));
    model_.insert(model_.begin() + static_cast<int64_t>(PlaceOf(score, item.member())),
                  {score, item.element});
  }

  // All of both, forwards and backwards, and the ranks of all.
  void ExpectEqual() {
    tree_.CheckInvariants();
    ASSERT_EQ(tree_.size(), model_.size());
    if (model_.empty()) return;
    OrderedTree::Cursor forward = tree_.Seek(0);
    OrderedTree::Cursor backward = tree_.Seek(model_.size() - 1);
    for (size_t i = 0; i < model_.size(); ++i) {
      ASSERT_EQ(forward->element, model_[i].element);
      ASSERT_EQ(forward->score, model_[i].score);
      ASSERT_EQ(backward->element, model_[model_.size() - 1 - i].element);
      ASSERT_EQ(tree_.RankOf(model_[i].score, model_[i].member()), i);
      ASSERT_EQ(tree_.Seek(i)->element, model_[i].element);
      const bool is_last = i + 1 == model_.size();
      ASSERT_EQ(forward.MoveForward(), !is_last);
      ASSERT_EQ(backward.MoveBack(), !is_last);
    }
  }

  double Fill() const {
    return static_cast<double>(tree_.size() * sizeof(OrderedItem)) /
           static_cast<double>(tree_.memory_bytes());
  }

  OrderedTree tree_;
  std::vector<OrderedItem> model_;
  std::vector<Element*> all_;
  Random random_{7};
};

TEST_F(OrderedTreeTest, AnEmptyTreeHasNothing) {
  EXPECT_EQ(tree_.size(), 0u);
  EXPECT_EQ(tree_.memory_bytes(), 0u);
  EXPECT_EQ(tree_.RankOf(0, "a"), 0u);
  EXPECT_EQ(tree_.CountWhile([](const OrderedItem&) { return true; }), 0u);
  EXPECT_TRUE(tree_.FreeSome(1));
}

TEST_F(OrderedTreeTest, OrdersByScoreThenByBytesOfTheMember) {
  Insert(1, "b");
  Insert(1, "a");
  Insert(-std::numeric_limits<double>::infinity(), "z");
  Insert(1, absl::string_view("a\0", 2));
  Insert(1, "\xff");
  Insert(0.5, "");
  ExpectEqual();
  EXPECT_EQ(tree_.Seek(0)->member(), "z");
  EXPECT_EQ(tree_.Seek(5)->member(), "\xff");
}

TEST_F(OrderedTreeTest, BothZeroesAreOneScore) {
  Insert(0.0, "b");
  Insert(-0.0, "a");
  Insert(-0.0, "c");
  ExpectEqual();
  EXPECT_EQ(tree_.Seek(0)->member(), "a");
  EXPECT_TRUE(std::signbit(tree_.Seek(0)->score));
}

TEST_F(OrderedTreeTest, RanksOfMissingItemsAreWhereTheyWouldBe) {
  for (int i = 0; i < 1000; ++i) Insert(i, "m");
  EXPECT_EQ(tree_.RankOf(-1, "x"), 0u);
  EXPECT_EQ(tree_.RankOf(500, "a"), 500u);
  EXPECT_EQ(tree_.RankOf(500, "z"), 501u);
  EXPECT_EQ(tree_.RankOf(2000, ""), 1000u);
  EXPECT_EQ(tree_.CountWhile([](const OrderedItem& item) { return item.score <= 123.5; }), 124u);
}

TEST_F(OrderedTreeTest, AscendingInsertionsFillNodes) {
  for (int i = 0; i < 20000; ++i) Insert(i, absl::StrCat("m", i));
  ExpectEqual();
  EXPECT_GT(Fill(), 0.9);
}

TEST_F(OrderedTreeTest, DescendingInsertionsFillNodes) {
  for (int i = 10000; i > 0; --i) Insert(i, absl::StrCat("m", i));
  ExpectEqual();
  EXPECT_GT(Fill(), 0.9);
}

TEST_F(OrderedTreeTest, RandomInsertionsFillMostOfTheNodes) {
  for (int i = 0; i < 10000; ++i)
    Insert(static_cast<double>(random_.Below(1'000'000)), absl::StrCat("m", i));
  ExpectEqual();
  EXPECT_GT(Fill(), 0.75);
}

TEST_F(OrderedTreeTest, ShrinksToNothingFromEitherEnd) {
  for (const bool from_front : {true, false}) {
    for (int i = 0; i < 5000; ++i) Insert(i % 77, absl::StrCat("m", i));
    while (!model_.empty()) {
      EraseAt(from_front ? 0 : model_.size() - 1);
      if (model_.size() % 512 == 0) ExpectEqual();
    }
    EXPECT_EQ(tree_.memory_bytes(), 0u);
  }
}

TEST_F(OrderedTreeTest, AQueueStaysWellFilled) {
  int next = 0;
  for (; next < 5000; ++next) Insert(next, "m");
  for (; next < 15000; ++next) {
    EraseAt(0);
    Insert(next, "m");
  }
  ExpectEqual();
  EXPECT_GT(Fill(), 0.85);
}

TEST_F(OrderedTreeTest, AThinnedTreeGivesMemoryBack) {
  for (int i = 0; i < 20000; ++i) Insert(i, "m");
  const size_t before = tree_.memory_bytes();
  while (model_.size() > 2000) EraseAt(random_.Below(model_.size()));
  ExpectEqual();
  EXPECT_LT(tree_.memory_bytes(), before / 3);
}

TEST_F(OrderedTreeTest, AScoreThatChangesMovesItsItem) {
  for (int i = 0; i < 3000; ++i) Insert(i * 10, absl::StrCat("m", i));
  ChangeScore(0, 1e9);
  ChangeScore(2999, -1);
  ChangeScore(1500, 15001);
  ChangeScore(1500, 15001);
  for (int i = 0; i < 3000; ++i)
    ChangeScore(random_.Below(model_.size()), static_cast<double>(random_.Below(30000)));
  ExpectEqual();
}

TEST_F(OrderedTreeTest, AnyStepsLeaveItInOrder) {
  for (int round = 0; round < 30; ++round) {
    // Phases of growth and of shrinking; few scores in some, so that members decide.
    const uint64_t insert_chance = 20 + random_.Below(70);
    const uint64_t score_count = random_.Chance(1, 3) ? 3 : 100000;
    for (int i = 0; i < 1500; ++i) {
      const double score = static_cast<double>(random_.Below(score_count));
      if (model_.empty() || random_.Chance(insert_chance, 100)) {
        Insert(score, absl::StrCat(random_.Below(100), "-", all_.size()));
      } else if (random_.Chance(1, 3)) {
        ChangeScore(random_.Below(model_.size()), score);
      } else {
        EraseAt(random_.Below(model_.size()));
      }
      if (i % 100 == 0) tree_.CheckInvariants();
    }
    ExpectEqual();
  }
}

TEST_F(OrderedTreeTest, AnyRunsOfInsertionsLeaveItInOrder) {
  for (int round = 0; round < 40; ++round) {
    const double start = static_cast<double>(random_.Below(1000));
    const double step = (static_cast<double>(random_.Below(21)) - 10) / 1000;
    for (int i = 0; i < 300; ++i) Insert(start + step * i, absl::StrCat(all_.size()));
    ExpectEqual();
  }
}

TEST_F(OrderedTreeTest, IsFreedInSteps) {
  for (int i = 0; i < 10000; ++i) Insert(i, "m");
  size_t last = tree_.memory_bytes();
  int steps = 1;
  while (!tree_.FreeSome(10)) {
    ++steps;
    EXPECT_LT(tree_.memory_bytes(), last);
    EXPECT_GE(tree_.memory_bytes() + 10 * 1024, last);
    last = tree_.memory_bytes();
  }
  EXPECT_GT(steps, 10);
  EXPECT_EQ(tree_.memory_bytes(), 0u);
  model_.clear();
  tree_.~OrderedTree();
  new (&tree_) OrderedTree();
}

}  // namespace
}  // namespace damselfly
