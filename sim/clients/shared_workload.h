#ifndef DAMSELFLY_SIM_CLIENTS_SHARED_WORKLOAD_H_
#define DAMSELFLY_SIM_CLIENTS_SHARED_WORKLOAD_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/clients/shared_cache.h"
#include "sim/clients/shared_history.h"
#include "sim/clients/workload.h"
#include "sim/world/decider.h"
#include "sim/world/world.h"

namespace damselfly::sim {

// A client that shares its keys with others: registers with values never used twice, counters, a
// bank, keys that are replaced under WATCH, and keys that expire; where nothing but caches is
// judged, it deletes and flushes too. What it sees goes into the node's SharedHistory.
class SharedWorkload final : public Workload {
 public:
  // `name` makes values unique. Pointers outlive the workload.
  SharedWorkload(std::string name, DecisionStream decisions, World* world, SharedHistory* history,
                 uint64_t pipeline_max, OracleBoard* board);

  // Keeps what it reads, until it is told to forget it. Only for a client of RESP3, before it
  // connects.
  void KeepCache(DecisionStream decisions);
  bool keeps_cache() const { return cache_.has_value(); }
  // From now on it only makes sure that what is on its way to it has come.
  void Rest();
  // When the node was given the last request that has been answered, or -1: on this connection
  // there is none.
  int64_t answered_begin_ns() const { return answered_begin_ns_; }
  // What it keeps; null: nothing, for want of a connection or of KeepCache.
  ClientCache* cache() { return cache_.has_value() ? cache_->view() : nullptr; }

  void OnConnected(int incarnation) override;
  void NextCalls(std::vector<Args>* calls) override;
  void OnReply(const Args& args, Reply reply, const Moment& moment) override;
  bool OnPush(const Reply& push) override;
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
    kRegisterSwap,  // EXEC of GET and SET
    kTracking,
    kDelete,
    kFlush,
  };
  struct Asked {
    Purpose purpose;
    size_t key = 0;
    std::string name = {};       // of the key, where it is not by number
    std::string value = {};      // that was written or echoed
    std::string old_value = {};  // of an overwrite
    size_t write_number = 0;
    std::vector<std::string> keys = {};  // that are read, written or both
    bool tracked = false;                // what it reads may be kept
  };

  void Ask(std::vector<Args>* calls, Args args, Asked asked);
  // Whether what is read next may be kept; asks for it where that is needed.
  bool AskCaching(std::vector<Args>* calls);
  void AskRegisterSwap(std::vector<Args>* calls);
  void AskFlush(std::vector<Args>* calls);
  void AskRegister(std::vector<Args>* calls);
  void AskCounter(std::vector<Args>* calls);
  void AskBank(std::vector<Args>* calls);
  void AskOverwrite(std::vector<Args>* calls);
  void AskExpiring(std::vector<Args>* calls);
  void FinishOverwrite(std::vector<Args>* calls);
  void Judge(const Asked& asked, const Reply& reply, const Moment& moment);
  // What is kept, and what has changed.
  void JudgeCache(const Asked& asked, const Reply& reply, const Moment& moment);
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
  std::optional<SharedCache> cache_;
  bool resting_ = false;
  int64_t answered_begin_ns_ = -1;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLIENTS_SHARED_WORKLOAD_H_
