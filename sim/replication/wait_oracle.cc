#include "sim/replication/wait_oracle.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"

namespace damselfly::sim {
namespace {

constexpr int64_t kNsPerMs = 1'000'000;

std::string AnswerText(const WaitOracle::Answer& answer) {
  return absl::StrCat(OccasionText(answer.occasion), ": WAIT ", answer.asked, " ",
                      answer.timeout_ms, " was answered by ", answer.count);
}

}  // namespace

void WaitOracle::OnSent(int node) {
  Node& at = nodes_[node];
  // What was seen before that may not be so any more.
  if (at.waiting++ == 0) at.entries.clear();
}

void WaitOracle::OnOver(int node) { --nodes_[node].waiting; }

bool WaitOracle::wants_links(int node) const {
  const auto found = nodes_.find(node);
  return found != nodes_.end() && found->second.waiting > 0;
}

void WaitOracle::ObserveLinks(int node, int incarnation, const Links& links, int64_t now_ns) {
  Node& at = nodes_[node];
  if (at.incarnation != incarnation) at.entries.clear();
  at.incarnation = incarnation;
  if (at.entries.empty() || !(at.entries.back().links == links))
    at.entries.push_back({now_ns, links});
}

std::vector<WaitOracle::Links> WaitOracle::LinksWithin(const Occasion& occasion) const {
  std::vector<Links> within;
  const auto found = nodes_.find(occasion.node);
  if (found == nodes_.end() || found->second.incarnation != occasion.incarnation) return within;
  for (const Entry& entry : found->second.entries) {
    if (entry.since_ns > occasion.end_ns) break;
    // The last one that began before is what there was when it began.
    if (entry.since_ns < occasion.begin_ns) within.clear();
    within.push_back(entry.links);
  }
  return within;
}

bool WaitOracle::IsSteady(const Occasion& occasion) const {
  const NodeView* first = nullptr;
  bool steady = true;
  log_->ForEach(occasion.node, occasion.incarnation, occasion.begin_ns, occasion.end_ns,
                [&](const NodeView& view) {
                  if (first == nullptr) first = &view;
                  steady = view.serves_master() && !view.positions.empty() &&
                           view.lineage == first->lineage;
                  return steady;
                });
  return steady && first != nullptr;
}

void WaitOracle::OnAnswer(const Answer& answer) {
  CheckClosing(answer);
  if (!IsSteady(answer.occasion)) return;
  const std::vector<Links> links = LinksWithin(answer.occasion);
  if (links.empty()) return;
  CheckEarly(answer, links);
  CheckLate(answer, links);
}

void WaitOracle::CheckClosing(const Answer& answer) const {
  const Occasion& occasion = answer.occasion;
  if (closing_late_ns_ == INT64_MAX) return;
  int64_t closed_ns = INT64_MAX;
  log_->ForEachChange(occasion.node, occasion.incarnation, [&](const ViewLog::Entry& entry) {
    if (entry.since_ns > occasion.begin_ns && !entry.view.replica &&
        entry.view.service == NodeView::Service::kTakenOver)
      closed_ns = entry.since_ns;
    return closed_ns == INT64_MAX && entry.since_ns <= occasion.end_ns;
  });
  if (closed_ns > occasion.end_ns || stands_until_ns_(occasion.node) > closed_ns) return;
  board_->CountCheck(Oracle::kWait);
  if (occasion.end_ns - closed_ns <= closing_late_ns_) return;
  board_->Violate(
      Oracle::kWait,
      absl::StrCat(AnswerText(answer), ", although its node had closed at ", closed_ns, " ns"));
}

// WAIT goes by all links that there are at an instant, which are never fewer than those that were
// online all the time. Those that have gone may have counted at that instant.
void WaitOracle::CheckEarly(const Answer& answer, const std::vector<Links>& links) {
  const int64_t took_ns = answer.occasion.end_ns - answer.occasion.begin_ns;
  if (took_ns >= answer.timeout_ms * kNsPerMs) return;
  for (size_t i = 1; i < links.size(); ++i) {
    const bool none_gone = std::includes(links[i].online.begin(), links[i].online.end(),
                                         links[i - 1].online.begin(), links[i - 1].online.end());
    if (!none_gone) return;
  }
  board_->CountCheck(Oracle::kWait);
  const int64_t wanted = std::min(answer.asked, static_cast<int64_t>(links.front().online.size()));
  if (answer.count >= wanted) return;
  board_->Violate(Oracle::kWait,
                  absl::StrCat(AnswerText(answer), " after ", took_ns / kNsPerMs, " ms although ",
                               links.front().online.size(), " replicas were online"));
}

int64_t WaitOracle::CountApplied(const Occasion& occasion, const std::set<int>& nodes,
                                 int64_t time_ns) const {
  const NodeView* master = nullptr;
  log_->ForEach(occasion.node, occasion.incarnation, occasion.begin_ns, occasion.begin_ns,
                [&master](const NodeView& view) {
                  master = &view;
                  return true;
                });
  std::set<int> applied = nodes;
  for (size_t lane = 0; lane < master->positions.size(); ++lane) {
    const std::set<int> of_lane = log_->NodesThatApplied(master->lineage, static_cast<int>(lane),
                                                         master->positions[lane], time_ns);
    for (auto node = applied.begin(); node != applied.end();)
      node = of_lane.count(*node) > 0 ? std::next(node) : applied.erase(node);
  }
  return static_cast<int64_t>(applied.size());
}

void WaitOracle::CheckLate(const Answer& answer, const std::vector<Links>& links) {
  const Occasion& occasion = answer.occasion;
  const int64_t enough_ns = occasion.end_ns - late_ns_;
  if (occasion.begin_ns < calm_since_ns_ || links.size() != 1) return;
  board_->CountCheck(Oracle::kWait);
  if (enough_ns <= occasion.begin_ns) return;
  const int64_t wanted = std::min(answer.asked, static_cast<int64_t>(links.front().count));
  const int64_t applied = CountApplied(occasion, links.front().online, enough_ns);
  if (applied < wanted) return;
  board_->Violate(Oracle::kWait,
                  absl::StrCat(AnswerText(answer), ", although ", applied, " replicas, of ",
                               links.front().count, ", had all of that by ", enough_ns, " ns"));
}

}  // namespace damselfly::sim
