#include "sim/model/expected.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

TEST(Expected, EachKindMatchesItsOwnReply) {
  for (const Expected& expected :
       {Expected::Ok(), Expected::Integer(3), Expected::Bulk("x"), Expected::Null(),
        Expected::Error("ERR"), Expected::Array({Expected::Null(), Expected::Ok()}),
        Expected::BulksInAnyOrder({"b", "a"}), Expected::Scanned("0", {"b", "a"}, {"a"})}) {
    EXPECT_TRUE(expected.Matches(expected.ToReply())) << expected.ToString();
    EXPECT_FALSE(expected.Matches(Expected::Bulk("something else").ToReply()))
        << expected.ToString();
  }
}

TEST(Expected, AnIntegerRangeIncludesItsEnds) {
  const Expected range = Expected::IntegerIn(3, 5);
  EXPECT_FALSE(range.Matches(Expected::Integer(2).ToReply()));
  EXPECT_TRUE(range.Matches(Expected::Integer(3).ToReply()));
  EXPECT_TRUE(range.Matches(Expected::Integer(5).ToReply()));
  EXPECT_FALSE(range.Matches(Expected::Integer(6).ToReply()));
}

TEST(Expected, OrderMattersOnlyWhereItDoes) {
  const Reply ba = Expected::Array({Expected::Bulk("b"), Expected::Bulk("a")}).ToReply();
  EXPECT_TRUE(Expected::BulksInAnyOrder({"a", "b"}).Matches(ba));
  EXPECT_FALSE(Expected::Array({Expected::Bulk("a"), Expected::Bulk("b")}).Matches(ba));
  EXPECT_FALSE(Expected::BulksInAnyOrder({"a", "a"}).Matches(ba));
}

}  // namespace
}  // namespace damselfly::sim
