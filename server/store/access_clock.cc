#include "server/store/access_clock.h"

#include <algorithm>
#include <iterator>

namespace damselfly {
namespace {

constexpr uint8_t kMask = AccessClock::kRankCount - 1;

// FrequencyOf each level. Redis's counter begins at 5 and rises to c after 5 (c - 5)^2 accesses; a
// level is reached after 10 * 2^(level - 3).
constexpr int kFrequencies[AccessClock::kRankCount] = {0,  2,  3,  5,  7,  8,  9,  11,
                                                       13, 16, 21, 28, 37, 50, 69, 255};

}  // namespace

void AccessClock::Start(Kind kind, int64_t now_ms) {
  for (std::atomic<int64_t>& begin_ms : begins_ms_)
    begin_ms.store(now_ms, std::memory_order_relaxed);
  first_.store(kind == Kind::kLfu ? kFirstLevel : 0, std::memory_order_relaxed);
  kind_.store(kind, std::memory_order_relaxed);
}

uint8_t AccessClock::AfterAccess(uint8_t access, Random& random) const {
  switch (kind()) {
    case Kind::kOff:
      return access;
    case Kind::kLru:
      return first();
    case Kind::kLfu:
      break;
  }
  if (access == kLast) return access;
  if (access > kFirstLevel) {
    const int64_t factor = log_factor_.load(std::memory_order_relaxed);
    const int64_t accesses_per_level = 1 + factor * ((int64_t{1} << (access - kFirstLevel)) - 1);
    if (random.Below(static_cast<uint64_t>(accesses_per_level)) != 0) return access;
  }
  return static_cast<uint8_t>(access + 1);
}

int AccessClock::RankOf(uint8_t access) const {
  switch (kind()) {
    case Kind::kOff:
      return 0;
    case Kind::kLru:
      return (first() - access) & kMask;
    case Kind::kLfu:
      break;
  }
  return kLast - access;
}

// The oldest would be taken for the newest after the next Advance.
uint8_t AccessClock::HoldBack(uint8_t access) const {
  if (kind() != Kind::kLru || RankOf(access) != kLast) return access;
  return static_cast<uint8_t>((access + 1) & kMask);
}

uint8_t AccessClock::Decayed(uint8_t access, int64_t levels) {
  return static_cast<uint8_t>(std::max<int64_t>(access - levels, 0));
}

void AccessClock::Advance(int64_t now_ms) {
  const auto next = static_cast<uint8_t>((first() + 1) & kMask);
  begins_ms_[next].store(now_ms, std::memory_order_relaxed);
  first_.store(next, std::memory_order_relaxed);
}

int64_t AccessClock::IdleMs(uint8_t access, int64_t now_ms) const {
  if (kind() != Kind::kLru || RankOf(access) == 0) return 0;
  const int64_t end_ms = begins_ms_[(access + 1) & kMask].load(std::memory_order_relaxed);
  return std::max<int64_t>(now_ms - end_ms, 0);
}

uint8_t AccessClock::AfterIdleness(int64_t idle_ms, int64_t now_ms) const {
  for (int age = kLast; age > 0; --age) {
    const auto access = static_cast<uint8_t>((first() - age) & kMask);
    if (IdleMs(access, now_ms) <= idle_ms) return access;
  }
  return first();
}

int AccessClock::FrequencyOf(uint8_t access) { return kFrequencies[access]; }

uint8_t AccessClock::WithFrequency(int frequency) {
  const auto above = std::upper_bound(std::begin(kFrequencies), std::end(kFrequencies), frequency);
  return static_cast<uint8_t>(std::max<int64_t>(above - std::begin(kFrequencies) - 1, 0));
}

}  // namespace damselfly
