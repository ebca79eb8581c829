#ifndef DAMSELFLY_SIM_SWEEP_PLAN_H_
#define DAMSELFLY_SIM_SWEEP_PLAN_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "sim/clients/client.h"
#include "sim/node/sim_node.h"
#include "sim/world/decider.h"
#include "sim/world/fault_board.h"
#include "sim/world/world.h"

namespace damselfly::sim {

// Which clients a run has. A run may be narrowed to one kind. kCaching is kShared whose clients may
// keep what they read; in kMixed they may too.
enum class Scenario { kMixed, kExclusive, kShared, kCaching, kQueues };
absl::string_view ScenarioName(Scenario scenario);
bool ParseScenario(absl::string_view name, Scenario* out);

// Everything about a run that is fixed before it begins, drawn from the decisions (swarm testing:
// Groce et al., ISSTA 2012: each seed leaves most features out, so that what remains is exercised
// hard).
struct Plan {
  struct NodePlan {
    int worker_count;
    int64_t clock_skew_us;
    SimNode::Parameters parameters;
    std::string password;
    bool flushed;  // its clients share their keys, and flush them now and then
  };
  struct ClientPlan {
    size_t node;
    bool shared;
    int protocol;
    uint64_t pipeline_max;
    uint32_t families;
    int64_t think_max_ns;
    int64_t start_ns;
    bool big_values;
    int own_databases;  // the first of two, or 0
    bool caches;        // keeps what it reads, and tracks it
  };

  WorldKnobs knobs;
  std::vector<std::pair<Fault, uint32_t>> faults;  // with their rates
  std::vector<NodePlan> nodes;
  std::vector<ClientPlan> clients;
  std::vector<ClientPlan> queue_clients;  // all at one node
  int64_t fault_phase_ns;                 // then all is healed ...
  int64_t quiet_phase_ns;                 // ... and the clients go on for so long

  std::string ToString() const;
};

Plan DrawPlan(Decider* decider, Scenario scenario);

// The faults that DrawFaults draws from.
std::vector<Fault> SwarmFaults();

// Parts of a plan that other kinds of runs draw too.
using DrawnFaults = std::vector<std::pair<Fault, uint32_t>>;
// A quarter of the runs have no fault, a tenth exactly one, the others any subset.
DrawnFaults DrawFaults(DecisionStream& draw);
WorldKnobs DrawKnobs(DecisionStream& draw);
// "link 1..2 ns, ..." and "crash(1) stall(2)", for a failure's report.
std::string KnobsText(const WorldKnobs& knobs);
std::string FaultsText(const DrawnFaults& faults);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SWEEP_PLAN_H_
