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

StreamTrimPlan StreamValue::PlanTrim(const StreamTrim& trim) const {
  StreamTrimPlan plan;
  plan.first_block = StreamId::Max();
  if (state_ == nullptr) return plan;
  const bool by_length = trim.by == StreamTrim::By::kLength;
  for (const auto& [id, block] : state_->blocks) {
    const uint64_t live = block.live();
    // Entries that are too many, and not planned for yet.
    const uint64_t left = state_->size - plan.count;
    const uint64_t surplus = by_length && left > trim.length_max ? left - trim.length_max : 0;
    plan.first_block = id;
    if (by_length && surplus == 0) return plan;
    if (trim.limit != 0 && plan.count + live > trim.limit) return plan;
    const bool goes_whole = by_length ? live <= surplus : LastIdOf(id, block) < trim.id_min;
    if (!goes_whole) {
      if (!trim.whole_blocks) {
        plan.count += by_length ? surplus : CountBefore(id, block, trim.id_min);
      }
      return plan;
    }
    plan.count += live;
  }
  plan.first_block = StreamId::Max();
  return plan;
}

bool StreamValue::Changes(const StreamTrimPlan& plan) const {
  return plan.count > 0 || (state_ != nullptr && !state_->blocks.empty() &&
                            state_->blocks.begin()->first < plan.first_block);
}

void StreamValue::Trim(const StreamTrimPlan& plan) {
  if (state_ == nullptr) return;
  uint64_t left = plan.count;
  auto block = state_->blocks.begin();
  while (block != state_->blocks.end()) {
    const uint64_t live = block->second.live();
    const bool is_planned_away = block->first < plan.first_block;
    if (left == 0 && !is_planned_away) break;
    // A block that holds the highest ID alone goes whole: no plan leaves it empty.
    const bool stays_empty =
        live == left && block->first == plan.first_block && plan.first_block != StreamId::Max();
    if (live > left || stays_empty) {
      DeleteFirst(block, left);
      break;
    }
    left -= live;
    state_->size -= live;
    block = state_->RemoveBlock(block);
  }
  UpdateFirstId();
}

void StreamValue::DeleteFirst(Blocks::iterator block, uint64_t count) {
  if (count == 0) return;
  StreamBlockReader reader(block->first, block->second.pack());
  for (uint64_t left = count; left > 0 && reader.Next();) {
    if (reader.is_deleted()) continue;
    block->second.MarkDeleted(reader.cursor());
    --left;
  }
  state_->memory_bytes -= block->second.memory_bytes();
  block->second.CountDeleted(count);
  state_->memory_bytes += block->second.memory_bytes();
  state_->size -= count;
}

}  // namespace damselfly
