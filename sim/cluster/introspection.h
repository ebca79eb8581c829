#ifndef DAMSELFLY_SIM_CLUSTER_INTROSPECTION_H_
#define DAMSELFLY_SIM_CLUSTER_INTROSPECTION_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/resp/reply_reader.h"
#include "sim/cluster/topology.h"

namespace damselfly::sim {

// The nodes by their ids: a view names each of a thousand.
class NodeIndex {
 public:
  NodeIndex() = default;
  // `nodes` outlive it, and stay where they are.
  explicit NodeIndex(absl::Span<const NodeAddress> nodes);

  size_t size() const { return nodes_.size(); }
  // The number of the node of an id, if its address is right too; else -1.
  int Find(absl::string_view id, absl::string_view ip, int64_t port) const;

 private:
  absl::Span<const NodeAddress> nodes_;
  absl::flat_hash_map<absl::string_view, int> by_id_;
};

// What a node tells about the cluster, read as a client library does: slot ranges by the number of
// their master, in order and as long as possible. Errors say what makes no sense, among it slots
// that nobody or two nodes own, and nodes that do not exist.
absl::StatusOr<std::vector<SlotRange>> ParseClusterSlots(const Reply& reply,
                                                         const NodeIndex& nodes);
absl::StatusOr<std::vector<SlotRange>> ParseClusterShards(const Reply& reply,
                                                          const NodeIndex& nodes);
absl::StatusOr<std::vector<SlotRange>> ParseClusterNodes(const Reply& reply,
                                                         const NodeIndex& nodes);

// The value of a line "name:value" of CLUSTER INFO.
absl::StatusOr<int64_t> ParseClusterInfo(const Reply& reply, absl::string_view name);

// The number of the node at "ip:port", or -1.
int NodeAt(absl::Span<const NodeAddress> nodes, absl::string_view address);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLUSTER_INTROSPECTION_H_
