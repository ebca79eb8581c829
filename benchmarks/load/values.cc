#include "benchmarks/load/values.h"

#include "server/runtime/random.h"

namespace damselfly::load {
namespace {

constexpr char kPrintable[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
static_assert(sizeof(kPrintable) == 64 + 1);

}  // namespace

Values::Values(const SizeRange& range, uint64_t seed)
    : low_(range.low), width_(static_cast<uint64_t>(range.high - range.low) + 1), seed_(seed) {
  Random random(seed);
  pool_.resize(static_cast<size_t>(range.high) + (size_t{1} << kBeginningBits));
  for (char& byte : pool_) byte = kPrintable[random.Next() >> 58];
}

uint64_t Values::NumberOfKey(uint64_t key) const {
  return Random(seed_ ^ (key * 0x9e3779b97f4a7c15ull)).Next();
}

std::string Values::Make(uint64_t number) const {
  std::string value(static_cast<size_t>(SizeOf(number)), '\0');
  Write(number, value.data());
  return value;
}

}  // namespace damselfly::load
