#ifndef DAMSELFLY_SERVER_CLUSTER_CONFIG_READER_H_
#define DAMSELFLY_SERVER_CLUSTER_CONFIG_READER_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/cluster/cluster_config.pb.h"

namespace damselfly {

// The JSON text of a configuration as a message, everything in the order in which it was written.
// Checks that the text is JSON (json_document.h) and that every member is there and of its type,
// not what the configuration means (config_rules.h).
//
// Every member is required but `health` and `migrations`. Members with other names are ignored, and
// a `health` that is no known word is ONLINE. Numbers are integers from 0 to 65535, without
// fraction or exponent. Names and addresses hold neither control characters nor line separators,
// which would break replies that are made of lines.
//
// Otherwise kInvalidArgument, with the JSON path in front of the reason.
absl::StatusOr<ClusterConfig> ReadClusterConfig(absl::string_view json);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_CLUSTER_CONFIG_READER_H_
