#include "server/values/set_value.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "server/runtime/random.h"

namespace damselfly {
namespace {

using Model = std::set<std::string>;

std::string TextOf(const SetValue::Member& member) {
  char scratch[kIntegerBytesMax];
  return std::string(member.Text(scratch));
}

Model ModelOf(const SetValue& set) {
  Model model;
  set.ForEach([&](const SetValue::Member& member) {
    EXPECT_TRUE(set.Contains(member));
    EXPECT_TRUE(model.insert(TextOf(member)).second) << TextOf(member);
  });
  EXPECT_EQ(model.size(), set.size());
  return model;
}

std::string RdbOf(const SetValue& set) {
  std::string bytes;
  set.AppendRdb(&bytes);
  return bytes;
}

bool Load(absl::string_view rdb, const ValueContext& context, SetValue* set) {
  RdbReader reader(rdb.substr(1));
  return set->LoadRdb(static_cast<uint8_t>(rdb[0]), &reader, context) && reader.remaining() == 0;
}

class SetValueTest : public testing::Test {
 protected:
  // Members 0, 1, ..., with this before each.
  SetValue Filled(size_t size, absl::string_view prefix) {
    SetValue set;
    for (size_t i = 0; i < size; ++i) EXPECT_TRUE(set.Add(absl::StrCat(prefix, i), context_));
    return set;
  }

