#include "server/store/slot_bits.h"

#include <vector>

#include "gtest/gtest.h"

namespace damselfly {
namespace {

std::vector<int> SetIn(const SlotBits& bits) {
  std::vector<int> slots;
  for (int slot = bits.Next(0); slot < kSlotCount; slot = bits.Next(slot + 1))
    slots.push_back(slot);
  return slots;
}

TEST(SlotBits, NobodyIsVisitedWhereNothingIsSet) {
  const SlotBits bits;
  EXPECT_EQ(bits.Next(0), kSlotCount);
  EXPECT_EQ(bits.Next(kSlotCount - 1), kSlotCount);
  EXPECT_EQ(bits.Next(kSlotCount), kSlotCount);
}

TEST(SlotBits, VisitsInOrderWhatIsSetAtBothEndsOfWordsAndTwice) {
  SlotBits bits;
  const std::vector<int> slots = {0, 1, 63, 64, 127, 128, 5000, 16320, 16383};
  for (auto slot = slots.rbegin(); slot != slots.rend(); ++slot) {
    bits.Set(static_cast<uint16_t>(*slot));
    bits.Set(static_cast<uint16_t>(*slot));
  }
  EXPECT_EQ(SetIn(bits), slots);
  for (int slot = 0, next = 0; slot < kSlotCount; ++slot) {
    const bool set = slots[static_cast<size_t>(next)] == slot;
    EXPECT_EQ(bits.Has(static_cast<uint16_t>(slot)), set) << slot;
    if (set) ++next;
  }
}

}  // namespace
}  // namespace damselfly
