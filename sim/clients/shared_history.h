#ifndef DAMSELFLY_SIM_CLIENTS_SHARED_HISTORY_H_
#define DAMSELFLY_SIM_CLIENTS_SHARED_HISTORY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/oracles/cache_oracle.h"
#include "sim/oracles/counter_oracle.h"
#include "sim/oracles/expiry_oracle.h"
#include "sim/oracles/oracle_board.h"
#include "sim/oracles/overwrite_oracle.h"
#include "sim/oracles/register_oracle.h"
#include "sim/oracles/transfer_oracle.h"

namespace damselfly::sim {

// What all clients of one node that share keys have seen of them, apart for each life of the node's
// process: its data die with it.
class SharedHistory {
 public:
  static constexpr size_t kKeysOfAKind = 4;
  static constexpr size_t kAccountCount = 5;
  static constexpr int64_t kOpeningBalance = 100;

  struct Life {
    std::array<RegisterOracle, kKeysOfAKind> registers;
    std::array<CounterOracle, kKeysOfAKind> counters;
    std::array<OverwriteOracle, kKeysOfAKind> overwrites;
    TransferOracle bank{kOpeningBalance * static_cast<int64_t>(kAccountCount)};
    std::map<std::string, ExpiryOracle> expiring;  // by key
    CacheOracle caches;
  };

  // The node's keys are flushed now and then: nothing holds but what its clients keep of them.
  void set_flushed(bool flushed) { flushed_ = flushed; }
  bool flushed() const { return flushed_; }

  Life& life(int incarnation) { return lives_[incarnation]; }

  // The names of keys in use, one for each client that writes some; for readers.
  std::vector<std::string>& expiring_keys() { return expiring_keys_; }

  static std::string RegisterKey(size_t i) { return "register:" + std::to_string(i); }
  static std::string CounterKey(size_t i) { return "counter:" + std::to_string(i); }
  static std::string OverwriteKey(size_t i) { return "overwrite:" + std::to_string(i); }
  static std::string AccountKey(size_t i) { return "account:" + std::to_string(i); }

  // Judges what can be judged only at the end.
  void CheckAll(OracleBoard* board) const;

 private:
  bool flushed_ = false;
  std::map<int, Life> lives_;
  std::vector<std::string> expiring_keys_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLIENTS_SHARED_HISTORY_H_
