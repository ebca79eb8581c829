#include "server/values/list_value.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/numbers.h"
#include "server/runtime/random.h"

namespace damselfly {
namespace {

using testing::ElementsAre;
using Texts = std::vector<std::string>;

std::string TextOf(const ListIterator& at) {
  char scratch[kIntegerBytesMax];
  return std::string(at.Get().Text(scratch));
}

Texts Forward(const ListValue& list) {
  Texts texts;
  for (ListIterator at = list.First(); !at.done(); at.Next()) texts.push_back(TextOf(at));
  return texts;
}

Texts Backward(const ListValue& list) {
  Texts texts;
  for (ListIterator at = list.Last(); !at.done(); at.Previous()) texts.push_back(TextOf(at));
  std::reverse(texts.begin(), texts.end());
  return texts;
}

std::string RdbOf(const ListValue& list) {
  std::string bytes;
  list.AppendRdb(&bytes);
  return bytes;
}

class ListValueTest : public testing::Test {
 protected:
  void Push(absl::string_view text) { list_.Push(ListEnd::kTail, text, context_); }

  ValueContext context_;
  ListValue list_;
};

TEST_F(ListValueTest, EmptyHasNoMemory) {
  EXPECT_EQ(list_.size(), 0u);
  EXPECT_EQ(list_.memory_bytes(), 0u);
  EXPECT_TRUE(list_.First().done());
  EXPECT_TRUE(list_.Last().done());
  EXPECT_TRUE(list_.At(0).done());
}

TEST_F(ListValueTest, KeepsOrderAtBothEnds) {
  Push("b");
  Push("3");
  list_.Push(ListEnd::kHead, "a", context_);
  EXPECT_THAT(Forward(list_), ElementsAre("a", "b", "3"));
  EXPECT_EQ(list_.encoding(), "quicklist");
}

TEST_F(ListValueTest, SmallListIsOnePackAndNothingElse) {
  for (int i = 0; i < 10; ++i) Push("element:0012");
  EXPECT_EQ(list_.memory_bytes(), 6u + 10 * 14);
}

TEST_F(ListValueTest, LongListTakesLittleMoreThanItsPacks) {
  for (int i = 0; i < 10000; ++i) Push("element:0012");
  EXPECT_EQ(list_.node_count(), 18u);
  EXPECT_LE(list_.memory_bytes(), 18u * (8192 + 48));
  EXPECT_GE(list_.memory_bytes(), 10000u * 14);
}

TEST_F(ListValueTest, EmptiedListIsEmpty) {
  Push("a");
  list_.EraseRange(0, 1);
  EXPECT_EQ(list_.memory_bytes(), 0u);
  for (int i = 0; i < 3000; ++i) Push("element");
  list_.EraseRange(0, 3000);
  EXPECT_EQ(list_.memory_bytes(), 0u);
  EXPECT_TRUE(list_.First().done());
}

TEST_F(ListValueTest, LongListThatBecomesShortIsOnePackAgain) {
  for (int i = 0; i < 3000; ++i) Push("element");
  list_.EraseRange(2, 2996);
  list_.EraseRange(0, 2);
  EXPECT_THAT(Forward(list_), ElementsAre("element", "element"));
  EXPECT_EQ(list_.memory_bytes(), 6u + 2 * 9);
}

TEST_F(ListValueTest, BigElementsStandAlone) {
  const std::string big(20000, 'x');
  Push("a");
  Push(big);
  Push("b");
  EXPECT_EQ(list_.node_count(), 3u);
  EXPECT_THAT(Forward(list_), ElementsAre("a", big, "b"));
  EXPECT_THAT(Backward(list_), ElementsAre("a", big, "b"));
  EXPECT_EQ(TextOf(list_.At(1)), big);
  EXPECT_EQ(list_.EraseEqual(big, 1, ListEnd::kTail), 1u);
  EXPECT_THAT(Forward(list_), ElementsAre("a", "b"));
}

TEST_F(ListValueTest, SetOfLongTextsDoesNotMakeOneNodeOfThemAll) {
  for (int i = 0; i < 100; ++i) Push("element");
  const std::string big(100000, 'x');
  const std::string long_text(6000, 'y');
  for (size_t i = 0; i < 100; ++i) list_.Set(i, i % 2 == 0 ? big : long_text, context_);
  EXPECT_GE(list_.node_count(), 75u);
  EXPECT_EQ(TextOf(list_.At(98)), big);
  EXPECT_EQ(TextOf(list_.At(99)), long_text);
}

TEST_F(ListValueTest, CloneIsIndependent) {
  for (const int count : {3, 3000}) {
    ListValue list;
    for (int i = 0; i < count; ++i) list.Push(ListEnd::kTail, absl::StrCat("x", i), context_);
    const Texts before = Forward(list);
    ListValue clone = list.Clone();
    list.Set(0, "other", context_);
    EXPECT_EQ(Forward(clone), before);
    EXPECT_EQ(clone.size(), before.size());
  }
}

TEST_F(ListValueTest, IsFreedBitByBit) {
  for (int i = 0; i < 5000; ++i) Push("element:0012");
  int steps = 1;
  while (!list_.FreeSome(500)) ++steps;
  EXPECT_EQ(steps, 9);
  EXPECT_EQ(list_.memory_bytes(), 0u);
}

TEST_F(ListValueTest, RefusesStepsThatCannotBeDone) {
  Push("a");
  const auto applies = [&](const OperationWriter& writer) {
    OperationReader reader(writer.bytes());
    return list_.ApplyOperation(&reader, context_);
  };
  const auto step = [](ListStep code) {
    OperationWriter writer;
    writer.Code(static_cast<uint8_t>(code));
    return writer;
  };
  EXPECT_FALSE(applies(OperationWriter()));
  EXPECT_FALSE(applies(step(ListStep::kPushHead)));
  EXPECT_FALSE(applies(step(ListStep::kSet).Number(1).Bytes("x")));
  EXPECT_FALSE(applies(step(ListStep::kInsertAfter).Number(uint64_t{1} << 63).Bytes("x")));
  EXPECT_FALSE(applies(step(ListStep::kErase).Number(0).Number(2)));
  EXPECT_FALSE(applies(step(ListStep::kErase).Number(2).Number(0)));
  EXPECT_FALSE(applies(step(ListStep::kRemoveHead).Bytes("a").Number(2)));
  EXPECT_FALSE(applies(step(static_cast<ListStep>(99)).Number(0)));
}

// Does the same random steps to a list, to another one by its recorded steps, and to a vector.
class Walk {
 public:
  Walk(uint64_t seed, int64_t node_limit) : random_(seed) {
    context_.list_max_listpack_size = node_limit;
  }

