#ifndef DAMSELFLY_SERVER_REPLICATION_JOURNAL_HARNESS_H_
#define DAMSELFLY_SERVER_REPLICATION_JOURNAL_HARNESS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "server/base/blob.h"
#include "server/base/crc16.h"
#include "server/replication/frame.h"
#include "server/replication/journal.h"
#include "server/replication/record.h"
#include "server/resp/output_buffer.h"
#include "server/runtime/clock.h"
#include "server/store/change.h"

namespace damselfly {

// For tests of the journal: a clock that the test moves, changes, and readers that take apart what
// they read.

class StillClock final : public Clock {
 public:
  int64_t MonotonicNs() const override { return now_ns_.load(); }
  int64_t WallUs() const override { return now_ns_.load() / 1000; }
  void AdvanceMs(int64_t ms) { now_ns_ += ms * 1000000; }

 private:
  std::atomic<int64_t> now_ns_{1000000};
};

// The `index`th key whose slot is in `lane` of `lanes`.
inline std::string KeyInLane(int lane, int lanes, int index = 0) {
  for (int i = 0;; ++i) {
    std::string key = absl::StrCat("key", i);
    if (KeySlot(key) % lanes == lane && index-- == 0) return key;
  }
}

// `key` and `value` outlive the change.
inline Change SetChange(absl::string_view key, absl::string_view value) {
  Change change;
  change.kind = Change::Kind::kSet;
  change.key = key;
  change.slot = KeySlot(key);
  change.value = value;
  return change;
}

inline Change BlobChange(absl::string_view key, const BlobRef& blob) {
  Change change = SetChange(key, blob->view());
  change.blob = blob.get();
  return change;
}

inline Change FlushAllChange() {
  Change change;
  change.kind = Change::Kind::kFlushDatabase;
  change.database = Change::kAllDatabases;
  return change;
}

inline Journal::Options JournalOptions(int lanes, int workers = 1) {
  Journal::Options options;
  options.lane_count = lanes;
  options.worker_count = workers;
  options.first.assign(static_cast<size_t>(lanes), 0);
  return options;
}

class CountingWaker final : public Journal::Waker {
 public:
  void OnAppended() override { count.fetch_add(1, std::memory_order_release); }
  std::atomic<int> count{0};
};

// Records as a replica would have them.
struct ReadRecord {
  uint64_t transaction_id;
  uint64_t lane_count;
  std::vector<std::string> texts;  // "key=value" of kSet; the kind's number of other changes
};

inline std::string ChangeText(const Change& change) {
  if (change.kind != Change::Kind::kSet) return absl::StrCat(static_cast<int>(change.kind));
  return absl::StrCat(change.key, "=", change.value);
}

// Takes what waits in `output` through `parser`.
inline std::vector<ReadRecord> TakeRecords(OutputBuffer* output, FrameParser* parser) {
  parser->Append(output->ToString());
  output->Clear();
  std::vector<ReadRecord> records;
  Frame frame;
  absl::StatusOr<bool> more;
  while ((more = parser->Next(&frame)).ok() && *more) {
    EXPECT_EQ(frame.type, FrameType::kRecord);
    Record record;
    const absl::Status status = ParseRecord(frame.payload, &record);
    EXPECT_TRUE(status.ok()) << status;
    ReadRecord& read = records.emplace_back();
    read.transaction_id = record.transaction_id;
    read.lane_count = record.lane_count;
    for (const Change& change : record.changes) read.texts.push_back(ChangeText(change));
  }
  EXPECT_TRUE(more.ok()) << more.status();
  return records;
}

// All that `reader` has now; whole records only.
inline std::vector<ReadRecord> ReadAll(Journal::Reader* reader, size_t bytes_max = SIZE_MAX) {
  OutputBuffer output;
  FrameParser parser;
  EXPECT_TRUE(reader->Read(&output, bytes_max));
  std::vector<ReadRecord> records = TakeRecords(&output, &parser);
  EXPECT_EQ(parser.pending_bytes(), 0u);
  return records;
}

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_JOURNAL_HARNESS_H_
