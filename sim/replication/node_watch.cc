#include "sim/replication/node_watch.h"

#include "absl/strings/str_cat.h"

namespace damselfly::sim {
namespace {

// A master is asked for its replicas after one pass of so many: that costs more than a pass.
constexpr uint64_t kPassesPerLook = 16;
constexpr int64_t kSlackBytes = 1 << 20;

}  // namespace

NodeWatch::NodeWatch(World* world, const std::vector<std::unique_ptr<SimNode>>* nodes,
                     const std::vector<uint16_t>* slots, const Options& options,
                     ReplicationHistory* history, OracleBoard* board)
    : world_(world),
      nodes_(nodes),
      node_((*nodes)[static_cast<size_t>(options.number)].get()),
      slots_(slots),
      options_(options),
      history_(history),
      board_(board) {
  node_->host().set_after_pass([this] { OnPass(); });
}

void NodeWatch::OnPass() {
  if (!node_->running() || board_->violated()) return;
  const NodeProbe probe(options_.number, node_, slots_);
  const NodeView* const last = history_->views.Last(options_.number, node_->host().incarnation());
  if (last != nullptr && probe.IsStill(*last)) {
    history_->lineages.ObserveUnchanged(*last, probe, world_->now_ns());
    MaybeLookAtReplicas(*last, probe);
    return;
  }
  const NodeView view = probe.View();
  const bool step =
      last != nullptr && (last->replica != view.replica || last->service != view.service ||
                          last->lineage != view.lineage);
  const bool begins_sync = view.service == NodeView::Service::kLoading &&
                           (last == nullptr || last->service != view.service);
  const bool was_loading = last != nullptr && last->service == NodeView::Service::kLoading;
  // From here on `last` is void.
  history_->lineages.Observe(view, probe, world_->now_ns());
  if (view.service == NodeView::Service::kTakenOver) taken_over_incarnation_ = view.incarnation;
  if (was_loading && view.serves_master()) history_->Count("replicas promoted while being filled");
  if (begins_sync) history_->Count("full syncs begun");
  if (begins_sync && counts_syncs_) ++sync_count_;
  if (step) on_step_();
  MaybeLookAtReplicas(view, probe);
}

void NodeWatch::MaybeLookAtReplicas(const NodeView& view, const NodeProbe& probe) {
  if (!view.serves_master() || view.positions.empty()) return;
  const bool looks = ++pass_count_ % kPassesPerLook == 0;
  const bool waited = history_->waits.wants_links(view.node);
  if (!looks && !waited) return;
  const ReplicationFacts facts = probe.Facts();
  if (waited)
    history_->waits.ObserveLinks(view.node, view.incarnation, LinksOf(facts), world_->now_ns());
  if (looks) LookAtReplicas(view, facts);
}

WaitOracle::Links NodeWatch::LinksOf(const ReplicationFacts& facts) const {
  WaitOracle::Links links;
  links.count = facts.replicas.size();
  for (const ReplicaFacts& replica : facts.replicas) {
    if (replica.state == "online") links.online.insert(NodeAt(replica.host));
  }
  return links;
}

int NodeWatch::NodeAt(const std::string& address) const {
  for (size_t i = 0; i < nodes_->size(); ++i) {
    if ((*nodes_)[i]->host().address() == address) return static_cast<int>(i);
  }
  return -1;
}

void NodeWatch::LookAtReplicas(const NodeView& view, const ReplicationFacts& facts) {
  uint64_t records = 0;
  for (uint64_t position : view.positions) records += position;
  board_->CountCheck(Oracle::kBoundedMemory);
  // Each lane's flow has the limit for itself.
  const int64_t bytes_max =
      options_.output_bytes_max * static_cast<int64_t>(view.positions.size()) +
      options_.record_bytes_max + kSlackBytes;
  if (static_cast<int64_t>(facts.backlog_bytes) > bytes_max) {
    board_->Violate(Oracle::kBoundedMemory,
                    absl::StrCat(ViewText(view), ": ", facts.backlog_bytes,
                                 " bytes are kept for replicas, of at most ", bytes_max));
    return;
  }
  for (const ReplicaFacts& replica : facts.replicas) {
    if (replica.state != "online") continue;
    const int node = NodeAt(replica.host);
    if (node < 0 || replica.lag_records > records) continue;
    SimNode& sim_node = *(*nodes_)[static_cast<size_t>(node)];
    history_->lineages.ObserveAcknowledged(view.lineage, node, sim_node.host().incarnation(),
                                           records - replica.lag_records);
  }
}

}  // namespace damselfly::sim
