#ifndef DAMSELFLY_SIM_CLIENTS_EXCLUSIVE_WORKLOAD_H_
#define DAMSELFLY_SIM_CLIENTS_EXCLUSIVE_WORKLOAD_H_

#include <string>
#include <vector>

#include "sim/clients/command_generator.h"
#include "sim/clients/workload.h"
#include "sim/oracles/sequential_oracle.h"

namespace damselfly::sim {

// A client that alone uses its keys, with any command that the model knows: every reply is checked
// exactly.
class ExclusiveWorkload final : public Workload {
 public:
  // `name` prefixes the keys. Pointers outlive the workload.
  ExclusiveWorkload(std::string name, DecisionStream decisions, const SimClock* node_clock,
                    uint32_t families, uint64_t pipeline_max, OracleBoard* board);

  // Before the first connection: the client may use values that are larger than what is read at
  // once; two databases from `first` on are nobody else's.
  void AllowBigValues() { generator_.set_big_values(true); }
  void OwnDatabases(int first) { generator_.OwnDatabases(first); }

  void OnConnected(int incarnation) override;
  void NextCalls(std::vector<Args>* calls) override;
  void OnReply(const Args& args, Reply reply, const Moment& moment) override;
  void OnMuted(const Args& args, const Moment& moment) override;
  void OnLost(const LostCalls& lost) override;

 private:
  // Goes on with other keys, when too little is known about the old ones.
  void TakeNewKeys();
  // The next step of a round of SCAN, and what changes tables behind it.
  void GoOnScanning(std::vector<Args>* calls);
  void SelectFirstDatabase(std::vector<Args>* calls);

  const std::string name_;
  DecisionStream decisions_;
  uint64_t batch_count_ = 0;
  CommandGenerator generator_;
  OracleBoard* const board_;
  SequentialOracle oracle_;
  const uint64_t pipeline_max_;
  uint64_t generation_ = 0;
  int incarnation_ = 0;
  bool connection_is_new_ = false;
  std::string scan_cursor_;  // of the step that comes next; empty: no round goes on
  bool watch_open_ = false;  // the transaction that goes with it comes next
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLIENTS_EXCLUSIVE_WORKLOAD_H_
