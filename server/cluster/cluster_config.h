#ifndef DAMSELFLY_SERVER_CLUSTER_CLUSTER_CONFIG_H_
#define DAMSELFLY_SERVER_CLUSTER_CLUSTER_CONFIG_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/cluster/cluster_config.pb.h"

namespace damselfly {

// What `DFLYCLUSTER CONFIG <json>` carries, as a configuration that obeys every rule
// (config_reader.h: form; config_rules.h: meaning and what is supported), in canonical order:
// shards by their master's id, ranges by start, replicas by id, migrations by target.
//
// Otherwise kInvalidArgument. The message is the reason alone, on one line of printable text
// shorter than kReasonBytesMax: `shards[1].slot_ranges[0]: slot 8191 is already owned by shard 0`.
//
// Whoever calls this limits the length of the text. Time grows with it and with nothing else;
// memory is bounded by the text and by json_document.h's limits.
absl::StatusOr<ClusterConfig> ParseClusterConfig(absl::string_view json);
inline constexpr size_t kReasonBytesMax = 500;

// Whether two configurations in canonical order say the same: ids, addresses, ports, health, slots
// and migrations.
bool EqualConfigs(const ClusterConfig& a, const ClusterConfig& b);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_CLUSTER_CLUSTER_CONFIG_H_
