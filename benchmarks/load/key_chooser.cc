#include "benchmarks/load/key_chooser.h"

#include <algorithm>
#include <cmath>

#include "server/base/check.h"

namespace damselfly::load {
namespace {

// Near zero the quotients below lose all digits: their series take over.
constexpr double kNearZero = 1e-8;

// log(1 + x) / x
double Log1pOver(double x) {
  return std::abs(x) > kNearZero ? std::log1p(x) / x : 1 - x * (0.5 - x * (1.0 / 3 - 0.25 * x));
}

// (exp(x) - 1) / x
double Expm1Over(double x) {
  return std::abs(x) > kNearZero ? std::expm1(x) / x
                                 : 1 + x * 0.5 * (1 + x * (1.0 / 3) * (1 + 0.25 * x));
}

}  // namespace

ZipfRanks::ZipfRanks(int64_t n, double exponent) : n_(n), exponent_(exponent) {
  DFLY_CHECK_GE(n, 1);
  DFLY_CHECK(exponent > 0);
  integral_of_first_ = Integral(1.5) - 1;
  integral_of_last_ = Integral(static_cast<double>(n) + 0.5);
  always_taken_ = 2 - IntegralInverse(Integral(2.5) - Density(2));
}

// Of the density: (x^(1 - exponent) - 1) / (1 - exponent), and log(x) where that is 0 / 0.
double ZipfRanks::Integral(double x) const {
  const double log_x = std::log(x);
  return Expm1Over((1 - exponent_) * log_x) * log_x;
}

double ZipfRanks::IntegralInverse(double x) const {
  const double t = std::max(x * (1 - exponent_), -1.0);
  return std::exp(Log1pOver(t) * x);
}

double ZipfRanks::Density(double x) const { return std::exp(-exponent_ * std::log(x)); }

int64_t ZipfRanks::Next(Random* random) const {
  for (;;) {
    const double uniform = static_cast<double>(random->Next() >> 11) * 0x1p-53;
    const double u = integral_of_last_ + uniform * (integral_of_first_ - integral_of_last_);
    const double x = IntegralInverse(u);
    const int64_t k = std::clamp<int64_t>(static_cast<int64_t>(x + 0.5), 1, n_);
    const double as_double = static_cast<double>(k);
    if (as_double - x <= always_taken_ || u >= Integral(as_double + 0.5) - Density(as_double))
      return k - 1;
  }
}

KeyChooser::KeyChooser(const KeyDistribution& distribution, int64_t keys, int share,
                       int share_count)
    : kind_(distribution.kind),
      keys_(static_cast<uint64_t>(keys)),
      sequential_next_(static_cast<uint64_t>(share) % static_cast<uint64_t>(keys)),
      sequential_step_(static_cast<uint64_t>(share_count)),
      zipf_(keys, kind_ == KeyDistribution::Kind::kZipf ? distribution.exponent : 1) {
  DFLY_CHECK_GE(keys, 1);
  if (kind_ == KeyDistribution::Kind::kHot) {
    hot_keys_ =
        static_cast<uint64_t>(std::ceil(static_cast<double>(keys) * distribution.share_of_keys));
    hot_keys_ = std::clamp<uint64_t>(hot_keys_, 1, keys_);
    hot_requests_ = static_cast<uint64_t>(distribution.share_of_requests * 0x1p32);
  }
}

uint64_t KeyChooser::NextOther(Random* random) {
  switch (kind_) {
    case KeyDistribution::Kind::kSequential: {
      const uint64_t key = sequential_next_;
      sequential_next_ = (sequential_next_ + sequential_step_) % keys_;
      return key;
    }
    case KeyDistribution::Kind::kZipf:
      return static_cast<uint64_t>(zipf_.Next(random));
    case KeyDistribution::Kind::kHot: {
      const bool is_hot = hot_keys_ == keys_ || (random->Next() >> 32) < hot_requests_;
      return is_hot ? random->Below(hot_keys_) : hot_keys_ + random->Below(keys_ - hot_keys_);
    }
    case KeyDistribution::Kind::kUniform:
      break;
  }
  return random->Below(keys_);
}

}  // namespace damselfly::load
