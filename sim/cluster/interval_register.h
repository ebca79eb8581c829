#ifndef DAMSELFLY_SIM_CLUSTER_INTERVAL_REGISTER_H_
#define DAMSELFLY_SIM_CLUSTER_INTERVAL_REGISTER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"

namespace damselfly::sim {

// What a register may have held, when of each write only an interval is known in which it took
// effect, and of some not even whether it did. A write is possible within [begin, end] unless it
// comes later, or another write, which is certain, lies wholly after it and wholly before `begin`.
// That is the part of linearizability that holds for each read by itself; values need not be
// unique.
class IntervalRegister {
 public:
  // `end_ns` is INT64_MAX where nobody knows. Values are the caller's numbers.
  void Add(int64_t begin_ns, int64_t end_ns, bool certain, int64_t value);

  // Whether the register may have held `value` at some instant of [begin_ns, end_ns].
  bool MayHold(int64_t value, int64_t begin_ns, int64_t end_ns) const;

  // Visits each value that it may have held there; the same value may come more than once.
  void ForEachPossible(int64_t begin_ns, int64_t end_ns,
                       absl::FunctionRef<void(int64_t value)> visit) const;

  // Whether some write may have taken effect within [begin_ns, end_ns].
  bool MayChange(int64_t begin_ns, int64_t end_ns) const;

  // Nothing that ended before this is possible at `begin_ns` any more; INT64_MIN if everything is.
  int64_t SettledSince(int64_t begin_ns) const;

 private:
  struct Write {
    int64_t begin_ns;
    int64_t end_ns;
    bool certain;
    int64_t value;
  };

  void Sort() const;

  std::vector<Write> writes_;
  std::map<int64_t, std::vector<size_t>> writes_of_value_;
  // Of the certain writes, by their end: the end, and the latest beginning up to there. Made anew
  // when first asked after an Add.
  mutable bool sorted_ = true;
  mutable std::vector<std::pair<int64_t, int64_t>> settled_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLUSTER_INTERVAL_REGISTER_H_
