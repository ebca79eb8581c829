// What the slot of a key costs: 1024 keys in turn, so that branches on their length are predicted
// and those on their bytes are not.

#include "server/base/crc16.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"

namespace damselfly {
namespace {

constexpr size_t kKeys = 1024;

template <typename MakeName>
void OverKeys(benchmark::State& state, MakeName make_name) {
  std::vector<std::string> keys;
  for (size_t i = 0; i < kKeys; ++i) keys.push_back(make_name(i));
  size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(KeySlot(keys[i++ % kKeys]));
}

// range(0): bytes of a key that has no tag.
void BM_KeySlot(benchmark::State& state) {
  OverKeys(state, [&](size_t i) {
    return absl::StrCat(std::string(static_cast<size_t>(state.range(0)) - 8, 'k'), 10000000 + i);
  });
}
BENCHMARK(BM_KeySlot)->Arg(8)->Arg(16)->Arg(32)->Arg(64);

// "{user:1234}:profile:name".
void BM_KeySlotOfTag(benchmark::State& state) {
  OverKeys(state, [](size_t i) { return absl::StrCat("{user:", 1000 + i, "}:profile:name"); });
}
BENCHMARK(BM_KeySlotOfTag);

// A tag that is opened and not closed: the whole key counts.
void BM_KeySlotOfOpenTag(benchmark::State& state) {
  OverKeys(state, [](size_t i) { return absl::StrCat("{user:", 1000 + i, ":profile:name"); });
}
BENCHMARK(BM_KeySlotOfOpenTag);

}  // namespace
}  // namespace damselfly
