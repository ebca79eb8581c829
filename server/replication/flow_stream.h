#ifndef DAMSELFLY_SERVER_REPLICATION_FLOW_STREAM_H_
#define DAMSELFLY_SERVER_REPLICATION_FLOW_STREAM_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "server/replication/entry_queue.h"
#include "server/replication/journal.h"
#include "server/resp/output_buffer.h"
#include "server/runtime/clock.h"
#include "server/store/store.h"
#include "server/store/table_walk.h"

namespace damselfly {

// How much walking may be done before others get their turn: a number of steps, and a time.
class WalkBudget {
 public:
  static constexpr int kStepsMax = 64;
  static constexpr int64_t kTimeNsMax = 200'000;

  explicit WalkBudget(const Clock* clock) : clock_(*clock) { Renew(); }

  // The others have had their turn.
  void Renew() {
    steps_ = 0;
    end_ns_ = clock_.MonotonicNs() + kTimeNsMax;
  }

  // Whether one more step may be done. The first one always may.
  bool Take() {
    if (steps_ == kStepsMax || (steps_ > 0 && clock_.MonotonicNs() >= end_ns_)) return false;
    ++steps_;
    return true;
  }

 private:
  const Clock& clock_;
  int64_t end_ns_ = 0;
  int steps_ = 0;
};

// What one lane has to say to a replica, in order: for a full sync all entries of the cut mixed
// with the records since the cut, then kSyncEnd, then records for ever.
//
// Why the order is right. A replica that applies a record needs to have the keys that it speaks of
// as they were at the cut, and must not get them later: the entry would undo the record. Whoever
// changes a key has its bucket covered before, under the slot's lock: so the entry is queued first,
// then the record is appended to the lane, both by the same thread. Therefore it is enough that all
// entries that were queued when a record was appended are sent before it. Here it is done in
// rounds:
//
//   1. end = the journal's end         (lane's lock)
//   2. count = entries ever queued     (queue's lock, taken after)
//   3. send entries up to `count`
//   4. send records up to `end`
//
// A record before `end` was appended before 1, so its entries were queued before 1, hence before 2:
// they are among those of 3. Entries that go ahead of records appended earlier do no harm: such
// records are about other buckets, or wipe what they have been told of by name (a flush covers
// nothing: what it drops that has not been queued by then never is). The locks order the two reads
// between threads: the append that 1 sees happens before it, and with it the queueing that came
// before that append.
//
// When the walk has come to its end, every entry of the cut has been queued, but for what flushes
// have dropped before: the records of these are appended by then. Once all that is sent, the
// replica has what the master had at one moment, the full sync is over, and records need no bound.
//
// One thread at a time, except where marked.
class FlowStream {
 public:
  struct Options {
    int lane = 0;
    size_t chunk_bytes = 64 << 10;  // of a big value
    int64_t queue_bytes_max = 0;    // see EntryQueue
    bool loses_overtaken = false;   // ServerMutant::kOvertakenLost
    bool ends_early = false;        // ServerMutant::kSyncEndsEarly
    bool forgets_overflow = false;  // ServerMutant::kOverflowForgotten
  };

  // `store`, `waker` outlive the stream. `on_overflow`: see EntryQueue.
  FlowStream(Store* store, std::shared_ptr<Journal> journal, const Options& options,
             Journal::Waker* waker, absl::AnyInvocable<void()> on_overflow);
  // No walk goes on.
  ~FlowStream();
  FlowStream(const FlowStream&) = delete;
  FlowStream& operator=(const FlowStream&) = delete;

  // Where the records begin. Returns false if those from there on are not all kept.
  bool OpenReader(uint64_t position);
  // This is a full sync, whose cut is now: opens the reader at the journal's end. All slots locked.
  bool BeginWalk();
  // Ends the walk, if it goes on, whether or not it has come to its end; nothing more is queued.
  // All slots locked. Any thread.
  void EndWalk();

  enum class Result : uint8_t {
    kIdle,  // nothing more to say: the waker is called when there is
    kMore,  // call again
    kLost,  // the replica is too far behind, or EndWalk has come
  };
  // Appends about `bytes_max` bytes at most. Takes slots' locks while the walk goes on.
  Result Produce(OutputBuffer* output, size_t bytes_max, WalkBudget* budget);

  // Sends a kAckRequest behind all records there are now; no earlier than behind kSyncEnd. The
  // caller has Produce called. Any thread.
  void RequestAck() { ack_wanted_.store(true, std::memory_order_relaxed); }

  // All entries have been given out, or there were none to give. Any thread.
  bool sync_end_sent() const { return sync_end_sent_.load(std::memory_order_acquire); }
  // What waits here: entries and records not given out yet.
  uint64_t waiting_bytes() const;
  // Of that, the records.
  uint64_t lag_bytes() const { return reader_ == nullptr ? 0 : reader_->lag_bytes(); }
  // Of the next record. Requires a reader.
  uint64_t position() const { return reader_->position(); }

 private:
  // Each returns whether it has done something.
  bool SendEntries(OutputBuffer* output, size_t bytes_max);
  bool SendRecords(OutputBuffer* output, size_t bytes_max, bool* lost);
  void SendBlob(OutputBuffer* output, size_t bytes_max);
  void SendAckRequest(OutputBuffer* output);
  // Starts a round; returns whether there is anything in it.
  bool BeginRound();
  void Step(WalkBudget* budget);
  // Returns false when somebody else has ended it.
  bool FinishWalk(OutputBuffer* output);

  Store* const store_;
  const std::shared_ptr<Journal> journal_;
  const Options options_;
  Journal::Waker* const waker_;
  EntryQueue queue_;
  TableWalk walk_;
  bool walk_registered_ = false;    // guarded by the locks of all slots
  bool walk_done_ = true;           // the receiver has had everything
  uint64_t walk_end_position_ = 0;  // where the journal ended when it had
  std::unique_ptr<Journal::Reader> reader_;

  uint64_t entries_end_ = 0;  // of this round
  uint64_t records_end_ = 0;  // of this round
  EntryQueue::Item item_;     // being sent, with blob
  size_t item_offset_ = 0;    // how much of the blob has been
  std::string header_;        // scratch

  std::atomic<bool> sync_end_sent_{true};
  std::atomic<bool> ack_wanted_{false};
  bool ack_pending_ = false;
  uint64_t ack_position_ = 0;  // ... and behind which record
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_FLOW_STREAM_H_
