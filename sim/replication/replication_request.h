#ifndef DAMSELFLY_SIM_REPLICATION_REPLICATION_REQUEST_H_
#define DAMSELFLY_SIM_REPLICATION_REPLICATION_REQUEST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "sim/cluster/node_lane.h"
#include "sim/replication/replication_history.h"
#include "sim/replication/scenario.pb.h"
#include "sim/world/decider.h"
#include "sim/world/sim_clock.h"

namespace damselfly::sim {

// One thing that a client asks for, as one pipeline, and what the answers mean for the oracles.
struct ReplicationRequest {
  enum class Kind {
    kGet,
    kSet,
    kSetExpiring,
    kDel,
    kPairWrite,
    kTransaction,
    kPairRead,
    kIncrement,
    kAppend,
    kBig,
    kFlush,
    kWait,
    kRole,
    kOther,
  };
  Kind kind = Kind::kGet;
  std::string key;
  std::string other_key;  // of pairs, and of some others
  std::string value;      // never used before
  int64_t number = 0;     // milliseconds to live (0: no deadline), or to wait
  int64_t replicas = 0;   // to wait for
  // Of kWait: what was written is read behind it in the same pipeline. Of kFlush: between two
  // writes in a transaction, of which the second alone outlives it. Of kBig: made of two parts in a
  // transaction, of which the second is appended.
  bool with_neighbours = false;
  std::vector<Args> other_calls;  // of kOther

  bool writes() const;
  // Its last reply is that of EXEC.
  bool is_transaction() const;
  // The slot of all its keys in a cluster; -1 if it has none.
  int slot() const;
  std::vector<Args> Calls() const;
  std::string Name() const;  // of the first call's command

 private:
  Args SetTo(absl::string_view text) const;
  std::vector<Args> BigCalls() const;
};

// Draws a request. `value` is what it writes, if it does.
ReplicationRequest DrawRequest(DecisionStream* decisions, const scenario::ReplicationMix& mix,
                               const KeyFamilies& keys, uint64_t client, const std::string& value,
                               int64_t big_bytes);

// Gives a request that was refused another value, never used before, so that it can be sent again.
void Renew(const std::string& value, int64_t big_bytes, ReplicationRequest* request);

// The address that the node which refused a request has named: "ip:port"; "" if it was not moved.
std::string MovedTo(const StepResult& result);

// Tells the oracles what came of it at a node whose wall clock is `clock`.
void JudgeRequest(const ReplicationRequest& request, const StepResult& result,
                  const SimClock& clock, ReplicationHistory* history, OracleBoard* board);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_REPLICATION_REQUEST_H_
