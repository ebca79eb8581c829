#ifndef DAMSELFLY_SERVER_SESSION_SLOT_ROUTER_H_
#define DAMSELFLY_SERVER_SESSION_SLOT_ROUTER_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace damselfly {

// The parameter cluster_mode.
enum class ClusterMode : uint8_t {
  kOff,
  kEmulated,  // one node that looks like a whole cluster, and refuses no slot
  kReal,      // "yes": only owned slots are served
};

inline constexpr absl::string_view kCrossSlotError =
    "CROSSSLOT Keys in request don't hash to the same slot";

// What sessions ask the cluster that their node belongs to: where a slot is, if not here. Any
// thread.
class SlotRouter {
 public:
  virtual ~SlotRouter() = default;

  // The error for a command on a slot that was found not owned: "MOVED 5 10.0.0.1:6379", or that no
  // configuration has come yet. Called under that slot's lock, so that a change of ownership that
  // is under way has either passed the slot or not: the answer never names this node.
  virtual std::string RefusalOf(uint16_t slot) const = 0;

  // This node, a master, has handed its shard over to its replica `node_id`: it owns no slot from
  // now on, and says that the replica has them. Called with no slot locked, while commands on keys
  // are refused anyhow.
  virtual void OnTakenOver(absl::string_view node_id) = 0;

  // This node was a replica and is a master from now on: takes the place of its shard's master if
  // the configuration knows it as a replica there. No key is removed before the next configuration.
  // Called with no slot locked.
  virtual void OnPromoted() = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_SLOT_ROUTER_H_
