#ifndef DAMSELFLY_SIM_REPLICATION_SCENARIO_H_
#define DAMSELFLY_SIM_REPLICATION_SCENARIO_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "sim/replication/scenario.pb.h"

namespace damselfly::sim {

// Whether a scenario file says that it is one of these: "# proto-message: ReplicationScenario".
bool IsReplicationScenario(absl::string_view text);

// Reads a scenario; the error says where in `name` it is wrong. Fills in every range that it leaves
// open.
absl::StatusOr<scenario::ReplicationScenario> ParseReplicationScenario(absl::string_view text,
                                                                       absl::string_view name);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_SCENARIO_H_
