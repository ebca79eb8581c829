#ifndef DAMSELFLY_SERVER_REPLICATION_LANE_LOG_H_
#define DAMSELFLY_SERVER_REPLICATION_LANE_LOG_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "server/base/blob.h"
#include "server/base/spinlock.h"
#include "server/base/thread_annotations.h"
#include "server/replication/journal.h"
#include "server/replication/lone_record.h"
#include "server/replication/record_buffer.h"
#include "server/replication/short_set.h"
#include "server/resp/output_buffer.h"
#include "server/runtime/clock.h"

namespace damselfly {

// The log of one lane of a journal: its records as whole frames, one behind the other, in pieces. A
// piece is a part of a block of memory that fills up, or a value by reference.
//
// What has been appended never changes, so readers copy it without the lock: under it they only
// take references to the pieces, and note how far they are filled.
//
// Thread-safe, if it is shared.
class alignas(64) LaneLog {
 public:
  // What an append has dropped. To be destroyed without a lane's lock: freeing may take long.
  using Dropped = absl::InlinedVector<BlobRef, 2>;

  // Of a lane that is not shared one thread at a time may know.
  LaneLog(const Clock* clock, uint64_t first_position, bool is_shared);
  ~LaneLog();
  LaneLog(const LaneLog&) = delete;
  LaneLog& operator=(const LaneLog&) = delete;

  void SetLimits(int64_t backlog_time_ms, int64_t backlog_bytes_max, int64_t reader_lag_bytes_max)
      DFLY_EXCLUDES(lock_);

  void Append(const FramedRecord& record) DFLY_EXCLUDES(lock_);
  // A whole frame in one piece, of which the first bytes may not be cut in two.
  void AppendFrame(absl::string_view frame, size_t head_bytes) DFLY_EXCLUDES(lock_);
  void AppendShortSet(const ShortSet& set) DFLY_EXCLUDES(lock_);
  // For one step of several lanes: all are locked in ascending order, then appended to.
  void Lock() DFLY_ACQUIRE(lock_) { lock_.LockIf(is_shared_); }
  void Unlock() DFLY_RELEASE(lock_) { lock_.UnlockIf(is_shared_); }
  void AppendLocked(const FramedRecord& record, Dropped* dropped) DFLY_REQUIRES(lock_);

  uint64_t end_position() const { return end_position_.load(std::memory_order_acquire); }
  bool Retains(uint64_t position) const DFLY_EXCLUDES(lock_);
  uint64_t backlog_bytes() const DFLY_EXCLUDES(lock_);
  void Trim() DFLY_EXCLUDES(lock_);

  // ---- For Journal::Reader ----
  // Puts the reader at its position; false when that is not retained.
  bool Attach(Journal::Reader* reader) DFLY_EXCLUDES(lock_);
  void Detach(Journal::Reader* reader) DFLY_EXCLUDES(lock_);
  bool Read(Journal::Reader* reader, OutputBuffer* output, size_t bytes_max, uint64_t end_position)
      DFLY_EXCLUDES(lock_);
  uint64_t LagBytes(const Journal::Reader& reader) const DFLY_EXCLUDES(lock_);

 private:
  static constexpr size_t kBlockBytes = 64 * 1024;
  static constexpr size_t kPieceBytesMin = 256;
  static constexpr size_t kNoRecord = SIZE_MAX;

  struct Piece {
    BlobRef memory;
    size_t offset;         // of the piece in its memory
    size_t length;         // grows while it is the last one
    uint64_t begin_bytes;  // bytes of the lane before it
    // Of the first record that begins in this piece or behind it, and where in the piece it does,
    // if it does.
    uint64_t first_position;
    size_t first_record_offset;
    // Nothing has been appended to it later; of the last piece as Trim knew it.
    int64_t touched_ms;
    bool is_text;

    uint64_t end_bytes() const { return begin_bytes + length; }
  };

  // A part of a piece as a reader takes it.
  struct Slice {
    BlobRef memory;
    size_t offset;
    size_t length;
    // Of the next record behind it, and whether that begins right there.
    uint64_t next_position;
    bool ends_with_record;
  };
  static constexpr size_t kSlicesMax = 8;

