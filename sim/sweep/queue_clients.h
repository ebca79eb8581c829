#ifndef DAMSELFLY_SIM_SWEEP_QUEUE_CLIENTS_H_
#define DAMSELFLY_SIM_SWEEP_QUEUE_CLIENTS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/clients/client.h"
#include "sim/clients/queue_history.h"
#include "sim/clients/queue_workload.h"
#include "sim/node/sim_node.h"
#include "sim/oracles/oracle_board.h"
#include "sim/world/world.h"

namespace damselfly::sim {

// Clients that share queues, each of which stays with one of several nodes whatever becomes of
// that, and what they have seen there.
class QueueClients {
 public:
  // More nodes than this are left alone.
  static constexpr size_t kNodesMax = 3;

  // All outlive the clients.
  QueueClients(World* world, const std::vector<std::unique_ptr<SimNode>>* nodes, OracleBoard* board)
      : world_(world), nodes_(nodes), board_(board) {}

  // Makes `count` of them, that begin by and by, and tells whose hosts these are. A node's place,
  // made by `make_place`, is owned here.
  void Make(int64_t count, const std::function<std::unique_ptr<QueuePlace>(int node)>& make_place,
            std::vector<Host*>* hosts);

  // As Client::Finish.
  void Finish();
  bool finished() const;
  uint64_t replies() const;
  void BeginCalm();

  // When nobody uses the nodes any more, between call-backs.
  void NoteRemaining();
  // Judges all nodes' queues, once, when all is over.
  void Check();

  using Visitor = std::function<void(int node, QueuePlace* place, QueueHistory* history)>;
  void ForEachNode(const Visitor& visit);

 private:
  struct Queues {
    std::unique_ptr<QueuePlace> place;
    std::unique_ptr<QueueHistory> history;
  };

  World* const world_;
  const std::vector<std::unique_ptr<SimNode>>* const nodes_;
  OracleBoard* const board_;
  std::map<int, Queues> queues_;  // by node
  std::vector<std::unique_ptr<QueueWorkload>> workloads_;
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SWEEP_QUEUE_CLIENTS_H_
