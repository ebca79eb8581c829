#ifndef DAMSELFLY_SIM_REPLICATION_REPLICATION_INFO_H_
#define DAMSELFLY_SIM_REPLICATION_REPLICATION_INFO_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/runtime/network.h"
#include "server/runtime/task.h"
#include "sim/world/host.h"

namespace damselfly::sim {

// What INFO REPLICATION says: values by name; of "slave0:ip=1.2.3.4,port=6379", too.
using ReplicationInfo = std::map<std::string, std::string, std::less<>>;

ReplicationInfo ParseReplicationInfo(absl::string_view text);

// Asks the node, which is number `node`.
Task<absl::StatusOr<ReplicationInfo>> AskReplicationInfo(Host* host, Endpoint server, int node,
                                                         int64_t timeout_ns);

// What does not fit a master that has the replicas at these hosts, all of them in step, and no
// others; "" if all fits.
std::string WhatMasterGetsWrong(const ReplicationInfo& info, std::vector<std::string> hosts);
// ... a replica of the master at that endpoint, which it has been filled by.
std::string WhatReplicaGetsWrong(const ReplicationInfo& info, const Endpoint& master, bool link_up);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_REPLICATION_INFO_H_
