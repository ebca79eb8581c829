#ifndef DAMSELFLY_SIM_SCENARIO_ANY_SCENARIO_H_
#define DAMSELFLY_SIM_SCENARIO_ANY_SCENARIO_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "sim/sweep/sweep.h"

namespace damselfly::sim {

// Makes a sweep run a scenario: the name of one of single nodes (mixed, exclusive, shared), or the
// text of a file, whichever kind that is. `name` is for errors, which say what is wrong and where.
absl::Status UseScenario(absl::string_view scenario, absl::string_view name, SweepOptions* options);

// All of a file; the error names it.
absl::StatusOr<std::string> ReadTextFile(const std::string& path);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SCENARIO_ANY_SCENARIO_H_
