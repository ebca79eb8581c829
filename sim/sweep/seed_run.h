#ifndef DAMSELFLY_SIM_SWEEP_SEED_RUN_H_
#define DAMSELFLY_SIM_SWEEP_SEED_RUN_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "sim/mutants/mutants.h"
#include "sim/sweep/plan.h"
#include "sim/sweep/run_result.h"
#include "sim/world/decider.h"

namespace damselfly::sim {

struct RunOptions {
  Scenario scenario = Scenario::kMixed;
  Mutant mutant = Mutant::kNone;
  // What decides in the run of a seed: in the place of the seed itself, for instance, a list of
  // decisions.
  std::function<std::unique_ptr<Decider>(uint64_t seed)> make_decider = [](uint64_t seed) {
    return std::make_unique<SeededDecider>(seed);
  };
  // Gets each event as a line of text.
  std::function<void(const std::string& line)> trace_sink;
  // Is told all that happens: a picture's recorder. Outlives the run.
  TraceObserver* observer = nullptr;
  // Keeps the hash after each event, in RunResult::hashes.
  bool keep_hashes = false;
};

// Runs the world of one seed to its end: faults, healing, quiet, farewell. The same seed and
// options give the same result, hash included, in every build.
RunResult RunSeed(uint64_t seed, const RunOptions& options);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SWEEP_SEED_RUN_H_
