#ifndef DAMSELFLY_SERVER_SESSION_LATENCY_HISTOGRAM_H_
#define DAMSELFLY_SERVER_SESSION_LATENCY_HISTOGRAM_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "server/store/store_counters.h"

namespace damselfly {

// How long calls took: counts in log-linear buckets, 16 to each power of two, so that a value is
// known to one part in 16 (the scheme of HdrHistogram, http://hdrhistogram.org/). One thread
// records, any thread reads.
class LatencyHistogram {
 public:
  static constexpr int kSubBits = 4;
  static constexpr int kSubBuckets = 1 << kSubBits;
  // Values are counted in units of 64 ns; below 1024 ns a bucket is one unit wide.
  static constexpr int kUnitBits = 6;
  // Values from 2^30 ns (1.07 s) on share the last bucket.
  static constexpr int kTopBits = 30;
  static constexpr size_t kBuckets = kSubBuckets * (kTopBits - kUnitBits - kSubBits + 1);

  void Record(int64_t nanoseconds, int64_t count = 1) { counts_[BucketOf(nanoseconds)].Add(count); }
  void Reset() {
    for (OwnedCounter& count : counts_) count.Reset();
  }

  int64_t count(size_t bucket) const { return counts_[bucket].get(); }

  static constexpr size_t BucketOf(int64_t nanoseconds) {
    const uint64_t value = nanoseconds < 0 ? 0 : static_cast<uint64_t>(nanoseconds);
    if (value >= uint64_t{1} << kTopBits) return kBuckets - 1;
    const uint64_t units = value >> kUnitBits;
    if (units < kSubBuckets) return static_cast<size_t>(units);
    const int power = std::bit_width(units) - 1 - kSubBits;
    return static_cast<size_t>(kSubBuckets * power) + static_cast<size_t>(units >> power);
  }

  // The first value (ns) beyond bucket `bucket`.
  static constexpr int64_t EndOf(size_t bucket) {
    if (bucket < kSubBuckets) return static_cast<int64_t>(bucket + 1) << kUnitBits;
    const size_t power = bucket / kSubBuckets - 1;
    return static_cast<int64_t>((bucket % kSubBuckets + kSubBuckets + 1) << power) << kUnitBits;
  }

 private:
  std::array<OwnedCounter, kBuckets> counts_;
};

// The sum of several workers' histograms of one command.
class LatencySummary {
 public:
  void Add(const LatencyHistogram& histogram) {
    for (size_t i = 0; i < LatencyHistogram::kBuckets; ++i) {
      counts_[i] += histogram.count(i);
      total_ += histogram.count(i);
    }
  }

  int64_t total() const { return total_; }

  // The value (ns) that `percent` of the calls did not exceed: the end of its bucket. 0 without
  // calls.
  int64_t PercentileNs(double percent) const {
    const double wanted = percent / 100 * static_cast<double>(total_);
    int64_t seen = 0;
    for (size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > 0 && static_cast<double>(seen) >= wanted) return LatencyHistogram::EndOf(i) - 1;
    }
    return 0;
  }

  // Calls that took less than `nanoseconds`. Exact where that is the end of a bucket, as powers of
  // two are.
  int64_t CountBelow(int64_t nanoseconds) const {
    int64_t seen = 0;
    for (size_t i = 0; i < counts_.size() && LatencyHistogram::EndOf(i) <= nanoseconds; ++i)
      seen += counts_[i];
    return seen;
  }

 private:
  std::array<int64_t, LatencyHistogram::kBuckets> counts_{};
  int64_t total_ = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_LATENCY_HISTOGRAM_H_
