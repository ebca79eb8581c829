#include "benchmarks/load/stolen_time.h"

#include <algorithm>
#include <utility>

namespace damselfly::load {

void StolenFinder::Wake(int64_t due_ns, int64_t now_ns, int64_t process_cpu_ns) {
  const int64_t ran_ns = process_cpu_ns - std::exchange(process_cpu_ns_, process_cpu_ns);
  const int64_t stolen_ns = now_ns - due_ns - ran_ns;
  if (stolen_ns < kShortest_ns) return;
  moments_.push_back({now_ns - stolen_ns, now_ns});
}

StolenTime::StolenTime(std::vector<StolenMoment> moments) {
  std::sort(moments.begin(), moments.end(),
            [](const StolenMoment& a, const StolenMoment& b) { return a.begin_ns < b.begin_ns; });
  for (const StolenMoment& moment : moments) {
    if (moments_.empty() || moments_.back().end_ns < moment.begin_ns) {
      moments_.push_back(moment);
    } else {
      moments_.back().end_ns = std::max(moments_.back().end_ns, moment.end_ns);
    }
  }
}

StolenTime StolenTime::WithCatchingUp(double busy_share) const {
  const double share = std::clamp(busy_share, 0.0, kBusyShareMax);
  std::vector<StolenMoment> moments = moments_;
  for (StolenMoment& moment : moments) {
    const double stolen_ns = static_cast<double>(moment.end_ns - moment.begin_ns);
    moment.end_ns += static_cast<int64_t>(stolen_ns * share / (1 - share));
  }
  return StolenTime(std::move(moments));
}

int64_t StolenTime::Within_ns(int64_t begin_ns, int64_t end_ns) const {
  auto moment = std::lower_bound(
      moments_.begin(), moments_.end(), begin_ns,
      [](const StolenMoment& one, int64_t time_ns) { return one.end_ns < time_ns; });
  int64_t sum_ns = 0;
  for (; moment != moments_.end() && moment->begin_ns < end_ns; ++moment)
    sum_ns += std::min(moment->end_ns, end_ns) - std::max(moment->begin_ns, begin_ns);
  return sum_ns;
}

int64_t StolenTime::total_ns() const {
  int64_t sum_ns = 0;
  for (const StolenMoment& moment : moments_) sum_ns += moment.end_ns - moment.begin_ns;
  return sum_ns;
}

int64_t StolenTime::longest_ns() const {
  int64_t longest_ns = 0;
  for (const StolenMoment& moment : moments_)
    longest_ns = std::max(longest_ns, moment.end_ns - moment.begin_ns);
  return longest_ns;
}

}  // namespace damselfly::load
