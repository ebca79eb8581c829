#include "server/values/pack.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "server/runtime/random.h"

namespace damselfly {
namespace {

std::vector<std::string> Texts(const Pack& pack) {
  std::vector<std::string> texts;
  char scratch[kIntegerBytesMax];
  for (auto at = pack.First(); at != Pack::kNone; at = pack.Next(at))
    texts.emplace_back(pack.Get(at).Text(scratch));
  return texts;
}

std::vector<std::string> TextsBackwards(const Pack& pack) {
  std::vector<std::string> texts;
  char scratch[kIntegerBytesMax];
  for (auto at = pack.Last(); at != Pack::kNone; at = pack.Previous(at))
    texts.emplace(texts.begin(), pack.Get(at).Text(scratch));
  return texts;
}

Pack PackOf(const std::vector<std::string>& texts) {
  Pack pack;
  for (const std::string& text : texts) pack.Append(absl::string_view(text));
  return pack;
}

std::string Hex(const Pack& pack) { return absl::BytesToHexString(pack.ToListpack()); }

// Sizes and numbers at both sides of every border of the format.
std::vector<std::string> BorderTexts() {
  std::vector<std::string> texts = {"", "a", "-", "0", "-0", "01", "+1", "1 ", "1.5", "inf"};
  for (size_t size : {62, 63, 64, 65, 124, 125, 126, 127, 4095, 4096, 16377, 16378, 16379, 70000})
    texts.emplace_back(size, 'x');
  for (int64_t border :
       {int64_t{0}, int64_t{127}, int64_t{-4096}, int64_t{4095}, int64_t{-32768}, int64_t{32767},
        int64_t{-(1 << 23)}, int64_t{(1 << 23) - 1}, int64_t{INT32_MIN}, int64_t{INT32_MAX}}) {
    for (int64_t offset : {-1, 0, 1}) texts.push_back(std::to_string(border + offset));
  }
  texts.push_back(std::to_string(std::numeric_limits<int64_t>::min()));
  texts.push_back(std::to_string(std::numeric_limits<int64_t>::max()));
  texts.push_back("9223372036854775808");
  return texts;
}

TEST(Pack, BeginsWithoutBytesAndReadsAsEmpty) {
  Pack pack;
  EXPECT_TRUE(pack.empty());
  EXPECT_EQ(pack.count(), 0u);
  EXPECT_EQ(pack.memory_bytes(), 0u);
  EXPECT_EQ(pack.First(), Pack::kNone);
  EXPECT_EQ(pack.Last(), Pack::kNone);
  EXPECT_EQ(pack.At(0), Pack::kNone);
  EXPECT_EQ(pack.At(-1), Pack::kNone);
  EXPECT_EQ(pack.Find(pack.First(), "a"), Pack::kNone);
  EXPECT_EQ(Hex(pack), "070000000000ff");
  EXPECT_EQ(pack.Release(), nullptr);
}

// What DUMP of a real server has in it: HSET h name damselfly n 127 t -1 big 5000 x <70 times z>.
TEST(Pack, HasTheBytesOfListpacks) {
  const Pack pack = PackOf(
      {"name", "damselfly", "n", "127", "t", "-1", "big", "5000", "x", std::string(70, 'z')});
  EXPECT_EQ(Hex(pack),
            "780000000a00"
            "846e616d6505"
            "8964616d73656c666c790a"
            "816e02"
            "7f01"
            "817402"
            "dfff02"
            "8362696704"
            "f1881303"
            "817802"
            "e046" +
                absl::BytesToHexString(std::string(70, 'z')) + "48ff");
}

TEST(Pack, KeepsEveryKindOfElement) {
  const std::vector<std::string> texts = BorderTexts();
  const Pack pack = PackOf(texts);
  EXPECT_EQ(Texts(pack), texts);
  EXPECT_EQ(TextsBackwards(pack), texts);
  EXPECT_EQ(pack.count(), texts.size());
  EXPECT_EQ(pack.memory_bytes(), pack.ToListpack().size() - 1);
  EXPECT_TRUE(Pack::Validate(pack.ToListpack()));
  EXPECT_TRUE(pack.view().IsCanonical());
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto forward = pack.At(static_cast<int64_t>(i));
    EXPECT_EQ(pack.At(static_cast<int64_t>(i) - static_cast<int64_t>(texts.size())), forward);
    for (size_t j = 0; j < texts.size(); ++j)
      EXPECT_EQ(pack.Equals(forward, texts[j]), texts[i] == texts[j]) << i << " " << j;
  }
}

TEST(Pack, KeepsIntegersAsIntegersHoweverTheyCome) {
  Pack numbers, texts;
  for (int64_t number : {int64_t{0}, int64_t{128}, int64_t{-1}, int64_t{40000}, int64_t{-8388609},
                         std::numeric_limits<int64_t>::min()}) {
    numbers.Append(number);
    texts.Append(std::to_string(number));
    const PackElement element = texts.Get(texts.Last());
    EXPECT_TRUE(element.is_integer);
    EXPECT_EQ(element.integer, number);
  }
  EXPECT_EQ(Hex(numbers), Hex(texts));
}

TEST(Pack, FindsAmongEverySecondElement) {
  const Pack pack = PackOf({"a", "b", "b", "1", "1", "a", "c", "c"});
  EXPECT_EQ(pack.Find(pack.First(), "b"), pack.At(1));
  EXPECT_EQ(pack.Find(pack.First(), "b", 1), pack.At(2));
  EXPECT_EQ(pack.Find(pack.First(), "1", 1), pack.At(4));
  EXPECT_EQ(pack.Find(pack.At(1), "a", 1), pack.At(5));
  EXPECT_EQ(pack.Find(pack.First(), "d", 1), Pack::kNone);
  EXPECT_EQ(pack.Find(pack.First(), "", 1), Pack::kNone);
  EXPECT_EQ(pack.Find(Pack::kNone, "a"), Pack::kNone);
}

TEST(Pack, KnowsDuplicates) {
  EXPECT_FALSE(Pack().view().HasDuplicates());
  const Pack pack = PackOf({"a", "1", "b", "1"});
  EXPECT_TRUE(pack.view().HasDuplicates());
  EXPECT_FALSE(pack.view().HasDuplicates(1));
  EXPECT_TRUE(PackOf({"7", "x", "7", "y"}).view().HasDuplicates(1));
}

TEST(Pack, GivesTheCursorToGoOnFrom) {
  Pack pack = PackOf({"a", "b", "c"});
  Pack::Cursor at = pack.Prepend("x");
  EXPECT_EQ(at, pack.At(0));
  at = pack.InsertAfter(pack.At(-1), "z");
  EXPECT_EQ(at, pack.At(-1));
  at = pack.InsertAfter(pack.At(0), "y");
  EXPECT_EQ(at, pack.At(1));
  at = pack.InsertBefore(Pack::kNone, "end");
  EXPECT_EQ(at, pack.At(-1));
  EXPECT_EQ(Texts(pack), (std::vector<std::string>{"x", "y", "a", "b", "c", "z", "end"}));
  at = pack.Replace(pack.At(2), std::string(5000, 'A'));
  EXPECT_EQ(at, pack.At(2));
  at = pack.Erase(at);
  EXPECT_EQ(at, pack.At(2));
  EXPECT_TRUE(pack.Equals(at, "b"));
  at = pack.EraseRange(pack.At(0), 2);
  EXPECT_EQ(at, pack.First());
  at = pack.EraseRange(pack.At(1), 100);
  EXPECT_EQ(at, Pack::kNone);
  EXPECT_EQ(Texts(pack), (std::vector<std::string>{"b"}));
  at = pack.Erase(pack.First());
  EXPECT_EQ(at, Pack::kNone);
  EXPECT_TRUE(pack.empty());
}

TEST(Pack, InsertsNeighboursAtOnce) {
  Pack pack = PackOf({"a", "b"});
  Pack::Cursor at = pack.InsertBefore(pack.At(1), {PackItem("x"), PackItem(int64_t{7})});
  EXPECT_EQ(at, pack.At(1));
  at = pack.Append({PackItem("y"), PackItem("z")});
  EXPECT_EQ(at, pack.At(-2));
  EXPECT_EQ(Texts(pack), (std::vector<std::string>{"a", "x", "7", "b", "y", "z"}));
}

TEST(Pack, SplicesEncodedElementsOfAnotherPack) {
  const Pack source = PackOf({"a", "1000", "c", "d"});
  Pack pack = PackOf({"x", "y", "z"});
  PackSplice splice;
  splice.at = pack.At(1);
  splice.removed_bytes = pack.At(2) - pack.At(1);
  splice.removed_count = 1;
  splice.encoded = source.view().Range(source.At(1), source.view().end());
  splice.encoded_count = 3;
  EXPECT_EQ(splice.TotalBytesAfter(pack), pack.total_bytes() - 3 + source.total_bytes() - 10);
  pack.Apply(splice);
  EXPECT_EQ(Texts(pack), (std::vector<std::string>{"x", "1000", "c", "d", "z"}));
}

TEST(Pack, CountsBeyondWhatTheHeaderCanSay) {
  Pack pack;
  std::vector<PackItem> items(65534, PackItem(int64_t{1}));
  pack.Append(items);
  EXPECT_EQ(pack.count(), 65534u);
  pack.Append("a");
  pack.Append("b");
  EXPECT_EQ(pack.count(), 65536u);
  EXPECT_TRUE(pack.Equals(pack.At(65535), "b"));
  EXPECT_TRUE(pack.Equals(pack.At(-2), "a"));
  EXPECT_EQ(pack.At(65536), Pack::kNone);
  EXPECT_EQ(pack.At(-65537), Pack::kNone);
  EXPECT_TRUE(Pack::Validate(pack.ToListpack()));
  pack.EraseRange(pack.At(10), 65000);
  EXPECT_EQ(pack.count(), 536u);
  EXPECT_TRUE(Pack::Validate(pack.ToListpack()));
  EXPECT_EQ(Pack::CanonicalCopyOf(pack).count(), 536u);
}

TEST(Pack, MovesClonesAndGivesItselfAway) {
  Pack pack = PackOf({"a", "b"});
  Pack copy = pack.Clone();
  pack.Append("c");
  EXPECT_EQ(copy.count(), 2u);
  Pack moved = std::move(pack);
  EXPECT_EQ(moved.count(), 3u);
  copy = std::move(moved);
  char* const bytes = copy.Release();
  EXPECT_TRUE(copy.empty());
  EXPECT_EQ(Texts(Pack::Adopt(bytes)), (std::vector<std::string>{"a", "b", "c"}));
}

TEST(Pack, BringsForeignElementsIntoTheCanonicalForm) {
  // "5" as text, 7 in sixteen bits, and "abc" with the size that four bytes could have held.
  const std::string bytes = absl::HexStringToBytes(
      "1b0000000300"
      "813502"
      "f1070003"
      "f00300000061626308"
      "ff");
  ASSERT_EQ(bytes.size(), 0x17u);
  std::string fixed = bytes;
  fixed[0] = 0x17;
  ASSERT_TRUE(Pack::Validate(fixed));
  EXPECT_FALSE(PackView(fixed.data()).IsCanonical());
  const Pack pack = Pack::CanonicalCopyOf(PackView(fixed.data()));
  EXPECT_EQ(Hex(pack), Hex(PackOf({"5", "7", "abc"})));
}

TEST(Pack, RefusesMalformedBytes) {
  const std::string good(PackOf({"abc", "1000", "70000", std::string(100, 'q')}).ToListpack());
  ASSERT_TRUE(Pack::Validate(good));
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(Pack::Validate(absl::string_view(good).substr(0, size)));
  EXPECT_FALSE(Pack::Validate(good + "x"));
  std::string wrong_count = good;
  wrong_count[4] = 5;
  EXPECT_FALSE(Pack::Validate(wrong_count));
}

// Whatever one byte is changed to, what passes can be walked both ways and has the same elements.
TEST(Pack, WalksWhateverPassesValidation) {
  const std::string good(PackOf({"abc", "1000", "70000", std::string(70, 'q'), "5"}).ToListpack());
  int passed = 0;
  for (size_t at = 0; at < good.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string bytes = good;
      bytes[at] = static_cast<char>(value);
      // An allocation of its own, so that a sanitizer sees a step out of it.
      const std::vector<char> exact(bytes.begin(), bytes.end());
      const absl::string_view view(exact.data(), exact.size());
      if (!Pack::Validate(view)) continue;
      ++passed;
      const Pack pack = Pack::CanonicalCopyOf(PackView(view.data()));
      EXPECT_EQ(Texts(pack), TextsBackwards(pack));
      EXPECT_EQ(Texts(pack).size(), pack.count());
    }
  }
  EXPECT_GT(passed, 256);
}

