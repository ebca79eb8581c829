#ifndef DAMSELFLY_SIM_SCRIPT_SCRIPT_RUN_H_
#define DAMSELFLY_SIM_SCRIPT_SCRIPT_RUN_H_

#include <cstdint>

#include "sim/script/script.pb.h"
#include "sim/sweep/seed_run.h"
#include "sim/sweep/sweep.h"

namespace damselfly::sim {

// Runs a script with the network and the machines of one seed: its steps, then healing, and whether
// anything is left of the clients. The same script, seed and options give the same result, hash
// included, in every build.
RunResult RunScriptSeed(uint64_t seed, const scenario::Script& script, const RunOptions& options);

// Makes a sweep run a script, and show the oracles of scripts.
void SweepScript(const scenario::Script& script, SweepOptions* options);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SCRIPT_SCRIPT_RUN_H_
