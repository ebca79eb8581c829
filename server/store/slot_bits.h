#ifndef DAMSELFLY_SERVER_STORE_SLOT_BITS_H_
#define DAMSELFLY_SERVER_STORE_SLOT_BITS_H_

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "server/base/crc16.h"

namespace damselfly {

// A bit a slot, which is set once and stays. Whoever goes over slots skips those without it, 64 at
// a time. Thread-safe: who sees a bit sees what was there when it was set.
class SlotBits {
 public:
  void Set(uint16_t slot) {
    // Mostly it is set: other workers' copies of the word stay valid.
    if (!Has(slot)) words_[slot / 64].fetch_or(uint64_t{1} << slot % 64, std::memory_order_release);
  }

  bool Has(uint16_t slot) const {
    return (words_[slot / 64].load(std::memory_order_acquire) >> slot % 64 & 1) != 0;
  }

  // The first slot from `slot` on whose bit is set; kSlotCount: none. Requires
  // 0 <= slot <= kSlotCount.
  int Next(int slot) const {
    while (slot < kSlotCount) {
      const uint64_t word =
          words_[static_cast<size_t>(slot / 64)].load(std::memory_order_acquire) >> (slot % 64);
      if (word != 0) return slot + std::countr_zero(word);
      slot += 64 - slot % 64;
    }
    return kSlotCount;
  }

 private:
  std::array<std::atomic<uint64_t>, kSlotCount / 64> words_{};
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_SLOT_BITS_H_
