#ifndef DAMSELFLY_BENCHMARKS_LOAD_STOLEN_TIME_H_
#define DAMSELFLY_BENCHMARKS_LOAD_STOLEN_TIME_H_

#include <cstdint>
#include <vector>

namespace damselfly::load {

// A moment in which a core ran nobody's program: a virtual machine's host had stopped it, or the
// system kept it to itself. Times are CLOCK_MONOTONIC.
struct StolenMoment {
  int64_t begin_ns;
  int64_t end_ns;
};

// Finds such moments of one core from how late a thread wakes up that precedes all others on it.
// It errs to the other side: what the watched process ran meanwhile is never counted as stolen, so
// that no long system call of its own hides behind it, nor is the time before the thread was due.
// A stop that the host does not tell the system of looks like the process running, and is not
// found.
class StolenFinder {
 public:
  // Shorter delays are how long waking up takes.
  static constexpr int64_t kShortest_ns = 50 * 1000;

  // `process_cpu_ns`: what the watched process has run so far.
  explicit StolenFinder(int64_t process_cpu_ns) : process_cpu_ns_(process_cpu_ns) {}

  // The thread was to wake up at `due_ns` and did at `now_ns`, later at each call.
  void Wake(int64_t due_ns, int64_t now_ns, int64_t process_cpu_ns);

  const std::vector<StolenMoment>& moments() const { return moments_; }

 private:
  int64_t process_cpu_ns_;
  std::vector<StolenMoment> moments_;
};

// The moments of several cores together.
class StolenTime {
 public:
  static constexpr double kBusyShareMax = 0.5;

  StolenTime() = default;
  // In any order; those that meet become one.
  explicit StolenTime(std::vector<StolenMoment> moments);

  // The same moments, each longer by what it takes to catch up: what waited meanwhile is served
  // before what comes then, and takes `busy_share` (0 to kBusyShareMax, more counts as that) of the
  // time in which it came; so does what comes then, and so on.
  StolenTime WithCatchingUp(double busy_share) const;

  // How much of what lies between these was stolen.
  int64_t Within_ns(int64_t begin_ns, int64_t end_ns) const;

  // Ascending, apart from each other.
  const std::vector<StolenMoment>& moments() const { return moments_; }
  int64_t total_ns() const;
  int64_t longest_ns() const;

 private:
  std::vector<StolenMoment> moments_;
};

}  // namespace damselfly::load

#endif  // DAMSELFLY_BENCHMARKS_LOAD_STOLEN_TIME_H_
