#ifndef DAMSELFLY_SIM_WORLD_SIM_NETWORK_H_
#define DAMSELFLY_SIM_WORLD_SIM_NETWORK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "server/runtime/network.h"
#include "sim/world/connection.h"
#include "sim/world/decider.h"
#include "sim/world/fault_board.h"
#include "sim/world/host.h"

namespace damselfly::sim {

class World;

// What connects the hosts of a world. Owns who listens where, which connections there are, and who
// cannot reach whom.
class SimNetwork {
 public:
  explicit SimNetwork(World* world);
  ~SimNetwork();
  SimNetwork(const SimNetwork&) = delete;
  SimNetwork& operator=(const SimNetwork&) = delete;

  // As Network, for a process on `host`. A host owns its address, every loopback name, and the
  // wildcards.
  absl::StatusOr<std::unique_ptr<Listener>> Listen(Host& host, const Endpoint& endpoint,
                                                   int backlog, Network::AcceptHandler handler);
  void Connect(SimLoop& loop, const Endpoint& endpoint, Network::ConnectHandler handler);

  // Longer than any world lives.
  static constexpr int64_t kUntilHealed = INT64_MAX / 4;

  // Nothing passes between the two hosts until `until_ns`: bytes wait, connects hang.
  void Partition(const Host& a, const Host& b, int64_t until_ns);
  // Nothing passes from one to the other, but in the opposite direction it does. `fault` is what
  // counts as having an effect when something has to wait.
  void Cut(const Host& from, const Host& to, int64_t until_ns, Fault fault);
  // Everything passes again between the two hosts, in both directions, and what waited is on its
  // way now.
  void Heal(const Host& a, const Host& b);
  void HealAll();
  // The time, `time_ns` or later, at which something from one address reaches the other. Counts the
  // effect if that is later.
  int64_t ReachableFrom(const std::string& from, const std::string& to, int64_t time_ns);

  // The host's process is dead (see Host::StopProcess), or the next one begins.
  void OnHostStopped(Host& host, Host::Death death);
  void OnHostStarted(const Host& host);

  // ---- For Connection ----
  void OnConnectionFinished(const Connection& connection);
  std::string& read_buffer() { return read_buffer_; }

  size_t open_connection_count() const { return connections_.size(); }

 private:
  struct ListenerCore;
  class ListenerHandle;
  class ConnectAttempt;
  friend class ConnectAttempt;

  // Where a process listens, as the key of listeners_: a host's address and a port or path.
  static std::string ListenKey(const std::string& address, const Endpoint& endpoint);
  static bool IsOwnAddress(const Host& host, const std::string& name);
  std::shared_ptr<ListenerCore> FindListener(const std::string& address,
                                             const Endpoint& endpoint) const;

  World* const world_;
  DecisionStream decisions_;
  std::map<std::string, std::weak_ptr<ListenerCore>> listeners_;
  std::map<uint64_t, Connection*> connections_;  // with an open end, by id
  uint64_t last_connection_id_ = 0;
  struct CutState {
    int64_t until_ns = 0;
    Fault fault = Fault::kPartition;
  };
  // By the addresses from which and to which nothing passes.
  std::map<std::pair<std::string, std::string>, CutState> cuts_;
  std::set<std::string> dark_;  // machines that are gone without a word
  std::string read_buffer_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_WORLD_SIM_NETWORK_H_
