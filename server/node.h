#ifndef DAMSELFLY_SERVER_NODE_H_
#define DAMSELFLY_SERVER_NODE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/cluster/cluster.h"
#include "server/commands/command_registry.h"
#include "server/replication/replication.h"
#include "server/runtime/runtime.h"
#include "server/session/config.h"
#include "server/session/server_state.h"
#include "server/store/store.h"

namespace damselfly {

// One node: owns its store, its commands, its sessions and its listeners. Everything from outside
// comes through the Runtime, so a process may hold a thousand nodes, real or simulated.
//
//   Config config;                      // parameters set by flags, or by a scenario
//   Node node(&runtime, &config);
//   absl::Status status = node.Start(); // listens; from now on the runtime's loops drive it
//   ...                                 // until the runtime stops
//   ~Node                               // after the loops have stopped running call-backs
class Node {
 public:
  // None is owned; all outlive the node. `config_cache` is shared by the nodes of one process;
  // null: this one has its own.
  Node(Runtime* runtime, Config* config, ConfigCache* config_cache = nullptr);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // Listens on every endpoint that the parameters name, and starts the workers' periodic work. The
  // error names the endpoint or the parameter. An admin port that cannot be had is only logged: the
  // node serves without. Called once, before or while the loops run; on loop 0's thread if
  // they run.
  absl::Status Start();

  // The TCP port really bound (for port 0 in tests this is the one chosen); 0 if there is none.
  int port() const;
  // The admin port really bound; 0 if there is none.
  int admin_port() const;

  Store& store() { return *store_; }
  ServerState& server() { return *server_; }
  Config& config() { return *config_; }
  Cluster& cluster() { return *cluster_; }
  Replication& replication() { return *replication_; }

 private:
  absl::Status ListenAll();
  // At each of the addresses ("127.0.0.1 -::1"), on the same port; 0 = any. Returns the port.
  absl::StatusOr<int> ListenAtAddresses(absl::string_view addresses, int port, ClientPort kind);
  // Returns the port; 0 for a Unix socket.
  absl::StatusOr<int> ListenAt(const Endpoint& endpoint, ClientPort kind);
  void ListenForAdministration();

  Runtime* const runtime_;
  Config* const config_;
  const std::unique_ptr<ConfigCache> own_config_cache_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<CommandRegistry> commands_;
  std::unique_ptr<ServerState> server_;
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<Replication> replication_;
  std::vector<std::unique_ptr<Listener>> listeners_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_NODE_H_
