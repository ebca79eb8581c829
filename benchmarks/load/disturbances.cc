#include "benchmarks/load/disturbances.h"

#include <algorithm>
#include <utility>

namespace damselfly::load {

void DisturbanceFinder::Wake(int64_t due_ns, int64_t now_ns, int64_t process_cpu_ns,
                             int64_t work_ns) {
  LookForStop(due_ns, now_ns, process_cpu_ns);
  LookForSlowClock(now_ns, work_ns);
}

void DisturbanceFinder::LookForStop(int64_t due_ns, int64_t now_ns, int64_t process_cpu_ns) {
  const int64_t ran_ns = process_cpu_ns - std::exchange(process_cpu_ns_, process_cpu_ns);
  const int64_t late_ns = now_ns - due_ns;
  if (late_ns < kShortestStop_ns) return;
  late_.push_back({due_ns, now_ns});
  const int64_t stopped_ns = late_ns - std::max<int64_t>(ran_ns, 0);
  if (stopped_ns < kShortestStop_ns) return;
  found_.push_back({now_ns - stopped_ns, now_ns, Disturbance::kStopped});
}

void DisturbanceFinder::LookForSlowClock(int64_t now_ns, int64_t work_ns) {
  fastest_work_ns_ = std::min(fastest_work_ns_, work_ns);
  const double slowness = static_cast<double>(work_ns) / static_cast<double>(fastest_work_ns_);
  const int64_t woke_before_ns = std::exchange(woke_ns_, now_ns);
  const double throughout = std::min(slowness, std::exchange(slowness_, slowness));
  if (throughout >= kSlownessMin) found_.push_back({woke_before_ns, now_ns, throughout});
}

std::vector<Disturbance> StopsOfAll(absl::Span<const std::vector<Disturbance>> late) {
  if (late.size() < 2) return {};
  std::vector<Disturbance> together = late.front();
  for (const std::vector<Disturbance>& other : late.subspan(1)) {
    std::vector<Disturbance> both;
    auto one = together.begin();
    auto two = other.begin();
    while (one != together.end() && two != other.end()) {
      const int64_t begin_ns = std::max(one->begin_ns, two->begin_ns);
      const int64_t end_ns = std::min(one->end_ns, two->end_ns);
      if (end_ns - begin_ns >= DisturbanceFinder::kShortestStop_ns)
        both.push_back({begin_ns, end_ns});
      if (one->end_ns < two->end_ns) {
        ++one;
      } else {
        ++two;
      }
    }
    together = std::move(both);
  }
  return together;
}

Disturbances::Disturbances(std::vector<Disturbance> all) {
  for (const Disturbance& one : all) {
    spans_.push_back({one.begin_ns, one.end_ns});
    if (one.is_stop()) {
      longest_stop_ns_ = std::max(longest_stop_ns_, one.end_ns - one.begin_ns);
    } else {
      greatest_slowness_ = std::max(greatest_slowness_, one.slowness);
    }
  }
  Join();
}

void Disturbances::Join() {
  std::vector<Span> apart = std::exchange(spans_, {});
  std::sort(apart.begin(), apart.end(),
            [](const Span& a, const Span& b) { return a.begin_ns < b.begin_ns; });
  for (const Span& span : apart) {
    if (spans_.empty() || spans_.back().end_ns < span.begin_ns) {
      spans_.push_back(span);
    } else {
      spans_.back().end_ns = std::max(spans_.back().end_ns, span.end_ns);
    }
  }
}

Disturbances Disturbances::WithCatchingUp() const {
  Disturbances longer = *this;
  for (Span& span : longer.spans_) span.end_ns += span.end_ns - span.begin_ns;
  longer.Join();
  return longer;
}

bool Disturbances::Touch(int64_t begin_ns, int64_t end_ns) const {
  const auto span =
      std::lower_bound(spans_.begin(), spans_.end(), begin_ns,
                       [](const Span& one, int64_t time_ns) { return one.end_ns < time_ns; });
  return span != spans_.end() && span->begin_ns <= end_ns;
}

int64_t Disturbances::total_ns() const {
  int64_t sum_ns = 0;
  for (const Span& span : spans_) sum_ns += span.end_ns - span.begin_ns;
  return sum_ns;
}

}  // namespace damselfly::load
