#include "benchmarks/load/request_template.h"

#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/base/crc16.h"

namespace damselfly::load {
namespace {

class RequestTemplateTest : public testing::Test {
 protected:
  RequestTemplate Parse(absl::string_view text) {
    absl::StatusOr<RequestTemplate> result = RequestTemplate::Parse(text, options_, values_.get());
    EXPECT_TRUE(result.ok()) << result.status();
    return *std::move(result);
  }
  // Room is given exactly, so that a sanitizer sees a byte too many.
  static std::string Write(const RequestTemplate& one, const std::vector<uint64_t>& numbers) {
    EXPECT_EQ(one.placeholders().size(), numbers.size());
    std::vector<char> room(one.request_bytes_max());
    char* const end = one.Write(numbers.data(), room.data());
    return std::string(room.data(), end);
  }
  void SetValueBytes(int64_t low, int64_t high) {
    options_.value_bytes = {low, high};
    values_ = std::make_unique<Values>(options_.value_bytes, 1);
  }

  Options options_;
  std::unique_ptr<Values> values_ = std::make_unique<Values>(SizeRange{32, 32}, 1);
};

TEST_F(RequestTemplateTest, KeysArePrefixAndZeroPaddedNumber) {
  const RequestTemplate get = Parse("GET __key__");
  const std::string head = "*2\r\n$3\r\nGET\r\n$16\r\nkey:";
  EXPECT_EQ(Write(get, {0}), head + "000000000000\r\n");
  EXPECT_EQ(Write(get, {7}), head + "000000000007\r\n");
  EXPECT_EQ(Write(get, {42}), head + "000000000042\r\n");
  EXPECT_EQ(Write(get, {100}), head + "000000000100\r\n");
  EXPECT_EQ(Write(get, {999999}), head + "000000999999\r\n");
}

TEST_F(RequestTemplateTest, NumbersAreAsLongAsTheyAre) {
  const RequestTemplate one = Parse("ZADD z __int__ member");
  EXPECT_EQ(Write(one, {7}), "*4\r\n$4\r\nZADD\r\n$1\r\nz\r\n$1\r\n7\r\n$6\r\nmember\r\n");
  EXPECT_EQ(Write(one, {12345}), "*4\r\n$4\r\nZADD\r\n$1\r\nz\r\n$5\r\n12345\r\n$6\r\nmember\r\n");
}

TEST_F(RequestTemplateTest, PlaceholdersStandAnywhereInAWord) {
  const RequestTemplate one = Parse("HSET h:{__key__}:x f__int__-__int__ \"a b\"");
  EXPECT_EQ(Write(one, {5, 10, 3}),
            "*4\r\n$4\r\nHSET\r\n$22\r\nh:{key:000000000005}:x\r\n$5\r\nf10-3\r\n$3\r\na b\r\n");
}

TEST_F(RequestTemplateTest, ValuesOfARangeHaveTheirOwnLengths) {
  SetValueBytes(0, 200);
  const RequestTemplate set = Parse("SET __key__ __data__");
  std::set<size_t> sizes;
  for (uint64_t i = 0; i < 2000; ++i) {
    const uint64_t number = i * 0x9e3779b97f4a7c15ull;
    const std::string value = values_->Make(number);
    EXPECT_EQ(Write(set, {1, number}), "*3\r\n$3\r\nSET\r\n$16\r\nkey:000000000001\r\n$" +
                                           std::to_string(value.size()) + "\r\n" + value + "\r\n");
    sizes.insert(value.size());
  }
  EXPECT_EQ(*sizes.begin(), 0u);
  EXPECT_EQ(*sizes.rbegin(), 200u);
}

TEST_F(RequestTemplateTest, FixedAndVariableWritersAgree) {
  // The same bytes, once as a template of fixed size and once with a number that makes it variable.
  const std::string value = values_->Make(77);
  const std::string fixed =
      Write(Parse("MSET a__key__b __data__ __key__ x__data__y"), {1, 77, 2, 77});
  const std::string variable =
      Write(Parse("MSET a__key__b __data__ __key__ x__data__y__int__"), {1, 77, 2, 77, 4});
  EXPECT_EQ(fixed, "*5\r\n$4\r\nMSET\r\n$18\r\nakey:000000000001b\r\n$32\r\n" + value +
                       "\r\n$16\r\nkey:000000000002\r\n$34\r\nx" + value + "y\r\n");
  EXPECT_EQ(variable, "*5\r\n$4\r\nMSET\r\n$18\r\nakey:000000000001b\r\n$32\r\n" + value +
                          "\r\n$16\r\nkey:000000000002\r\n$35\r\nx" + value + "y4\r\n");
}

TEST_F(RequestTemplateTest, TheFirstWordWithAKeyDecidesTheSlot) {
  const uint64_t numbers[] = {3, 9};
  EXPECT_EQ(Parse("GET __key__").Slot(numbers), KeySlot("key:000000000003"));
  EXPECT_EQ(Parse("EVAL script 1 __key__ __key__").Slot(numbers), KeySlot("key:000000000003"));
  EXPECT_EQ(Parse("SET {__key__}x __key__").Slot(numbers), KeySlot("{key:000000000003}"));
  EXPECT_EQ(Parse("LPUSH list__int__ b").Slot(numbers), KeySlot("list3"));
  EXPECT_EQ(Parse("INCR counter").Slot(numbers), KeySlot("counter"));
  EXPECT_EQ(Parse("PING").Slot(numbers), -1);
}

TEST_F(RequestTemplateTest, OnlyPlainGetAndSetCanBeVerified) {
  EXPECT_TRUE(Parse("get __key__").is_plain_get());
  EXPECT_TRUE(Parse("SET __key__ __data__").is_plain_set());
  EXPECT_FALSE(Parse("GET a__key__").is_plain_get());
  EXPECT_FALSE(Parse("SET __key__ __data__ NX").is_plain_set());
  EXPECT_FALSE(Parse("SET __key__ __int__").is_plain_set());
  EXPECT_FALSE(Parse("PING").is_plain_get());
}

TEST_F(RequestTemplateTest, WhatCannotBeSplitIsRefused) {
  EXPECT_FALSE(RequestTemplate::Parse("SET \"a", options_, values_.get()).ok());
  EXPECT_FALSE(RequestTemplate::Parse("", options_, values_.get()).ok());
  std::string many = "DEL";
  for (size_t i = 0; i <= RequestTemplate::kPlaceholdersMax; ++i) many += " __key__";
  EXPECT_FALSE(RequestTemplate::Parse(many, options_, values_.get()).ok());
}

TEST(ValuesTest, EqualNumbersGiveEqualPrintableValues) {
  const Values values({1, 100}, 5);
  const Values again({1, 100}, 5);
  const Values other({1, 100}, 6);
  int equal = 0;
  for (uint64_t key = 0; key < 1000; ++key) {
    const std::string value = values.Make(values.NumberOfKey(key));
    EXPECT_EQ(value, again.Make(again.NumberOfKey(key)));
    equal += value == other.Make(other.NumberOfKey(key));
    for (char byte : value) EXPECT_TRUE(byte > ' ' && byte < 127);
  }
  EXPECT_LT(equal, 10);
}

TEST(ValuesTest, DifferentKeysHaveDifferentValues) {
  const Values values({16, 16}, 1);
  std::set<std::string> seen;
  for (uint64_t key = 0; key < 100000; ++key) seen.insert(values.Make(values.NumberOfKey(key)));
  EXPECT_EQ(seen.size(), 100000u);
}

}  // namespace
}  // namespace damselfly::load
