#include "server/resp/output_buffer.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "server/base/check.h"

namespace damselfly {
namespace {

constexpr size_t kFirstCapacity = 256;

}  // namespace

OutputBuffer::~OutputBuffer() { std::free(text_); }

void OutputBuffer::Grow(size_t count) {
  const size_t capacity = std::max({kFirstCapacity, capacity_ * 2, text_end_ + count});
  text_ = static_cast<char*>(std::realloc(text_, capacity));
  DFLY_CHECK(text_ != nullptr);
  capacity_ = capacity;
}

void OutputBuffer::AppendBlob(BlobRef blob, size_t offset, size_t length) {
  DFLY_CHECK(blob);
  DFLY_CHECK(offset <= blob->size() && length <= blob->size() - offset);
  if (length == 0) return;
  const size_t charged_bytes = length / blob->references();
  splices_.push_back(Splice{text_end_, std::move(blob), offset, length, charged_bytes});
  spliced_bytes_ += length;
  charged_bytes_ += charged_bytes;
}

void OutputBuffer::TakeFrom(OutputBuffer* other) {
  size_t position = other->text_begin_;
  for (size_t i = other->first_splice_; i < other->splices_.size(); ++i) {
    Splice& splice = other->splices_[i];
    Append(absl::string_view(other->text_ + position, splice.position - position));
    AppendBlob(std::move(splice.blob), splice.offset, splice.length);
    position = splice.position;
  }
  Append(absl::string_view(other->text_ + position, other->text_end_ - position));
  other->Clear();
}

size_t OutputBuffer::Gather(absl::Span<absl::string_view> pieces) const {
  const size_t limit = std::min(kPiecesMax, pieces.size());
  size_t count = 0;
  size_t position = text_begin_;
  for (size_t i = first_splice_; i < splices_.size() && count < limit; ++i) {
    const Splice& splice = splices_[i];
    if (splice.position > position) {
      pieces[count++] = absl::string_view(text_ + position, splice.position - position);
      position = splice.position;
      if (count == limit) return count;
    }
    pieces[count++] = splice.blob->view().substr(splice.offset, splice.length);
  }
  if (count < limit && text_end_ > position) {
    pieces[count++] = absl::string_view(text_ + position, text_end_ - position);
  }
  return count;
}

void OutputBuffer::Consume(size_t count) {
  DFLY_CHECK_LE(count, size());
  if (first_splice_ == splices_.size()) {
    text_begin_ += count;
  } else {
    ConsumeSpliced(count);
  }
  Compact();
}

void OutputBuffer::ConsumeSpliced(size_t count) {
  while (count > 0) {
    const size_t text_until =
        first_splice_ < splices_.size() ? splices_[first_splice_].position : text_end_;
    const size_t text_bytes = std::min(count, text_until - text_begin_);
    text_begin_ += text_bytes;
    count -= text_bytes;
    if (count == 0) return;
    Splice& splice = splices_[first_splice_];
    const size_t blob_bytes = std::min(count, splice.length);
    splice.offset += blob_bytes;
    splice.length -= blob_bytes;
    spliced_bytes_ -= blob_bytes;
    count -= blob_bytes;
    if (splice.length == 0) {
      charged_bytes_ -= splice.charged_bytes;
      splice.blob.reset();
      ++first_splice_;
    }
  }
}

// Reuses what was consumed, at a cost covered by the bytes consumed since the last time.
void OutputBuffer::Compact() {
  if (empty()) {
    Clear();
    return;
  }
  const size_t left = text_end_ - text_begin_;
  const size_t splices_left = splices_.size() - first_splice_;
  if (text_begin_ < std::max(left, kFirstCapacity) && first_splice_ <= splices_left + kPiecesMax) {
    return;
  }
  std::memmove(text_, text_ + text_begin_, left);
  splices_.erase(splices_.begin(), splices_.begin() + static_cast<ptrdiff_t>(first_splice_));
  for (Splice& splice : splices_) splice.position -= text_begin_;
  first_splice_ = 0;
  text_begin_ = 0;
  text_end_ = left;
}

void OutputBuffer::TruncateTo(const Mark& mark) {
  DFLY_CHECK(mark.text >= text_begin_ && mark.text <= text_end_);
  DFLY_CHECK(mark.splices >= first_splice_ && mark.splices <= splices_.size());
  text_end_ = mark.text;
  while (splices_.size() > mark.splices) {
    spliced_bytes_ -= splices_.back().length;
    charged_bytes_ -= splices_.back().charged_bytes;
    splices_.pop_back();
  }
}

void OutputBuffer::Insert(const Mark& mark, absl::string_view bytes) {
  DFLY_CHECK(mark.text >= text_begin_ && mark.text <= text_end_);
  DFLY_CHECK(mark.splices >= first_splice_ && mark.splices <= splices_.size());
  if (bytes.empty()) return;
  Reserve(bytes.size());
  std::memmove(text_ + mark.text + bytes.size(), text_ + mark.text, text_end_ - mark.text);
  std::memcpy(text_ + mark.text, bytes.data(), bytes.size());
  text_end_ += bytes.size();
  for (size_t i = mark.splices; i < splices_.size(); ++i) splices_[i].position += bytes.size();
}

void OutputBuffer::Clear() {
  text_begin_ = text_end_ = 0;
  spliced_bytes_ = 0;
  charged_bytes_ = 0;
  first_splice_ = 0;
  splices_.clear();
  if (capacity_ > kKeptBytesMax) {
    std::free(text_);
    text_ = nullptr;
    capacity_ = 0;
  }
  if (splices_.capacity() > kPiecesMax) splices_.shrink_to_fit();
}

void OutputBuffer::ShrinkIdle() {
  if (!empty()) return;
  std::free(text_);
  text_ = nullptr;
  text_begin_ = text_end_ = capacity_ = 0;
  splices_.clear();
  splices_.shrink_to_fit();
  first_splice_ = 0;
}

size_t OutputBuffer::memory_bytes() const {
  return capacity_ + charged_bytes_ + splices_.capacity() * sizeof(Splice);
}

std::string OutputBuffer::ToString() const {
  std::string all;
  all.reserve(size());
  size_t position = text_begin_;
  for (size_t i = first_splice_; i < splices_.size(); ++i) {
    all.append(text_ + position, splices_[i].position - position);
    position = splices_[i].position;
    all.append(splices_[i].blob->data() + splices_[i].offset, splices_[i].length);
  }
  if (text_end_ > position) all.append(text_ + position, text_end_ - position);
  return all;
}

}  // namespace damselfly
