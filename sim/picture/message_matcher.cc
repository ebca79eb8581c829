#include "sim/picture/message_matcher.h"

#include <algorithm>

namespace damselfly::sim {

void MessageMatcher::OnWrite(uint64_t connection, uint32_t side, uint64_t size, uint64_t number) {
  if (size > 0) under_way_[{connection, side}].push_back({number, size});
}

std::vector<uint64_t> MessageMatcher::OnRead(uint64_t connection, uint32_t side, uint64_t size) {
  std::vector<uint64_t> writes;
  const auto found = under_way_.find({connection, 1 - side});
  if (found == under_way_.end()) return writes;
  std::deque<Written>& written = found->second;
  while (size > 0 && !written.empty()) {
    Written& first = written.front();
    writes.push_back(first.number);
    const uint64_t part = std::min(size, first.unread_bytes);
    size -= part;
    first.unread_bytes -= part;
    if (first.unread_bytes == 0) written.pop_front();
  }
  return writes;
}

void MessageMatcher::OnClosed(uint64_t connection, uint32_t side) {
  under_way_.erase({connection, 1 - side});
}

}  // namespace damselfly::sim
