#ifndef DAMSELFLY_SIM_CLUSTER_DATA_ORACLE_H_
#define DAMSELFLY_SIM_CLUSTER_DATA_ORACLE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "sim/cluster/interval_register.h"
#include "sim/cluster/push_ledger.h"
#include "sim/oracles/oracle_board.h"

namespace damselfly::sim {

// What became of a write.
enum class WriteOutcome {
  kDone,          // acknowledged
  kUnknown,       // no answer
  kRefused,       // MOVED, not configured, EXECABORT, a null EXEC; or it was never sent: not done
  kRefusedSlots,  // CROSSSLOT: not done
};

// What the keys of a cluster hold. Every write has a value of its own. Configurations move slots
// and not data, so each process of each node has a history of its own for a key, in which the loss
// of the slot is a deletion that nobody asked for:
//   S24  a read finds the last value that was acknowledged, or one in doubt, or none after a loss
//   S23  what was lost with its slot does not come back with the slot
//   S5   what was redirected or refused is never seen, S7 neither what had keys of several slots
//   S28  two keys that are always written together are found together
//   S29  EXEC does not succeed when a watched key has changed, be it by the loss of its slot, and
//        does not fail when nothing can have changed it
class DataOracle {
 public:
  void OnWrite(const std::string& key, const std::string& value, const Occasion& occasion,
               WriteOutcome outcome);
  // A deletion that was not done need not be told.
  void OnDelete(const std::string& key, const Occasion& occasion, bool certain);
  // "" for a key that is not there.
  void OnRead(const std::string& key, const std::string& value, const Occasion& occasion);
  // One read of both keys of a pair.
  void OnPairRead(const std::string& key, const std::string& other_key, const std::string& value,
                  const std::string& other_value, const Occasion& occasion);
  // A transaction under WATCH succeeded at `exec`; after WATCH the key had held `old_value`.
  void OnWatched(const std::string& key, const std::string& old_value, const Occasion& read,
                 const Occasion& exec);
  // A transaction under WATCH was answered by null at `exec`.
  void OnWatchFailed(const std::string& key, const Occasion& watch, const Occasion& exec);

  // Judges everything, once, when all is over.
  void Check(const PushLedger& ledger, OracleBoard* board) const;

 private:
  static constexpr int64_t kNil = -1;

  struct Write {
    std::string value;
    Occasion occasion;
    WriteOutcome outcome;
  };
  struct Deletion {
    Occasion occasion;
    bool certain;
  };
  struct Read {
    std::string value;
    Occasion occasion;
  };
  struct PairRead {
    std::string text;
    bool equal;
  };
  struct Watched {
    std::string old_value;
    Occasion read;
    Occasion exec;
  };
  struct WatchFailed {
    Occasion watch;
    Occasion exec;
  };
  struct KeyHistory {
    std::vector<Write> writes;
    std::map<std::string, size_t> write_of_value;
    std::vector<Deletion> deletions;
    std::vector<Read> reads;
    std::vector<Watched> watched;
    std::vector<WatchFailed> watch_failed;
  };
  // A key at one process of a node. Values are numbers of writes, or kNil.
  struct Life {
    IntervalRegister value;
    IntervalRegister losses;  // of the slot alone
    IntervalRegister writes;  // without deletions and losses
  };
  using Lives = std::map<std::pair<int, int>, Life>;

  static Life& LifeAt(Lives* lives, const Occasion& occasion, int slot, const PushLedger& ledger);
  static void CheckKey(const std::string& key, const KeyHistory& history, const PushLedger& ledger,
                       OracleBoard* board);
  static void CheckRead(const std::string& key, const KeyHistory& history, const Read& read,
                        const Life& life, OracleBoard* board);
  static void CheckWatched(const std::string& key, const Watched& watched, const Life& life,
                           OracleBoard* board);
  static void CheckWatchFailed(const std::string& key, const WatchFailed& failed, const Life& life,
                               OracleBoard* board);

  std::map<std::string, KeyHistory> keys_;
  std::vector<PairRead> pair_reads_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLUSTER_DATA_ORACLE_H_
