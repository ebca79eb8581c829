#include "server/replication/lane_log.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "server/base/check.h"
#include "server/base/prefetch.h"
#include "server/replication/frame.h"

namespace damselfly {

LaneLog::LaneLog(const Clock* clock, uint64_t first_position, bool is_shared)
    : clock_(clock), is_shared_(is_shared), end_position_(first_position) {}

LaneLog::~LaneLog() { DFLY_CHECK(readers_.empty()); }

void LaneLog::SetLimits(int64_t backlog_time_ms, int64_t backlog_bytes_max,
                        int64_t reader_lag_bytes_max) {
  DFLY_CHECK(backlog_time_ms >= 0 && backlog_bytes_max >= 0 && reader_lag_bytes_max >= 0);
  Dropped dropped;
  SlotLockGuard guard(lock_, is_shared_);
  backlog_time_ms_ = backlog_time_ms;
  backlog_bytes_max_ = static_cast<uint64_t>(backlog_bytes_max);
  reader_lag_bytes_max_ = static_cast<uint64_t>(reader_lag_bytes_max);
  laggards_from_bytes_ = 0;  // looked at again with the next append
  // Only whole pieces are dropped: several must fit.
  piece_bytes_max_ =
      std::clamp(static_cast<size_t>(backlog_bytes_max) / 8, kPieceBytesMin, kBlockBytes);
  Drop(NowMs(), &dropped);
}

// ---- Appending ----

void LaneLog::Append(const FramedRecord& record) {
  Dropped dropped;
  SlotLockGuard guard(lock_, is_shared_);
  AppendLocked(record, &dropped);
}

void LaneLog::AppendFrame(absl::string_view frame, size_t head_bytes) {
  Dropped dropped;
  SlotLockGuard guard(lock_, is_shared_);
  if (frame.size() > easy_bytes_) [[unlikely]] {
    AppendLocked({frame.substr(0, head_bytes), frame.substr(head_bytes), {}}, &dropped);
    return;
  }
  FillBlock(frame);
  EndEasyAppend(frame.size());
}

void LaneLog::AppendShortSet(const ShortSet& set) {
  const size_t bytes = set.frame_bytes();
  Dropped dropped;
  SlotLockGuard guard(lock_, is_shared_);
  if (bytes > easy_bytes_) [[unlikely]] {
    char frame[ShortSet::kFrameBytesMax];
    set.Write(frame);
    const absl::string_view text(frame, bytes);
    AppendLocked({text.substr(0, ShortSet::kHeadBytes), text.substr(ShortSet::kHeadBytes), {}},
                 &dropped);
    return;
  }
  set.Write(block_->mutable_data() + block_used_);
  NoteFilled(bytes);
  EndEasyAppend(bytes);
}

void LaneLog::AppendLocked(const FramedRecord& record, Dropped* dropped) {
  BeginAppend();
  if (record.references.empty() && FitsLastPiece(record.header.size() + record.text.size())) {
    if (record.header.data() + record.header.size() == record.text.data()) {
      // Side by side, as in every record of this node's own: half of the work.
      FillBlock(absl::string_view(record.header.data(), record.header.size() + record.text.size()));
    } else {
      FillBlock(record.header);
      FillBlock(record.text);
    }
  } else {
    AppendInPieces(record);
  }
  EndAppend(dropped);
}

void LaneLog::BeginAppend() {
  if (end_bytes_ > laggards_from_bytes_) RejectLaggards();
}

void LaneLog::EndAppend(Dropped* dropped) {
  end_position_.store(end_position_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  if (end_bytes_ - first_bytes_ > backlog_bytes_max_) Drop(-1, dropped);
  if (any_armed_) WakeReaders();
  easy_bytes_ = EasyBytes();
}

void LaneLog::EndEasyAppend(size_t bytes) {
  DFLY_DCHECK(!any_armed_ && end_bytes_ <= laggards_from_bytes_);
  easy_bytes_ -= bytes;
  end_position_.store(end_position_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

uint64_t LaneLog::EasyBytes() const {
  if (any_armed_ || !FitsLastPiece(0)) return 0;
  const auto up_to = [](uint64_t max, uint64_t used) { return max - std::min(max, used); };
  return std::min({up_to(kBlockBytes, block_used_), up_to(piece_bytes_max_, last_piece_->length),
                   up_to(backlog_bytes_max_, end_bytes_ - first_bytes_),
                   up_to(laggards_from_bytes_, end_bytes_)});
}

bool LaneLog::FitsLastPiece(size_t bytes) const {
  return last_piece_ != nullptr && kBlockBytes - block_used_ >= bytes &&
         last_piece_->length < piece_bytes_max_ && last_piece_->first_record_offset != kNoRecord;
}

void LaneLog::AppendInPieces(const FramedRecord& record) {
  AppendHeader(record.header);
  size_t from = 0;
  for (const FramedRecord::Reference& reference : record.references) {
    AppendText(record.text.substr(from, reference.text_offset - from));
    from = reference.text_offset;
    AddPiece(reference.blob, 0, reference.blob->size(), end_position() + 1, false);
  }
  AppendText(record.text.substr(from));
}

// A record begins with its header in one piece, where readers find out how long it is.
void LaneLog::AppendHeader(absl::string_view header) {
  if (last_piece_ == nullptr || kBlockBytes - block_used_ < header.size() ||
      last_piece_->length >= piece_bytes_max_) {
    AddTextPiece(header.size(), end_position());
  }
  if (last_piece_->first_record_offset == kNoRecord) {
    DFLY_DCHECK_EQ(last_piece_->first_position, end_position());
    last_piece_->first_record_offset = last_piece_->length;
  }
  FillBlock(header);
}

void LaneLog::AppendText(absl::string_view text) {
  while (!text.empty()) {
    if (last_piece_ == nullptr || block_used_ == kBlockBytes) {
      AddTextPiece(1, end_position() + 1);
    }
    const size_t count = std::min(text.size(), kBlockBytes - block_used_);
    FillBlock(text.substr(0, count));
    text.remove_prefix(count);
  }
}

void LaneLog::FillBlock(absl::string_view text) {
  std::memcpy(block_->mutable_data() + block_used_, text.data(), text.size());
  NoteFilled(text.size());
}

void LaneLog::NoteFilled(size_t bytes) {
  PrefetchAhead(bytes);
  block_used_ += bytes;
  last_piece_->length += bytes;
  end_bytes_ += bytes;
}

// A block has not been looked at for as long as the backlog reaches back, or never. A record's
// stores that had to wait for its memory would hold up all that is behind them: the unlock to begin
// with. So the lines are asked for some records before: as many as this one took, if it is short.
void LaneLog::PrefetchAhead(size_t bytes) {
  constexpr size_t kAheadBytes = 512;
  constexpr size_t kLineBytes = 64;
  const size_t begin = block_used_ + kAheadBytes;
  const size_t end = std::min({begin + bytes, begin + kAheadBytes, kBlockBytes});
  for (size_t at = begin; at < end; at += kLineBytes) PrefetchForWrite(block_->data() + at);
}

// Begins a piece with room for `bytes` at least.
void LaneLog::AddTextPiece(size_t bytes, uint64_t first_position) {
  if (kBlockBytes - block_used_ < bytes) {
    block_ = spare_block_ ? std::move(spare_block_) : Blob::Create(kBlockBytes);
    // Whoever shares a block sees only bytes that are written already.
    if (block_->size() != kBlockBytes) block_->set_size(kBlockBytes);
    block_used_ = 0;
  }
  AddPiece(block_, block_used_, 0, first_position, true);
}

void LaneLog::AddPiece(BlobRef memory, size_t offset, size_t length, uint64_t first_position,
                       bool is_text) {
  const int64_t now_ms = NowMs();
  // An upper bound: what is appended without a new piece reads no clock.
  if (!pieces_.empty()) pieces_.back().touched_ms = now_ms;
  pieces_.push_back(Piece{std::move(memory), offset, length, end_bytes_, first_position, kNoRecord,
                          now_ms, is_text});
  last_piece_ = is_text ? &pieces_.back() : nullptr;
  if (pieces_.size() == 1) first_bytes_ = end_bytes_;
  end_bytes_ += length;
}

void LaneLog::RejectLaggards() {
  laggards_from_bytes_ = UINT64_MAX;
  if (reader_lag_bytes_max_ == 0) return;
  for (Journal::Reader* reader : readers_) {
    if (reader->lost_) continue;
    const uint64_t from_bytes = reader->bytes_read_ + reader_lag_bytes_max_;
    if (end_bytes_ > from_bytes) {
      reader->lost_ = true;
    } else {
      laggards_from_bytes_ = std::min(laggards_from_bytes_, from_bytes);
    }
  }
}

void LaneLog::WakeReaders() {
  any_armed_ = false;
  for (Journal::Reader* reader : readers_) {
    if (!std::exchange(reader->armed_, false)) continue;
    reader->waker_->OnAppended();
  }
}

// ---- Dropping ----

// Drops what no reader needs and is beyond the limits; those of age only if `now_ms` is not
// negative.
void LaneLog::Drop(int64_t now_ms, Dropped* dropped) {
  easy_bytes_ = 0;
  uint64_t needed_from = UINT64_MAX;
  for (const Journal::Reader* reader : readers_) {
    if (!reader->lost_) needed_from = std::min(needed_from, reader->bytes_read_);
  }
  while (!pieces_.empty()) {
    Piece& piece = pieces_.front();
    if (piece.end_bytes() > needed_from) return;
    const bool too_much = end_bytes_ - first_bytes_ > backlog_bytes_max_;
    const bool too_old =
        now_ms >= 0 && backlog_time_ms_ > 0 && now_ms - piece.touched_ms > backlog_time_ms_;
    if (!too_much && !too_old) return;
    BlobRef memory = std::move(piece.memory);
    // Full blocks are referred to by nobody else when the last reader has copied them.
    if (piece.is_text && !spare_block_ && memory->unique()) {
      spare_block_ = std::move(memory);
    } else {
      dropped->push_back(std::move(memory));
    }
    pieces_.pop_front();
    ++first_piece_number_;
    first_bytes_ = pieces_.empty() ? end_bytes_ : pieces_.front().begin_bytes;
    if (pieces_.empty()) last_piece_ = nullptr;
  }
}

void LaneLog::Trim() {
  Dropped dropped;
  SlotLockGuard guard(lock_, is_shared_);
  const int64_t now_ms = NowMs();
  if (!pieces_.empty() && trimmed_at_bytes_ != end_bytes_) pieces_.back().touched_ms = now_ms;
  trimmed_at_bytes_ = end_bytes_;
  Drop(now_ms, &dropped);
}

uint64_t LaneLog::FirstPosition() const {
  return pieces_.empty() ? end_position() : pieces_.front().first_position;
}

bool LaneLog::Retains(uint64_t position) const {
  SlotLockGuard guard(lock_, is_shared_);
  return position >= FirstPosition() && position <= end_position();
}

uint64_t LaneLog::backlog_bytes() const {
  SlotLockGuard guard(lock_, is_shared_);
  return end_bytes_ - first_bytes_;
}

// ---- Reading ----

bool LaneLog::Attach(Journal::Reader* reader) {
  SlotLockGuard guard(lock_, is_shared_);
  if (reader->position_ < FirstPosition() || reader->position_ > end_position()) return false;
  PlaceReader(reader);
  readers_.push_back(reader);
  laggards_from_bytes_ = easy_bytes_ = 0;  // looked at again with the next append
  return true;
}

void LaneLog::PlaceReader(Journal::Reader* reader) {
  const uint64_t position = reader->position_;
  if (position == end_position()) {
    reader->bytes_read_ = end_bytes_;
    reader->piece_number_ = first_piece_number_;
    return;
  }
  // What follows within the same record has a later first position: in the last piece that has
  // none later than `position`, there it begins.
  auto piece = std::upper_bound(
      pieces_.begin(), pieces_.end(), position,
      [](uint64_t value, const Piece& each) { return value < each.first_position; });
  DFLY_CHECK(piece != pieces_.begin());
  --piece;
  DFLY_CHECK_NE(piece->first_record_offset, kNoRecord);
  size_t offset = piece->first_record_offset;
  for (uint64_t at = piece->first_position; at < position; ++at) {
    offset += FrameBytes(piece->memory->data() + piece->offset + offset);
  }
  DFLY_CHECK_LT(offset, piece->length);
  reader->bytes_read_ = piece->begin_bytes + offset;
  reader->piece_number_ = first_piece_number_ + static_cast<uint64_t>(piece - pieces_.begin());
}

void LaneLog::Detach(Journal::Reader* reader) {
  Dropped dropped;
  SlotLockGuard guard(lock_, is_shared_);
  const auto found = std::find(readers_.begin(), readers_.end(), reader);
  DFLY_CHECK(found != readers_.end());
  readers_.erase(found);
  Drop(-1, &dropped);
}

uint64_t LaneLog::LagBytes(const Journal::Reader& reader) const {
  SlotLockGuard guard(lock_, is_shared_);
  return end_bytes_ - reader.bytes_read_;
}

bool LaneLog::Read(Journal::Reader* reader, OutputBuffer* output, size_t bytes_max,
                   uint64_t end_position) {
  ReadState state;
  state.output = output;
  state.bytes_max = bytes_max;
  state.end_position = end_position;
  state.position = reader->position_;
  for (;;) {
    const size_t read_bytes = CopySlices(&state);
    SlotLockGuard guard(lock_, is_shared_);
    if (reader->lost_) return false;
    reader->bytes_read_ += read_bytes;
    reader->position_ = state.position;
    if (reader->bytes_read_ == end_bytes_) {
      DFLY_CHECK_EQ(state.position, this->end_position());
      DFLY_CHECK_EQ(state.record_left, uint64_t{0});
      reader->armed_ = any_armed_ = true;
      easy_bytes_ = 0;
      return true;
    }
    if (!WantsMore(state)) return true;
    TakeSlices(reader, &state);
  }
}

// Whether another record may be begun, or one that has been begun is not complete.
bool LaneLog::WantsMore(const ReadState& state) {
  if (state.record_left > 0) return true;
  return state.position < state.end_position && (state.bytes == 0 || state.bytes < state.bytes_max);
}

void LaneLog::TakeSlices(Journal::Reader* reader, ReadState* state) {
  const uint64_t from = reader->bytes_read_;
  size_t index = reader->piece_number_ <= first_piece_number_
                     ? 0
                     : static_cast<size_t>(reader->piece_number_ - first_piece_number_);
  while (pieces_[index].end_bytes() <= from) ++index;
  reader->piece_number_ = first_piece_number_ + index;
  DFLY_CHECK_LE(pieces_[index].begin_bytes, from);

  size_t skip = static_cast<size_t>(from - pieces_[index].begin_bytes);
  const uint64_t room = state->bytes_max - std::min(state->bytes_max, state->bytes);
  uint64_t wanted = std::max({uint64_t{1}, room, state->record_left});
  while (state->slice_count < kSlicesMax && index < pieces_.size() && wanted > 0) {
    const Piece& piece = pieces_[index++];
    const size_t length = piece.length - skip;
    const Piece* const next = index < pieces_.size() ? &pieces_[index] : nullptr;
    state->slices[state->slice_count++] =
        Slice{piece.memory, piece.offset + skip, length,
              next != nullptr ? next->first_position : this->end_position(),
              next == nullptr || next->first_record_offset == 0};
    skip = 0;
    wanted -= std::min<uint64_t>(wanted, length);
  }
}

// Appends what is wanted of the slices to the output, and lets go of them; returns how much it was.
size_t LaneLog::CopySlices(ReadState* state) {
  const size_t before = state->bytes;
  bool more = true;
  for (size_t i = 0; i < state->slice_count; ++i) {
    Slice& slice = state->slices[i];
    more = more && CopySlice(slice, state) == slice.length;
    slice.memory.reset();
  }
  state->slice_count = 0;
  return state->bytes - before;
}

size_t LaneLog::CopySlice(const Slice& slice, ReadState* state) {
  const char* const begin = slice.memory->data() + slice.offset;
  size_t length = 0;
  size_t left = slice.length;
  // Mostly all of it is wanted, and nobody needs to go from record to record.
  if (slice.ends_with_record && slice.next_position <= state->end_position &&
      state->bytes + left <= state->bytes_max) {
    length = std::exchange(left, 0);
    state->bytes += length;
    state->position = slice.next_position;
    state->record_left = 0;
  }
  while (left > 0 && WantsMore(*state)) {
    if (state->record_left == 0) {
      state->record_left = FrameBytes(begin + length);
      ++state->position;
    }
    const size_t count = static_cast<size_t>(std::min<uint64_t>(left, state->record_left));
    length += count;
    left -= count;
    state->record_left -= count;
    state->bytes += count;
  }
  if (length == 0) return 0;
  if (length >= kReferenceBytesMin) {
    state->output->AppendBlob(slice.memory, slice.offset, length);
  } else {
    state->output->Append(absl::string_view(begin, length));
  }
  return length;
}

}  // namespace damselfly
