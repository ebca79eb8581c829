#ifndef DAMSELFLY_SIM_WORLD_SLOW_WORKER_H_
#define DAMSELFLY_SIM_WORLD_SLOW_WORKER_H_

#include <cstdint>

namespace damselfly::sim {

// Fault::kSlowWorker: one worker of a host has a bad processor for a while. Each of its passes
// comes so much later.
struct SlowWorker {
  int worker = -1;
  int64_t until_ns = 0;
  int64_t delay_ns = 0;

  int64_t DelayOf(int of_worker, int64_t now_ns) const {
    return of_worker == worker && now_ns < until_ns ? delay_ns : 0;
  }
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_WORLD_SLOW_WORKER_H_
