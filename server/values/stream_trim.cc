#include <algorithm>

#include "server/values/stream_state.h"
#include "server/values/stream_value.h"

namespace damselfly {
namespace {

// The ID of the last entry, deleted or not.
StreamId LastIdOf(const StreamId& first_id, const StreamBlock& block) {
  StreamBlockReader reader(first_id, block.pack());
  return reader.Previous() ? reader.id() : first_id;
}

// How many live entries stand before the first one, deleted or not, whose ID is `id_min` or more.
uint64_t CountBefore(const StreamId& first_id, const StreamBlock& block, const StreamId& id_min) {
  uint64_t count = 0;
  StreamBlockReader reader(first_id, block.pack());
  while (reader.Next() && reader.id() < id_min) count += reader.is_deleted() ? 0 : 1;
  return count;
}

}  // namespace

uint64_t StreamValue::CountToTrim(const StreamTrim& trim) const {
  if (state_ == nullptr) return 0;
  const bool by_length = trim.by == StreamTrim::By::kLength;
  const uint64_t surplus =
      by_length && state_->size > trim.length_max ? state_->size - trim.length_max : 0;
  if (by_length && surplus == 0) return 0;
  uint64_t count = 0;
  for (const auto& [id, block] : state_->blocks) {
    const uint64_t live = block.live();
    if (trim.limit != 0 && count + live > trim.limit) break;
    const bool goes_whole = by_length ? count + live <= surplus : LastIdOf(id, block) < trim.id_min;
    if (goes_whole) {
      count += live;
      continue;
    }
    if (!trim.whole_blocks) {
      count = by_length ? surplus : count + CountBefore(id, block, trim.id_min);
    }
    break;
  }
  return count;
}

}  // namespace damselfly
