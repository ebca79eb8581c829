#include "server/replication/journal.h"

#include <algorithm>
#include <utility>

#include "server/base/check.h"
#include "server/base/thread_annotations.h"
#include "server/base/varint.h"
#include "server/replication/frame.h"
#include "server/replication/lane_log.h"
#include "server/replication/lone_record.h"
#include "server/replication/record_buffer.h"
#include "server/replication/short_set.h"

namespace damselfly {

namespace {

// A record that is kept as a blob of its own.
void AppendBig(LaneLog* log, absl::string_view header, absl::string_view record) {
  const FramedRecord::Reference reference{0, Blob::Copy(record)};
  log->Append(FramedRecord{header, {}, absl::MakeConstSpan(&reference, 1)});
}

}  // namespace

// What a worker has changed since BeginGroup. Only that worker touches it.
struct alignas(64) Journal::WorkerGroup {
  explicit WorkerGroup(int lane_count) : parts(static_cast<size_t>(lane_count)) {}

  bool open = false;
  // Holds a global change: all changes are in the part of lane 0, and all lanes have a part.
  bool global = false;
  std::vector<int> lanes;  // those whose parts are not empty, as they came
  std::vector<RecordBuffer> parts;
  // The only change so far, if it is a short one; then there are no parts.
  LoneRecord lone;
};

Journal::Journal(const Options& options, const Clock* clock)
    : lane_count_(options.lane_count), clock_(clock) {
  DFLY_CHECK(lane_count_ >= 1 && lane_count_ <= kLaneCountMax);
  DFLY_CHECK_GE(options.worker_count, 1);
  DFLY_CHECK_EQ(options.first.size(), static_cast<size_t>(lane_count_));
  for (uint64_t first : options.first) {
    lanes_.push_back(std::make_unique<LaneLog>(clock_, first, options.worker_count > 1));
  }
  for (int i = 0; i < options.worker_count; ++i) {
    groups_.push_back(std::make_unique<WorkerGroup>(lane_count_));
  }
  SetLimits(options.backlog_time_ms, options.backlog_bytes_max, options.reader_lag_bytes_max);
}

Journal::~Journal() = default;

// ---- Appending ----

void Journal::BeginGroup(int worker) {
  WorkerGroup& group = *groups_[static_cast<size_t>(worker)];
  DFLY_CHECK(!group.open);
  group.open = true;
}

void Journal::EndGroup(int worker) {
  WorkerGroup& group = *groups_[static_cast<size_t>(worker)];
  DFLY_CHECK(group.open);
  group.open = false;
  Commit(group);
}

void Journal::OnChange(int worker, const Change& change) {
  WorkerGroup& group = *groups_[static_cast<size_t>(worker)];
  if (!group.open && ShortSet::Is(change)) [[likely]] {
    lanes_[static_cast<size_t>(LaneOf(change.slot))]->AppendShortSet(ShortSet(change));
    return;
  }
  if (!group.lone.empty()) [[unlikely]]
    MoveLoneToItsPart(group);
  if (group.lanes.empty() && LoneRecord::CanHold(change)) {
    group.lone.Set(LaneOf(change.slot), change);
  } else if (change.is_global()) {
    AddGlobal(group, change);
  } else {
    AddToGroup(group, group.global ? 0 : LaneOf(change.slot), change);
  }
  if (!group.open) Commit(group);
}

void Journal::MoveLoneToItsPart(WorkerGroup& group) {
  group.lanes.push_back(group.lone.lane());
  group.parts[static_cast<size_t>(group.lone.lane())].AddWritten(group.lone.change());
  group.lone.Clear();
}

void Journal::AddToGroup(WorkerGroup& group, int lane, const Change& change) {
  RecordBuffer& part = group.parts[static_cast<size_t>(lane)];
  if (part.empty()) group.lanes.push_back(lane);
  part.Add(change);
}

void Journal::AddGlobal(WorkerGroup& group, const Change& change) {
  if (lane_count_ > 1 && !group.global) {
    group.global = true;
    // Changes of different lanes are of different slots: their order among each other is free.
    for (int lane : group.lanes) {
      if (lane != 0) group.parts[0].TakeFrom(&group.parts[static_cast<size_t>(lane)]);
    }
    group.lanes.clear();
    if (!group.parts[0].empty()) group.lanes.push_back(0);
  }
  AddToGroup(group, 0, change);
}

void Journal::Commit(WorkerGroup& group) {
  if (!group.lone.empty()) {
    lanes_[static_cast<size_t>(group.lone.lane())]->AppendFrame(group.lone.frame(),
                                                                group.lone.head_bytes());
    group.lone.Clear();
    return;
  }
  if (group.lanes.empty()) return;
  if (group.lanes.size() == 1 && !group.global) {
    const size_t lane = static_cast<size_t>(group.lanes.front());
    RecordBuffer& part = group.parts[lane];
    lanes_[lane]->Append(part.Frame(0, 1));
    part.Clear();
    group.lanes.clear();
    return;
  }
  CommitTransaction(group);
}

// All lanes concerned are locked at once, so that they agree on the order of what they share.
void Journal::CommitTransaction(WorkerGroup& group) DFLY_NO_THREAD_SAFETY_ANALYSIS {
  if (group.global) {
    group.lanes.clear();
    for (int lane = 0; lane < lane_count_; ++lane) group.lanes.push_back(lane);
  } else {
    std::sort(group.lanes.begin(), group.lanes.end());
  }
  const uint64_t id = last_transaction_id_.fetch_add(1, std::memory_order_relaxed) + 1;
  std::vector<FramedRecord> records;
  records.reserve(group.lanes.size());
  for (int lane : group.lanes) {
    records.push_back(group.parts[static_cast<size_t>(lane)].Frame(id, group.lanes.size()));
  }

  LaneLog::Dropped dropped;
  for (int lane : group.lanes) lanes_[static_cast<size_t>(lane)]->Lock();
  for (size_t i = 0; i < records.size(); ++i) {
    lanes_[static_cast<size_t>(group.lanes[i])]->AppendLocked(records[i], &dropped);
  }
  for (int lane : group.lanes) lanes_[static_cast<size_t>(lane)]->Unlock();

  for (int lane : group.lanes) group.parts[static_cast<size_t>(lane)].Clear();
  group.lanes.clear();
  group.global = false;
}

void Journal::AppendApplied(int lane, absl::string_view record) {
  const char* at = record.data();
  uint64_t id;
  DFLY_CHECK(ReadVarint(&at, at + record.size(), &id) == VarintResult::kDone);
  uint64_t last_id = last_transaction_id_.load(std::memory_order_relaxed);
  while (last_id < id &&
         !last_transaction_id_.compare_exchange_weak(last_id, id, std::memory_order_relaxed)) {
  }

  char header[kFrameHeaderBytesMax];
  const char* const header_end = WriteFrameHeader(
      FrameType::kRecord, record.size(), FrameChecksum::Of(FrameType::kRecord, record), header);
  const absl::string_view header_text(header, static_cast<size_t>(header_end - header));
  LaneLog& log = *lanes_[static_cast<size_t>(lane)];
  if (record.size() < kReferenceBytesMin) {
    log.Append(FramedRecord{header_text, record, {}});
  } else {
    AppendBig(&log, header_text, record);
  }
}

void Journal::AppendAppliedFrame(int lane, const Frame& frame) {
  DFLY_DCHECK(frame.type == FrameType::kRecord && frame.bytes.end() == frame.payload.end());
  const size_t header_bytes = frame.bytes.size() - frame.payload.size();
  LaneLog& log = *lanes_[static_cast<size_t>(lane)];
  if (frame.payload.size() < kReferenceBytesMin) [[likely]] {
    log.AppendFrame(frame.bytes, header_bytes);
  } else {
    AppendBig(&log, frame.bytes.substr(0, header_bytes), frame.payload);
  }
}

// ---- Positions ----

uint64_t Journal::End(int lane) const { return lanes_[static_cast<size_t>(lane)]->end_position(); }

Positions Journal::Ends() const {
  Positions ends;
  ends.reserve(lanes_.size());
  for (const auto& lane : lanes_) ends.push_back(lane->end_position());
  return ends;
}

bool Journal::Retains(const Positions& positions) const {
  if (positions.size() != lanes_.size()) return false;
  for (size_t i = 0; i < lanes_.size(); ++i) {
    if (!lanes_[i]->Retains(positions[i])) return false;
  }
  return true;
}

// ---- Reading ----

Journal::Reader::Reader(LaneLog* log, Waker* waker, uint64_t position)
    : log_(log), waker_(waker), position_(position) {}

Journal::Reader::~Reader() {
  if (attached_) log_->Detach(this);
}

bool Journal::Reader::Read(OutputBuffer* output, size_t bytes_max, uint64_t end_position) {
  return log_->Read(this, output, bytes_max, end_position);
}

uint64_t Journal::Reader::lag_bytes() const { return log_->LagBytes(*this); }

std::unique_ptr<Journal::Reader> Journal::OpenReader(int lane, uint64_t position, Waker* waker) {
  DFLY_CHECK(waker != nullptr);
  LaneLog* const log = lanes_[static_cast<size_t>(lane)].get();
  std::unique_ptr<Reader> reader(new Reader(log, waker, position));
  reader->attached_ = log->Attach(reader.get());
  if (!reader->attached_) return nullptr;
  return reader;
}

// ---- Figures and limits ----

uint64_t Journal::record_count() const {
  uint64_t count = 0;
  for (const auto& lane : lanes_) count += lane->end_position();
  return count;
}

uint64_t Journal::backlog_bytes() const {
  uint64_t bytes = 0;
  for (const auto& lane : lanes_) bytes += lane->backlog_bytes();
  return bytes;
}

void Journal::SetLimits(int64_t backlog_time_ms, int64_t backlog_bytes_max,
                        int64_t reader_lag_bytes_max) {
  for (const auto& lane : lanes_) {
    lane->SetLimits(backlog_time_ms, backlog_bytes_max / lane_count_, reader_lag_bytes_max);
  }
}

void Journal::Trim() {
  for (const auto& lane : lanes_) lane->Trim();
}

}  // namespace damselfly
