#ifndef DAMSELFLY_BENCHMARKS_LOAD_RUN_H_
#define DAMSELFLY_BENCHMARKS_LOAD_RUN_H_

#include <atomic>

#include "absl/status/statusor.h"
#include "benchmarks/load/options.h"
#include "benchmarks/load/results.h"

namespace damselfly::load {

// The whole run: connects, fills, loads, and adds up. The caller's thread watches; the load has
// threads of its own. A true *stop_asked ends the load early, with results. Results::settings is
// the caller's to set.
absl::StatusOr<Results> RunLoad(const Options& options, std::atomic<bool>* stop_asked);

}  // namespace damselfly::load

#endif  // DAMSELFLY_BENCHMARKS_LOAD_RUN_H_
