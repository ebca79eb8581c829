#ifndef DAMSELFLY_SIM_ORACLES_SEQUENTIAL_ORACLE_H_
#define DAMSELFLY_SIM_ORACLES_SEQUENTIAL_ORACLE_H_

#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "server/resp/reply_reader.h"
#include "sim/model/keyspace_model.h"
#include "sim/oracles/oracle_board.h"

namespace damselfly::sim {

// Checks every reply to a client that alone uses its keys (S25, and with it S27, S29, S35, S36).
// Keeps all states that the keys may be in: usually one; more while it is open whether a broken
// connection's last requests were executed, or whether a key has expired. A reply that fits none of
// them is a violation; one that fits some rules out the others.
class SequentialOracle {
 public:
  // With more states than this the oracle knows nothing any more; see lost_track().
  static constexpr size_t kStatesMax = 128;

  // `board` outlives the oracle.
  explicit SequentialOracle(OracleBoard* board) : board_(board), states_(1) {}

  // A request was answered. Replies come in the order of their requests.
  void OnReply(const Args& args, const Reply& reply, const Moment& moment);

  // A request was executed that gets no reply.
  void OnMuted(const Args& args, const Moment& moment);

  // The connection is gone. Of the requests that were not answered some first ones were executed,
  // at most `executed_max`, within `moment`.
  void OnConnectionLost(absl::Span<const Args> unanswered, size_t executed_max,
                        const Moment& moment);

  // The node has died, and all its data with it.
  void OnNodeLost();

  // There were too many possible states, or doubt about one: the client must go on with other keys
  // and a new oracle.
  bool lost_track() const { return lost_track_; }
  size_t state_count() const { return states_.size(); }

 private:
  // Decides for both where a key of the command may be alive or expired.
  void ForkAll(const Args& args, const Moment& moment, std::vector<KeyspaceModel>* states);
  void Report(const Args& args, const Reply& reply, bool concerns_deadlines,
              const Expected& expected);
  // Keeps one of each that are equal.
  void Reduce(std::vector<KeyspaceModel>* states);

  OracleBoard* board_;
  std::vector<KeyspaceModel> states_;
  uint64_t command_count_ = 0;
  bool lost_track_ = false;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_ORACLES_SEQUENTIAL_ORACLE_H_
