#ifndef DAMSELFLY_SIM_REPLICATION_REPLICATION_CLIENT_H_
#define DAMSELFLY_SIM_REPLICATION_REPLICATION_CLIENT_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/clients/client.h"
#include "sim/clients/command_generator.h"
#include "sim/cluster/node_lane.h"
#include "sim/node/sim_node.h"
#include "sim/replication/replication_history.h"
#include "sim/replication/replication_request.h"
#include "sim/replication/scenario.pb.h"

namespace damselfly::sim {

struct ReplicationClientOptions {
  int number = 0;
  KeyFamilies keys;
  int protocol = 2;
  int64_t think_max_ns = 10 * kMillisecond;
  scenario::ReplicationMix mix;
  int64_t big_bytes = 65'000;
  // Anything is done on so many keys that the table of their slot has many segments.
  bool many_keys = false;
  // Nothing is asked of replicas.
  bool masters_only = false;
};

// A client on a host of its own: one request at a time, mostly to who is said to be a master, reads
// and now and then a write to anybody, unless it asks masters only. In a cluster it goes to the
// slot's shard, and where it is redirected, for so many hops.
class ReplicationClient {
 public:
  // All outlive the client.
  ReplicationClient(World* world, Host* host, const std::vector<std::unique_ptr<SimNode>>* nodes,
                    const ReplicationClientOptions& options, ReplicationHistory* history,
                    OracleBoard* board);
  ~ReplicationClient();

  void Start();
  // Ends what is under way, then every connection. Any time outside of call-backs.
  void Finish() { finishing_ = true; }
  // From now on it rests so long after each request, at least.
  void CalmDown(int64_t rest_min_ns) { rest_min_ns_ = rest_min_ns; }
  bool finished() const;
  uint64_t replies() const;

 private:
  struct Lane {
    std::unique_ptr<NodeLane> lane;
    std::unique_ptr<Client> client;
  };

  // From one request to the next a client follows so many redirections.
  static constexpr int kHopsMax = 3;

  void Begin();
  void DrawOtherCalls();
  void DrawVisit();
  // Whether the connection may be in another database than 0 now: a command of a visit was refused.
  bool IsAstray(const StepResult& result) const;
  void Rest();
  int ChooseNode();
  int ChooseNodeForSlot(int slot);
  void Send(int node);
  // Sends a request that was redirected where it belongs; false if it was not, or that is nowhere.
  bool Follow(const StepResult& result);
  void OnStep(int node, StepResult result);
  Lane& LaneTo(int node);
  // For the mutant.
  void MakeStale(int node, StepResult* result);

  World* const world_;
  Host* const host_;
  const std::vector<std::unique_ptr<SimNode>>* const nodes_;
  const ReplicationClientOptions options_;
  ReplicationHistory* const history_;
  OracleBoard* const board_;
  DecisionStream decisions_;
  DecisionStream other_decisions_;
  CommandGenerator other_commands_;
  uint64_t request_count_ = 0;
  int64_t sent_ns_ = 0;  // the present request
  int64_t rest_ns_ = 0;  // after the present request
  int64_t rest_min_ns_ = 0;
  bool started_ = false;
  bool finishing_ = false;
  bool idle_ = false;     // finishing, and nothing is under way
  bool leaving_ = false;  // a connection that has gone astray
  std::map<int, Lane> lanes_;
  ReplicationRequest request_;
  int hops_ = 0;  // of it
  uint64_t value_count_ = 0;
  std::map<std::pair<int, std::string>, Reply> last_read_;  // by node and key; for the mutant
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_REPLICATION_CLIENT_H_
