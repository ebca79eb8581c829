#ifndef DAMSELFLY_SERVER_REPLICATION_LONE_RECORD_H_
#define DAMSELFLY_SERVER_REPLICATION_LONE_RECORD_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "server/replication/frame.h"
#include "server/replication/record.h"
#include "server/store/change.h"

namespace damselfly {

// The record of a single short change in a single lane, as most are, as a whole frame: byte for
// byte what a RecordBuffer makes of it, for half of the work. One thread at a time.
class LoneRecord {
 public:
  LoneRecord() = default;
  LoneRecord(const LoneRecord&) = delete;
  LoneRecord& operator=(const LoneRecord&) = delete;

  static bool CanHold(const Change& change) {
    return !change.is_global() && ChangeBytesMax(change, /*value_elsewhere=*/false) <= kBytesMax;
  }

  bool empty() const { return end_ == 0; }
  // Requires that it is empty, and CanHold(change).
  void Set(int lane, const Change& change);
  void Clear() { end_ = 0; }

  // Of one that is not empty, until it is cleared. The head may not be cut in two.
  int lane() const { return lane_; }
  absl::string_view frame() const { return {bytes_ + begin_, end_ - begin_}; }
  size_t head_bytes() const { return kRecordBegin - begin_; }
  // The change alone.
  absl::string_view change() const { return {bytes_ + kChangeBegin, end_ - kChangeBegin}; }

 private:
  static constexpr size_t kBytesMax = 1000;
  // In front of the change: the frame's header, no transaction, one lane.
  static constexpr size_t kRecordBegin = kFrameHeaderBytesMax;
  static constexpr size_t kChangeBegin = kRecordBegin + 2;

  int lane_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
  char bytes_[kChangeBegin + kBytesMax];
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_LONE_RECORD_H_
