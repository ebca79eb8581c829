#ifndef DAMSELFLY_SIM_REPLICATION_LINEAGE_ORACLE_H_
#define DAMSELFLY_SIM_REPLICATION_LINEAGE_ORACLE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "sim/oracles/oracle_board.h"
#include "sim/replication/lineage.h"
#include "sim/replication/node_view.h"
#include "sim/replication/view_log.h"

namespace damselfly::sim {

// What the keys begin with on which clients do anything: their values are nobody's alone.
inline constexpr absl::string_view kOtherKeyPrefix = "{o";

// What nodes hold is what the journal of some master says, at every instant. After each pass of a
// node it reads on in the journal of a master, plays it, and compares the memory of masters and of
// replicas with what has been played, at the very positions that they claim:
//   S10  a replica at position p of a lane holds the first p records of it, and nothing else; so
//        does the master
//   S12  so it is when a full sync has ended
//   S14  a replica goes on in another lineage without a full sync only where that one has begun in
//        its own, and it is not beyond that
//   S15  in each lineage one process writes
//   S16  nothing changes on a replica while its positions stay
//   S19  a takeover leaves nothing behind, nothing is written behind it, and there is one
//   S22  what is promoted is what the replica has applied; one that was being filled is empty
//   S30  a replica has all parts of a transaction or none
//   S37  deadlines are equal, S38 keys that have expired go by the journal
class LineageOracle {
 public:
  struct Promotion {
    int node;
    int incarnation;
    std::string from;  // the lineage that the new one goes on from; empty: it was being filled
    std::string to;
    LanePositions fork;  // where it leaves the old one
    bool takeover;
    int64_t time_ns;
  };

  // Both outlive the oracle. Writes the log.
  LineageOracle(ViewLog* log, OracleBoard* board) : log_(log), board_(board) {}

  void Observe(const NodeView& view, const NodeMemory& memory, int64_t now_ns);
  // The same of a process that is still what it was when it was observed last: what `view` is. Most
  // passes change nothing, and then this is all that is to be done after them.
  void ObserveUnchanged(const NodeView& view, const NodeMemory& memory, int64_t now_ns);
  // The master knows this of how far a replica is, which must not be more than it is: S17.
  void ObserveAcknowledged(const std::string& lineage, int replica, int replica_incarnation,
                           uint64_t acknowledged_records);

  // What promotes the node next is a takeover, or it is not.
  void ExpectTakeover(int node) { takeovers_expected_.insert(node); }
  void CancelTakeover(int node) { takeovers_expected_.erase(node); }
  void set_on_promotion(std::function<void(const Promotion&)> handler) {
    on_promotion_ = std::move(handler);
  }

  // The history that tells what a lane of a lineage held at a position: its own, or that of the
  // lineage that it has begun in. Null where nobody knows.
  const Lineage* Find(const std::string& id, int lane, uint64_t position) const;
  // The lane of a key in a lineage; 0 of one that nobody knows.
  int LaneOf(const std::string& id, absl::string_view key) const;
  // The lineage's own part of its history, from where it has begun. Requires that there is one.
  const Lineage& Own(const std::string& id) const { return *books_.at(id).lineage; }
  // Of all lineages, in the order of their names.
  std::vector<std::string> Ids() const;

  uint64_t comparisons() const { return comparison_count_; }
  uint64_t gaps() const { return gap_count_; }
  uint64_t full_syncs() const { return full_sync_count_; }
  uint64_t partial_syncs_after_promotion() const { return partial_after_promotion_count_; }

 private:
  struct Book {
    std::unique_ptr<Lineage> lineage;
    int writer = 0;
    int writer_incarnation = 0;
    std::string parent;  // empty: none
    LanePositions fork;
    bool taken_over = false;  // nothing may follow
  };
  // What was last compared of a process.
  struct Checked {
    std::string lineage;
    LanePositions positions;
    struct Lane {
      uint64_t position = 0;  // where what follows was there
      SlotDigests slots;
      uint64_t digest = 0;  // their sum
    };
    std::vector<Lane> lanes;
    uint64_t key_count = 0;
    uint64_t looks = 0;
    bool filling = false;
  };
  enum class Occasion { kMaster, kPromoted, kFilled, kStream, kQuiet };

  Book* Begin(const NodeView& view, const NodeView* before, const NodeMemory& memory,
              int64_t now_ns);
  void FollowMaster(const NodeView& view, const NodeView* before, const NodeMemory& memory,
                    int64_t now_ns);
  // Reads on in the journal up to where the master is; where it cannot, begins anew from what there
  // is. False after a violation.
  bool ReadOn(Book* book, const NodeView& view, const NodeMemory& memory);
  // A master has become a replica, and stands where it stood as one: what it has written since it
  // was seen last. False after a violation.
  bool ReadLastWords(const NodeView& view, const NodeMemory& memory);
  // A replica was promoted while it was being filled: nothing of what had come may be there.
  void CheckEmptied(const NodeView& view, const NodeMemory& memory);
  bool MayWrite(const Book& book, const NodeView& view, int lane);
  bool Play(Lineage* lineage, const NodeView& view, int lane, const std::string& bytes);
  void FollowReplica(const NodeView& view, const NodeMemory& memory);
  bool MayGoOn(const Checked& checked, const NodeView& view) const;
  void CheckTransactions(const NodeView& view, int lane, uint64_t begin);
  // Compares the slots that have changed by what the journal says, and now and then all.
  void Compare(const NodeView& view, const NodeMemory& memory, Occasion all_lanes);
  // `look`: at all slots, whatever the journal says.
  void CompareLane(const NodeView& view, int lane, const NodeMemory& memory, bool look,
                   Occasion occasion);
  // What the lane holds in memory.
  uint64_t LaneDigest(const Lineage& lineage, const NodeView& view, int lane,
                      const NodeMemory& memory, bool look, Checked::Lane* checked);
  void Differ(const NodeView& view, int lane, Occasion occasion, const Contents& want,
              const Contents& have);

  ViewLog* const log_;
  OracleBoard* const board_;
  std::vector<uint16_t> touched_slots_;  // LaneDigest's, for their memory
  std::map<std::string, Book> books_;
  std::map<std::pair<int, int>, Checked> checked_;
  std::set<int> takeovers_expected_;
  std::function<void(const Promotion&)> on_promotion_ = [](const Promotion&) {};
  uint64_t comparison_count_ = 0;
  uint64_t gap_count_ = 0;
  uint64_t full_sync_count_ = 0;
  uint64_t partial_after_promotion_count_ = 0;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_LINEAGE_ORACLE_H_
