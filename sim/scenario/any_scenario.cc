#include "sim/scenario/any_scenario.h"

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "sim/cluster/cluster_run.h"
#include "sim/cluster/scenario.h"
#include "sim/replication/replication_run.h"
#include "sim/replication/scenario.h"
#include "sim/script/script.h"
#include "sim/script/script_run.h"

namespace damselfly::sim {

absl::Status UseScenario(absl::string_view scenario, absl::string_view name,
                         SweepOptions* options) {
  if (ParseScenario(scenario, &options->run.scenario)) return absl::OkStatus();
  if (IsReplicationScenario(scenario)) {
    const auto parsed = ParseReplicationScenario(scenario, name);
    if (parsed.ok()) SweepReplication(*parsed, options);
    return parsed.status();
  }
  if (IsScript(scenario)) {
    const auto parsed = ParseScript(scenario, name);
    if (parsed.ok()) SweepScript(*parsed, options);
    return parsed.status();
  }
  const auto parsed = ParseClusterScenario(scenario, name);
  if (parsed.ok()) SweepClusters(*parsed, options);
  return parsed.status();
}

absl::StatusOr<std::string> ReadTextFile(const std::string& path) {
  std::ifstream file(path);
  if (!file.is_open()) return absl::NotFoundError(absl::StrCat(path, ": cannot be opened"));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace damselfly::sim