TEST(Pack, EqualsAModelThroughRandomChanges) {
  Random random(11);
  const std::vector<std::string> borders = BorderTexts();
  for (int round = 0; round < 20; ++round) {
    Pack pack;
    std::vector<std::string> model;
    for (int step = 0; step < 300; ++step) {
      const std::string& text = borders[random.Below(borders.size() - 1)];
      const size_t index = random.Below(model.size() + 1);
      const auto at = pack.At(static_cast<int64_t>(index));
      const auto position = model.begin() + static_cast<std::ptrdiff_t>(index);
      const uint64_t action = random.Below(4);
      if (action < 2 || index == model.size()) {
        const auto inserted = pack.InsertBefore(at, absl::string_view(text));
        EXPECT_TRUE(pack.Equals(inserted, text));
        model.insert(position, text);
      } else if (action == 2) {
        pack.Replace(at, absl::string_view(text));
        *position = text;
      } else {
        const size_t count = std::min(random.Below(4) + 1, model.size() - index);
        const auto behind = pack.EraseRange(at, count);
        EXPECT_EQ(behind, pack.At(static_cast<int64_t>(index)));
        model.erase(position, position + static_cast<std::ptrdiff_t>(count));
      }
      ASSERT_EQ(pack.count(), model.size());
    }
    ASSERT_EQ(Texts(pack), model);
    ASSERT_EQ(TextsBackwards(pack), model);
    ASSERT_TRUE(Pack::Validate(pack.ToListpack()));
    ASSERT_EQ(pack.view().kept(), PackOf(model).view().kept());
  }
}

}  // namespace
}  // namespace damselfly
