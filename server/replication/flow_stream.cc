#include "server/replication/flow_stream.h"

#include <algorithm>
#include <utility>

#include "server/base/check.h"
#include "server/replication/frame.h"

namespace damselfly {
namespace {

// With so much queued the walk waits.
constexpr int64_t kWalkAheadBytesMax = 256 << 10;

}  // namespace

FlowStream::FlowStream(Store* store, std::shared_ptr<Journal> journal, const Options& options,
                       Journal::Waker* waker, absl::AnyInvocable<void()> on_overflow)
    : store_(store),
      journal_(std::move(journal)),
      options_(options),
      waker_(waker),
      queue_(options.queue_bytes_max, std::move(on_overflow)),
      walk_({options.lane, journal_->lane_count()}, &queue_) {
  DFLY_CHECK_GT(options_.chunk_bytes, 0u);
  queue_.set_forgetful(options_.forgets_overflow);
}

FlowStream::~FlowStream() { DFLY_CHECK(!walk_registered_); }

bool FlowStream::OpenReader(uint64_t position) {
  reader_ = journal_->OpenReader(options_.lane, position, waker_);
  records_end_ = position;
  return reader_ != nullptr;
}

bool FlowStream::BeginWalk() {
  DFLY_CHECK(!walk_registered_);
  if (!OpenReader(journal_->End(options_.lane))) return false;
  walk_done_ = false;
  sync_end_sent_.store(false, std::memory_order_release);
  if (options_.loses_overtaken) queue_.set_deaf(true);
  store_->BeginWalk(&walk_);
  walk_registered_ = true;
  return true;
}

void FlowStream::EndWalk() {
  if (!walk_registered_) return;
  store_->EndWalk(&walk_);
  walk_registered_ = false;
  queue_.Close();
}

FlowStream::Result FlowStream::Produce(OutputBuffer* output, size_t bytes_max, WalkBudget* budget) {
  DFLY_CHECK(reader_ != nullptr);
  const size_t end = output->size() + bytes_max;
  while (output->size() < end) {
    const size_t room = end - output->size();
    bool lost = false;
    if (SendEntries(output, room) || SendRecords(output, room, &lost)) continue;
    if (lost || queue_.overflowed()) return Result::kLost;
    if (sync_end_sent()) {
      // Whoever asked after this look has Produce called again.
      if (!ack_wanted_.load(std::memory_order_relaxed)) return Result::kIdle;
      continue;
    }
    Step(budget);
    if (walk_done_ && queue_.empty() &&
        (options_.ends_early || reader_->position() >= walk_end_position_)) {
      if (!FinishWalk(output)) return Result::kLost;
    } else if (!BeginRound()) {
      return Result::kMore;
    }
  }
  return Result::kMore;
}

bool FlowStream::SendEntries(OutputBuffer* output, size_t bytes_max) {
  if (!item_.blob) {
    if (!queue_.Pop(entries_end_, &item_)) return false;
    if (!item_.blob) {
      output->Append(item_.bytes);
      return true;
    }
    item_offset_ = 0;
  }
  SendBlob(output, bytes_max);
  return true;
}

// One frame at least.
void FlowStream::SendBlob(OutputBuffer* output, size_t bytes_max) {
  const size_t end = output->size() + bytes_max;
  const size_t blob_bytes = item_.blob->size();
  do {
    const bool first = item_offset_ == 0;
    const size_t count = std::min(options_.chunk_bytes, blob_bytes - item_offset_);
    const absl::string_view piece = item_.blob->view().substr(item_offset_, count);
    header_.clear();
    if (first) {
      AppendFrameHeader(FrameType::kEntry, item_.bytes, piece, &header_);
      header_ += item_.bytes;
    } else {
      AppendFrameHeader(FrameType::kChunk, piece, {}, &header_);
    }
    output->Append(header_);
    output->AppendBlob(item_.blob, item_offset_, count);
    item_offset_ += count;
  } while (item_offset_ < blob_bytes && output->size() < end);
  if (item_offset_ == blob_bytes) item_ = {};
}

bool FlowStream::SendRecords(OutputBuffer* output, size_t bytes_max, bool* lost) {
  const size_t before = output->size();
  if (sync_end_sent()) {
    if (ack_wanted_.exchange(false, std::memory_order_relaxed)) {
      ack_position_ = journal_->End(options_.lane);
      ack_pending_ = true;
    }
    // Up to the request only, so that it does not come too late while others write.
    if (ack_pending_ && reader_->position() >= ack_position_) SendAckRequest(output);
    *lost = !reader_->Read(output, bytes_max, ack_pending_ ? ack_position_ : UINT64_MAX);
  } else if (reader_->position() < records_end_) {
    *lost = !reader_->Read(output, bytes_max, records_end_);
  }
  return !*lost && output->size() > before;
}

void FlowStream::SendAckRequest(OutputBuffer* output) {
  ack_pending_ = false;
  header_.clear();
  AppendFrameHeader(FrameType::kAckRequest, {}, {}, &header_);
  output->Append(header_);
}

bool FlowStream::BeginRound() {
  records_end_ = journal_->End(options_.lane);
  entries_end_ = queue_.pushed();
  return records_end_ > reader_->position() || !queue_.empty();
}

void FlowStream::Step(WalkBudget* budget) {
  if (options_.loses_overtaken) queue_.set_deaf(false);
  const bool was_done = walk_done_;
  while (!walk_done_ && queue_.waiting_bytes() < kWalkAheadBytesMax && budget->Take())
    walk_done_ = !store_->StepWalk(&walk_, /*all_locked=*/false);
  if (walk_done_ && !was_done) walk_end_position_ = journal_->End(options_.lane);
  if (options_.loses_overtaken) queue_.set_deaf(true);
}

bool FlowStream::FinishWalk(OutputBuffer* output) {
  store_->LockAll();
  const bool complete = walk_registered_;
  EndWalk();
  store_->UnlockAll();
  // Somebody else has ended the walk: the link goes down, and nothing must look like an end.
  if (!complete) return false;
  header_.clear();
  AppendFrameHeader(FrameType::kSyncEnd, {}, {}, &header_);
  output->Append(header_);
  sync_end_sent_.store(true, std::memory_order_release);
  return true;
}

uint64_t FlowStream::waiting_bytes() const {
  uint64_t bytes = static_cast<uint64_t>(queue_.waiting_bytes());
  if (item_.blob) bytes += item_.blob.get()->size() - item_offset_;
  return bytes + lag_bytes();
}

}  // namespace damselfly
