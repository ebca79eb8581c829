#ifndef DAMSELFLY_SIM_REPLICATION_REPLY_ORACLE_H_
#define DAMSELFLY_SIM_REPLICATION_REPLY_ORACLE_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "sim/cluster/push_ledger.h"
#include "sim/oracles/oracle_board.h"
#include "sim/replication/lineage_oracle.h"

namespace damselfly::sim {

// What a request must have done to one key. Its texts are the request's.
struct Effect {
  enum class Kind { kEquals, kEndsWith, kGone };
  absl::string_view key;
  Kind kind = Kind::kEquals;
  absl::string_view text;
  // Where it has a deadline: within these.
  int64_t expiry_min_ms = -1;
  int64_t expiry_max_ms = -1;
};

// Answers that clients had, judged by what the node was when it gave them and by what its lineage
// holds there. What LineageOracle says of memory these say of what is served:
//   S9   a node that is being filled or has been taken over answers no command on keys
//   S11  what INCR and APPEND answer is there once
//   S16  a replica takes no write
//   S18  as many replicas as WAIT says have applied what was written before; promoted, they have it
//   S19  a master that has been taken over acknowledges nothing
//   S24  an acknowledged write is in its master's history, in its time; a read finds what was there
//   S26  a replica answers what its master held at the replica's position
//   S28, S30  keys that are always written together are read together
// A write that was refused is in nobody's history.
class ReplyOracle {
 public:
  // All outlive the oracle.
  ReplyOracle(const ViewLog* log, const LineageOracle* lineages, OracleBoard* board)
      : log_(log), lineages_(lineages), board_(board) {}

  // A write was acknowledged.
  void OnDone(const Occasion& occasion, const std::string& request,
              const std::vector<Effect>& effects);
  // Values that a request that was refused, or never sent, would have written.
  void OnRefused(const std::string& value) { refused_.insert(value); }
  // READONLY, or LOADING.
  void OnReadOnly(const Occasion& occasion);
  void OnLoading(const Occasion& occasion);

  struct Read {
    absl::string_view key;
    bool nil;
    absl::string_view value;
  };
  // One request's reads. The node's wall clock was within these. `together`: the keys are always
  // written together.
  void OnRead(const Occasion& occasion, const std::vector<Read>& reads, int64_t wall_min_ms,
              int64_t wall_max_ms, bool together);

  // WAIT answered `count`; before, on the same connection, `value` was written to `key`, and nobody
  // else writes that key.
  void OnWait(const Occasion& occasion, const std::string& key, const std::string& value,
              int64_t count);
  void OnPromotion(const LineageOracle::Promotion& promotion);

  // Judges what only the end can tell, for the keys that clients use.
  void CheckEnd(const std::vector<std::string>& keys);

  uint64_t judged() const { return judged_count_; }
  uint64_t confirmed() const { return confirmed_count_; }

 private:
  void CheckTokens(const std::string& key, const std::vector<Lineage::Version>& versions);

  // What WAIT has confirmed.
  struct Confirmed {
    std::string text;
    std::string lineage;
    int lane;
    uint64_t position;  // behind the write
    std::set<int> nodes;
  };
  // Positions of one lane that a node, serving, passed while a request was executed.
  struct Span {
    std::string lineage;
    uint64_t begin;
    uint64_t end;
  };
  struct Service {
    bool master = false;
    bool replica = false;
    bool loading = false;
    bool taken_over = false;
    bool changed = false;             // more than positions
    bool journals = true;             // throughout
    const NodeView* first = nullptr;  // as the log has it; null: it was never seen
    const NodeView* last = nullptr;
  };

  Service ServiceAt(const Occasion& occasion) const;
  static std::string LastText(const Service& service);
  bool CheckServes(const Occasion& occasion, const Service& service, const std::string& what);
  bool Fits(const Effect& effect, const Held& held) const;
  // Whether the effect is among what the lane's records did between two positions; true also where
  // nobody knows.
  bool Happened(const Effect& effect, const std::string& lineage, uint64_t begin, uint64_t end,
                uint64_t* position) const;
  bool MayRead(const Read& read, const Span& span, int64_t wall_min_ms, int64_t wall_max_ms) const;

  const ViewLog* const log_;
  const LineageOracle* const lineages_;
  OracleBoard* const board_;
  std::set<std::string> refused_;
  std::vector<Confirmed> confirmed_;
  uint64_t judged_count_ = 0;
  uint64_t confirmed_count_ = 0;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_REPLY_ORACLE_H_
