#include "server/values/any_value.h"

#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace damselfly {
namespace {

TEST(AnyValueTest, StringsAndUnknownTypesHaveNoTraits) {
  EXPECT_EQ(TraitsOf(ValueType::kString), nullptr);
  EXPECT_EQ(TraitsOf(static_cast<ValueType>(kValueTypeCount)), nullptr);
}

TEST(AnyValueTest, TypesOfTheRdbFormatAreTakenForOursWhereWeHaveThem) {
  ValueType type;
  ASSERT_TRUE(TypeOfRdbType(16, &type));
  EXPECT_EQ(type, ValueType::kHash);
  ASSERT_TRUE(TypeOfRdbType(19, &type));
  EXPECT_EQ(type, ValueType::kStream);
  EXPECT_FALSE(TypeOfRdbType(0, &type));  // a string
  EXPECT_FALSE(TypeOfRdbType(7, &type));  // of a module
  EXPECT_FALSE(TypeOfRdbType(255, &type));
}

TEST(AnyValueTest, BytesThatDescribeNoValueGiveNone) {
  const ValueContext context;
  for (const std::string bytes : {"", "\x02", "\x10\x05", "\xff\x01\x01", "\x13"})
    EXPECT_FALSE(AnyValue::FromRdb(bytes, context)) << bytes;
}

TEST(AnyValueTest, BytesBehindAValueAreRefusedUnlessTheyMayBeThere) {
  const ValueContext context;
  const std::string set(
      "\x02\x01\x01"
      "a",
      4);
  EXPECT_TRUE(AnyValue::FromRdb(set, context));
  EXPECT_FALSE(AnyValue::FromRdb(set + "x", context));
  EXPECT_TRUE(AnyValue::FromRdb(set + "x", context, AnyValue::Behind::kAnything));
}

TEST(AnyValueTest, OneThatOwnsNothingSaysSo) {
  AnyValue nothing;
  EXPECT_FALSE(nothing);
  AnyValue moved = std::move(nothing);
  EXPECT_FALSE(moved);
}

}  // namespace
}  // namespace damselfly
