#ifndef DAMSELFLY_SIM_CLUSTER_CLUSTER_RUN_H_
#define DAMSELFLY_SIM_CLUSTER_CLUSTER_RUN_H_

#include <cstdint>

#include "sim/cluster/scenario.pb.h"
#include "sim/sweep/seed_run.h"
#include "sim/sweep/sweep.h"

namespace damselfly::sim {

// Runs one seed of a scenario to its end: changes and faults, healing, the last topology, quiet,
// farewell, and what is left is inspected and judged. The same scenario, seed and options give the
// same result, hash included, in every build. Of `options` the scenario of single nodes has no
// meaning here.
RunResult RunClusterSeed(uint64_t seed, const scenario::ClusterScenario& scenario,
                         const RunOptions& options);

// Makes a sweep run a scenario, show the oracles of clusters, and expect what the scenario expects.
void SweepClusters(const scenario::ClusterScenario& scenario, SweepOptions* options);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLUSTER_CLUSTER_RUN_H_
