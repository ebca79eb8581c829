#include "server/values/stream_range.h"

#include <iterator>

namespace damselfly {

StreamRange::StreamRange(const StreamValue& stream, const StreamId& first, const StreamId& last,
                         Direction direction)
    : blocks_(stream.blocks()),
      first_(first),
      last_(last),
      is_forward_(direction == Direction::kForward),
      is_done_(blocks_ == nullptr) {
  if (is_done_) return;
  // Blocks are found by their first entry's ID, which may be smaller than what is looked for.
  next_ = blocks_->upper_bound(is_forward_ ? first : last);
  if (is_forward_ && next_ != blocks_->begin()) --next_;
}

bool StreamRange::OpenBlock() {
  if (is_forward_) {
    if (next_ == blocks_->end() || next_->first > last_) return false;
    reader_.emplace(next_->first, next_->second.pack());
    ++next_;
    return true;
  }
  if (next_ == blocks_->begin()) return false;
  // All that lies before a block that begins before the range is outside.
  if (next_ != blocks_->end() && next_->first <= first_) return false;
  --next_;
  reader_.emplace(next_->first, next_->second.pack());
  return true;
}

bool StreamRange::Next() {
  if (is_done_) return false;
  for (;;) {
    while (reader_ && (is_forward_ ? reader_->Next() : reader_->Previous())) {
      // Deleted ones may be out of order.
      if (reader_->is_deleted()) continue;
      const StreamId& id = reader_->id();
      if (id >= first_ && id <= last_) return true;
      if (is_forward_ ? id > last_ : id < first_) {
        is_done_ = true;
        return false;
      }
    }
    if (!OpenBlock()) {
      is_done_ = true;
      return false;
    }
  }
}

}  // namespace damselfly
