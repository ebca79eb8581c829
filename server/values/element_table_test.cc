#include "server/values/element_table.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "server/runtime/random.h"

namespace damselfly {
namespace {

std::string Name(size_t i) { return absl::StrCat("member:", i); }

std::map<std::string, std::string> TextsOf(const ElementTable& table) {
  std::map<std::string, std::string> result;
  table.ForEach([&](const Element& element) {
    const bool is_new =
        result.emplace(std::string(element.member()), std::string(element.text())).second;
    EXPECT_TRUE(is_new) << element.member();
  });
  return result;
}

TEST(Element, KeepsSizesOfAllKinds) {
  for (size_t size : {0, 1, 252, 253, 254, 255, 256, 65535, 65536, 100000}) {
    const std::string member(size, 'm'), text(size, 't');
    Element* const bare = Element::Create(member);
    EXPECT_EQ(bare->member(), member);
    Element* const with_text = Element::CreateWithText(member, text);
    EXPECT_EQ(with_text->member(), member);
    EXPECT_EQ(with_text->text(), text);
    EXPECT_TRUE(with_text->HasMember(member));
    EXPECT_FALSE(with_text->HasMember(member + "m"));
    EXPECT_FALSE(with_text->OverwriteText(text + "u"));
    EXPECT_TRUE(with_text->OverwriteText(std::string(size, 'u')));
    EXPECT_EQ(with_text->text(), std::string(size, 'u'));
    Element* const with_word = Element::CreateWithWord(member, 0x123456789abcdef0u);
    EXPECT_EQ(with_word->word(), 0x123456789abcdef0u);
    with_word->set_word(7);
    Element* const copy = Element::Clone(*with_word, ElementPayload::kWord);
    EXPECT_EQ(copy->member(), member);
    EXPECT_EQ(copy->word(), 7u);
    const size_t bytes = bare->memory_bytes(ElementPayload::kNothing);
    EXPECT_EQ(bytes, size + (size < 253 ? 1 : size < 65536 ? 3 : 9));
    EXPECT_EQ(with_text->memory_bytes(ElementPayload::kText), 2 * bytes);
    EXPECT_EQ(with_word->memory_bytes(ElementPayload::kWord), bytes + 8);
    for (Element* element : {bare, with_text, with_word, copy}) Element::Destroy(element);
  }
}

TEST(ElementTable, FindsWhatItHoldsThroughGrowthAndShrinking) {
  ElementTable table(ElementPayload::kWord, 17);
  EXPECT_EQ(table.Find("x"), nullptr);
  const size_t bare = table.memory_bytes();
  constexpr size_t kSize = 20000;  // more than 256 buckets, so that tags move
  for (size_t i = 0; i < kSize; ++i) {
    table.Insert(Element::CreateWithWord(Name(i), i));
    ASSERT_EQ(table.size(), i + 1);
    if (i % 997 != 0) continue;
    for (size_t j = 0; j < kSize; ++j) {
      const Element* const found = table.Find(Name(j));
      ASSERT_EQ(found != nullptr, j <= i) << j;
      if (j <= i) {
        ASSERT_EQ(found->word(), j);
      }
    }
  }
  for (size_t i = 0; i < kSize; ++i) {
    ASSERT_TRUE(table.Erase(Name(i)));
    ASSERT_FALSE(table.Erase(Name(i)));
    if (i % 997 != 0) continue;
    for (size_t j = 0; j < kSize; ++j) ASSERT_EQ(table.Find(Name(j)) != nullptr, j > i) << j;
  }
  EXPECT_TRUE(table.empty());
  EXPECT_LE(table.memory_bytes(), bare + 512);
}

TEST(ElementTable, EqualsAModelThroughRandomChanges) {
  Random random(5);
  ElementTable table(ElementPayload::kText, 99);
  std::map<std::string, std::string> model;
  for (int phase = 0; phase < 8; ++phase) {
    const uint64_t erasing = phase % 2 == 0 ? 2 : 7;  // of ten
    for (int step = 0; step < 6000; ++step) {
      const std::string name = Name(random.Below(4000));
      if (random.Chance(erasing, 10)) {
        EXPECT_EQ(table.Erase(name), model.erase(name) == 1);
      } else {
        const std::string text(random.Below(300), 'a');
        EXPECT_EQ(table.SetText(name, text), model.count(name) == 0);
        model[name] = text;
      }
      ASSERT_EQ(table.size(), model.size());
    }
    EXPECT_EQ(TextsOf(table), model);
    const std::unique_ptr<ElementTable> clone = table.Clone();
    EXPECT_EQ(TextsOf(*clone), model);
    EXPECT_EQ(clone->size(), table.size());
    for (const auto& [name, text] : model) {
      ASSERT_NE(clone->Find(name), nullptr);
      ASSERT_TRUE(clone->Erase(name));
    }
  }
}

TEST(ElementTable, InsertsMembersOnce) {
  ElementTable table(ElementPayload::kNothing, 1);
  EXPECT_TRUE(table.InsertMember("a"));
  EXPECT_FALSE(table.InsertMember("a"));
  EXPECT_TRUE(table.InsertMember(""));
  EXPECT_EQ(table.size(), 2u);
}

TEST(ElementTable, ReplacesElementsAndCountsTheirBytes) {
  ElementTable table(ElementPayload::kText, 1);
  table.SetText("a", "1");
  const size_t before = table.memory_bytes();
  table.Replace(Element::CreateWithText("a", std::string(100, 'x')));
  EXPECT_EQ(table.memory_bytes(), before + 99);
  EXPECT_EQ(table.Find("a")->text(), std::string(100, 'x'));
  table.SetText("a", "2");
  EXPECT_EQ(table.memory_bytes(), before);
}

// Everything that is there from the beginning to the end of a scan is met, whatever comes and goes
// meanwhile, and however the table grows and shrinks.
TEST(ElementTable, ScansEverythingThatStays) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    Random random(seed);
    ElementTable table(ElementPayload::kNothing, seed);
    std::set<std::string> stays;
    for (size_t i = 0; i < 300; ++i) {
      table.InsertMember(Name(i));
      stays.insert(Name(i));
    }
    const size_t others = seed % 3 == 0 ? 20 : 6000;
    for (size_t i = 0; seed % 2 == 0 && i < others; ++i) table.InsertMember(absl::StrCat("o", i));
    std::set<std::string> seen;
    uint64_t cursor = 0;
    int rounds = 0;
    do {
      cursor = table.Scan(
          cursor, 10, [&](const Element& element) { seen.insert(std::string(element.member())); });
      EXPECT_LT(cursor, uint64_t{1} << 48);
      for (size_t i = 0; i < others / 40; ++i) {
        const std::string name = absl::StrCat("o", random.Below(others));
        if (seed % 2 == 0) {
          table.Erase(name);
        } else {
          table.InsertMember(name);
        }
      }
      ASSERT_LT(++rounds, 2000);
    } while (cursor != 0);
    EXPECT_TRUE(std::includes(seen.begin(), seen.end(), stays.begin(), stays.end())) << seed;
  }
}

