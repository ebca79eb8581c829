#include "sim/replication/view_log.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace damselfly::sim {

namespace {

bool DiffersInPositionsOnly(const NodeView& a, const NodeView& b) {
  return a.replica == b.replica && a.service == b.service && a.lineage == b.lineage &&
         a.positions.size() == b.positions.size();
}

}  // namespace

std::string ViewText(const NodeView& view) {
  static constexpr absl::string_view kServices[] = {"active", "loading", "taken over"};
  return absl::StrCat("node ", view.node, " (process ", view.incarnation, "), ",
                      view.replica ? "replica" : "master", ", ",
                      kServices[static_cast<size_t>(view.service)], ", lineage ",
                      view.lineage.substr(0, 8), " at ", absl::StrJoin(view.positions, " "));
}

void ViewLog::Add(const NodeView& view, int64_t now_ns) {
  Process& process = processes_[{view.node, view.incarnation}];
  std::vector<Entry>& entries = process.entries;
  if (!entries.empty() && entries.back().view == view) return;
  if (entries.empty() || !DiffersInPositionsOnly(entries.back().view, view))
    process.stretches.push_back(entries.size());
  entries.push_back({now_ns, view});
}

const NodeView* ViewLog::Last(int node, int incarnation) const {
  const auto found = processes_.find({node, incarnation});
  return found == processes_.end() ? nullptr : &found->second.entries.back().view;
}

void ViewLog::ForEach(int node, int incarnation, int64_t begin_ns, int64_t end_ns,
                      absl::FunctionRef<bool(const NodeView& view)> visit) const {
  const auto found = processes_.find({node, incarnation});
  if (found == processes_.end()) return;
  const std::vector<Entry>& entries = found->second.entries;
  // The last that was there before the interval began.
  auto at = std::lower_bound(
      entries.begin(), entries.end(), begin_ns,
      [](const Entry& entry, int64_t time_ns) { return entry.since_ns < time_ns; });
  if (at != entries.begin()) --at;
  for (; at != entries.end() && at->since_ns <= end_ns; ++at) {
    if (!visit(at->view)) return;
  }
}

void ViewLog::ForEachChange(int node, int incarnation,
                            absl::FunctionRef<bool(const Entry& entry)> visit) const {
  const auto found = processes_.find({node, incarnation});
  if (found == processes_.end()) return;
  for (size_t begin : found->second.stretches) {
    if (!visit(found->second.entries[begin])) return;
  }
}

std::set<int> ViewLog::NodesThatApplied(const std::string& lineage, int lane, uint64_t position,
                                        int64_t time_ns) const {
  std::set<int> nodes;
  for (const auto& [number_and_incarnation, process] : processes_) {
    const Entry* const last = LastIn(process, lineage, lane, time_ns);
    // Within a lineage a process only goes on: what it had before was less.
    if (last != nullptr && last->view.positions[static_cast<size_t>(lane)] >= position)
      nodes.insert(number_and_incarnation.first);
  }
  return nodes;
}

const ViewLog::Entry* ViewLog::LastIn(const Process& process, const std::string& lineage, int lane,
                                      int64_t time_ns) {
  const std::vector<Entry>& entries = process.entries;
  size_t end = entries.size();
  // Backwards: what was applied is mostly still there.
  for (auto begin = process.stretches.rbegin(); begin != process.stretches.rend(); ++begin) {
    const NodeView& view = entries[*begin].view;
    if (view.service != NodeView::Service::kLoading && view.lineage == lineage &&
        static_cast<size_t>(lane) < view.positions.size()) {
      const auto first = entries.begin() + static_cast<std::ptrdiff_t>(*begin);
      const auto after = std::upper_bound(
          first, entries.begin() + static_cast<std::ptrdiff_t>(end), time_ns,
          [](int64_t wanted_ns, const Entry& entry) { return wanted_ns < entry.since_ns; });
      if (after != first) return &*std::prev(after);
    }
    end = *begin;
  }
  return nullptr;
}

}  // namespace damselfly::sim
