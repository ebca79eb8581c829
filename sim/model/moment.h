#ifndef DAMSELFLY_SIM_MODEL_MOMENT_H_
#define DAMSELFLY_SIM_MODEL_MOMENT_H_

#include <cstdint>

namespace damselfly::sim {

// What a node's wall clock showed, for those who judge it from outside.
class WallHistory {
 public:
  virtual ~WallHistory() = default;
  // In milliseconds, the least and the greatest in [begin_ns, end_ns] of virtual time.
  virtual int64_t WallMinMs(int64_t begin_ns, int64_t end_ns) const = 0;
  virtual int64_t WallMaxMs(int64_t begin_ns, int64_t end_ns) const = 0;
};

// When a command was executed, as well as it is known: not before `begin_ns`, not after `end_ns`.
// The two are equal for most commands: a node reads and answers in one pass.
struct Moment {
  int64_t begin_ns;
  int64_t end_ns;
  const WallHistory* wall;

  int64_t wall_min_ms() const { return wall->WallMinMs(begin_ns, end_ns); }
  int64_t wall_max_ms() const { return wall->WallMaxMs(begin_ns, end_ns); }
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_MODEL_MOMENT_H_
