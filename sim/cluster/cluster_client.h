#ifndef DAMSELFLY_SIM_CLUSTER_CLUSTER_CLIENT_H_
#define DAMSELFLY_SIM_CLUSTER_CLUSTER_CLIENT_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/clients/client.h"
#include "sim/cluster/attempt.h"
#include "sim/cluster/cluster_history.h"
#include "sim/cluster/node_lane.h"
#include "sim/cluster/scenario.pb.h"
#include "sim/node/sim_node.h"

namespace damselfly::sim {

// How a cluster client behaves.
struct ClusterClientOptions {
  int number = 0;
  uint64_t key_count = 1;      // of each kind, shared by all clients
  uint64_t channel_count = 0;  // of shard channels; 0: none is published to
  int protocol = 2;
  int64_t think_max_ns = 10 * kMillisecond;
  scenario::Mix mix;
};

// A client of the whole cluster, on a host of its own, that behaves as client libraries do: learns
// from CLUSTER SLOTS of any node who owns what, keeps a connection to each node that it needs,
// follows MOVED a bounded number of times and remembers it, waits a little where a node is not
// configured yet, and asks somebody else where a node cannot be reached.
class ClusterClient {
 public:
  static constexpr int kRedirectsMax = 8;
  static constexpr int kUnconfiguredMax = 8;

  // All outlive the client.
  ClusterClient(World* world, Host* host, const std::vector<std::unique_ptr<SimNode>>* nodes,
                const ClusterClientOptions& options, ClusterHistory* history, OracleBoard* board);
  ~ClusterClient();

  void Start();
  // Ends what is under way, then every connection. Any time outside of call-backs.
  void Finish() { finishing_ = true; }
  bool finished() const;
  uint64_t replies() const;
  // Operations that were executed.
  uint64_t done() const { return done_count_; }

  // The keys of which there are `key_count`.
  // In some of them stands what looks like a tag and is none.
  static std::string RegisterKey(uint64_t i) {
    return i % 4 == 3 ? absl::StrCat("{}r:{", i, "}") : absl::StrCat("r:", i);
  }
  static std::string WatchedKey(uint64_t i) { return absl::StrCat("w:", i); }
  static std::string PairKey(uint64_t i, int which) {
    return absl::StrCat("{p", i, "}", which == 0 ? "a" : "b");
  }
  // The shard channels of which there are `channel_count`.
  static std::string ChannelName(uint64_t i) { return absl::StrCat("s:", i); }
  static std::vector<std::string> AllKeys(uint64_t key_count);

 private:
  struct Lane {
    std::unique_ptr<NodeLane> lane;
    std::unique_ptr<Client> client;
  };

  void Begin();
  void Learn();
  Operation DrawOperation();
  void Try(int node);
  void Step();
  void OnStep(StepResult result);
  void OnVerdict(Attempt::Verdict verdict);
  void OnMoved();
  void OnUnconfigured();
  void OnLost();
  void OnDone();
  void GiveUp(absl::string_view why);
  void Arrive();
  Lane& LaneTo(int node);
  int RandomNode() { return static_cast<int>(decisions_.Below(nodes_->size())); }
  // Goes on with `next` after a pause of at most that long.
  void Rest();
  void Later(int64_t pause_max_ns, void (ClusterClient::*next)());

  World* const world_;
  Host* const host_;
  const std::vector<std::unique_ptr<SimNode>>* const nodes_;
  const ClusterClientOptions options_;
  ClusterHistory* const history_;
  OracleBoard* const board_;
  DecisionStream decisions_;
  uint64_t request_count_ = 0;
  int64_t rest_ns_ = 0;                     // after the present request
  std::array<int16_t, kSlotCount> owners_;  // -1: not known
  bool knows_owners_ = false;
  bool started_ = false;
  bool finishing_ = false;
  bool idle_ = false;  // finishing, and nothing is under way
  std::map<int, Lane> lanes_;
  // The operation under way, and its journey.
  Operation operation_;
  std::unique_ptr<Attempt> attempt_;
  int node_ = -1;
  int connection_number_ = 0;
  bool first_step_ = true;
  StepResult result_;
  RedirectOracle::Journey journey_;
  int unconfigured_count_ = 0;
  uint64_t value_count_ = 0;
  uint64_t done_count_ = 0;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLUSTER_CLUSTER_CLIENT_H_
