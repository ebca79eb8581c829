#include "sim/replication/closed_watch.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"

namespace damselfly::sim {

void ClosedWatch::OnStep(int node) {
  const int incarnation = (*nodes_)[static_cast<size_t>(node)]->host().incarnation();
  const NodeView* const view = log_->Last(node, incarnation);
  if (view == nullptr || view->replica || view->service != NodeView::Service::kTakenOver) return;
  Await({*view, world_->now_ns(), given_ns_(node), world_->now_ns()});
}

void ClosedWatch::Await(const Closure& closure) {
  world_->At(closure.runs_since_ns + closure.given_ns + kSlackNs,
             [this, closure] { Check(closure); });
}

bool ClosedWatch::Lasts(const Closure& closure) const {
  SimNode& node = *(*nodes_)[static_cast<size_t>(closure.view.node)];
  if (!node.running() || node.host().incarnation() != closure.view.incarnation) return false;
  bool lasts = true;
  log_->ForEach(closure.view.node, closure.view.incarnation, closure.since_ns + 1, world_->now_ns(),
                [&lasts](const NodeView& view) {
                  lasts = !view.replica && view.service == NodeView::Service::kTakenOver;
                  return lasts;
                });
  return lasts;
}

bool ClosedWatch::MayBeHandedOver(const NodeView& closed) const {
  std::set<int> nodes;
  for (size_t lane = 0; lane < closed.positions.size(); ++lane) {
    std::set<int> applied = log_->NodesThatApplied(closed.lineage, static_cast<int>(lane),
                                                   closed.positions[lane], world_->now_ns());
    applied.erase(closed.node);
    if (lane == 0) nodes = std::move(applied);
    for (auto node = nodes.begin(); lane > 0 && node != nodes.end();)
      node = applied.count(*node) > 0 ? std::next(node) : nodes.erase(node);
  }
  return !nodes.empty();
}

void ClosedWatch::Check(Closure closure) {
  if (board_->violated() || !Lasts(closure)) return;
  const Host& host = (*nodes_)[static_cast<size_t>(closure.view.node)]->host();
  if (host.paused_until_ns() > closure.runs_since_ns) {
    closure.runs_since_ns = std::max(host.paused_until_ns(), world_->now_ns());
    return Await(closure);
  }
  board_->CountCheck(Oracle::kTakeoverEnds);
  // In a cluster it stays, and redirects.
  if (cluster_ && MayBeHandedOver(closure.view)) return;
  board_->Violate(
      Oracle::kTakeoverEnds,
      absl::StrCat("closed since ", closure.since_ns, " ns, for a takeover that was given ",
                   closure.given_ns / kSecond, " s: ", ViewText(closure.view)));
}

}  // namespace damselfly::sim
