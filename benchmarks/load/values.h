#ifndef DAMSELFLY_BENCHMARKS_LOAD_VALUES_H_
#define DAMSELFLY_BENCHMARKS_LOAD_VALUES_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "absl/strings/string_view.h"
#include "benchmarks/load/options.h"

namespace damselfly::load {

// Values of printable bytes, each named by a 64-bit number: equal numbers give equal values. Made
// once from the seed; after that it never changes, and any thread may read it.
class Values {
 public:
  Values(const SizeRange& range, uint64_t seed);

  // The number that stands for the one value that a key may have, where replies are verified.
  uint64_t NumberOfKey(uint64_t key) const;

  int64_t SizeOf(uint64_t number) const {
    if (width_ == 1) return low_;
    return low_ + static_cast<int64_t>(((number & 0xffffffff) * width_) >> 32);
  }
  // Writes SizeOf(number) bytes and returns their end.
  char* Write(uint64_t number, char* out) const {
    const size_t size = static_cast<size_t>(SizeOf(number));
    std::memcpy(out, pool_.data() + (number >> (64 - kBeginningBits)), size);
    // So that two keys' values are the same only if they are short: eight characters of 6 bits
    // each, from '0' to 'o'.
    const uint64_t digits = (number & 0x3f3f3f3f3f3f3f3f) + 0x3030303030303030;
    if (size >= sizeof(digits)) {
      std::memcpy(out, &digits, sizeof(digits));
    } else {
      std::memcpy(out, &digits, size);
    }
    return out + size;
  }
  std::string Make(uint64_t number) const;

 private:
  // Where in the pool a value may begin: little enough to stay in the first-level cache.
  static constexpr int kBeginningBits = 12;

  const int64_t low_;
  const uint64_t width_;  // so many sizes from low_ on
  const uint64_t seed_;
  std::string pool_;  // a value is a part of it, its first bytes replaced by digits of the number
};

}  // namespace damselfly::load

#endif  // DAMSELFLY_BENCHMARKS_LOAD_VALUES_H_