  void Step() {
    const size_t size = model_.size();
    const std::string text = Text();
    OperationWriter told;
    switch (size == 0 ? random_.Below(2) : random_.Below(shrinking_ ? 9 : 7)) {
      case 0:
        list_.Push(ListEnd::kHead, text, context_);
        model_.insert(model_.begin(), text);
        told.Code(Code(ListStep::kPushHead)).Bytes(text);
        break;
      case 1:
        list_.Push(ListEnd::kTail, text, context_);
        model_.push_back(text);
        told.Code(Code(ListStep::kPushTail)).Bytes(text);
        break;
      case 2:
      case 3: {
        const size_t index = random_.Below(size);
        list_.Insert(index, ListSide::kBefore, text, context_);
        model_.insert(model_.begin() + static_cast<int64_t>(index), text);
        told.Code(Code(ListStep::kInsertBefore)).Number(index).Bytes(text);
        break;
      }
      case 4: {
        const size_t index = random_.Below(size);
        list_.Insert(index, ListSide::kAfter, text, context_);
        model_.insert(model_.begin() + static_cast<int64_t>(index) + 1, text);
        told.Code(Code(ListStep::kInsertAfter)).Number(index).Bytes(text);
        break;
      }
      case 5: {
        const size_t index = random_.Below(size);
        list_.Set(index, text, context_);
        model_[index] = text;
        told.Code(Code(ListStep::kSet)).Number(index).Bytes(text);
        break;
      }
      case 6: {
        const bool from_head = random_.Below(2) == 0;
        const std::string gone = model_[random_.Below(size)];
        const size_t count = list_.EraseEqual(gone, 1 + random_.Below(4),
                                              from_head ? ListEnd::kHead : ListEnd::kTail);
        EraseFromModel(gone, count, from_head);
        told.Code(Code(from_head ? ListStep::kRemoveHead : ListStep::kRemoveTail))
            .Bytes(gone)
            .Number(count);
        break;
      }
      default: {
        const size_t first = random_.Below(3) == 0 ? 0 : random_.Below(size);
        const size_t count = std::min(random_.Below(2) == 0 ? 1 : random_.Below(20), size - first);
        list_.EraseRange(first, count);
        model_.erase(model_.begin() + static_cast<int64_t>(first),
                     model_.begin() + static_cast<int64_t>(first + count));
        told.Code(Code(ListStep::kErase)).Number(first).Number(count);
      }
    }
    OperationReader reader(told.bytes());
    ASSERT_TRUE(follower_.ApplyOperation(&reader, context_));
    if (random_.Below(200) == 0) shrinking_ = !shrinking_;
  }

