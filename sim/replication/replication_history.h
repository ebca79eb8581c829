#ifndef DAMSELFLY_SIM_REPLICATION_REPLICATION_HISTORY_H_
#define DAMSELFLY_SIM_REPLICATION_REPLICATION_HISTORY_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "sim/cluster/waiter_oracle.h"
#include "sim/oracles/oracle_board.h"
#include "sim/replication/lineage_oracle.h"
#include "sim/replication/reply_oracle.h"
#include "sim/replication/shard_map.h"
#include "sim/replication/shard_oracle.h"
#include "sim/replication/view_log.h"
#include "sim/replication/wait_oracle.h"

namespace damselfly::sim {

// The keys that clients use.
struct KeyFamilies {
  uint64_t count = 1;         // of each kind
  uint64_t client_count = 1;  // each has a key of its own, for WAIT
  bool one_slot = false;      // both keys of a pair are in one
  bool queues = false;        // there are those of QueueHistory too

  static constexpr absl::string_view kBigPrefix = "b:";
  static std::string Register(uint64_t i) { return absl::StrCat("r:", i); }
  static std::string Expiring(uint64_t i) { return absl::StrCat("e:", i); }
  static std::string Counter(uint64_t i) { return absl::StrCat("n:", i); }
  static std::string Text(uint64_t i) { return absl::StrCat("t:", i); }
  static std::string Big(uint64_t i) { return absl::StrCat(kBigPrefix, i); }
  static std::string OfClient(uint64_t client) { return absl::StrCat("w:", client); }
  std::string Pair(uint64_t i, int which) const {
    return one_slot ? absl::StrCat("{p", i, "}", which) : absl::StrCat("p:", i, ":", which);
  }
  std::vector<std::string> All() const;
  // Of all keys that clients may use, in their order.
  std::vector<uint16_t> Slots() const;
  // What the keys of a client's own begin with on which it does anything: all of them in one slot,
  // so that a command may name several in a cluster too.
  static std::string OtherPrefix(uint64_t client) {
    return absl::StrCat(kOtherKeyPrefix, client, "}");
  }
};

// What all actors of a run share: who is said to be a master, what nodes were, what oracles know,
// and how often what happened.
struct ReplicationHistory {
  explicit ReplicationHistory(OracleBoard* board)
      : lineages(&views, board),
        replies(&views, &lineages, board),
        waits(&views, board),
        shards(&views) {}

  ViewLog views;
  LineageOracle lineages;
  ReplyOracle replies;
  WaitOracle waits;
  WaiterOracle waiters;
  ShardOracle shards;        // in a cluster
  std::vector<int> masters;  // where clients write: what the operator believes
  // In a cluster: the configuration that the operator wants, which tells clients where slots are.
  // Null outside of one.
  std::shared_ptr<const ShardMap> map;
  std::map<std::string, uint64_t> counters;
  // FLUSHALL, sent to a node and answered; never, if that is not known.
  struct Flush {
    int node;
    int64_t begin_ns;
    int64_t end_ns;
  };
  std::vector<Flush> flushes;

  void Count(absl::string_view what, uint64_t amount = 1) { counters[std::string(what)] += amount; }
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_REPLICATION_HISTORY_H_
