#ifndef DAMSELFLY_SERVER_RUNTIME_EVENT_LOOP_H_
#define DAMSELFLY_SERVER_RUNTIME_EVENT_LOOP_H_

#include <cstdint>

#include "absl/functional/any_invocable.h"

namespace damselfly {

// One worker: runs call-backs one after another, in passes. A pass collects what is ready (bytes,
// timers, posted work), reads the clocks once, and runs it all. Everything that belongs to a worker
// (its sessions, their streams, its timers) is touched only from call-backs of that worker's loop.
//
// Unless said otherwise, methods are called on the loop's own thread only.
class EventLoop {
 public:
  using Work = absl::AnyInvocable<void()>;
  using TimerId = uint64_t;
  static constexpr TimerId kNoTimer = 0;

  virtual ~EventLoop() = default;

  // This worker's number, in [0, Runtime::worker_count()). Any thread.
  virtual int index() const = 0;

  // The clocks as they were when this pass began: cheap, and equal for all call-backs of one pass.
  virtual int64_t pass_monotonic_ns() const = 0;
  virtual int64_t pass_wall_us() const = 0;
  int64_t pass_wall_ms() const { return pass_wall_us() / 1000; }

  // Runs `work` in a later pass of this loop. Work posted by one thread runs in the order of
  // posting. Any thread. Work posted after the loop has stopped is destroyed without being run.
  virtual void Post(Work work) = 0;

  // Runs `work` once, not before `delay_ns` (>= 0) from now. Returns an id that is never kNoTimer.
  virtual TimerId StartTimer(int64_t delay_ns, Work work) = 0;

  // Cancels a timer that has not fired. Returns false (and does nothing) if it has fired or been
  // cancelled.
  virtual bool CancelTimer(TimerId id) = 0;

  // Stops this worker for `duration_ns`: nothing else runs on it meanwhile. Only for DEBUG SLEEP.
  virtual void Stall(int64_t duration_ns) = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_RUNTIME_EVENT_LOOP_H_
