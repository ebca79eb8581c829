#ifndef DAMSELFLY_SERVER_RUNTIME_RANDOM_H_
#define DAMSELFLY_SERVER_RUNTIME_RANDOM_H_

#include <cstdint>

namespace damselfly {

// A small, fast stream of pseudo-random integers (SplitMix64: Steele, Lea, Flood, OOPSLA 2014).
// Equal seeds give equal streams on every platform. Not for secrets. Not thread-safe.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15ull;
    uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ull;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebull;
    return mixed ^ (mixed >> 31);
  }

  // Uniform in [0, bound), by multiplication (Lemire, 2019), without the rejection step: the bias
  // is below bound / 2^64. Requires bound > 0.
  uint64_t Below(uint64_t bound) {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(Next()) * bound) >> 64);
  }

  // Uniform in [low, high], of any width. Requires low <= high.
  int64_t Between(int64_t low, int64_t high) {
    const uint64_t width = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
    const uint64_t offset = width == UINT64_MAX ? Next() : Below(width + 1);
    return static_cast<int64_t>(static_cast<uint64_t>(low) + offset);
  }

  // True in `numerator` of `denominator` cases.
  bool Chance(uint64_t numerator, uint64_t denominator) { return Below(denominator) < numerator; }

 private:
  uint64_t state_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_RUNTIME_RANDOM_H_
