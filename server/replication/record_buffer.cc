#include "server/replication/record_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "server/base/check.h"
#include "server/replication/record.h"

namespace damselfly {

void RecordBuffer::Grow(size_t bytes) {
  const size_t capacity = std::max({kFirstCapacity, capacity_ * 2, text_end_ + bytes});
  std::unique_ptr<char[]> text(new char[capacity]);
  if (capacity_ > 0) std::memcpy(text.get(), text_.get(), text_end_);
  text_ = std::move(text);
  capacity_ = capacity;
}

void RecordBuffer::Add(const Change& change) {
  const bool elsewhere = change.value.size() >= kReferenceBytesMin;
  char* const to = Reserve(ChangeBytesMax(change, elsewhere));
  text_end_ += static_cast<size_t>(WriteChange(change, elsewhere, to) - to);
  if (elsewhere) {
    DFLY_CHECK(change.blob == nullptr || change.blob->size() == change.value.size());
    AddReference(change.blob != nullptr ? BlobRef::Share(change.blob) : Blob::Copy(change.value));
  } else if (text_end_ - segment_begin_ >= kReferenceBytesMin) {
    SpillText();
  }
}

void RecordBuffer::AddWritten(absl::string_view change) {
  std::memcpy(Reserve(change.size()), change.data(), change.size());
  text_end_ += change.size();
}

void RecordBuffer::AddReference(BlobRef blob) {
  referenced_bytes_ += blob->size();
  references_.push_back(FramedRecord::Reference{text_end_, std::move(blob)});
  segment_begin_ = text_end_;
}

// Much text goes into a blob of its own, so that nothing long is copied under a lane's lock.
void RecordBuffer::SpillText() {
  BlobRef blob =
      Blob::Copy(absl::string_view(text_.get() + segment_begin_, text_end_ - segment_begin_));
  text_end_ = segment_begin_;
  AddReference(std::move(blob));
}

void RecordBuffer::TakeFrom(RecordBuffer* other) {
  size_t from = kHeadBytes;
  const auto take_text = [&](size_t end) {
    if (end == from) return;
    std::memcpy(Reserve(end - from), other->text_.get() + from, end - from);
    text_end_ += end - from;
    from = end;
  };
  for (FramedRecord::Reference& reference : other->references_) {
    take_text(reference.text_offset);
    AddReference(std::move(reference.blob));
  }
  take_text(other->text_end_);
  other->Clear();
}

uint32_t RecordBuffer::Checksum(size_t begin, uint64_t record_bytes) const {
  if (references_.empty()) {
    return FrameChecksum::Of(FrameType::kRecord,
                             absl::string_view(text_.get() + begin, text_end_ - begin));
  }
  FrameChecksum checksum(FrameType::kRecord, record_bytes);
  size_t from = begin;
  for (const FramedRecord::Reference& reference : references_) {
    checksum.Add(absl::string_view(text_.get() + from, reference.text_offset - from));
    checksum.Add(reference.blob->view());
    from = reference.text_offset;
  }
  checksum.Add(absl::string_view(text_.get() + from, text_end_ - from));
  return checksum.Finish();
}

FramedRecord RecordBuffer::Frame(uint64_t transaction_id, uint64_t lane_count) {
  Reserve(0);
  const size_t record_begin = kHeadBytes - VarintBytes(transaction_id) - VarintBytes(lane_count);
  WriteVarint(lane_count, WriteVarint(transaction_id, text_.get() + record_begin));

  const uint64_t record_bytes = text_end_ - record_begin + referenced_bytes_;
  const size_t begin = record_begin - FrameHeaderBytes(record_bytes);
  WriteFrameHeader(FrameType::kRecord, record_bytes, Checksum(record_begin, record_bytes),
                   text_.get() + begin);
  for (FramedRecord::Reference& reference : references_) reference.text_offset -= kHeadBytes;
  const char* const text = text_.get();
  return FramedRecord{absl::string_view(text + begin, kHeadBytes - begin),
                      absl::string_view(text + kHeadBytes, text_end_ - kHeadBytes), references_};
}

void RecordBuffer::ClearBig() {
  referenced_bytes_ = 0;
  references_.clear();
  if (capacity_ > kKeptBytesMax) {
    text_.reset();
    capacity_ = 0;
  }
  if (references_.capacity() > kKeptReferencesMax) references_.shrink_to_fit();
}

}  // namespace damselfly
