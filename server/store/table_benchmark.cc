#include <time.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "benchmark/benchmark.h"
#include "server/store/database.h"
#include "server/store/store.h"

// What a store costs in CPU time: finds, sets, inserts, and the longest single insert on the way to
// many keys.

namespace damselfly {
namespace {

using Expiry = Database::Expiry;

constexpr size_t kKeyBytes = 16;

class KeyNames {
 public:
  explicit KeyNames(int64_t count) {
    bytes_.reserve(static_cast<size_t>(count) * kKeyBytes);
    for (int64_t i = 0; i < count; ++i) bytes_ += absl::StrFormat("key:%012d", i);
  }
  absl::string_view operator[](uint64_t index) const {
    return absl::string_view(&bytes_[index * kKeyBytes], kKeyBytes);
  }

 private:
  std::string bytes_;
};

const std::string& Value() {
  static const auto* const value = new std::string(32, 'v');
  return *value;
}

void Fill(Store& store, const KeyNames& names, int64_t count) {
  Database db(&store, 0, 1000, &store.counters(0));
  for (int64_t i = 0; i < count; ++i) {
    db.SetString(store.MakeKey(names[static_cast<uint64_t>(i)]), Value(), Expiry::None());
  }
}

// A store of so many keys, filled once for all benchmarks that leave it as it is.
Store& FilledStore(int64_t keys) {
  static auto* const stores = new std::map<int64_t, std::unique_ptr<Store>>();
  std::unique_ptr<Store>& store = (*stores)[keys];
  if (store == nullptr) {
    store = std::make_unique<Store>(Store::Options{});
    Fill(*store, KeyNames(keys), keys);
  }
  return *store;
}

// Keys to ask for, without a pattern, one behind the other as in a receive buffer: it is the table
// that has to be waited for, not their names.
class AskedKeys {
 public:
  // Of the first `distinct` keys of a filled store, or, if they are to be missing, of others.
  AskedKeys(int64_t distinct, bool missing) {
    Random random(1);
    const int64_t count = std::min<int64_t>(distinct, 1 << 20);
    for (int64_t i = 0; i < count; ++i) {
      bytes_ += absl::StrFormat("%s:%012d", missing ? "nay" : "key",
                                random.Below(static_cast<uint64_t>(distinct)));
    }
  }
  absl::string_view Next() {
    if (at_ == bytes_.size()) at_ = 0;
    const absl::string_view key(&bytes_[at_], kKeyBytes);
    at_ += kKeyBytes;
    return key;
  }

