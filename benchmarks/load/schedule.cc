#include "benchmarks/load/schedule.h"

#include <cmath>

#include "server/base/check.h"

namespace damselfly::load {

Schedule::Schedule(const Options& options, int share, int group, double rate, int64_t begin_ns)
    : arrivals_(options.arrivals),
      first_ns_(group * 1e9 * share / rate),
      interval_ns_(group * 1e9 * options.threads / rate),
      begin_ns_(begin_ns),
      // Not the stream that keys are drawn from: the seed's bits are turned over.
      random_(Random(~options.seed * 0x9e3779b97f4a7c15ull + static_cast<uint64_t>(share)).Next()) {
  DFLY_CHECK(group > 0);
  DFLY_CHECK(rate > 0);
  elapsed_ns_ = arrivals_ == Arrivals::kEven ? first_ns_ : Gap_ns();
  next_ns_ = begin_ns_ + static_cast<int64_t>(elapsed_ns_);
}

void Schedule::Advance() {
  ++number_;
  // Even moments are multiplied and not added up, so that nothing drifts.
  elapsed_ns_ = arrivals_ == Arrivals::kEven
                    ? first_ns_ + static_cast<double>(number_) * interval_ns_
                    : elapsed_ns_ + Gap_ns();
  next_ns_ = begin_ns_ + static_cast<int64_t>(elapsed_ns_);
}

double Schedule::Gap_ns() {
  // In (0, 1]: the logarithm of 0 is none.
  const double uniform = static_cast<double>((random_.Next() >> 11) + 1) * 0x1p-53;
  return -std::log(uniform) * interval_ns_;
}

}  // namespace damselfly::load
