// What a lock costs that nobody else wants, and one that two threads want all the time.

#include "server/base/spinlock.h"

#include <string>

#include "benchmark/benchmark.h"
#include "server/base/hash.h"

namespace damselfly {
namespace {

void BM_SpinLock(benchmark::State& state) {
  SpinLock lock;
  for (auto _ : state) {
    lock.Lock();
    benchmark::ClobberMemory();
    lock.Unlock();
  }
}
BENCHMARK(BM_SpinLock);

// range(0): 1: as with several workers, 0: as with one.
void BM_SlotLock(benchmark::State& state) {
  SlotLock lock;
  bool shared = state.range(0) != 0;
  benchmark::DoNotOptimize(shared);
  for (auto _ : state) {
    lock.LockIf(shared);
    benchmark::ClobberMemory();
    lock.UnlockIf(shared);
  }
}
BENCHMARK(BM_SlotLock)->Arg(0)->Arg(1);

struct alignas(64) Contended {
  SlotLock lock;
  // Beside the lock, as a slot's table is.
  int64_t count = 0;
};

// Two threads that take a lock, change what it guards, and do something else for some 60 ns, as
// commands do. range(0): 1: both want the same lock, 0: each has one of its own, so that the
// difference is what the other thread costs. Elapsed time, for one operation of both together.
// Where they share a core, and do not meet, it says nothing.
void BM_SlotLockOfTwoThreads(benchmark::State& state) {
  static auto* const contended = new Contended[2]();
  Contended& mine = contended[state.range(0) == 1 ? 0 : state.thread_index()];
  const std::string work(1024, 'w');
  for (auto _ : state) {
    mine.lock.LockIf(true);
    ++mine.count;
    benchmark::ClobberMemory();
    mine.lock.UnlockIf(true);
    benchmark::DoNotOptimize(HashBytes(work, 1));
  }
}
BENCHMARK(BM_SlotLockOfTwoThreads)->Arg(0)->Arg(1)->Threads(2)->UseRealTime();

}  // namespace
}  // namespace damselfly
