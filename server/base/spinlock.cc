#include "server/base/spinlock.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace damselfly {
namespace {

// About two microseconds: as long as the longest ordinary command holds a slot's lock.
constexpr int kSpinsMax = 64;

inline void Pause() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

void SpinLock::LockSlow() {
  for (int spin = 0; spin < kSpinsMax; ++spin) {
    Pause();
    uint32_t expected = kFree;
    if (state_.load(std::memory_order_relaxed) == kFree &&
        state_.compare_exchange_strong(expected, kHeld, std::memory_order_acquire,
                                       std::memory_order_relaxed)) {
      return;
    }
  }
  // From here on the lock is taken as kHeldWithWaiters: others may sleep that were counted nowhere,
  // and the Unlock that follows has to wake one of them. Seldom is that wake-up wasted.
  while (state_.exchange(kHeldWithWaiters, std::memory_order_acquire) != kFree) {
    state_.wait(kHeldWithWaiters, std::memory_order_relaxed);
  }
}

void SpinLock::WakeOne() { state_.notify_one(); }

}  // namespace damselfly
