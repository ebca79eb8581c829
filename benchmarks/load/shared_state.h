#ifndef DAMSELFLY_BENCHMARKS_LOAD_SHARED_STATE_H_
#define DAMSELFLY_BENCHMARKS_LOAD_SHARED_STATE_H_

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace damselfly::load {

// How many requests are still to be sent, by all threads together.
class RequestBudget {
 public:
  // 0: as many as anyone likes.
  explicit RequestBudget(int64_t requests)
      : is_limited_(requests > 0), left_(is_limited_ ? requests : 0) {}

  // Up to `count`; what is not used after all is given back.
  int64_t Take(int64_t count) {
    if (!is_limited_) return count;
    const int64_t before = left_.fetch_sub(count, std::memory_order_relaxed);
    const int64_t taken = std::clamp<int64_t>(before, 0, count);
    if (taken < count) GiveBack(count - taken);
    return taken;
  }
  void GiveBack(int64_t count) {
    if (is_limited_) left_.fetch_add(count, std::memory_order_relaxed);
  }
  bool is_spent() const { return is_limited_ && left_.load(std::memory_order_relaxed) <= 0; }

 private:
  const bool is_limited_;
  std::atomic<int64_t> left_;
};

// What a thread shows of itself while it runs, to the one that prints a line a second.
struct alignas(64) Progress {
  // All requests that have their reply; the others are about those that count.
  std::atomic<int64_t> answered{0};
  std::atomic<int64_t> operations{0};
  std::atomic<int64_t> errors{0};
  std::atomic<int64_t> redirections{0};
};

}  // namespace damselfly::load

#endif  // DAMSELFLY_BENCHMARKS_LOAD_SHARED_STATE_H_
