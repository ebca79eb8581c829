// What a lock costs that nobody else wants, and one that two threads want all the time.

#include "server/base/spinlock.h"

#include "benchmark/benchmark.h"

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

// Two threads on one slot, which do nothing else: elapsed time, for one of the operations of both
// together. Where they get a core each it is the worst that a lock may come to; where they share
// one, they hardly meet.
void BM_SlotLockOfTwoThreads(benchmark::State& state) {
  static auto* const contended = new Contended();
  for (auto _ : state) {
    contended->lock.LockIf(true);
    ++contended->count;
    benchmark::ClobberMemory();
    contended->lock.UnlockIf(true);
  }
}
BENCHMARK(BM_SlotLockOfTwoThreads)->Threads(2)->UseRealTime();

}  // namespace
}  // namespace damselfly
