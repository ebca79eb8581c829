#ifndef DAMSELFLY_SIM_CLUSTER_ATTEMPT_H_
#define DAMSELFLY_SIM_CLUSTER_ATTEMPT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/cluster/cluster_history.h"
#include "sim/cluster/node_lane.h"
#include "sim/oracles/oracle_board.h"

namespace damselfly::sim {

// What a client does at a time.
enum class OperationKind {
  kGet,
  kSet,
  kDel,
  kPairWrite,         // MSET of two keys of a slot
  kPairRead,          // MGET of them
  kTransaction,       // MULTI, SET, SET | EXEC, of them
  kWatch,             // WATCH, GET | MULTI, SET, EXEC
  kCrossWrite,        // MSET of keys of two slots, of which only the last is of the other
  kCrossDelete,       // DEL of them
  kCrossTransaction,  // MULTI, SET, SET | EXEC, of them
  kPublish,           // SPUBLISH to a shard channel
  kView,              // CLUSTER SLOTS, SHARDS, NODES, INFO
};

struct Operation {
  OperationKind kind = OperationKind::kGet;
  std::string key;        // none for kView
  std::string other_key;  // where there are two
};

// One try of an operation at one node: what to send, and what the answers mean for the oracles.
class Attempt {
 public:
  enum class Verdict {
    kGoOn,          // there is another step
    kDone,          // executed, or refused for good
    kMoved,         // to moved_to()
    kUnconfigured,  // the node has no configuration yet
    kLost,          // the connection broke
  };

  // `value` was never used before; those of one `client` come in order. `history` and `board`
  // outlive the attempt.
  Attempt(const Operation& operation, int client, const std::string& value, ClusterHistory* history,
          OracleBoard* board);

  // The next pipeline.
  std::vector<Args> NextStep() const;
  // What came of it.
  Verdict OnStep(const StepResult& result);
  // The connection has gone between two steps.
  void OnGone();

  // The key's node, by number; -1 if there is no node at that address.
  int moved_to() const { return moved_to_; }
  // Of the answer that decided.
  const Occasion& decided() const { return decided_; }
  // Of a kView that was answered: what CLUSTER SLOTS told.
  const std::vector<SlotRange>& view() const { return view_; }

 private:
  bool crosses() const;
  bool writes() const;
  Verdict OnSingle(const StepResult& result);
  Verdict OnSingleDone(const Reply& reply, const Occasion& occasion);
  Verdict OnQueued(const StepResult& result);
  Verdict OnWatched(const StepResult& result);
  Verdict OnExec(const StepResult& result);
  Verdict OnExecDone(const Reply& reply, const Occasion& occasion);
  Verdict OnView(const StepResult& result);
  // Where a reply is a refusal that any keyed command may get: notes it and gives the verdict.
  bool IsRefusal(const Reply& reply, const Occasion& occasion, const std::string& key,
                 Verdict* verdict);
  void NoteWrites(const Occasion& occasion, WriteOutcome outcome);
  void Unexpected(Oracle oracle, const Reply& reply, const Occasion& occasion);

  const Operation operation_;
  const int client_;
  const std::string value_;
  ClusterHistory* const history_;
  OracleBoard* const board_;
  int step_ = 0;
  bool poisoned_ = false;  // a command was refused when it was queued
  Verdict poison_ = Verdict::kDone;
  Occasion poisoned_at_;
  std::string old_value_;
  Occasion watch_;
  Occasion read_;
  int moved_to_ = -1;
  Occasion decided_;
  std::vector<SlotRange> view_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLUSTER_ATTEMPT_H_
