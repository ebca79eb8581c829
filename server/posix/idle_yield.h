#ifndef DAMSELFLY_SERVER_POSIX_IDLE_YIELD_H_
#define DAMSELFLY_SERVER_POSIX_IDLE_YIELD_H_

#include <algorithm>
#include <cstdint>

namespace damselfly::posix {

// Whether a worker that has nothing to do gives way to other threads once (sched_yield) before it
// sleeps.
//
// Where workers share their processors with their clients, a client that runs meanwhile sends the
// next requests, and the worker finds them without having slept: sleeping costs it two switches,
// and the client a wake-up for each batch. Where a worker has its processor to itself, giving way
// finds nothing. Where it shares it with a thread that computes, that one keeps the processor for
// its whole slice, milliseconds, while a worker that is woken need hardly wait. So only busy
// workers do it, whose clients wait for one another anyway, and there are rests: a short one after
// a run of attempts that found nothing, and one in proportion after attempts that took too long and
// were not made up for by fruitful ones.
//
// Decides from what it is told; neither reads a clock nor yields. Not thread-safe: one a loop.
class IdleYield {
 public:
  // Busy is who had so many events in the last whole window: ten thousand a second.
  static constexpr int64_t kWindowNs = 5'000'000;
  static constexpr int kBusyEvents = 50;
  // An attempt costs a microsecond, one that finds work saves some.
  static constexpr int kCreditMax = 64;
  static constexpr int kCreditAfterRest = 8;
  static constexpr int kEarnedByWork = 4;
  static constexpr int64_t kRestNs = 5'000'000;
  // Who was away for longer was late, whatever was found.
  static constexpr int64_t kAwayNsMax = 1'000'000;
  // So many times late in a row are too many, and each fruitful attempt makes up for a quarter of
  // one: clients that are busy themselves keep the worker from its processor for long now and then.
  static constexpr int kLateMax = 4;
  static constexpr int kWorkPerLate = 4;
  // The rest takes so many times as long as the last attempt. Who is late at once after it rests
  // again, and so at the beginning: trust is earned. A worker beside threads that compute is away
  // for a two-hundredth of its time.
  static constexpr int64_t kRestTimes = 200;

  // Of each pass, with the time at its beginning.
  void CountEvents(int count, int64_t now_ns) {
    if (now_ns - window_begin_ns_ >= kWindowNs) {
      // A window that ended long before this pass was followed by idle ones.
      is_busy_ = events_ >= kBusyEvents && now_ns - window_begin_ns_ < 2 * kWindowNs;
      window_begin_ns_ = now_ns;
      events_ = 0;
    }
    events_ += count;
  }

  // Called before each sleep; true: give way, then Report.
  bool ShouldYield(int64_t now_ns) const { return is_busy_ && now_ns >= rest_until_ns_; }

  // The worker was away from `begin_ns` until `end_ns`, and found work or did not.
  void Report(int64_t begin_ns, int64_t end_ns, bool found_work) {
    if (end_ns - begin_ns > kAwayNsMax) {
      WasLate(begin_ns, end_ns);
    } else if (found_work) {
      credit_ = std::min(credit_ + kEarnedByWork, kCreditMax);
      lateness_ = std::max(lateness_ - 1, 0);
    } else if (--credit_ == 0) {
      credit_ = kCreditAfterRest;
      rest_until_ns_ = end_ns + kRestNs;
    }
  }

 private:
  static constexpr int kLatenessOnTrial = (kLateMax - 1) * kWorkPerLate;

  void WasLate(int64_t begin_ns, int64_t end_ns) {
    lateness_ += kWorkPerLate;
    if (lateness_ < kLateMax * kWorkPerLate) return;
    lateness_ = kLatenessOnTrial;
    rest_until_ns_ = end_ns + kRestTimes * (end_ns - begin_ns);
  }

  bool is_busy_ = false;
  int events_ = 0;  // since window_begin_ns_
  int64_t window_begin_ns_ = 0;
  int credit_ = kCreditAfterRest;
  int lateness_ = kLatenessOnTrial;
  int64_t rest_until_ns_ = 0;
};

}  // namespace damselfly::posix

#endif  // DAMSELFLY_SERVER_POSIX_IDLE_YIELD_H_
