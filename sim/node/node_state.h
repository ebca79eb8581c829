#ifndef DAMSELFLY_SIM_NODE_NODE_STATE_H_
#define DAMSELFLY_SIM_NODE_NODE_STATE_H_

#include <memory>
#include <string>

#include "server/node.h"

namespace damselfly::sim {

// What a node is at the moment, as words with spaces between, for pictures (Host::set_state_probe):
//
//   master | replica | loading | taken-over     what it does for its clients
//   of=10.0.0.2                                 a replica: whose
//   lineage=26626a65                            once it has one: the beginning of its name
//   slots=0-5460:n0,5461-16383:n1               a member of a cluster that has a configuration:
//                                               which ranges it believes are whose
//   epoch=12                                    the highest that a configuration came with
//
// Looks outside of the node's call-backs, and changes nothing. One for each process of a node.
class NodeStateProbe {
 public:
  // The node outlives the probe.
  explicit NodeStateProbe(Node* node) : node_(node) {}

  std::string Text();

 private:
  void AppendRole(std::string* text);
  void AppendOwnership(std::string* text);

  Node* const node_;
  // Whose text slots_text_ is. Held, so that no other one is mistaken for it.
  std::shared_ptr<const damselfly::Topology> topology_;
  std::string slots_text_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_NODE_NODE_STATE_H_
