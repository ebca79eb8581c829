#ifndef DAMSELFLY_SERVER_CLUSTER_CONFIG_RULES_H_
#define DAMSELFLY_SERVER_CLUSTER_CONFIG_RULES_H_

#include "absl/status/status.h"
#include "server/cluster/cluster_config.pb.h"

namespace damselfly {

// Whether `config`, as read and in any order, describes a cluster:
//   - no id is used twice, over all masters and replicas;
//   - every range runs upwards and ends at the last slot at most;
//   - every slot is owned, and by one range only;
//   - a migration goes to the master of another shard, and no shard has two to the same one;
//   - a migration has ranges, each inside a single range of its shard, no slot of a shard in two.
// Otherwise kInvalidArgument for the first fault, with the JSON path in front of the reason.
absl::Status CheckRules(const ClusterConfig& config);

// Whether this server can do what `config`, which obeys the rules, asks for.
absl::Status CheckSupported(const ClusterConfig& config);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_CLUSTER_CONFIG_RULES_H_
