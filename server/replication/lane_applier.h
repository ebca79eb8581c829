#ifndef DAMSELFLY_SERVER_REPLICATION_LANE_APPLIER_H_
#define DAMSELFLY_SERVER_REPLICATION_LANE_APPLIER_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/base/blob.h"
#include "server/replication/frame.h"
#include "server/replication/journal.h"
#include "server/replication/record.h"
#include "server/replication/transaction_gate.h"
#include "server/store/change.h"
#include "server/store/key.h"
#include "server/store/store.h"

namespace damselfly {

// Does to a replica's store what the frames of one lane say, and keeps its journal in step: each
// record is appended there under the locks under which it is applied. One thread.
//
// Nothing is taken on trust: whatever the frames hold is either applied or an error.
class LaneApplier {
 public:
  struct Options {
    int lane = 0;
    bool full_sync = false;  // entries come first, up to kSyncEnd
    // Longest string that a few bytes may make (SETRANGE): what this node's own clients may build,
    // so a master that allows more cannot be followed.
    uint64_t string_bytes_max = uint64_t{512} << 20;
    Store* store = nullptr;
    StoreCounters* counters = nullptr;    // of the thread's worker
    bool loses_chunked_deadline = false;  // ServerMutant::kChunkedDeadlineLost
    // What a part of a transaction is resumed with; copied for each.
    std::function<void(absl::Status)> resume;
  };
  // All lanes of one link share `gate` and `journal`.
  LaneApplier(Options options, std::shared_ptr<Journal> journal,
              std::shared_ptr<TransactionGate> gate);
  LaneApplier(const LaneApplier&) = delete;
  LaneApplier& operator=(const LaneApplier&) = delete;

  enum class Step {
    kApplied,  // or there was nothing to apply
    kWaits,    // for other lanes: options.resume will be called; take nothing more before
    kSyncEnded,
    kAckWanted,
  };
  static constexpr size_t kFramesMax = 32;
  // These, at most kFramesMax, are what Take goes through next; they stay valid meanwhile. Asks the
  // cache for the memory that they touch, so that the misses overlap, and changes nothing. Requires
  // that all before have been taken.
  void Prepare(absl::Span<const Frame> frames);

  // Takes the next of them, whole. The error says what is wrong with it.
  absl::StatusOr<Step> Take();

 private:
  // A frame that is to be taken.
  struct Prepared {
    Frame frame{};
    // Not null: it holds a ShortSet's record, as most do, which is `change`, of this key.
    const Key* short_set_key = nullptr;
    Change change;
  };

  // A big value of a full sync whose bytes are still coming.
  struct OpenEntry {
    std::string head;  // the entry as it came, which `change` has views into
    Change change;
    BlobRef value;
    uint64_t size = 0;  // as promised
  };

  // The key that the frame touches first; false if there is none.
  static bool FindKey(const Frame& frame, int* database, absl::string_view* key);
  absl::StatusOr<Step> TakeOther(const Frame& frame);
  absl::Status TakeShortSet(const Prepared& one);
  absl::Status TakeEntry(absl::string_view payload);
  absl::Status TakeChunk(absl::string_view bytes);
  absl::Status AddToValue(absl::string_view bytes);
  absl::Status EndSync();
  absl::Status ApplyEntry(const Change& change);
  absl::StatusOr<Step> TakeRecord(const Frame& frame);
  absl::StatusOr<Step> TakePart(absl::string_view bytes);
  // A flow may wait for so long that the store's count of what guesses hold by comes round.
  void ForgetGuesses();
  // Whether the record may come in this lane, with these values.
  absl::Status Check(const Record& record) const;
  absl::Status ApplyAlone(const Record& record, const Frame& frame);
  absl::Status ApplyTogether(const TransactionParts& parts);

  // Requires the slots' locks.
  absl::Status Apply(const Record& record);

  const Options options_;
  const std::shared_ptr<Journal> journal_;
  const std::shared_ptr<TransactionGate> gate_;
  bool syncing_;
  std::unique_ptr<OpenEntry> open_;
  Record record_;  // scratch
  std::array<Prepared, kFramesMax> prepared_;
  std::array<Key, kFramesMax> keys_;  // of those that have one, in their order
  size_t prepared_count_ = 0;
  size_t taken_count_ = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_LANE_APPLIER_H_