 private:
  std::string bytes_;
  size_t at_ = 0;
};

// range(0): keys in the store; range(1): keys that are asked for. Each operation is given a key, as
// a command has it: hash and slot are in the figure, and so is the lock.
template <typename Operation>
void OverRandomKeys(benchmark::State& state, bool missing, Operation operation) {
  Store& store = FilledStore(state.range(0));
  AskedKeys asked(state.range(1), missing);
  Database db(&store, 0, 1000, &store.counters(0));
  for (auto _ : state) {
    const Key key = store.MakeKey(asked.Next());
    store.Lock(key.slot);
    operation(db, key);
    store.Unlock(key.slot);
  }
  state.SetItemsProcessed(state.iterations());
}

// The same in batches with prefetching in stages, as a pipeline does it.
template <typename Operation>
void OverPrefetchedKeys(benchmark::State& state, bool missing, Operation operation) {
  constexpr size_t kBatch = 32;
  Store& store = FilledStore(state.range(0));
  AskedKeys asked(state.range(1), missing);
  Database db(&store, 0, 1000, &store.counters(0));
  Key batch[kBatch];
  for (auto _ : state) {
    for (Key& key : batch) {
      key = store.MakeKey(asked.Next());
      store.PrefetchSlot(key.slot);
    }
    store.Prefetch(0, batch);
    for (const Key& key : batch) {
      store.Lock(key.slot);
      operation(db, key);
      store.Unlock(key.slot);
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(kBatch) * state.iterations());
}

void Find(Database& db, const Key& key) { benchmark::DoNotOptimize(db.Find(key)); }

void SetSameSize(Database& db, const Key& key) {
  benchmark::DoNotOptimize(db.SetString(key, Value(), Expiry::None()));
}

// A new key comes and goes: the store stays as large as it is.
void SetAndDelete(Database& db, const Key& key) {
  SetSameSize(db, key);
  benchmark::DoNotOptimize(db.Delete(key));
}

// In cache, mostly in cache, and out of it.
void Sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Args({100000, 1000})->Args({100000, 100000})->Args({10000000, 10000000});
}

void BM_Find(benchmark::State& state) { OverRandomKeys(state, false, Find); }
BENCHMARK(BM_Find)->Apply(Sizes);

void BM_FindPrefetched(benchmark::State& state) { OverPrefetchedKeys(state, false, Find); }
BENCHMARK(BM_FindPrefetched)->Apply(Sizes);

void BM_FindMissing(benchmark::State& state) { OverRandomKeys(state, true, Find); }
BENCHMARK(BM_FindMissing)->Apply(Sizes);

void BM_FindMissingPrefetched(benchmark::State& state) { OverPrefetchedKeys(state, true, Find); }
BENCHMARK(BM_FindMissingPrefetched)->Apply(Sizes);

void BM_SetSameSize(benchmark::State& state) { OverRandomKeys(state, false, SetSameSize); }
BENCHMARK(BM_SetSameSize)->Apply(Sizes);

void BM_SetSameSizePrefetched(benchmark::State& state) {
  OverPrefetchedKeys(state, false, SetSameSize);
}
BENCHMARK(BM_SetSameSizePrefetched)->Apply(Sizes);

void BM_SetAndDelete(benchmark::State& state) { OverRandomKeys(state, true, SetAndDelete); }
BENCHMARK(BM_SetAndDelete)->Apply(Sizes);

void BM_SetAndDeletePrefetched(benchmark::State& state) {
  OverPrefetchedKeys(state, true, SetAndDelete);
}
BENCHMARK(BM_SetAndDeletePrefetched)->Apply(Sizes);

// From an empty store to one of range(0) keys, growth included. One item is one key.
void BM_Insert(benchmark::State& state) {
  const int64_t keys = state.range(0);
  const KeyNames names(keys);
  for (auto _ : state) {
    state.PauseTiming();
    auto store = std::make_unique<Store>(Store::Options{});
    state.ResumeTiming();
    Fill(*store, names, keys);
    state.PauseTiming();
    store = nullptr;
    state.ResumeTiming();
  }
  state.SetItemsProcessed(keys * state.iterations());
}
BENCHMARK(BM_Insert)->Arg(100000)->Arg(10000000)->Unit(benchmark::kMillisecond);

// The thread's own CPU time: what other processes do to the machine is no stall of ours.
int64_t ThreadTimeNs() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return int64_t{1000000000} * time.tv_sec + time.tv_nsec;
}

// Inserts range(0) keys into an empty store, all in one slot if range(1), and reports the slowest
// of them. Reading the time is in the figures.
void BM_Grow(benchmark::State& state) {
  const int64_t keys = state.range(0);
  const KeyNames names(keys);
  std::vector<int64_t> times_ns(static_cast<size_t>(keys));
  for (auto _ : state) {
    Store store{Store::Options{}};
    Database db(&store, 0, 1000, &store.counters(0));
    for (int64_t i = 0; i < keys; ++i) {
      const int64_t begin_ns = ThreadTimeNs();
      Key key = store.MakeKey(names[static_cast<uint64_t>(i)]);
      if (state.range(1) != 0) key.slot = 77;
      db.SetString(key, Value(), Expiry::None());
      times_ns[static_cast<size_t>(i)] = ThreadTimeNs() - begin_ns;
    }
    state.counters["bytes_per_key"] =
        static_cast<double>(store.TotalCounters().used_bytes) / static_cast<double>(keys);
  }
  std::sort(times_ns.begin(), times_ns.end());
  const auto quantile_us = [&](double share) {
    return static_cast<double>(
               times_ns[static_cast<size_t>(share * static_cast<double>(keys - 1))]) /
           1000;
  };
  state.counters["p50_us"] = quantile_us(0.5);
  state.counters["p99.9_us"] = quantile_us(0.999);
  state.counters["max_us"] = quantile_us(1);
  state.SetItemsProcessed(keys * state.iterations());
}
BENCHMARK(BM_Grow)
    ->Args({1000000, 0})
    ->Args({1000000, 1})
    ->Args({10000000, 0})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

void BM_LockAll(benchmark::State& state) {
  Store::Options options;
  options.worker_count = static_cast<int>(state.range(0));
  Store store(options);
  for (auto _ : state) {
    store.LockAll();
    store.UnlockAll();
  }
}
BENCHMARK(BM_LockAll)->Arg(2)->Unit(benchmark::kMicrosecond);

void BM_ScanAll(benchmark::State& state) {
  const int64_t keys = state.range(0);
  const KeyNames names(keys);
  Store store{Store::Options{}};
  Fill(store, names, keys);
  for (auto _ : state) {
    uint64_t cursor = 0;
    size_t bytes = 0;
    do {
      cursor = store.Scan(0, cursor, static_cast<size_t>(state.range(1)), false,
                          [&](Entry& entry) { bytes += entry.key().size(); });
    } while (cursor != 0);
    benchmark::DoNotOptimize(bytes);
  }
  state.SetItemsProcessed(keys * state.iterations());
}
BENCHMARK(BM_ScanAll)->Args({1000000, 10})->Args({1000000, 1000})->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace damselfly

BENCHMARK_MAIN();
