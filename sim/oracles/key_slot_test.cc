#include "sim/oracles/key_slot.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

TEST(KeySlot, IsWhatTheSpecificationSays) {
  // Its check value, and what redis-cli answers to CLUSTER KEYSLOT.
  EXPECT_EQ(KeySlot("123456789"), 0x31c3);
  EXPECT_EQ(KeySlot("foo"), 12182);
  EXPECT_EQ(KeySlot("bar"), 5061);
  EXPECT_EQ(KeySlot(""), 0);
}

TEST(KeySlot, OnlyATagThatHoldsSomethingCounts) {
  EXPECT_EQ(KeySlot("a{foo}b"), KeySlot("foo"));
  EXPECT_EQ(KeySlot("{foo}{bar}"), KeySlot("foo"));
  EXPECT_EQ(KeySlot("{{foo}}"), KeySlot("{foo"));
  EXPECT_NE(KeySlot("{}foo"), KeySlot(""));
  EXPECT_NE(KeySlot("{}foo"), KeySlot("foo"));
  EXPECT_NE(KeySlot("{}{foo}"), KeySlot("foo"));
  EXPECT_NE(KeySlot("{foo"), KeySlot("foo"));
}

}  // namespace
}  // namespace damselfly::sim
