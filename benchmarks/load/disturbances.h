#ifndef DAMSELFLY_BENCHMARKS_LOAD_DISTURBANCES_H_
#define DAMSELFLY_BENCHMARKS_LOAD_DISTURBANCES_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace damselfly::load {

// A moment in which a core did not do what it can: it ran nobody's program, because a virtual
// machine's host had stopped it or the system kept it to itself, or it ran every program slowly,
// because its clock had been turned down. Times are CLOCK_MONOTONIC.
struct Disturbance {
  // Of one that ran nothing.
  static constexpr double kStopped = 0;

  int64_t begin_ns;
  int64_t end_ns;
  double slowness = kStopped;  // how many times longer than at best everything took

  bool is_stop() const { return slowness == kStopped; }
};

// Finds the disturbances of one core, by a thread that precedes all others there and keeps waking
// up: from how late it does, and from how long a piece of work takes it that needs nothing but the
// core's clock.
//
// It errs to the other side. What the watched process ran is not taken for a stop, so that no long
// system call of its own hides behind one, nor is the time before the thread was due; and the clock
// is slow between two wakings only if it is at both.
class DisturbanceFinder {
 public:
  // Shorter delays are how long waking up takes.
  static constexpr int64_t kShortestStop_ns = 50 * 1000;
  // Clocks differ by less from one second to the next where nothing is wrong with them.
  static constexpr double kSlownessMin = 2;

  // `process_cpu_ns`: what the watched process has run so far.
  explicit DisturbanceFinder(int64_t process_cpu_ns) : process_cpu_ns_(process_cpu_ns) {}

  // The thread was to wake up at `due_ns` and did at `now_ns`, later at each call; the same piece
  // of work took it `work_ns` (> 0) each time. `process_cpu_ns` may fall: the process has ended.
  void Wake(int64_t due_ns, int64_t now_ns, int64_t process_cpu_ns, int64_t work_ns);

  const std::vector<Disturbance>& found() const { return found_; }
  // All late awakenings from the moment that was due, whatever ran meanwhile. Ascending, apart.
  const std::vector<Disturbance>& late() const { return late_; }

 private:
  void LookForStop(int64_t due_ns, int64_t now_ns, int64_t process_cpu_ns);
  void LookForSlowClock(int64_t now_ns, int64_t work_ns);

  int64_t process_cpu_ns_;
  int64_t fastest_work_ns_ = INT64_MAX;
  // Of the last call.
  int64_t woke_ns_ = 0;
  double slowness_ = 1;
  std::vector<Disturbance> found_;
  std::vector<Disturbance> late_;
};

// When each of the cores was late at once: a stop that the host does not tell the system of looks
// like the process running that it met, but none holds up a thread that precedes it on another
// core. Of a single core nothing can be said. `late`: of each core, ascending and apart; they are
// not all one process's.
std::vector<Disturbance> StopsOfAll(absl::Span<const std::vector<Disturbance>> late);

// The disturbances of several cores together.
class Disturbances {
 public:
  Disturbances() = default;
  // In any order.
  explicit Disturbances(std::vector<Disturbance> all);

  // Whether one of them touches the time between these.
  bool Touch(int64_t begin_ns, int64_t end_ns) const;

  // Each twice as long, for where requests keep coming meanwhile: what waited is served before what
  // comes then, which takes as long again if driver and server are busy for half of the time.
  Disturbances WithCatchingUp() const;

  // Those that meet or overlap, on whichever core, are one.
  int64_t count() const { return static_cast<int64_t>(spans_.size()); }
  int64_t total_ns() const;
  int64_t longest_stop_ns() const { return longest_stop_ns_; }
  double greatest_slowness() const { return greatest_slowness_; }  // 1: no clock was slow

 private:
  struct Span {
    int64_t begin_ns;
    int64_t end_ns;
  };

  // Sorts them, and makes one of those that meet.
  void Join();

  std::vector<Span> spans_;
  int64_t longest_stop_ns_ = 0;
  double greatest_slowness_ = 1;
};

}  // namespace damselfly::load

#endif  // DAMSELFLY_BENCHMARKS_LOAD_DISTURBANCES_H_
