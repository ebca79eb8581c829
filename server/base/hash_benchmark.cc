// What the hash of a key costs.

#include "server/base/hash.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"

namespace damselfly {
namespace {

constexpr size_t kKeys = 1024;

// range(0): bytes of a key.
void BM_HashBytes(benchmark::State& state) {
  std::vector<std::string> keys;
  for (size_t i = 0; i < kKeys; ++i) {
    keys.push_back(
        absl::StrCat(std::string(static_cast<size_t>(state.range(0)) - 4, 'k'), 1000 + i % 9000));
  }
  size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(HashBytes(keys[i++ % kKeys], 0x12345678));
}
BENCHMARK(BM_HashBytes)->Arg(8)->Arg(16)->Arg(32)->Arg(64)->Arg(1024);

}  // namespace
}  // namespace damselfly
