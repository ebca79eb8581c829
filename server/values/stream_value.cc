#include "server/values/stream_value.h"

#include <algorithm>
#include <iterator>

#include "server/base/check.h"
#include "server/base/prefetch.h"
#include "server/values/stream_radix_nodes.h"
#include "server/values/stream_range.h"
#include "server/values/stream_state.h"

namespace damselfly {

StreamValue::~StreamValue() { delete state_; }

StreamValue::State& StreamValue::Open() {
  if (state_ == nullptr) state_ = new State;
  return *state_;
}

StreamValue StreamValue::Clone() const {
  StreamValue clone;
  if (state_ == nullptr) return clone;
  State& to = clone.Open();
  to.size = state_->size;
  to.last_id = state_->last_id;
  to.first_id = state_->first_id;
  to.max_deleted_id = state_->max_deleted_id;
  to.entries_added = state_->entries_added;
  for (const auto& [id, block] : state_->blocks) to.AddBlock(id, block.Clone());
  for (const auto& [name, group] : state_->groups) {
    std::unique_ptr<StreamGroup> copy = group->Clone(&to.memory_bytes);
    const absl::string_view key = copy->name();
    to.groups.emplace(key, std::move(copy));
  }
  return clone;
}

size_t StreamValue::memory_bytes() const { return state_ != nullptr ? state_->memory_bytes : 0; }

bool StreamValue::FreeSome(size_t count) {
  if (state_ == nullptr) return true;
  // A block is some hundred times as much as a pending entry.
  constexpr size_t kEntriesABlock = 64;
  size_t blocks_left = count / kEntriesABlock + 1;
  while (!state_->blocks.empty()) {
    if (blocks_left-- == 0) return false;
    state_->RemoveBlock(state_->blocks.begin());
  }
  while (!state_->groups.empty()) {
    const auto first = state_->groups.begin();
    if (!first->second->FreeSome(count)) return false;
    const std::unique_ptr<StreamGroup> freed = std::move(first->second);
    state_->groups.erase(first);
  }
  return true;
}

size_t StreamValue::size() const { return state_ != nullptr ? state_->size : 0; }

StreamId StreamValue::last_id() const { return state_ != nullptr ? state_->last_id : StreamId(); }

StreamId StreamValue::first_id() const { return state_ != nullptr ? state_->first_id : StreamId(); }

StreamId StreamValue::max_deleted_id() const {
  return state_ != nullptr ? state_->max_deleted_id : StreamId();
}

uint64_t StreamValue::entries_added() const {
  return state_ != nullptr ? state_->entries_added : 0;
}

StreamId StreamValue::LastEntryId() const {
  StreamRange range(*this, StreamId::Min(), StreamId::Max(), StreamRange::Direction::kBackward);
  return range.Next() ? range.id() : StreamId();
}

bool StreamValue::Contains(const StreamId& id) const { return StreamRange(*this, id, id).Next(); }

const StreamValue::Blocks* StreamValue::blocks() const {
  return state_ != nullptr ? &state_->blocks : nullptr;
}

void StreamValue::PrefetchState() const {
  const char* const bytes = reinterpret_cast<const char*>(state_);
  PrefetchForRead(bytes);
  PrefetchForRead(bytes + 64);
}

void StreamValue::PrefetchLastBlock() const {
  if (state_ != nullptr && !state_->blocks.empty())
    std::prev(state_->blocks.end())->second.Prefetch();
}

const StreamValue::Groups* StreamValue::groups() const {
  return state_ != nullptr ? &state_->groups : nullptr;
}

size_t StreamValue::CountRadixNodes() const {
  if (state_ == nullptr) return StreamRadixNodes().Count();
  if (!state_->radix_nodes_known) {
    state_->radix_nodes = StreamRadixNodes();
    for (const auto& block : state_->blocks) state_->radix_nodes.Add(block.first);
    state_->radix_nodes_known = true;
  }
  return state_->radix_nodes.Count();
}

const StreamGroup* StreamValue::FindGroup(absl::string_view name) const {
  if (state_ == nullptr) return nullptr;
  const auto found = state_->groups.find(name);
  return found != state_->groups.end() ? found->second.get() : nullptr;
}

StreamGroup* StreamValue::FindGroup(absl::string_view name) {
  return const_cast<StreamGroup*>(std::as_const(*this).FindGroup(name));
}

bool StreamValue::HasTombstonesFrom(const StreamId& from) const {
  return size() > 0 && max_deleted_id() >= first_id() && from <= max_deleted_id();
}

// In unsigned numbers, as Redis counts: ENTRIESADDED may be the greatest one.
int64_t StreamValue::EstimateEntriesRead(const StreamId& id) const {
  const uint64_t added = entries_added();
  if (added == 0) return 0;
  if (size() == 0 && id <= last_id()) return static_cast<int64_t>(added);
  if (id == last_id()) return static_cast<int64_t>(added);
  if (id > last_id()) return StreamGroup::kUnknownEntriesRead;
  // Without gaps, what lies up to the first entry is known.
  if (max_deleted_id().is_zero() || max_deleted_id() < first_id()) {
    if (id < first_id()) return static_cast<int64_t>(added - size());
    if (id == first_id()) return static_cast<int64_t>(added - size() + 1);
  }
  return StreamGroup::kUnknownEntriesRead;
}

bool StreamValue::FindLag(const StreamGroup& group, int64_t* lag) const {
  *lag = 0;
  if (entries_added() == 0) return true;
  int64_t read = group.entries_read();
  if (read == StreamGroup::kUnknownEntriesRead || HasTombstonesFrom(group.last_id())) {
    read = EstimateEntriesRead(group.last_id());
  }
  if (read == StreamGroup::kUnknownEntriesRead) return false;
  *lag = static_cast<int64_t>(entries_added() - static_cast<uint64_t>(read));
  return true;
}

void StreamValue::Append(const StreamId& id, Fields fields, const ValueContext& context) {
  State& state = Open();
  DFLY_DCHECK(id > state.last_id);
  // A last block without entries may lie behind the new one, if the last ID has been set back.
  if (!state.blocks.empty() && state.blocks.rbegin()->first > id) {
    state.RemoveBlock(std::prev(state.blocks.end()));
  }
  if (state.blocks.empty() || !state.blocks.rbegin()->second.TakesMore(fields, context)) {
    if (!state.blocks.empty()) {
      StreamBlock& full = state.blocks.rbegin()->second;
      state.memory_bytes -= full.memory_bytes();
      full.ShrinkToFit();
      state.memory_bytes += full.memory_bytes();
    }
    state.AddBlock(id, StreamBlock(fields));
  } else {
    const auto last = std::prev(state.blocks.end());
    state.memory_bytes -= last->second.memory_bytes();
    last->second.Append(last->first, id, fields);
    state.memory_bytes += last->second.memory_bytes();
  }
  ++state.entries_added;
  state.last_id = id;
  if (state.size++ == 0) state.first_id = id;
}

bool StreamValue::Delete(const StreamId& id) {
  if (state_ == nullptr) return false;
  auto block = state_->blocks.upper_bound(id);
  if (block == state_->blocks.begin()) return false;
  --block;
  StreamBlockReader reader(block->first, block->second.pack());
  do {
    if (!reader.Next()) return false;
  } while (reader.is_deleted() || reader.id() != id);

  if (block->second.live() == 1) {
    state_->RemoveBlock(block);
  } else {
    block->second.MarkDeleted(reader.cursor());
    state_->memory_bytes -= block->second.memory_bytes();
    block->second.CountDeleted(1);
    state_->memory_bytes += block->second.memory_bytes();
  }
  --state_->size;
  if (id == state_->first_id) UpdateFirstId();
  state_->max_deleted_id = std::max(state_->max_deleted_id, id);
  return true;
}

void StreamValue::SetIds(const StreamId& last_id, uint64_t entries_added,
                         const StreamId& max_deleted_id) {
  State& state = Open();
  state.last_id = last_id;
  state.entries_added = entries_added;
  state.max_deleted_id = max_deleted_id;
}

StreamGroup* StreamValue::CreateGroup(absl::string_view name, const StreamId& last_id,
                                      int64_t entries_read) {
  State& state = Open();
  if (state.groups.contains(name)) return nullptr;
  auto group = std::make_unique<StreamGroup>(name, last_id, entries_read, &state.memory_bytes);
  StreamGroup* const created = group.get();
  state.groups.emplace(created->name(), std::move(group));
  return created;
}

bool StreamValue::DestroyGroup(absl::string_view name) {
  if (state_ == nullptr) return false;
  const auto found = state_->groups.find(name);
  if (found == state_->groups.end()) return false;
  // The key is the group's own name: it goes first.
  const std::unique_ptr<StreamGroup> destroyed = std::move(found->second);
  state_->groups.erase(found);
  return true;
}

void StreamValue::UpdateFirstId() {
  StreamRange range(*this, StreamId::Min(), StreamId::Max());
  state_->first_id = range.Next() ? range.id() : StreamId();
}

}  // namespace damselfly
