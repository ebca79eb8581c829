#ifndef DAMSELFLY_SIM_REPLICATION_LINEAGE_H_
#define DAMSELFLY_SIM_REPLICATION_LINEAGE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/store/change.h"

namespace damselfly::sim {

// A key in one of the databases.
using KeyName = std::pair<int, std::string>;

// What a key holds.
struct Held {
  std::shared_ptr<const std::string> data;  // null: the key is not there
  int64_t expiry_ms = -1;                   // -1: none
};

using Contents = std::map<KeyName, Held>;
using LanePositions = std::vector<uint64_t>;

// A number for a key and what it holds; sums of them stand for key spaces. Of a big value it looks
// at its length and at pieces of it: where each place has bytes of its own, that tells a part that
// is missing or has been moved.
uint64_t HeldDigest(int database, absl::string_view key, absl::string_view data, int64_t expiry_ms);

// A master's history as its journal tells it, played on plain maps: for each lane what it holds at
// every position. Knows nothing of how the server stores, sends or applies anything: the second
// opinion on masters and replicas.
//
// Positions that nobody has seen (the journal did not keep the records long enough) are gaps.
class Lineage {
 public:
  // A record with parts in several lanes.
  struct Part {
    int lane;
    uint64_t position;  // before the record
  };
  struct Version {
    uint64_t position;  // from here on
    Held held;
  };

  explicit Lineage(int lane_count) : lanes_(static_cast<size_t>(lane_count)) {}

  int lane_count() const { return static_cast<int>(lanes_.size()); }
  int LaneOf(absl::string_view key) const;

  // The lane is at `position` and holds `contents`; of what lies between its head and there, nobody
  // knows.
  void Rebase(int lane, uint64_t position, const Contents& contents);
  // The next record of a lane that has been rebased. `transaction_id` is 0 for one of this lane
  // alone. A transaction that concerns all slots has a part in every lane, and all its changes,
  // whatever their slots, in lane 0's, which comes first here. Returns whether every change was one
  // that the lane may have.
  bool Append(int lane, uint64_t transaction_id, uint64_t part_count,
              const std::vector<Change>& changes);

  uint64_t head(int lane) const { return At(lane).head(); }
  bool begun(int lane) const { return At(lane).begun; }
  bool Knows(int lane, uint64_t position) const;
  // Of what the lane holds at a position. Requires Knows().
  uint64_t DigestAt(int lane, uint64_t position) const;
  // The slots whose contents differ between two positions are at most these; false when they are
  // not known one by one. Fills *slots. Requires Knows() of both, and first <= last.
  bool SlotsTouched(int lane, uint64_t first, uint64_t last, std::vector<uint16_t>* slots) const;
  // How many keys with a deadline, passed or not, the lane has at its head.
  uint64_t expiring_count(int lane) const { return At(lane).expiring_count; }
  // What a key holds there. Requires Knows() of its lane.
  const Held& HeldAt(const KeyName& key, uint64_t position) const;
  // What the lane holds there. Requires Knows().
  Contents ContentsAt(int lane, uint64_t position) const;
  // All that a key has held, oldest first; null if it has never been there.
  const std::vector<Version>* VersionsOf(const KeyName& key) const;

  // Where the transaction that the record behind `position` belongs to has its parts so far, and
  // how many it must have; null when it is of one lane.
  struct Transaction {
    uint64_t part_count;
    std::vector<Part> parts;
    // Of one that concerns all slots: what it does.
    struct Copy {
      Change change;  // but for what it points to
      std::string key;
      std::string value;
    };
    std::vector<Copy> of_all_lanes;
  };
  const Transaction* TransactionAt(int lane, uint64_t position) const;

 private:
  static constexpr uint16_t kAllSlots = UINT16_MAX;
  struct Lane {
    bool begun = false;
    uint64_t base = 0;
    // For each position from `base` on.
    std::vector<uint64_t> digests;
    std::vector<bool> known;
    // That the step to there has touched, in this part of `touched`; kAllSlots among them: any.
    std::vector<uint32_t> touched_end;
    std::vector<uint16_t> touched;
    std::vector<uint32_t> transactions;  // of the record behind it, counted from 1; one shorter
    std::map<KeyName, std::vector<Version>> versions;
    uint64_t digest = 0;
    uint64_t expiring_count = 0;

    uint64_t head() const { return base + digests.size() - 1; }
  };

  const Lane& At(int lane) const { return lanes_[static_cast<size_t>(lane)]; }
  Lane& At(int lane) { return lanes_[static_cast<size_t>(lane)]; }
  static const Held& Current(const Lane& lane, const KeyName& key);
  static void Put(Lane* lane, uint64_t position, const KeyName& key, Held held);
  // Ends a step.
  static void Touch(Lane* lane, const std::vector<uint16_t>& slots);
  bool Apply(int lane, uint64_t position, const Change& change);
  // What a transaction of all slots does in one lane.
  bool ApplyOfAllLanes(int lane, uint64_t position, const Transaction& transaction);
  static void DropAll(Lane* lane, uint64_t position, int database, int slot);
  static void Swap(Lane* lane, uint64_t position, int first, int second);

  // The transaction's place in transactions_, counted from 1.
  uint32_t PlaceOf(uint64_t transaction_id, uint64_t part_count);

  std::vector<Lane> lanes_;
  std::vector<Transaction> transactions_;
  // The last one of each number: a journal that is begun anew counts anew.
  std::map<uint64_t, uint32_t> places_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_REPLICATION_LINEAGE_H_
