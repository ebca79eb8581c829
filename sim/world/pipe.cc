#include "sim/world/pipe.h"

#include "server/base/check.h"

namespace damselfly::sim {
namespace {

// An empty pipe keeps no more memory than this.
constexpr size_t kIdleBytesMax = 4096;

}  // namespace

void Pipe::Append(absl::string_view data, int64_t time_ns) {
  if (head_ > 0 && head_ >= bytes_.size() / 2) {
    bytes_.erase(0, head_);
    head_ = 0;
  }
  bytes_.append(data.data(), data.size());
  written_ += data.size();
  if (keeps_times_) write_times_.push_back({written_, time_ns});
}

void Pipe::Arrive(uint64_t offset) {
  DFLY_CHECK_LE(offset, written_);
  if (offset > arrived_) arrived_ = offset;
}

void Pipe::Skip(size_t count, int64_t time_ns) {
  DFLY_CHECK_LE(count, unread());
  head_ += count;
  read_ += count;
  given_ += count;
  if (keeps_times_) read_times_.push_back({read_, time_ns});
  if (head_ != bytes_.size()) return;
  head_ = 0;
  bytes_.clear();
  if (bytes_.capacity() > kIdleBytesMax) bytes_.shrink_to_fit();
}

void Pipe::CutTail() {
  bytes_.resize(bytes_.size() - (written_ - arrived_));
  written_ = arrived_;
}

void Pipe::Discard() {
  bytes_.clear();
  bytes_.shrink_to_fit();
  head_ = 0;
  read_ = arrived_ = written_;
}

int64_t Pipe::TimeOf(std::deque<Mark>* marks, uint64_t offset) {
  while (!marks->empty() && marks->front().offset < offset) marks->pop_front();
  return marks->empty() ? -1 : marks->front().time_ns;
}

}  // namespace damselfly::sim
