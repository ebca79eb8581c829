#include "server/base/spinlock.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <new>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace damselfly {
namespace {

struct Counter {
  SpinLock lock;
  int64_t value DFLY_GUARDED_BY(lock) = 0;
};

TEST(SpinLock, KeepsThreadsApart) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 50000;
  Counter counter;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&counter] {
      for (int i = 0; i < kRounds; ++i) {
        SpinLockGuard guard(counter.lock);
        ++counter.value;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  SpinLockGuard guard(counter.lock);
  EXPECT_EQ(counter.value, int64_t{kThreads} * kRounds);
}

TEST(SpinLock, WakesThoseWhoSleep) {
  SpinLock lock;
  lock.Lock();
  std::vector<std::thread> threads;
  std::atomic<int> entered{0};
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      SpinLockGuard guard(lock);
      ++entered;
    });
  }
  // Long enough that the waiters have given up spinning.
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(entered.load(), 0);
  lock.Unlock();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(entered.load(), 3);
  EXPECT_FALSE(lock.IsHeld());
}

TEST(SpinLock, TryLockFailsOnlyWhenHeld) {
  SpinLock lock;
  if (!lock.TryLock()) FAIL();
  bool second = true;
  std::thread([&]() DFLY_NO_THREAD_SAFETY_ANALYSIS { second = lock.TryLock(); }).join();
  EXPECT_FALSE(second);
  lock.Unlock();
}

TEST(SlotLock, ZeroedMemoryIsAnUnlockedLock) {
  alignas(SlotLock) char memory[sizeof(SlotLock)];
  std::memset(memory, 0, sizeof(memory));
  auto* lock = new (memory) SlotLock;
  const char zeros[sizeof(SlotLock)] = {};
  EXPECT_EQ(std::memcmp(memory, zeros, sizeof(memory)), 0);
  lock->LockIf(false);
  EXPECT_TRUE(lock->IsHeld());
  lock->UnlockIf(false);
  EXPECT_FALSE(lock->IsHeld());
}

TEST(SlotLock, KeepsThreadsApartWhenShared) {
  SlotLock lock;
  int64_t value = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20000; ++i) {
        lock.LockIf(true);
        ++value;
        lock.UnlockIf(true);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(value, 80000);
}

TEST(SlotLock, TryLockIfFailsOnlyWhenHeld) {
  for (bool shared : {false, true}) {
    SlotLock lock;
    if (!lock.TryLockIf(shared)) FAIL();
    bool second = true;
    std::thread([&]() DFLY_NO_THREAD_SAFETY_ANALYSIS { second = lock.TryLockIf(true); }).join();
    EXPECT_FALSE(second);
    lock.UnlockIf(shared);
    EXPECT_FALSE(lock.IsHeld());
  }
}

TEST(SlotLock, AGuardHoldsItForItsLifetimeSharedOrNot) {
  SlotLock lock;
  for (const bool shared : {false, true}) {
    {
      const SlotLockGuard guard(lock, shared);
      EXPECT_TRUE(lock.IsHeld());
    }
    EXPECT_FALSE(lock.IsHeld());
  }
}

}  // namespace
}  // namespace damselfly
