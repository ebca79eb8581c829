#ifndef DAMSELFLY_SERVER_REPLICATION_JOURNAL_H_
#define DAMSELFLY_SERVER_REPLICATION_JOURNAL_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/replication/frame.h"
#include "server/replication/record.h"
#include "server/resp/output_buffer.h"
#include "server/runtime/clock.h"
#include "server/store/change.h"

namespace damselfly {

class LaneLog;

// How many records each lane has had since the lineage began: the place of a replica in its
// master's history.
using Positions = std::vector<uint64_t>;

// The journal of one node: a log a lane (lane = slot mod lanes), each in the order in which the
// changes happened to its slots; what has lately been appended is kept for readers that lag and for
// replicas that come back.
//
// A master's journal is attached to the store and writes what commands do. A replica's takes over
// its master's records, lane by lane and position by position, so that after a promotion it can go
// on where the master was.
//
// What is kept: values of 16 KiB and more as the store's own blobs, shared; all else copied. A lane
// holds at most its share of the backlog, or what its slowest reader still needs.
//
// Thread-safe, unless the store has one worker: then its thread alone may use it. Lock order:
// slots, then lanes in ascending order.
class Journal : public ChangeSink {
 public:
  struct Options {
    int lane_count = 1;    // [1, kLaneCountMax]
    int worker_count = 1;  // of the store
    Positions first;       // where each lane begins
    // What is kept for replicas that come back, in all lanes together; 0 for the time: no limit by
    // age. May be changed later.
    int64_t backlog_time_ms = 5000;
    int64_t backlog_bytes_max = 64 << 20;
    // A reader that lags further than this when a record is appended loses its place: the record
    // itself does not count, so that one who has kept up can always have it. 0: no limit.
    int64_t reader_lag_bytes_max = 256 << 20;
  };
  static constexpr int kLaneCountMax = static_cast<int>(kRecordLaneCountMax);

  // `clock` outlives the journal.
  Journal(const Options& options, const Clock* clock);
  ~Journal() override;
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  int lane_count() const { return lane_count_; }
  int LaneOf(uint16_t slot) const { return lane_count_ == 1 ? 0 : slot % lane_count_; }

  // ---- Appending ----
  void OnChange(int worker, const Change& change) override;
  void BeginGroup(int worker) override;
  void EndGroup(int worker) override;
  // A replica: the next record of a lane, as it came from the master and has been applied. Called
  // with the locks held of the slots that it has changed. Own transactions get ids above those that
  // have come this way.
  void AppendApplied(int lane, absl::string_view record);
  // The same for a record of no transaction, in the frame that it came in.
  void AppendAppliedFrame(int lane, const Frame& frame);

  // ---- Positions ----
  uint64_t End(int lane) const;
  // Of all lanes: one instant while all slots are locked, else lane by lane.
  Positions Ends() const;
  // Whether all records from `positions` on are still here, and none of them lies in the future.
  bool Retains(const Positions& positions) const;

  // ---- Reading ----
  class Waker {
   public:
    virtual ~Waker() = default;
    // There is more to read. Called by whoever appends, under the lane's lock: short, takes no
    // lock that is ever held while the journal is called.
    virtual void OnAppended() = 0;
  };

  // One flow's place in a lane. One thread at a time; the journal outlives it.
  class Reader {
   public:
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    // Appends the next records as kRecord frames, at least one if there is any, until about
    // `bytes_max` are there; never one at or behind `end_position`. When it has come to the end of
    // the lane, the next append calls the waker, once; a Read that stops short of it, at
    // `bytes_max` or `end_position`, is to be followed by another without waiting. Returns false
    // when the reader has lost its place: it lagged too far, and what has been appended may end
    // within a frame.
    bool Read(OutputBuffer* output, size_t bytes_max, uint64_t end_position = UINT64_MAX);
    // Of the record that is read next.
    uint64_t position() const { return position_; }
    // Of frames appended and not read.
    uint64_t lag_bytes() const;

   private:
    friend class Journal;
    friend class LaneLog;
    Reader(LaneLog* log, Waker* waker, uint64_t position);

    LaneLog* const log_;
    Waker* const waker_;
    uint64_t position_;
    bool attached_ = false;
    // The rest is LaneLog's, guarded by its lock.
    uint64_t bytes_read_ = 0;    // where it stands, counted from the lane's first byte
    uint64_t piece_number_ = 0;  // no later piece holds that byte
    bool armed_ = false;
    bool lost_ = false;
  };
  // Null when the lane's records from `position` on are not all here. `waker` outlives the reader.
  std::unique_ptr<Reader> OpenReader(int lane, uint64_t position, Waker* waker);

  // ---- Figures and limits ----
  uint64_t record_count() const;   // appended since the lineage began, in all lanes
  uint64_t backlog_bytes() const;  // kept at the moment
  void SetLimits(int64_t backlog_time_ms, int64_t backlog_bytes_max, int64_t reader_lag_bytes_max);
  // Drops what is too old; appending does it too. To be called now and then.
  void Trim();

 private:
  struct WorkerGroup;

  static void MoveLoneToItsPart(WorkerGroup& group);
  static void AddToGroup(WorkerGroup& group, int lane, const Change& change);
  void AddGlobal(WorkerGroup& group, const Change& change);
  void Commit(WorkerGroup& group);
  void CommitTransaction(WorkerGroup& group);

  const int lane_count_;
  const Clock* const clock_;
  std::vector<std::unique_ptr<LaneLog>> lanes_;
  std::vector<std::unique_ptr<WorkerGroup>> groups_;
  std::atomic<uint64_t> last_transaction_id_{0};
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_JOURNAL_H_
