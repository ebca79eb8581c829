#ifndef DAMSELFLY_SERVER_BASE_SPINLOCK_H_
#define DAMSELFLY_SERVER_BASE_SPINLOCK_H_

#include <atomic>
#include <cstdint>

#include "server/base/check.h"
#include "server/base/thread_annotations.h"

namespace damselfly {

// A lock of four bytes; all-zero memory is an unlocked one. A waiter spins briefly, then sleeps;
// whoever unlocks makes a system call only if somebody may sleep. Not fair, not recursive.
//
// The three states are those of Drepper's "Futexes Are Tricky" (2011), mutex 2.
class DFLY_LOCKABLE SpinLock {
 public:
  constexpr SpinLock() = default;
  SpinLock(const SpinLock&) = delete;
  SpinLock& operator=(const SpinLock&) = delete;

  void Lock() DFLY_ACQUIRE() {
    uint32_t expected = kFree;
    if (!state_.compare_exchange_strong(expected, kHeld, std::memory_order_acquire,
                                        std::memory_order_relaxed)) {
      LockSlow();
    }
  }

  bool TryLock() DFLY_TRY_ACQUIRE(true) {
    uint32_t expected = kFree;
    return state_.compare_exchange_strong(expected, kHeld, std::memory_order_acquire,
                                          std::memory_order_relaxed);
  }

  void Unlock() DFLY_RELEASE() {
    if (state_.exchange(kFree, std::memory_order_release) == kHeldWithWaiters) WakeOne();
  }

  // True when somebody holds the lock: for assertions only.
  bool IsHeld() const { return state_.load(std::memory_order_relaxed) != kFree; }

 protected:
  static constexpr uint32_t kFree = 0;
  static constexpr uint32_t kHeld = 1;
  static constexpr uint32_t kHeldWithWaiters = 2;

  void LockSlow();
  void WakeOne();

  std::atomic<uint32_t> state_{kFree};
};

// Holds a SpinLock for its lifetime.
class DFLY_SCOPED_LOCKABLE SpinLockGuard {
 public:
  explicit SpinLockGuard(SpinLock& lock) DFLY_ACQUIRE(lock) : lock_(lock) { lock_.Lock(); }
  ~SpinLockGuard() DFLY_RELEASE() { lock_.Unlock(); }
  SpinLockGuard(const SpinLockGuard&) = delete;
  SpinLockGuard& operator=(const SpinLockGuard&) = delete;

 private:
  SpinLock& lock_;
};

// The lock of a slot, or of a lane: a SpinLock that costs a plain load and store while only one
// thread takes such locks. `shared` says whether more than one may; it is the same for all calls on
// all locks of a node from start to end, or changes while no lock is held and no other thread runs.
class DFLY_LOCKABLE SlotLock : private SpinLock {
 public:
  constexpr SlotLock() = default;

  void LockIf(bool shared) DFLY_ACQUIRE() {
    if (shared) {
      AcquireShared();
    } else {
      DFLY_CHECK(!IsHeld());
      state_.store(kHeld, std::memory_order_relaxed);
    }
  }

  bool TryLockIf(bool shared) DFLY_TRY_ACQUIRE(true) {
    if (shared) return TryAcquireShared();
    if (IsHeld()) return false;
    state_.store(kHeld, std::memory_order_relaxed);
    return true;
  }

  void UnlockIf(bool shared) DFLY_RELEASE() {
    if (shared) {
      ReleaseShared();
    } else {
      DFLY_DCHECK(IsHeld());
      state_.store(kFree, std::memory_order_relaxed);
    }
  }

  using SpinLock::IsHeld;

 private:
  // The base's lock is this lock: the analysis knows it as SlotLock's capability alone.
  void AcquireShared() DFLY_NO_THREAD_SAFETY_ANALYSIS { SpinLock::Lock(); }
  bool TryAcquireShared() DFLY_NO_THREAD_SAFETY_ANALYSIS { return SpinLock::TryLock(); }
  void ReleaseShared() DFLY_NO_THREAD_SAFETY_ANALYSIS { SpinLock::Unlock(); }
};

static_assert(sizeof(SlotLock) == 4);

// Holds a SlotLock for its lifetime.
class DFLY_SCOPED_LOCKABLE SlotLockGuard {
 public:
  SlotLockGuard(SlotLock& lock, bool shared) DFLY_ACQUIRE(lock) : lock_(lock), shared_(shared) {
    lock_.LockIf(shared_);
  }
  ~SlotLockGuard() DFLY_RELEASE() { lock_.UnlockIf(shared_); }
  SlotLockGuard(const SlotLockGuard&) = delete;
  SlotLockGuard& operator=(const SlotLockGuard&) = delete;

 private:
  SlotLock& lock_;
  const bool shared_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_BASE_SPINLOCK_H_
