#include "server/session/activity.h"

#include <algorithm>

namespace damselfly {
namespace {

// What Activity::kSamples come to at ten a second. A node that has nothing to do takes them less
// often, and what was before that is not told as what is now.
constexpr int64_t kWindowNs = 1'600'000'000;

}  // namespace

void Activity::Sample(const Totals& totals, int64_t used_memory_bytes) {
  std::lock_guard<std::mutex> guard(mutex_);
  // Totals that run backwards were reset by workers at different moments: the window begins anew.
  if (count_ > 0 && totals.commands < samples_[(next_ + kSamples - 1) % kSamples].commands)
    count_ = 0;
  samples_[next_] = totals;
  next_ = (next_ + 1) % kSamples;
  count_ = std::min(count_ + 1, kSamples);
  peak_memory_bytes_ = std::max(peak_memory_bytes_, used_memory_bytes);
}

Activity::Rates Activity::rates() const {
  std::lock_guard<std::mutex> guard(mutex_);
  Rates rates;
  if (count_ < 2) return rates;
  const auto back = [this](size_t steps) -> const Totals& {
    return samples_[(next_ + kSamples - 1 - steps) % kSamples];
  };
  const Totals& newest = back(0);
  size_t steps = 1;
  while (steps + 1 < count_ && newest.monotonic_ns - back(steps).monotonic_ns < kWindowNs) ++steps;
  const Totals& oldest = back(steps);
  const double seconds = static_cast<double>(newest.monotonic_ns - oldest.monotonic_ns) / 1e9;
  if (seconds <= 0) return rates;
  rates.commands_per_second = static_cast<double>(newest.commands - oldest.commands) / seconds;
  rates.input_bytes_per_second =
      static_cast<double>(newest.input_bytes - oldest.input_bytes) / seconds;
  rates.output_bytes_per_second =
      static_cast<double>(newest.output_bytes - oldest.output_bytes) / seconds;
  return rates;
}

int64_t Activity::PeakMemory(int64_t used_memory_bytes) {
  std::lock_guard<std::mutex> guard(mutex_);
  peak_memory_bytes_ = std::max(peak_memory_bytes_, used_memory_bytes);
  return peak_memory_bytes_;
}

void Activity::Reset() {
  std::lock_guard<std::mutex> guard(mutex_);
  count_ = 0;
  peak_memory_bytes_ = 0;
}

}  // namespace damselfly
