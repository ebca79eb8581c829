#ifndef DAMSELFLY_SIM_NODE_SIM_NODE_H_
#define DAMSELFLY_SIM_NODE_SIM_NODE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/node.h"
#include "server/session/config.h"
#include "sim/world/host.h"

namespace damselfly::sim {

class NodeStateProbe;

// What the nodes of a run keep of configurations together: they are pushed late, and out of order.
inline constexpr size_t kConfigTextsMax = 32;

// A Damselfly node on a host of the world: the server's own code, unchanged. It dies by being
// destroyed, and is made again from the same parameters, and from its parameter file if it has one.
class SimNode {
 public:
  // Parameters by flag name, applied in order at every start.
  using Parameters = std::vector<std::pair<std::string, std::string>>;
  // Where it listens unless the parameters say something else.
  static constexpr int kPort = 6379;
  // The parameter that gives the nodes of a run different ports: an answer that names the right
  // machine and the wrong port is wrong.
  static std::pair<std::string, std::string> PortOf(size_t number);

  // `host` outlives the node, and so does `config_cache`, which nodes may share; null: none shared.
  SimNode(Host* host, Parameters parameters, ConfigCache* config_cache = nullptr);
  ~SimNode();
  SimNode(const SimNode&) = delete;
  SimNode& operator=(const SimNode&) = delete;

  // From now on its starts are counted there, perhaps together with those of others: whoever waits
  // for one of many to come back looks in one place. `count` outlives the node.
  void CountStartsIn(uint64_t* count) { starts_ = count; }
  // Starts the node, in its host's next process if the last one has ended. Requires !running().
  void Start();
  // Ends it, process and all. Not from within a call-back of the node.
  void Kill(Host::Death death);
  bool running() const { return node_ != nullptr; }
  Host& host() { return *host_; }
  Node& node() { return *node_; }
  Endpoint endpoint() const;
  int port() const { return port_; }

 private:
  // Where there is one: it is not made by itself.
  void ReadParameterFile();

  Host* const host_;
  const Parameters parameters_;
  const int port_;
  ConfigCache* const config_cache_;
  uint64_t* starts_ = nullptr;
  std::unique_ptr<Config> config_;
  std::unique_ptr<Node> node_;
  std::unique_ptr<NodeStateProbe> state_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_NODE_SIM_NODE_H_
