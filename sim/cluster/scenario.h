#ifndef DAMSELFLY_SIM_CLUSTER_SCENARIO_H_
#define DAMSELFLY_SIM_CLUSTER_SCENARIO_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "sim/cluster/scenario.pb.h"
#include "sim/world/fault_board.h"

namespace damselfly::sim {

// Reads a scenario from protobuf text and fills in what it leaves out. An error names the place:
// "x.textproto:12:3: ..." where the text makes no sense, "x.textproto: nodes.max: ..." where a
// value does not. `name` is the text's name in messages.
absl::StatusOr<scenario::ClusterScenario> ParseClusterScenario(absl::string_view text,
                                                               absl::string_view name);

// False if no fault has this name.
bool ParseFault(absl::string_view name, Fault* out);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLUSTER_SCENARIO_H_