  void Check() {
    ASSERT_EQ(list_.size(), model_.size());
    ASSERT_EQ(Forward(list_), model_);
    ASSERT_EQ(Backward(list_), model_);
    ASSERT_EQ(RdbOf(follower_), RdbOf(list_));
    for (int i = 0; i < 10 && !model_.empty(); ++i) {
      const size_t index = random_.Below(model_.size());
      ASSERT_EQ(TextOf(list_.At(index)), model_[index]);
    }
    ASSERT_TRUE(list_.At(model_.size()).done());
    const std::string rdb = RdbOf(list_);
    RdbReader reader(absl::string_view(rdb).substr(1));
    ListValue loaded;
    ASSERT_EQ(loaded.LoadRdb(static_cast<uint8_t>(rdb[0]), &reader, context_), !model_.empty());
    ASSERT_EQ(Forward(loaded), model_);
    ASSERT_EQ(RdbOf(loaded), rdb);
  }

 private:
  static uint8_t Code(ListStep step) { return static_cast<uint8_t>(step); }

  std::string Text() {
    switch (random_.Below(12)) {
      case 0:
        return "";
      case 1:
        return absl::StrCat(static_cast<int64_t>(random_.Next()) >> random_.Below(64));
      case 2:
        return std::string(random_.Below(300), 'm');
      case 3:
        return std::string(random_.Below(20) == 0 ? random_.Below(70000) : 3000, 'b');
      default:
        return absl::StrCat("element:", random_.Below(50));
    }
  }

  void EraseFromModel(const std::string& text, size_t count, bool from_head) {
    if (!from_head) std::reverse(model_.begin(), model_.end());
    for (; count > 0; --count) {
      const auto at = std::find(model_.begin(), model_.end(), text);
      ASSERT_NE(at, model_.end());
      model_.erase(at);
    }
    if (!from_head) std::reverse(model_.begin(), model_.end());
  }

  Random random_;
  ValueContext context_;
  ListValue list_;
  ListValue follower_;
  Texts model_;
  bool shrinking_ = false;
};

TEST(ListValueWalk, DoesWhatAVectorDoes) {
  uint64_t seed = 1;
  for (const int64_t node_limit : {-2, -1, -3, -9, 0, 1, 4, 128, 100000}) {
    SCOPED_TRACE(node_limit);
    Walk walk(seed++, node_limit);
    for (int step = 0; step < 3000; ++step) {
      walk.Step();
      if (step % 25 == 0) walk.Check();
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace damselfly
