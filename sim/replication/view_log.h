#ifndef DAMSELFLY_SIM_REPLICATION_VIEW_LOG_H_
#define DAMSELFLY_SIM_REPLICATION_VIEW_LOG_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "sim/replication/node_view.h"

namespace damselfly::sim {

// What every process of every node was, at every instant.
class ViewLog {
 public:
  struct Entry {
    int64_t since_ns;
    NodeView view;
  };

  // Times never decrease. Returns the entry before, null if there is none; the same as the new one
  // when nothing has changed.
  void Add(const NodeView& view, int64_t now_ns);

  // Null if the process has never been seen.
  const NodeView* Last(int node, int incarnation) const;

  // Visits what the process was within [begin_ns, end_ns]: what it was when that began, and all
  // that it became then. Work that is done in one pass and seen at its end was done in the first or
  // between two of these. Stops when `visit` returns false.
  void ForEach(int node, int incarnation, int64_t begin_ns, int64_t end_ns,
               absl::FunctionRef<bool(const NodeView& view)> visit) const;

  // Visits only those that differ from the one before in more than positions, all of the process's,
  // until `visit` returns false.
  void ForEachChange(int node, int incarnation,
                     absl::FunctionRef<bool(const Entry& entry)> visit) const;

  // The nodes of which some process had got so far in a lane by `time_ns`.
  std::set<int> NodesThatApplied(const std::string& lineage, int lane, uint64_t position,
                                 int64_t time_ns) const;

 private:
  struct Process {
    std::vector<Entry> entries;
    // Where the entries begin that differ from the one before in more than positions.
    std::vector<size_t> stretches;
  };

  // The process's last entry by then in that lineage, with that lane, not loading; or null.
  static const Entry* LastIn(const Process& process, const std::string& lineage, int lane,
                             int64_t time_ns);

  std::map<std::pair<int, int>, Process> processes_;  // by node and incarnation
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_VIEW_LOG_H_
