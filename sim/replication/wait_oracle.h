#ifndef DAMSELFLY_SIM_REPLICATION_WAIT_ORACLE_H_
#define DAMSELFLY_SIM_REPLICATION_WAIT_ORACLE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "sim/cluster/push_ledger.h"
#include "sim/oracles/oracle_board.h"
#include "sim/replication/view_log.h"

namespace damselfly::sim {

// S18, of WAIT's time: whoever waits is answered at once when the node closes to be taken over.
// Else it answers before its time is over only when as many have what was written as were asked
// for, or as there are; and then it does, while nothing is wrong. How many there are it is told by
// who looks into the node, after each of its passes while somebody waits there: a link that breaks,
// or a node that becomes something else, may end WAIT at any time, and then nobody is judged.
class WaitOracle {
 public:
  // The replicas of a master that are online, as it sees them, and how many links it has in all.
  struct Links {
    std::set<int> online;
    size_t count = 0;
    bool operator==(const Links& other) const {
      return online == other.online && count == other.count;
    }
  };
  // WAIT `asked` `timeout_ms`, outside of transactions, was answered by `count`.
  struct Answer {
    Occasion occasion;
    int64_t asked;
    int64_t timeout_ms;
    int64_t count;
  };

  // Both outlive the oracle.
  WaitOracle(const ViewLog* log, OracleBoard* board) : log_(log), board_(board) {}

  // Somebody is about to send WAIT to the node; it is over. From the first of these to the last the
  // node's links are wanted.
  void OnSent(int node);
  void OnOver(int node);
  bool wants_links(int node) const;
  void ObserveLinks(int node, int incarnation, const Links& links, int64_t now_ns);

  // From `since_ns` on nothing goes wrong, and what a replica has applied its master knows so long
  // afterwards.
  void BeginCalm(int64_t since_ns, int64_t late_ns) {
    calm_since_ns_ = since_ns;
    late_ns_ = late_ns;
  }

  // Whoever waits at a node that closes is answered within `late_ns` after that; but one whose
  // machine stands still until later, as `stands_until_ns` tells.
  void JudgeClosing(int64_t late_ns, std::function<int64_t(int node)> stands_until_ns) {
    closing_late_ns_ = late_ns;
    stands_until_ns_ = std::move(stands_until_ns);
  }

  // While its links are still wanted.
  void OnAnswer(const Answer& answer);

 private:
  struct Entry {
    int64_t since_ns;
    Links links;
  };
  // What was seen of a node while somebody waited there.
  struct Node {
    int waiting = 0;
    int incarnation = 0;
    std::vector<Entry> entries;
  };

  // The links within the occasion, in their order; none if they are not known.
  std::vector<Links> LinksWithin(const Occasion& occasion) const;
  // How many of these had what the node had when the occasion began.
  int64_t CountApplied(const Occasion& occasion, const std::set<int>& nodes, int64_t time_ns) const;
  // The node was the same master throughout.
  bool IsSteady(const Occasion& occasion) const;
  void CheckClosing(const Answer& answer) const;
  void CheckEarly(const Answer& answer, const std::vector<Links>& links);
  void CheckLate(const Answer& answer, const std::vector<Links>& links);

  const ViewLog* const log_;
  OracleBoard* const board_;
  std::map<int, Node> nodes_;
  int64_t calm_since_ns_ = INT64_MAX;
  int64_t late_ns_ = 0;
  int64_t closing_late_ns_ = INT64_MAX;
  std::function<int64_t(int node)> stands_until_ns_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_WAIT_ORACLE_H_
