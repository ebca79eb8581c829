#ifndef DAMSELFLY_BENCHMARKS_LOAD_KEY_CHOOSER_H_
#define DAMSELFLY_BENCHMARKS_LOAD_KEY_CHOOSER_H_

#include <cstdint>

#include "benchmarks/load/options.h"
#include "server/runtime/random.h"

namespace damselfly::load {

// Ranks 0 .. n-1 in proportion to 1 / (rank + 1)^exponent, without a table: rejection-inversion (W.
// Hormann, G. Derflinger: Rejection-inversion to generate variates from monotone discrete
// distributions, ACM TOMACS 6.3, 1996).
class ZipfRanks {
 public:
  // Requires n >= 1 and exponent > 0.
  ZipfRanks(int64_t n, double exponent);
  int64_t Next(Random* random) const;

 private:
  double Integral(double x) const;
  double IntegralInverse(double x) const;
  double Density(double x) const;

  int64_t n_;
  double exponent_;
  double integral_of_first_;
  double integral_of_last_;
  double always_taken_;
};

// Draws key numbers in [0, keys). One for each thread; not thread-safe.
class KeyChooser {
 public:
  // Of `share_count` choosers with the same distribution this is number `share`: sequential ones
  // take turns, so that together they go through all keys again and again.
  KeyChooser(const KeyDistribution& distribution, int64_t keys, int share, int share_count);

  uint64_t Next(Random* random) {
    if (kind_ == KeyDistribution::Kind::kUniform) return random->Below(keys_);
    return NextOther(random);
  }

 private:
  uint64_t NextOther(Random* random);

  const KeyDistribution::Kind kind_;
  const uint64_t keys_;
  uint64_t sequential_next_;
  const uint64_t sequential_step_;
  const ZipfRanks zipf_;
  uint64_t hot_keys_ = 0;
  uint64_t hot_requests_ = 0;  // of 2^32
};

}  // namespace damselfly::load

#endif  // DAMSELFLY_BENCHMARKS_LOAD_KEY_CHOOSER_H_
