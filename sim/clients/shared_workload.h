#ifndef DAMSELFLY_SIM_CLIENTS_SHARED_WORKLOAD_H_
#define DAMSELFLY_SIM_CLIENTS_SHARED_WORKLOAD_H_

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "sim/clients/shared_history.h"
#include "sim/clients/workload.h"
#include "sim/world/decider.h"
#include "sim/world/world.h"

namespace damselfly::sim {

// A client that shares its keys with others: registers with values never used twice, counters, a
// bank, keys that are replaced under WATCH, and keys that expire. What it sees goes into the node's
// SharedHistory.
class SharedWorkload final : public Workload {
 public:
  // `name` makes values unique. Pointers outlive the workload.
  SharedWorkload(std::string name, DecisionStream decisions, World* world, SharedHistory* history,
                 uint64_t pipeline_max, OracleBoard* board);

  void OnConnected(int incarnation) override;
  void NextCalls(std::vector<Args>* calls) override;
  void OnReply(const Args& args, Reply reply, const Moment& moment) override;
  void OnLost(const LostCalls& lost) override;

 private:
  // What a request is for: its reply is judged by that. In step with the requests.
  enum class Purpose {
    kPlain,  // the reply is OK or QUEUED, and says nothing
    kEcho,
    kRegisterWrite,
    kRegisterRead,
    kCounterIncrement,
    kCounterRead,
    kBankOpen,
    kBankTransfer,  // EXEC
    kBankRead,      // MGET, or EXEC of as many GETs
    kOverwriteRead,
    kOverwriteExec,
    kExpiringWrite,
    kExpiringRead,
  };
  struct Asked {
    Purpose purpose;
    size_t key = 0;
    std::string name = {};       // of the key, where it is not by number
    std::string value = {};      // that was written or echoed
    std::string old_value = {};  // of an overwrite
    size_t write_number = 0;
  };

  void Ask(std::vector<Args>* calls, Args args, Asked asked);
  void AskRegister(std::vector<Args>* calls);
  void AskCounter(std::vector<Args>* calls);
  void AskBank(std::vector<Args>* calls);
  void AskOverwrite(std::vector<Args>* calls);
  void AskExpiring(std::vector<Args>* calls);
  void FinishOverwrite(std::vector<Args>* calls);
  void Judge(const Asked& asked, const Reply& reply, const Moment& moment);
  void JudgeBankRead(const Reply& reply, const Moment& moment);
  void Unexpected(const Args& args, const Reply& reply);
  std::string UniqueValue();
  void TakeNewExpiringKey();

  const std::string name_;
  DecisionStream decisions_;
  uint64_t batch_count_ = 0;
  World* const world_;
  SharedHistory* const history_;
  const uint64_t pipeline_max_;
  OracleBoard* const board_;
  const size_t expiring_index_;
  int incarnation_ = 0;
  uint64_t value_count_ = 0;
  uint64_t expiring_count_ = 0;
  std::deque<Asked> asked_;
  // An overwrite whose WATCH and GET are answered: the transaction comes next.
  bool overwrite_open_ = false;
  Asked overwrite_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLIENTS_SHARED_WORKLOAD_H_