TEST(ElementTable, ScansFromAnyCursor) {
  ElementTable table(ElementPayload::kNothing, 4);
  for (size_t i = 0; i < 1000; ++i) table.InsertMember(Name(i));
  for (uint64_t cursor : {uint64_t{1}, uint64_t{12345}, ~uint64_t{0}, uint64_t{1} << 47}) {
    int rounds = 0;
    do {
      cursor = table.Scan(cursor, 1, [](const Element&) {});
      ASSERT_LT(++rounds, 2000);
    } while (cursor != 0);
  }
}

TEST(ElementTable, ChoosesEachElementEquallyOften) {
  ElementTable table(ElementPayload::kWord, 8);
  constexpr size_t kSize = 40;
  for (size_t i = 0; i < kSize; ++i) table.Insert(Element::CreateWithWord(Name(i), i));
  std::vector<int> chosen(kSize);
  Random random(3);
  constexpr int kEach = 1000;
  for (size_t i = 0; i < kSize * kEach; ++i) ++chosen[table.RandomElement(random)->word()];
  // Five standard deviations of a count of 1000.
  for (int count : chosen) EXPECT_NEAR(count, kEach, 160);
}

TEST(ElementTable, SamplesDistinctElements) {
  ElementTable table(ElementPayload::kWord, 8);
  constexpr size_t kSize = 30;
  for (size_t i = 0; i < kSize; ++i) table.Insert(Element::CreateWithWord(Name(i), i));
  Random random(3);
  for (size_t count : {size_t{0}, size_t{1}, size_t{6}, size_t{15}, kSize}) {
    std::vector<size_t> chosen(kSize);
    constexpr size_t kRounds = 2000;
    for (size_t round = 0; round < kRounds; ++round) {
      std::set<uint64_t> sample;
      for (const Element* element : table.Sample(count, random)) sample.insert(element->word());
      ASSERT_EQ(sample.size(), count);
      for (uint64_t word : sample) ++chosen[word];
    }
    for (size_t times : chosen)
      EXPECT_NEAR(static_cast<double>(times), static_cast<double>(kRounds * count / kSize), 130);
  }
}

TEST(ElementTable, FreesItselfInSteps) {
  ElementTable table(ElementPayload::kNothing, 8);
  for (size_t i = 0; i < 5000; ++i) table.InsertMember(Name(i));
  int steps = 1;
  while (!table.FreeSome(100)) ++steps;
  EXPECT_GE(steps, 50);
  EXPECT_LE(steps, 70);
  EXPECT_EQ(table.memory_bytes(), 0u);
  EXPECT_EQ(table.size(), 0u);
}

TEST(ElementTable, MakesRoomAhead) {
  ElementTable table(ElementPayload::kNothing, 8);
  table.Reserve(3000);
  const size_t before = table.memory_bytes();
  size_t elements = 0;
  for (size_t i = 0; i < 3000; ++i) {
    table.InsertMember(Name(i));
    elements += table.Find(Name(i))->memory_bytes(ElementPayload::kNothing);
  }
  // Some buckets are fuller than others, so a few have overflowed; no other one was added.
  EXPECT_LT(table.memory_bytes() - before - elements, before / 2);
  for (size_t i = 0; i < 3000; ++i) ASSERT_NE(table.Find(Name(i)), nullptr);
}

TEST(ElementTable, TakesLessThanSixteenBytesAnElementBesideIt) {
  ElementTable table(ElementPayload::kNothing, 8);
  size_t elements = 0;
  for (size_t i = 0; i < 48 * 1024; ++i) {
    table.InsertMember(Name(i));
    elements += table.Find(Name(i))->memory_bytes(ElementPayload::kNothing);
    if (i >= 4096 && i % 1024 == 0) {
      EXPECT_LT(table.memory_bytes() - elements, 16 * table.size()) << i;
    }
  }
}

}  // namespace
}  // namespace damselfly