  // One call of Read, between its turns under the lock.
  struct ReadState {
    OutputBuffer* output = nullptr;
    size_t bytes_max = 0;
    uint64_t end_position = 0;
    uint64_t position = 0;
    size_t bytes = 0;          // appended to the output
    uint64_t record_left = 0;  // bytes of the record that has been begun
    size_t slice_count = 0;
    Slice slices[kSlicesMax];
  };

  int64_t NowMs() const { return clock_->MonotonicNs() / 1000000; }
  bool FitsLastPiece(size_t bytes) const DFLY_REQUIRES(lock_);
  // Before and behind each append, unless it is an easy one.
  void BeginAppend() DFLY_REQUIRES(lock_);
  void EndAppend(Dropped* dropped) DFLY_REQUIRES(lock_);
  void EndEasyAppend(size_t bytes) DFLY_REQUIRES(lock_);
  uint64_t EasyBytes() const DFLY_REQUIRES(lock_);
  void AppendInPieces(const FramedRecord& record) DFLY_REQUIRES(lock_);
  void AppendHeader(absl::string_view header) DFLY_REQUIRES(lock_);
  void AppendText(absl::string_view text) DFLY_REQUIRES(lock_);
  void FillBlock(absl::string_view text) DFLY_REQUIRES(lock_);
  void NoteFilled(size_t bytes) DFLY_REQUIRES(lock_);
  void PrefetchAhead(size_t bytes) DFLY_REQUIRES(lock_);
  void AddTextPiece(size_t bytes, uint64_t first_position) DFLY_REQUIRES(lock_);
  void AddPiece(BlobRef memory, size_t offset, size_t length, uint64_t first_position, bool is_text)
      DFLY_REQUIRES(lock_);
  void RejectLaggards() DFLY_REQUIRES(lock_);
  void WakeReaders() DFLY_REQUIRES(lock_);
  void Drop(int64_t now_ms, Dropped* dropped) DFLY_REQUIRES(lock_);
  uint64_t FirstPosition() const DFLY_REQUIRES(lock_);
  void PlaceReader(Journal::Reader* reader) DFLY_REQUIRES(lock_);
  void TakeSlices(Journal::Reader* reader, ReadState* state) DFLY_REQUIRES(lock_);

  static bool WantsMore(const ReadState& state);
  static size_t CopySlices(ReadState* state);
  static size_t CopySlice(const Slice& slice, ReadState* state);

  const Clock* const clock_;
  const bool is_shared_;
  mutable SlotLock lock_;
  // Written under the lock.
  std::atomic<uint64_t> end_position_;
  uint64_t end_bytes_ DFLY_GUARDED_BY(lock_) = 0;
  std::deque<Piece> pieces_ DFLY_GUARDED_BY(lock_);
  uint64_t first_piece_number_ DFLY_GUARDED_BY(lock_) = 0;
  Piece* last_piece_ DFLY_GUARDED_BY(lock_) = nullptr;  // null when none that takes text
  uint64_t first_bytes_ DFLY_GUARDED_BY(lock_) = 0;     // where the first piece begins
  // Takes text from block_used_ on.
  BlobRef block_ DFLY_GUARDED_BY(lock_);
  size_t block_used_ DFLY_GUARDED_BY(lock_) = kBlockBytes;
  BlobRef spare_block_ DFLY_GUARDED_BY(lock_);
  std::vector<Journal::Reader*> readers_ DFLY_GUARDED_BY(lock_);
  bool any_armed_ DFLY_GUARDED_BY(lock_) = false;  // a reader may be armed
  // So much more fits the last piece without anything to be seen to: no reader is armed or lags too
  // far, nothing is to be dropped. As the last append that was not easy found it; 0 as soon as
  // something else changes one of these.
  uint64_t easy_bytes_ DFLY_GUARDED_BY(lock_) = 0;
  // Up to there no reader lags too far.
  uint64_t laggards_from_bytes_ DFLY_GUARDED_BY(lock_) = UINT64_MAX;
  uint64_t trimmed_at_bytes_ DFLY_GUARDED_BY(lock_) = 0;  // end_bytes_ at the last Trim

  int64_t backlog_time_ms_ DFLY_GUARDED_BY(lock_) = 0;
  uint64_t backlog_bytes_max_ DFLY_GUARDED_BY(lock_) = 0;
  uint64_t reader_lag_bytes_max_ DFLY_GUARDED_BY(lock_) = 0;
  size_t piece_bytes_max_ DFLY_GUARDED_BY(lock_) = kBlockBytes;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_LANE_LOG_H_
