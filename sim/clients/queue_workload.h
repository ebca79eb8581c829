#ifndef DAMSELFLY_SIM_CLIENTS_QUEUE_WORKLOAD_H_
#define DAMSELFLY_SIM_CLIENTS_QUEUE_WORKLOAD_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "sim/clients/queue_history.h"
#include "sim/clients/workload.h"
#include "sim/world/decider.h"

namespace damselfly::sim {

// A client that shares queues with others: pushes elements never used before, singly and several at
// once, from MULTI too; pops, waits with a timeout, from several keys; and ends others' waits. What
// it sees goes into the node's QueueHistory.
//
// Whatever waits is sent alone, when everything before has been answered: so it is known to the
// nanosecond when it began to wait.
class QueueWorkload final : public Workload {
 public:
  // `name` makes values unique. Pointers outlive the workload.
  QueueWorkload(std::string name, DecisionStream decisions, QueueHistory* history,
                uint64_t pipeline_max, OracleBoard* board);

  void OnConnected(int incarnation) override;
  void NextCalls(std::vector<Args>* calls) override;
  void OnReply(const Args& args, Reply reply, const Moment& moment) override;
  void OnLost(const LostCalls& lost) override;

 private:
  using Elements = std::vector<QueueOracle::Element>;
  // What a request is for. In step with the requests.
  enum class Purpose { kId, kMulti, kQueued, kExec, kPush, kPop, kUnblock };
  // How a pop is answered.
  enum class Shape {
    kElement,     // the element
    kElements,    // an array of them
    kKeyElement,  // key, element; of sorted sets key, member, score
    kKeyElements  // key, array of elements; of sorted sets of pairs
  };
  struct Asked {
    Purpose purpose;
    std::string key = {};    // the first one
    Elements elements = {};  // of kPush and kQueued
    QueueOracle::Pop pop = {};
    Shape shape = Shape::kElement;
    bool scored = false;  // a sorted set's
    uint64_t client = 0;  // of kUnblock
    bool with_error = false;
  };

  void Ask(std::vector<Args>* calls, Args args, Asked asked);
  uint64_t DrawGroup();
  void AskPush(std::vector<Args>* calls, Purpose purpose);
  void AskTransaction(std::vector<Args>* calls);
  void AskPop(std::vector<Args>* calls);
  void AskWait(std::vector<Args>* calls);
  void AskListWait(uint64_t group, const std::string& timeout, Args* args, Asked* asked);
  void AskUnblock(std::vector<Args>* calls);

  void Judge(const Asked& asked, const Reply& reply, QueueOracle::Span span);
  void JudgeExec(const Reply& reply, QueueOracle::Span span);
  void JudgePop(const Asked& asked, const Reply& reply, QueueOracle::Span span);
  bool ReadPopped(const Asked& asked, const Reply& reply, std::string* key,
                  std::vector<std::string>* values) const;
  void OnExecuted(const Asked& asked, QueueOracle::Span span);
  // Whether it was refused, and may have been.
  bool WasRefused(const Asked& asked, const Reply& reply, QueueOracle::Span span);
  QueueRequest RequestOf(const Asked& asked, QueueOracle::Span span) const;
  void Unexpected(const Reply& reply);

  const std::string name_;
  DecisionStream decisions_;
  QueueHistory* const history_;
  const uint64_t pipeline_max_;
  OracleBoard* const board_;
  const size_t number_;  // in the history
  uint64_t batch_count_ = 0;
  uint64_t value_count_ = 0;
  int incarnation_ = 0;
  bool knows_id_ = false;
  // A wait was ended because the node has become something else: the connection is closed next.
  bool sent_away_ = false;
  // The node does not serve them, as far as is known.
  std::array<bool, QueueHistory::kGroupCount> refused_{};
  std::deque<Asked> asked_;
  Args last_args_;
  // The transaction under way: what is queued, and whether something could not be.
  std::vector<Asked> queued_;
  bool aborted_ = false;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLIENTS_QUEUE_WORKLOAD_H_
