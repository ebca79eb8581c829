#include "sim/replication/replication_plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "sim/cluster/scenario.h"
#include "sim/sweep/odd_limits.h"

namespace damselfly::sim {
namespace {

constexpr int64_t kDefaultOutputBytesMax = 268435456;

int64_t DrawFrom(DecisionStream& draw, const scenario::Range& range) {
  return draw.Between(range.min(), range.max());
}

DrawnFaults FaultsOf(DecisionStream& draw, const scenario::Faults& faults) {
  DrawnFaults drawn;
  if (faults.mode() == scenario::Faults::SWARM) {
    drawn = DrawFaults(draw);
    // The clients here have no use for it.
    drawn.erase(std::remove_if(drawn.begin(), drawn.end(),
                               [](const auto& fault) { return fault.first == Fault::kHalfClose; }),
                drawn.end());
    if (!drawn.empty() && draw.Chance(1, 3)) drawn.emplace_back(Fault::kHostPause, 1);
  }
  for (const scenario::Fault& listed : faults.listed()) {
    Fault fault;
    if (ParseFault(listed.name(), &fault)) drawn.emplace_back(fault, listed.per_65536());
  }
  return drawn;
}

// Limits and intervals, of which each is the usual one in half of the nodes.
void DrawLimits(DecisionStream& draw, SimNode::Parameters* parameters) {
  static constexpr OddLimit kLimits[] = {
      {"shard_repl_backlog_max_bytes", {"16384", "65536", "1048576"}},
      {"shard_repl_backlog_time_ms", {"1", "50", "700"}},
      {"serialization_max_chunk_size", {"1024", "4096", "524288"}},
      // At less, a run is little else but acknowledgements of nothing new.
      {"replication_acks_interval", {"70", "300", "2000"}},
      // Longer than the intervals between acknowledgements, and between signs of life.
      {"replication_timeout", {"3000", "5000", "10000"}},
      {"master_connect_timeout_ms", {"50", "500", "3000"}},
      {"master_reconnect_timeout_ms", {"50", "300", "3000"}},
      {"repl_backlog_ttl", {"1", "2", "0"}},
      // More often, a run is little else but background passes that find nothing to do.
      {"hz", {"1", "4", "20"}},
      {"client_output_pause_bytes", {"1", "1000", "0"}},
  };
  DrawOddLimits(draw, kLimits, parameters);
  if (draw.Chance(1, 8)) parameters->emplace_back("replica_partial_sync", "no");
}

ReplicationPlan::NodePlan DrawNode(DecisionStream& draw,
                                   const scenario::ReplicationScenario& scenario, size_t number,
                                   const ReplicationPlan& plan) {
  ReplicationPlan::NodePlan node;
  node.worker_count = static_cast<int>(DrawFrom(draw, scenario.workers()));
  const int64_t skew_us = draw.Between(0, 2000) * 1'000'000 - 1000'000'000;
  if (plan.Has(Fault::kClockSkew)) node.clock_skew_us = skew_us;
  if (scenario.odd_limits()) DrawLimits(draw, &node.parameters);
  if (plan.output_bytes_max != kDefaultOutputBytesMax) {
    // What is kept for replicas that come back may wait for one too.
    node.parameters.emplace_back("shard_repl_backlog_max_bytes",
                                 absl::StrCat(ReplicationPlan::kSmallBacklogBytes));
    node.parameters.emplace_back(
        "client_output_buffer_limit",
        absl::StrCat("normal 0 0 0 slave ", plan.output_bytes_max, " 0 0 pubsub 0 0 0"));
  }
  if (scenario.cluster()) {
    node.parameters.emplace_back("cluster_mode", "yes");
    node.parameters.emplace_back("cluster_node_id", absl::StrCat("n", number));
    node.parameters.emplace_back("admin_port", absl::StrCat(ConfigKeeper::kAdminPort));
  }
  return node;
}

}  // namespace

bool ReplicationPlan::Has(Fault fault) const {
  return std::any_of(faults.begin(), faults.end(),
                     [fault](const auto& drawn) { return drawn.first == fault; });
}

ReplicationPlan DrawReplicationPlan(Decider* decider,
                                    const scenario::ReplicationScenario& scenario) {
  // Streams of their own, so that one node or client less leaves the others as they are.
  DecisionStream draw(decider, "plan");
  DecisionStream draw_faults(decider, "plan of faults");
  DecisionStream draw_knobs(decider, "plan of knobs");
  ReplicationPlan plan;
  plan.faults = FaultsOf(draw_faults, scenario.faults());
  if (!scenario.usual_network()) plan.knobs = DrawKnobs(draw_knobs);
  // With less a full buffer takes seconds to be emptied, which is what a dead replica looks like.
  plan.knobs.read_bytes_max = std::max<uint64_t>(plan.knobs.read_bytes_max, 1024);
  plan.fault_phase_ns = DrawFrom(draw, scenario.phases().faults_ms()) * kMillisecond;
  plan.quiet_phase_ns = DrawFrom(draw, scenario.phases().quiet_ms()) * kMillisecond;
  plan.output_bytes_max = DrawFrom(draw, scenario.replica_output_bytes());
  if (plan.output_bytes_max == 0) plan.output_bytes_max = kDefaultOutputBytesMax;
  const int64_t node_count = DrawFrom(draw, scenario.nodes());
  for (int64_t i = 0; i < node_count; ++i) {
    DecisionStream draw_node(decider, "plan of a node", static_cast<uint64_t>(i));
    plan.nodes.push_back(DrawNode(draw_node, scenario, static_cast<size_t>(i), plan));
  }
  plan.keys.count = static_cast<uint64_t>(DrawFrom(draw, scenario.keys()));
  plan.keys.one_slot = scenario.cluster();
  plan.keys.client_count = static_cast<uint64_t>(DrawFrom(draw, scenario.clients()));
  DecisionStream draw_queues(decider, "plan of queues");
  plan.queue_client_count = DrawFrom(draw_queues, scenario.queue_clients());
  plan.keys.queues = plan.queue_client_count > 0;
  const int64_t big_bytes = DrawFrom(draw, scenario.big_bytes());
  // A connection moves one buffer a round trip, and a worker one read a pass: less than what all
  // clients together write in big values, and no replica ever gets in step.
  const uint64_t big = static_cast<uint64_t>(big_bytes);
  plan.knobs.stream_buffer_bytes = std::max(plan.knobs.stream_buffer_bytes, big / 2);
  plan.knobs.read_bytes_max = std::max(plan.knobs.read_bytes_max, big / 16);
  for (uint64_t i = 0; i < plan.keys.client_count; ++i) {
    DecisionStream draw_client(decider, "plan of a client", i);
    ReplicationPlan::ClientPlan client;
    client.options.number = static_cast<int>(i);
    client.options.keys = plan.keys;
    client.options.protocol = draw_client.Chance(1, 3) ? 3 : 2;
    client.options.think_max_ns = DrawFrom(draw_client, scenario.think_us()) * kMicrosecond;
    client.options.mix = scenario.mix();
    client.options.big_bytes = big_bytes;
    // A few bytes at a time: hours for a big value.
    if (plan.Has(Fault::kSmallBuffer))
      client.options.big_bytes = std::min<int64_t>(big_bytes, 3000);
    client.start_ns = draw_client.Between(0, 100 * kMillisecond);
    client.options.masters_only = scenario.masters_only();
    client.options.many_keys = draw_client.Chance(1, 8) || scenario.many_keys();
    plan.clients.push_back(client);
  }
  OperatorOptions& operation = plan.operation;
  operation.master_count = static_cast<int>(DrawFrom(draw, scenario.masters()));
  operation.end_ns = plan.fault_phase_ns;
  operation.cluster = scenario.cluster();
  operation.repoints = DrawFrom(draw, scenario.operation().repoints());
  operation.takeovers = DrawFrom(draw, scenario.operation().takeovers());
  operation.failovers = DrawFrom(draw, scenario.operation().failovers());
  operation.detours = DrawFrom(draw, scenario.operation().detours());
  operation.slot_moves = DrawFrom(draw, scenario.operation().slot_moves());
  if (operation.cluster) operation.used_slots = plan.keys.Slots();
  operation.takeover_s = scenario.operation().takeover_s();
  operation.push_delay_ms = scenario.operation().push_delay_ms();
  plan.step_faults.end_ns = plan.fault_phase_ns;
  plan.step_faults.percent = scenario.step_fault_percent();
  plan.step_faults.weights = scenario.step_faults();
  // Seeds without faults are without these too.
  if (plan.faults.empty() && scenario.faults().mode() == scenario::Faults::SWARM)
    plan.step_faults.percent = 0;
  return plan;
}

std::string ReplicationPlan::ToString() const {
  std::string text = absl::StrCat(
      KnobsText(knobs), "\nfaults for ", fault_phase_ns / kMillisecond, " ms: ", FaultsText(faults),
      "; at ", step_faults.percent, " % of steps; ", operation.master_count, " masters of ",
      nodes.size(), " nodes; ", clients.size(), " clients, ", keys.count, " keys of each kind, ",
      queue_client_count, " clients of queues; ", operation.repoints, " repoints, ",
      operation.takeovers, " takeovers, ", operation.failovers, " failovers, ", operation.detours,
      " detours, ", operation.slot_moves, " moves of slots");
  for (size_t i = 0; i < nodes.size(); ++i) {
    absl::StrAppend(&text, "\nnode ", i, ": ", nodes[i].worker_count, " workers, skew ",
                    nodes[i].clock_skew_us / 1'000'000, " s");
    for (const auto& [name, value] : nodes[i].parameters)
      absl::StrAppend(&text, ", ", name, "=", value);
  }
  return text;
}

}  // namespace damselfly::sim
