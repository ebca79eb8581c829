#ifndef DAMSELFLY_SIM_REPLICATION_REPLICATION_RUN_H_
#define DAMSELFLY_SIM_REPLICATION_REPLICATION_RUN_H_

#include <cstdint>

#include "sim/replication/scenario.pb.h"
#include "sim/sweep/seed_run.h"
#include "sim/sweep/sweep.h"

namespace damselfly::sim {

// Runs one seed of a scenario to its end: faults, healing, until every replica follows its master,
// quiet, farewell, and masters and replicas are compared. The same scenario, seed and options give
// the same result, hash included, in every build.
RunResult RunReplicationSeed(uint64_t seed, const scenario::ReplicationScenario& scenario,
                             const RunOptions& options);

// Makes a sweep run a scenario, show the oracles of replication, and expect what the scenario
// expects.
void SweepReplication(const scenario::ReplicationScenario& scenario, SweepOptions* options);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_REPLICATION_RUN_H_
