#include "sim/sweep/plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "sim/clients/command_generator.h"
#include "sim/sweep/odd_limits.h"

namespace damselfly::sim {
namespace {

// How often each fault may strike where it can, of 65536.
struct FaultRates {
  Fault fault;
  uint32_t low;
  uint32_t high;
};
constexpr FaultRates kFaultRates[] = {
    {Fault::kSplitSegment, 2000, 40000}, {Fault::kSplitRead, 2000, 40000},
    {Fault::kStall, 50, 1500},           {Fault::kShortWrite, 1000, 30000},
    {Fault::kSmallBuffer, 10000, 65536}, {Fault::kReset, 50, 800},
    {Fault::kSilence, 30, 300},          {Fault::kRefuse, 5000, 30000},
    {Fault::kHungConnect, 5000, 30000},  {Fault::kPartition, 1, 1},
    {Fault::kWorkerPause, 100, 2000},    {Fault::kCrash, 1, 1},
    {Fault::kMachineCrash, 1, 1},        {Fault::kClockStep, 1, 1},
    {Fault::kClockSkew, 1, 1},           {Fault::kHalfClose, 200, 3000},
    {Fault::kSlowReader, 500, 5000},     {Fault::kAbandon, 200, 3000},
    {Fault::kOneWayPartition, 1, 1},     {Fault::kFlapping, 1, 1},
    {Fault::kSlowLink, 5000, 40000},     {Fault::kLateAccept, 2000, 20000},
    {Fault::kHalfOpen, 30, 300},         {Fault::kLateRestart, 1, 1},
    {Fault::kSlowWorker, 1, 1},          {Fault::kClockDrift, 1, 1},
};
constexpr size_t kSwarmFaultCount = sizeof(kFaultRates) / sizeof(kFaultRates[0]);

bool Has(const Plan& plan, Fault fault) {
  for (const auto& [drawn, rate] : plan.faults) {
    if (drawn == fault) return true;
  }
  return false;
}

Plan::NodePlan DrawNode(DecisionStream& draw, bool skewed) {
  Plan::NodePlan node;
  node.worker_count = static_cast<int>(draw.Between(1, 4));
  const int64_t skew_us = draw.Between(0, 2000) * 1'000'000 - 1000'000'000;
  node.clock_skew_us = skewed ? skew_us : 0;
  node.flushed = false;
  DrawOddLimits(draw, &node.parameters);
  if (draw.Chance(1, 5)) {
    node.password = "a secret";
    node.parameters.emplace_back("requirepass", node.password);
  }
  return node;
}

// Databases that clients share, and 0, come first; then each of the first clients may have two.
constexpr int kOwnDatabasesFirst = 4;
constexpr int kOwnDatabasesEnd = 16;

// Databases of its own for client `number`, if there are any left.
int OwnDatabases(int64_t number) {
  const int64_t first = kOwnDatabasesFirst + 2 * number;
  return first < kOwnDatabasesEnd ? static_cast<int>(first) : 0;
}

Plan::ClientPlan DrawClient(DecisionStream& draw, int64_t number, size_t node_count,
                            Scenario scenario) {
  Plan::ClientPlan client;
  client.node = draw.Below(node_count);
  client.shared = draw.Chance(1, 2);
  if (scenario != Scenario::kMixed) client.shared = scenario != Scenario::kExclusive;
  client.protocol = draw.Chance(1, 3) ? 3 : 2;
  static constexpr uint64_t kPipelines[] = {1, 4, 12, 40};
  client.pipeline_max = kPipelines[draw.Below(4)];
  client.families = static_cast<uint32_t>(draw.Below(kAllFamilies + 1));
  static constexpr int64_t kThinkTimes[] = {20 * kMillisecond, 50 * kMillisecond,
                                            200 * kMillisecond};
  client.think_max_ns = kThinkTimes[draw.Below(3)];
  client.start_ns = draw.Between(0, 200 * kMillisecond);
  client.big_values = draw.Chance(1, 8);
  client.own_databases = draw.Chance(1, 3) ? OwnDatabases(number) : 0;
  client.caches = false;
  return client;
}

// Streams of their own for this too. Caches are judged alone where keys are flushed: nothing else
// holds there.
void DrawCaching(Decider* decider, Plan* plan) {
  for (size_t i = 0; i < plan->nodes.size(); ++i) {
    DecisionStream draw(decider, "plan of a node's caching", i);
    Plan::NodePlan& node = plan->nodes[i];
    node.flushed = draw.Chance(1, 6);
    const bool is_small = draw.Chance(1, 3);
    const std::string keys_max = std::to_string(draw.Between(1, 12));
    if (is_small) node.parameters.emplace_back("tracking_table_max_keys", keys_max);
  }
  for (size_t i = 0; i < plan->clients.size(); ++i) {
    DecisionStream draw(decider, "plan of a client's caching", i);
    Plan::ClientPlan& client = plan->clients[i];
    if (plan->nodes[client.node].flushed) client.shared = true;
    client.caches = draw.Chance(1, 2) && client.shared;
    if (client.caches) client.protocol = 3;
  }
}

Plan::ClientPlan DrawQueueClient(DecisionStream& draw, size_t node) {
  Plan::ClientPlan client{};
  client.node = node;
  client.shared = true;
  client.protocol = draw.Chance(1, 3) ? 3 : 2;
  client.pipeline_max = 1 + draw.Below(3);
  static constexpr int64_t kThinkTimes[] = {2 * kMillisecond, 10 * kMillisecond, 50 * kMillisecond};
  client.think_max_ns = kThinkTimes[draw.Below(3)];
  client.start_ns = draw.Between(0, 200 * kMillisecond);
  return client;
}

// In half of the runs some, that wait for each other.
void DrawQueueClients(Decider* decider, Scenario scenario, Plan* plan) {
  if (scenario != Scenario::kMixed && scenario != Scenario::kQueues) return;
  DecisionStream draw(decider, "plan of queues");
  const bool wanted = draw.Chance(1, 2) || scenario == Scenario::kQueues;
  const size_t node = draw.Below(plan->nodes.size());
  const uint64_t count = static_cast<uint64_t>(draw.Between(2, 10));
  // Where all is flushed now and then nobody could say where an element has gone.
  if (wanted) plan->nodes[node].flushed = false;
  for (uint64_t i = 0; wanted && i < count; ++i) {
    DecisionStream draw_client(decider, "plan of a queue client", i);
    plan->queue_clients.push_back(DrawQueueClient(draw_client, node));
  }
}

}  // namespace

absl::string_view ScenarioName(Scenario scenario) {
  switch (scenario) {
    case Scenario::kMixed:
      return "mixed";
    case Scenario::kExclusive:
      return "exclusive";
    case Scenario::kShared:
      return "shared";
    case Scenario::kCaching:
      return "caching";
    case Scenario::kQueues:
      return "queues";
  }
  return "?";
}

bool ParseScenario(absl::string_view name, Scenario* out) {
  for (Scenario scenario : {Scenario::kMixed, Scenario::kExclusive, Scenario::kShared,
                            Scenario::kCaching, Scenario::kQueues}) {
    if (ScenarioName(scenario) != name) continue;
    *out = scenario;
    return true;
  }
  return false;
}

std::vector<Fault> SwarmFaults() {
  std::vector<Fault> faults;
  for (const FaultRates& rates : kFaultRates) faults.push_back(rates.fault);
  return faults;
}

DrawnFaults DrawFaults(DecisionStream& draw) {
  DrawnFaults faults;
  const uint64_t kind = draw.Below(100);
  if (kind < 25) return faults;
  const uint64_t only = draw.Below(kSwarmFaultCount);
  // On average six or seven faults a run: with many more nothing would ever succeed.
  const uint64_t density = draw.Between(7, 42);
  for (size_t i = 0; i < kSwarmFaultCount; ++i) {
    const FaultRates& rates = kFaultRates[i];
    const bool chosen = draw.Chance(density, 100);
    const uint32_t rate = static_cast<uint32_t>(draw.Between(rates.low, rates.high));
    if (kind < 35 ? i == only : chosen) faults.emplace_back(rates.fault, rate);
  }
  return faults;
}

WorldKnobs DrawKnobs(DecisionStream& draw) {
  WorldKnobs knobs;
  static constexpr int64_t kDelays[][2] = {
      {1 * kMicrosecond, 1 * kMicrosecond},    {5 * kMicrosecond, 50 * kMicrosecond},
      {20 * kMicrosecond, 500 * kMicrosecond}, {500 * kMicrosecond, 5 * kMillisecond},
      {1 * kMicrosecond, 20 * kMillisecond},
  };
  const auto& delays = kDelays[draw.Below(5)];
  knobs.link_delay_min_ns = delays[0];
  knobs.link_delay_max_ns = delays[1];
  static constexpr int64_t kPassDelays[] = {0, 0, 10 * kMicrosecond, 300 * kMicrosecond,
                                            5 * kMillisecond};
  knobs.pass_delay_max_ns = kPassDelays[draw.Below(5)];
  static constexpr int64_t kPassCosts[] = {1, 5 * kMicrosecond, 50 * kMicrosecond, kMillisecond};
  knobs.pass_cost_max_ns = kPassCosts[draw.Below(4)];
  static constexpr uint64_t kBuffers[] = {256 * 1024, 64 * 1024, 4096};
  knobs.stream_buffer_bytes = kBuffers[draw.Below(3)];
  static constexpr uint64_t kReads[] = {16 * 1024, 4096, 64};
  knobs.read_bytes_max = kReads[draw.Below(3)];
  const bool by_priority = draw.Chance(1, 5);
  const int64_t change_points = draw.Between(0, 6);
  if (by_priority) {
    knobs.priority_change_points = static_cast<int>(change_points);
    knobs.pass_delay_max_ns = std::max(knobs.pass_delay_max_ns, 200 * kMicrosecond);
  }
  return knobs;
}

Plan DrawPlan(Decider* decider, Scenario scenario) {
  // Streams of their own, so that one node or client less leaves the others as they are.
  DecisionStream draw(decider, "plan");
  DecisionStream draw_faults(decider, "plan of faults");
  DecisionStream draw_knobs(decider, "plan of knobs");
  Plan plan;
  plan.faults = DrawFaults(draw_faults);
  plan.knobs = DrawKnobs(draw_knobs);
  const int64_t node_count = draw.Between(1, 4);
  for (int64_t i = 0; i < node_count; ++i) {
    DecisionStream draw_node(decider, "plan of a node", static_cast<uint64_t>(i));
    plan.nodes.push_back(DrawNode(draw_node, Has(plan, Fault::kClockSkew)));
  }
  int64_t client_count = draw.Between(1, 12);
  if (scenario == Scenario::kQueues) client_count = 0;
  for (int64_t i = 0; i < client_count; ++i) {
    DecisionStream draw_client(decider, "plan of a client", static_cast<uint64_t>(i));
    plan.clients.push_back(DrawClient(draw_client, i, static_cast<size_t>(node_count), scenario));
  }
  if (scenario == Scenario::kMixed || scenario == Scenario::kCaching) DrawCaching(decider, &plan);
  DrawQueueClients(decider, scenario, &plan);
  plan.fault_phase_ns = draw.Between(500 * kMillisecond, 2500 * kMillisecond);
  plan.quiet_phase_ns = draw.Between(100 * kMillisecond, 500 * kMillisecond);
  return plan;
}

std::string KnobsText(const WorldKnobs& knobs) {
  return absl::StrCat(
      "link ", knobs.link_delay_min_ns, "..", knobs.link_delay_max_ns, " ns, pass delay ",
      knobs.pass_delay_max_ns, " ns",
      knobs.priority_change_points < 0
          ? ""
          : absl::StrCat(" by priorities that change ", knobs.priority_change_points, " times"),
      ", cost ", knobs.pass_cost_max_ns, " ns, buffer ", knobs.stream_buffer_bytes, " B, read ",
      knobs.read_bytes_max, " B");
}

std::string FaultsText(const DrawnFaults& faults) {
  std::string text;
  for (const auto& [fault, rate] : faults)
    absl::StrAppend(&text, text.empty() ? "" : " ", FaultName(fault), "(", rate, ")");
  return text.empty() ? "none" : text;
}

std::string Plan::ToString() const {
  std::string text = absl::StrCat(KnobsText(knobs), "\nfaults for ", fault_phase_ns / kMillisecond,
                                  " ms: ", FaultsText(faults));
  for (size_t i = 0; i < nodes.size(); ++i) {
    absl::StrAppend(&text, "\nnode ", i, ": ", nodes[i].worker_count, " workers, skew ",
                    nodes[i].clock_skew_us / 1'000'000, " s");
    if (nodes[i].flushed) absl::StrAppend(&text, ", flushed");
    for (const auto& [name, value] : nodes[i].parameters)
      absl::StrAppend(&text, ", ", name, "=", value);
  }
  for (size_t i = 0; i < clients.size(); ++i) {
    const ClientPlan& client = clients[i];
    absl::StrAppend(&text, "\nclient ", i, ": node ", client.node,
                    client.shared ? ", shared" : ", exclusive", ", RESP", client.protocol,
                    ", pipeline ", client.pipeline_max, ", families ", client.families, ", think ",
                    client.think_max_ns / kMillisecond, " ms",
                    client.big_values ? ", big values" : "", client.caches ? ", caches" : "");
    if (client.own_databases != 0)
      absl::StrAppend(&text, ", databases of its own from ", client.own_databases);
  }
  for (size_t i = 0; i < queue_clients.size(); ++i) {
    const ClientPlan& client = queue_clients[i];
    absl::StrAppend(&text, "\nqueue client ", i, ": node ", client.node, ", RESP", client.protocol,
                    ", pipeline ", client.pipeline_max, ", think ",
                    client.think_max_ns / kMillisecond, " ms");
  }
  return text;
}

}  // namespace damselfly::sim