  ValueContext context_;
};

TEST_F(SetValueTest, BeginsEmpty) {
  SetValue set;
  EXPECT_EQ(set.size(), 0u);
  EXPECT_EQ(set.memory_bytes(), 0u);
  EXPECT_EQ(set.encoding(), "intset");
  EXPECT_FALSE(set.Contains("a"));
  EXPECT_FALSE(set.Contains("1"));
  EXPECT_FALSE(set.Erase("1"));
  EXPECT_EQ(set.Clone().size(), 0u);
  EXPECT_TRUE(set.FreeSome(1));
}

TEST_F(SetValueTest, KeepsIntegersUntilAnotherMemberComes) {
  SetValue set;
  EXPECT_TRUE(set.Add("3", context_));
  EXPECT_TRUE(set.Add("-1", context_));
  EXPECT_FALSE(set.Add("3", context_));
  EXPECT_EQ(set.encoding(), "intset");
  EXPECT_FALSE(set.Contains("03"));
  EXPECT_FALSE(set.Erase("x"));
  EXPECT_TRUE(set.Add("03", context_));
  EXPECT_EQ(set.encoding(), "hashtable");
  EXPECT_FALSE(set.Add("3", context_));
  EXPECT_EQ(ModelOf(set), (Model{"-1", "03", "3"}));
  EXPECT_TRUE(set.Erase("03"));
  EXPECT_EQ(set.encoding(), "hashtable");
  EXPECT_EQ(ModelOf(set), (Model{"-1", "3"}));
}

TEST_F(SetValueTest, GivesUpIntegersWhenTheyAreTooMany) {
  SetValue set = Filled(512, "");
  EXPECT_EQ(set.encoding(), "intset");
  set.Add("511", context_);
  EXPECT_EQ(set.encoding(), "intset");
  set.Add("512", context_);
  EXPECT_EQ(set.encoding(), "hashtable");
  EXPECT_EQ(ModelOf(set).size(), 513u);
  context_.set_max_intset_entries = 0;
  EXPECT_EQ(Filled(1, "").encoding(), "hashtable");
}

TEST_F(SetValueTest, TakesBigMembersAndManyOfThem) {
  SetValue set;
  const std::string big(100, 'x');
  EXPECT_TRUE(set.Add("1", context_));
  EXPECT_TRUE(set.Add(big, context_));
  EXPECT_FALSE(set.Add(big, context_));
  EXPECT_TRUE(set.Contains("1"));
  EXPECT_TRUE(set.Contains(big));
  SetValue packed = Filled(64, "m");
  const size_t packed_bytes = packed.memory_bytes();
  EXPECT_LT(packed_bytes, 64u * 6);
  EXPECT_FALSE(packed.Add("m63", context_));
  EXPECT_TRUE(packed.Add("m64", context_));
  EXPECT_GT(packed.memory_bytes(), packed_bytes + 500);
  EXPECT_EQ(ModelOf(packed), ModelOf(Filled(65, "m")));
}

TEST_F(SetValueTest, EqualsAModelThroughRandomChanges) {
  for (uint64_t range : {30, 80, 1000}) {
    Random random(range);
    SetValue set;
    Model model;
    for (int step = 0; step < 4000; ++step) {
      const bool is_text = step > 1500 && random.Chance(1, 2);
      const std::string member = absl::StrCat(is_text ? "m" : "", random.Below(range));
      EXPECT_EQ(set.Contains(member), model.count(member) == 1);
      if (random.Chance(1, 3)) {
        EXPECT_EQ(set.Erase(member), model.erase(member) == 1);
      } else {
        EXPECT_EQ(set.Add(member, context_), model.insert(member).second);
      }
      ASSERT_EQ(set.size(), model.size());
      if (step % 500 != 0) continue;
      EXPECT_EQ(ModelOf(set), model);
      EXPECT_EQ(ModelOf(set.Clone()), model);
      SetValue loaded;
      ASSERT_TRUE(Load(RdbOf(set), context_, &loaded));
      EXPECT_EQ(ModelOf(loaded), model);
    }
  }
}

// What redis-server 7.0 has in DUMP for such sets.
TEST_F(SetValueTest, HasTheRdbFormOfRedis) {
  SetValue set;
  set.Add("1", context_);
  set.Add("2", context_);
  EXPECT_EQ(absl::BytesToHexString(RdbOf(set)), "0b0c020000000200000001000200");
  set.Add("a", context_);
  EXPECT_EQ(absl::BytesToHexString(RdbOf(set)), "0203c001c0020161");
}

TEST_F(SetValueTest, LoadsIntegersByTheLimitOfNow) {
  SetValue set;
  ASSERT_TRUE(Load(absl::HexStringToBytes("0202c001c002"), context_, &set));
  EXPECT_EQ(set.encoding(), "intset");
  EXPECT_EQ(ModelOf(set), (Model{"1", "2"}));
  const std::string integers = RdbOf(Filled(100, ""));
  context_.set_max_intset_entries = 99;
  SetValue hashed;
  ASSERT_TRUE(Load(integers, context_, &hashed));
  EXPECT_EQ(hashed.encoding(), "hashtable");
  EXPECT_EQ(hashed.size(), 100u);
  SetValue again;
  ASSERT_TRUE(Load(RdbOf(hashed), context_, &again));
  EXPECT_EQ(again.encoding(), "hashtable");
  EXPECT_EQ(ModelOf(again), ModelOf(hashed));
}

TEST_F(SetValueTest, RefusesMalformedRdb) {
  for (const std::string& good :
       {RdbOf(Filled(9, "")), RdbOf(Filled(9, "m")), RdbOf(Filled(90, "m"))}) {
    for (size_t size = 1; size < good.size(); ++size) {
      SetValue set;
      EXPECT_FALSE(Load(good.substr(0, size), context_, &set));
      EXPECT_EQ(set.memory_bytes(), 0u);
    }
  }
  for (const char* bad : {
           "0202c001c001",  // a member twice
           "020201610161",  //
           "0281"
           "ffffffffffffffff"
           "0161",                          // more members than bytes
           "0b0c020000000200000002000100",  // not ascending
           "0b0c030000000200000001000200",  // no such width
           "03010161",
       }) {
    SetValue set;
    EXPECT_FALSE(Load(absl::HexStringToBytes(bad), context_, &set)) << bad;
  }
}

TEST_F(SetValueTest, DoesTheStepsThatWereRecorded) {
  OperationWriter writer;
  writer.Code(static_cast<uint8_t>(SetStep::kAdd)).Bytes("a");
  writer.Code(static_cast<uint8_t>(SetStep::kAdd)).Bytes("1");
  writer.Code(static_cast<uint8_t>(SetStep::kErase)).Bytes("a");
  OperationReader reader(writer.bytes());
  SetValue set;
  while (!reader.done()) ASSERT_TRUE(set.ApplyOperation(&reader, context_));
  EXPECT_EQ(ModelOf(set), (Model{"1"}));
  for (const char* bad : {"", "01", "010178", "0005", "020161"}) {
    const std::string bytes = absl::HexStringToBytes(bad);
    OperationReader bad_reader(bytes);
    EXPECT_FALSE(set.ApplyOperation(&bad_reader, context_)) << bad;
  }
}

TEST_F(SetValueTest, ChoosesMembersAtRandom) {
  Random random(4);
  for (const auto& [size, prefix] :
       std::map<size_t, std::string>{{30, ""}, {31, "m"}, {700, "m"}}) {
    const SetValue set = Filled(size, prefix);
    Model met;
    for (size_t i = 0; i < 12 * size; ++i) met.insert(TextOf(set.RandomMember(random)));
    EXPECT_EQ(met, ModelOf(set));
    for (size_t count : {size_t{0}, size_t{1}, size / 2, size}) {
      met.clear();
      set.VisitSample(count, random, [&](const SetValue::Member& member) {
        EXPECT_TRUE(set.Contains(member));
        met.insert(TextOf(member));
      });
      EXPECT_EQ(met.size(), count);
    }
  }
}

TEST_F(SetValueTest, PopsWhatItVisits) {
  Random random(4);
  for (const auto& [size, prefix] :
       std::map<size_t, std::string>{{30, ""}, {31, "m"}, {700, "m"}}) {
    const Model all = ModelOf(Filled(size, prefix));
    for (size_t count : {size_t{1}, size / 2, size - 2, size - 1}) {
      SetValue set = Filled(size, prefix);
      Model popped;
      set.Pop(count, random, context_,
              [&](const SetValue::Member& member) { popped.insert(TextOf(member)); });
      EXPECT_EQ(popped.size(), count);
      Model rest = ModelOf(set);
      EXPECT_EQ(rest.size(), size - count);
      rest.merge(popped);
      EXPECT_EQ(rest, all);
    }
  }
}

TEST_F(SetValueTest, PopsEachMemberEquallyOften) {
  Random random(9);
  std::map<std::string, int> popped;
  for (int round = 0; round < 3000; ++round) {
    SetValue set = Filled(20, "m");
    for (size_t count : {size_t{2}, size_t{17}}) {
      set.Pop(count, random, context_,
              [&](const SetValue::Member& member) { ++popped[TextOf(member)]; });
    }
  }
  // 19 of 20 each time: a standard deviation of 12.
  for (const auto& [member, times] : popped) EXPECT_NEAR(times, 2850, 60) << member;
}

TEST_F(SetValueTest, StopsWhenTheVisitorHasEnough) {
  for (const auto& [size, prefix] :
       std::map<size_t, std::string>{{30, ""}, {31, "m"}, {700, "m"}}) {
    int visits = 0;
    Filled(size, prefix).ForEachWhile([&](const SetValue::Member&) { return ++visits < 10; });
    EXPECT_EQ(visits, 10);
  }
}

TEST_F(SetValueTest, ScansBigOnesInSteps) {
  const SetValue big = Filled(1000, "m");
  Model met;
  uint64_t cursor = 0;
  int steps = 0;
  do {
    cursor =
        big.Scan(cursor, 10, [&](const SetValue::Member& member) { met.insert(TextOf(member)); });
    ++steps;
  } while (cursor != 0);
  EXPECT_EQ(met, ModelOf(big));
  EXPECT_GT(steps, 40);
  EXPECT_EQ(Filled(100, "").Scan(7, 1, [](const SetValue::Member&) {}), 0u);
}

TEST_F(SetValueTest, FreesBigOnesInSteps) {
  SetValue set = Filled(5000, "m");
  int steps = 1;
  while (!set.FreeSome(100)) ++steps;
  EXPECT_GT(steps, 40);
}

TEST_F(SetValueTest, Moves) {
  SetValue set = Filled(3, "m");
  SetValue moved = std::move(set);
  EXPECT_EQ(set.size(), 0u);
  set = std::move(moved);
  EXPECT_EQ(set.size(), 3u);
}

}  // namespace
}  // namespace damselfly
