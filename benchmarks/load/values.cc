#include "benchmarks/load/values.h"

#include <algorithm>
#include <cstring>

#include "server/runtime/random.h"

namespace damselfly::load {
namespace {

// Where in the pool a value may begin: little enough to stay in the first-level cache.
constexpr uint64_t kBeginnings = 4096;
constexpr int kDigits = 12;  // of 6 bits
constexpr char kPrintable[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
static_assert(sizeof(kPrintable) == 64 + 1);

}  // namespace

Values::Values(const SizeRange& range, uint64_t seed)
    : low_(range.low), width_(static_cast<uint64_t>(range.high - range.low) + 1), seed_(seed) {
  Random random(seed);
  pool_.resize(static_cast<size_t>(range.high) + kBeginnings);
  for (char& byte : pool_) byte = kPrintable[random.Next() >> 58];
}

uint64_t Values::NumberOfKey(uint64_t key) const {
  return Random(seed_ ^ (key * 0x9e3779b97f4a7c15ull)).Next();
}

char* Values::Write(uint64_t number, char* out) const {
  const size_t size = static_cast<size_t>(SizeOf(number));
  std::memcpy(out, pool_.data() + (number >> 52), size);
  // So that two keys' values are the same only if they are short.
  const int digits = static_cast<int>(std::min<size_t>(size, kDigits));
  for (int i = 0; i < digits; ++i) out[i] = kPrintable[(number >> (6 * i)) & 63];
  return out + size;
}

std::string Values::Make(uint64_t number) const {
  std::string value(static_cast<size_t>(SizeOf(number)), '\0');
  Write(number, value.data());
  return value;
}

}  // namespace damselfly::load
