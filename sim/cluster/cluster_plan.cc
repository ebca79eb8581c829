#include "sim/cluster/cluster_plan.h"

#include "absl/strings/str_cat.h"
#include "sim/clients/queue_history.h"
#include "sim/cluster/scenario.h"
#include "sim/oracles/key_slot.h"
#include "sim/sweep/odd_limits.h"

namespace damselfly::sim {
namespace {

int64_t DrawFrom(DecisionStream& draw, const scenario::Range& range) {
  return draw.Between(range.min(), range.max());
}

DrawnFaults FaultsOf(DecisionStream& draw, const scenario::Faults& faults) {
  if (faults.mode() == scenario::Faults::SWARM) return DrawFaults(draw);
  DrawnFaults drawn;
  for (const scenario::Fault& listed : faults.listed()) {
    Fault fault;
    if (ParseFault(listed.name(), &fault)) drawn.emplace_back(fault, listed.per_65536());
  }
  return drawn;
}

bool Has(const DrawnFaults& faults, Fault fault) {
  for (const auto& [drawn, rate] : faults) {
    if (drawn == fault) return true;
  }
  return false;
}

void DrawControlPlanes(DecisionStream& draw, const scenario::ControlPlane& behaviour,
                       ClusterPlan* plan) {
  ControlPlaneOptions& options = plan->control_plane;
  options.behaviour = behaviour;
  const bool by_seed = draw.Chance(1, 2);
  options.epochs = behaviour.epochs() == scenario::ControlPlane::BY_SEED
                       ? by_seed
                       : behaviour.epochs() == scenario::ControlPlane::ALWAYS;
  options.change_count = DrawFrom(draw, behaviour.changes());
  options.end_ns = plan->fault_phase_ns;
  for (const std::string& key : ClusterClient::AllKeys(plan->key_count))
    options.used_slots.push_back(KeySlot(key));
  for (uint64_t i = 0; i < plan->channel_count; ++i)
    options.used_slots.push_back(KeySlot(ClusterClient::ChannelName(i)));
  if (plan->queue_client_count > 0) {
    for (uint64_t i = 0; i < QueueHistory::kGroupCount; ++i)
      options.used_slots.push_back(KeySlot(QueueHistory::Key(i, 'a')));
  }
  plan->second_controller = behaviour.second_controller();
  plan->second_control_plane = options;
  plan->second_control_plane.deposed = true;
  plan->second_control_plane.change_count /= 2;
  plan->second_control_plane.begin_ns = draw.Between(0, plan->fault_phase_ns / 2);
}

}  // namespace

ClusterPlan DrawClusterPlan(Decider* decider, const scenario::ClusterScenario& scenario) {
  // Streams of their own, so that one node or client less leaves the others as they are.
  DecisionStream draw(decider, "plan");
  DecisionStream draw_faults(decider, "plan of faults");
  DecisionStream draw_knobs(decider, "plan of knobs");
  ClusterPlan plan;
  plan.faults = FaultsOf(draw_faults, scenario.faults());
  if (!scenario.usual_network()) plan.knobs = DrawKnobs(draw_knobs);
  plan.fault_phase_ns = DrawFrom(draw, scenario.phases().faults_ms()) * kMillisecond;
  plan.quiet_phase_ns = DrawFrom(draw, scenario.phases().quiet_ms()) * kMillisecond;
  const int64_t node_count = DrawFrom(draw, scenario.nodes());
  for (int64_t i = 0; i < node_count; ++i) {
    DecisionStream draw_node(decider, "plan of a node", static_cast<uint64_t>(i));
    ClusterPlan::NodePlan node;
    node.worker_count = static_cast<int>(DrawFrom(draw_node, scenario.workers()));
    const int64_t skew_us = draw_node.Between(0, 2000) * 1'000'000 - 1000'000'000;
    if (Has(plan.faults, Fault::kClockSkew)) node.clock_skew_us = skew_us;
    node.look_count = DrawFrom(draw_node, scenario.looks());
    if (!scenario.usual_network()) DrawOddLimits(draw_node, &node.parameters);
    plan.nodes.push_back(node);
  }
  plan.key_count = static_cast<uint64_t>(DrawFrom(draw, scenario.keys()));
  plan.channel_count = static_cast<uint64_t>(DrawFrom(draw, scenario.channels()));
  plan.subscriber_count = DrawFrom(draw, scenario.subscribers());
  const int64_t client_count = DrawFrom(draw, scenario.clients());
  for (int64_t i = 0; i < client_count; ++i) {
    DecisionStream draw_client(decider, "plan of a client", static_cast<uint64_t>(i));
    ClusterPlan::ClientPlan client;
    client.options.number = static_cast<int>(i);
    client.options.key_count = plan.key_count;
    client.options.channel_count = plan.channel_count;
    client.options.protocol = draw_client.Chance(1, 3) ? 3 : 2;
    client.options.think_max_ns = DrawFrom(draw_client, scenario.think_us()) * kMicrosecond;
    client.options.mix = scenario.mix();
    client.start_ns = draw_client.Between(0, 50 * kMillisecond);
    plan.clients.push_back(client);
  }
  DecisionStream draw_queues(decider, "plan of queues");
  plan.queue_client_count = DrawFrom(draw_queues, scenario.queue_clients());
  DrawControlPlanes(draw, scenario.control_plane(), &plan);
  return plan;
}

std::string ClusterPlan::ToString() const {
  std::string text = absl::StrCat(KnobsText(knobs), "\nfaults for ", fault_phase_ns / kMillisecond,
                                  " ms: ", FaultsText(faults), "\n", nodes.size(), " nodes of");
  for (const NodePlan& node : nodes) absl::StrAppend(&text, " ", node.worker_count);
  absl::StrAppend(&text, " workers; ", clients.size(), " clients, ", key_count,
                  " keys of each kind, ", subscriber_count, " subscribers to ", channel_count,
                  " channels; ", queue_client_count, " clients of queues; ",
                  control_plane.change_count, " changes ",
                  control_plane.epochs ? "with" : "without", " epochs");
  if (second_controller) {
    absl::StrAppend(&text, "; a second controller from ",
                    second_control_plane.begin_ns / kMillisecond, " ms on, with ",
                    second_control_plane.change_count, " changes");
  }
  return text;
}

}  // namespace damselfly::sim
