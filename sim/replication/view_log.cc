#include "sim/replication/view_log.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace damselfly::sim {

std::string ViewText(const NodeView& view) {
  static constexpr absl::string_view kServices[] = {"active", "loading", "taken over"};
  return absl::StrCat("node ", view.node, " (process ", view.incarnation, "), ",
                      view.replica ? "replica" : "master", ", ",
                      kServices[static_cast<size_t>(view.service)], ", lineage ",
                      view.lineage.substr(0, 8), " at ", absl::StrJoin(view.positions, " "));
}

void ViewLog::Add(const NodeView& view, int64_t now_ns) {
  std::vector<Entry>& entries = entries_[{view.node, view.incarnation}];
  if (!entries.empty() && entries.back().view == view) return;
  entries.push_back({now_ns, view});
}

const NodeView* ViewLog::Last(int node, int incarnation) const {
  const auto found = entries_.find({node, incarnation});
  return found == entries_.end() ? nullptr : &found->second.back().view;
}

void ViewLog::ForEach(int node, int incarnation, int64_t begin_ns, int64_t end_ns,
                      absl::FunctionRef<bool(const NodeView& view)> visit) const {
  const auto found = entries_.find({node, incarnation});
  if (found == entries_.end()) return;
  const std::vector<Entry>& entries = found->second;
  // The last that was there before the interval began.
  auto at = std::lower_bound(
      entries.begin(), entries.end(), begin_ns,
      [](const Entry& entry, int64_t time_ns) { return entry.since_ns < time_ns; });
  if (at != entries.begin()) --at;
  for (; at != entries.end() && at->since_ns <= end_ns; ++at) {
    if (!visit(at->view)) return;
  }
}

std::set<int> ViewLog::NodesThatApplied(const std::string& lineage, int lane, uint64_t position,
                                        int64_t time_ns) const {
  std::set<int> nodes;
  for (const auto& [process, entries] : entries_) {
    // Backwards: what was applied is mostly still there.
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
      const NodeView& view = entry->view;
      if (entry->since_ns > time_ns || view.service == NodeView::Service::kLoading) continue;
      if (view.lineage != lineage || static_cast<size_t>(lane) >= view.positions.size()) continue;
      // Within a lineage a process only goes on: what it had before was less.
      if (view.positions[static_cast<size_t>(lane)] >= position) nodes.insert(process.first);
      break;
    }
  }
  return nodes;
}

}  // namespace damselfly::sim
