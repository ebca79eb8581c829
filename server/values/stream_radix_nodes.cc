#include "server/values/stream_radix_nodes.h"

#include <cstring>

namespace damselfly {

void StreamRadixNodes::Add(const StreamId& id) {
  ++nodes_;
  char path[kLength];
  id.EncodeTo(path);
  if (has_last_) {
    int depth = 0;
    while (path[depth] == last_[depth]) ++depth;
    const int below = CloseBelow(depth);
    AddStretch(depth, below);
    if (parting_count_ == 0 || partings_[parting_count_ - 1] < depth) {
      ++nodes_;
      partings_[parting_count_++] = static_cast<uint8_t>(depth);
    }
  }
  has_last_ = true;
  std::memcpy(last_, path, kLength);
}

size_t StreamRadixNodes::Count() const {
  // The root of an empty tree.
  if (!has_last_) return 1;
  StreamRadixNodes all = *this;
  const int top = all.CloseBelow(-1);
  return all.nodes_ + (top > 0 ? 1 : 0);
}

int StreamRadixNodes::CloseBelow(int depth) {
  int below = kLength;
  while (parting_count_ > 0 && partings_[parting_count_ - 1] > depth) {
    const int parting = partings_[--parting_count_];
    AddStretch(parting, below);
    below = parting;
  }
  return below;
}

}  // namespace damselfly
