#ifndef DAMSELFLY_SERVER_VALUES_STREAM_GROUP_H_
#define DAMSELFLY_SERVER_VALUES_STREAM_GROUP_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/strings/string_view.h"
#include "server/values/counting_allocator.h"
#include "server/values/stream_id.h"

namespace damselfly {

// A consumer group of a stream: how far it has read, its consumers, and the entries that were
// delivered to them and not acknowledged yet, by ID and by consumer. An entry that is pending may
// have gone from the stream.
//
//     group ──consumers──> name ──> StreamConsumer ──pending──> ids
//       └─────pending────> id ──> {consumer, when, how often}

// Memory is counted where the value's counter says (CountingAllocator).
class StreamConsumer {
 public:
  using PendingIds = absl::btree_set<StreamId, std::less<StreamId>, CountingAllocator<StreamId>>;

  StreamConsumer(absl::string_view name, int64_t seen_ms, size_t* memory_bytes);
  ~StreamConsumer();
  StreamConsumer(const StreamConsumer&) = delete;
  StreamConsumer& operator=(const StreamConsumer&) = delete;

  const std::string& name() const { return name_; }
  // When it was last named by a command; Unix time in ms.
  int64_t seen_ms() const { return seen_ms_; }
  void set_seen_ms(int64_t ms) { seen_ms_ = ms; }
  const PendingIds& pending() const { return pending_; }

 private:
  friend class StreamGroup;

  const std::string name_;
  int64_t seen_ms_;
  PendingIds pending_;
};

struct StreamPendingEntry {
  StreamConsumer* consumer;  // of the same group
  int64_t delivered_ms;      // Unix time
  uint64_t deliveries;
};

class StreamGroup {
 public:
  // In place of entries_read: nobody knows.
  static constexpr int64_t kUnknownEntriesRead = -1;

  using Pending = absl::btree_map<StreamId, StreamPendingEntry, std::less<StreamId>,
                                  CountingAllocator<std::pair<const StreamId, StreamPendingEntry>>>;
  // By name, in the order of bytes.
  using Consumers = absl::btree_map<
      absl::string_view, std::unique_ptr<StreamConsumer>, std::less<absl::string_view>,
      CountingAllocator<std::pair<const absl::string_view, std::unique_ptr<StreamConsumer>>>>;

  StreamGroup(absl::string_view name, const StreamId& last_id, int64_t entries_read,
              size_t* memory_bytes);
  ~StreamGroup();
  StreamGroup(const StreamGroup&) = delete;
  StreamGroup& operator=(const StreamGroup&) = delete;

  const std::string& name() const { return name_; }
  // The last entry that was delivered.
  const StreamId& last_id() const { return last_id_; }
  // How many entries of the stream's whole life lie up to there, or kUnknownEntriesRead.
  int64_t entries_read() const { return entries_read_; }
  void SetPosition(const StreamId& last_id, int64_t entries_read) {
    last_id_ = last_id;
    entries_read_ = entries_read;
  }

  const Consumers& consumers() const { return consumers_; }
  // Null when there is none.
  StreamConsumer* FindConsumer(absl::string_view name) const;
  // Requires that there is none of this name.
  StreamConsumer* AddConsumer(absl::string_view name, int64_t seen_ms);
  // And all that is pending for it.
  void RemoveConsumer(StreamConsumer* consumer);

  const Pending& pending() const { return pending_; }
  // Null when it is not pending.
  const StreamPendingEntry* FindPending(const StreamId& id) const;
  // Makes the entry pending, or changes how it is; it leaves the consumer that had it.
  void SetPending(const StreamId& id, const StreamPendingEntry& entry);
  // Returns whether it was pending.
  bool DropPending(const StreamId& id);

  // Frees some `count` pending entries; true when there are none left. After it the group is good
  // for nothing but this and its destructor.
  bool FreeSome(size_t count);

  // A copy, counted elsewhere.
  std::unique_ptr<StreamGroup> Clone(size_t* memory_bytes) const;

 private:
  const std::string name_;
  StreamId last_id_;
  int64_t entries_read_;
  Consumers consumers_;
  Pending pending_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_STREAM_GROUP_H_
