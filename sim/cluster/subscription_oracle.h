#ifndef DAMSELFLY_SIM_CLUSTER_SUBSCRIPTION_ORACLE_H_
#define DAMSELFLY_SIM_CLUSTER_SUBSCRIPTION_ORACLE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/cluster/data_oracle.h"
#include "sim/cluster/push_ledger.h"
#include "sim/oracles/oracle_board.h"

namespace damselfly::sim {

// S33, sharded publish/subscribe. Every message is published once, by one client after another of
// its own. A subscription is one connection's to one channel at one process of a node:
//   - it gets only what was published there, in each publisher's order, nothing twice
//   - it gets everything that was published while it lasted and the node had not lost the slot
//   - it ends with the slot: it is told, for that reason only, and gets nothing afterwards, nor
//     anything that is published when the slot is back
class SubscriptionOracle {
 public:
  // `publisher` gives its messages growing numbers.
  void OnPublished(const std::string& channel, const std::string& message, int publisher,
                   const Occasion& occasion, WriteOutcome outcome);

  // Confirmed at `occasion`. Returns the subscription's number.
  size_t OnSubscribed(const std::string& channel, const Occasion& occasion);
  void OnMessage(size_t subscription, const std::string& message);
  // The node told that it is over, at that time.
  void OnTold(size_t subscription, int64_t time_ns);
  // The connection broke, or was closed.
  void OnConnectionLost(size_t subscription);
  // All is over and quiet, and the subscription is still there.
  void OnAlive(size_t subscription, int64_t time_ns);

  // Judges everything, once, when all is over.
  void Check(const PushLedger& ledger, OracleBoard* board) const;

 private:
  enum class End { kLost, kTold, kAlive };
  struct Publication {
    std::string channel;
    int publisher;
    Occasion occasion;
    WriteOutcome outcome;
  };
  struct Subscription {
    std::string channel;
    Occasion occasion;
    std::vector<std::string> messages;
    End end = End::kLost;
    int64_t end_ns = INT64_MAX;
    std::string after_the_end;  // a message that came all the same
  };
  // Losses of the channel's slot after the subscription had been confirmed.
  struct Losses {
    int64_t first_possible_begin_ns = INT64_MAX;
    int64_t first_certain_end_ns = INT64_MAX;
  };

  static Losses LossesAfter(const Subscription& subscription, const PushLedger& ledger);
  bool CheckMessages(const Subscription& subscription, const Losses& losses,
                     OracleBoard* board) const;
  void CheckNothingMissing(const Subscription& subscription, const Losses& losses,
                           OracleBoard* board) const;

  std::map<std::string, Publication> publications_;  // by message
  std::vector<Subscription> subscriptions_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLUSTER_SUBSCRIPTION_ORACLE_H_
