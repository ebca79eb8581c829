#include "server/values/stream_group.h"

#include <algorithm>

namespace damselfly {
namespace {

// What a name takes beside the object that holds it.
size_t NameBytes(const std::string& name) {
  return name.capacity() > std::string().capacity() ? name.capacity() + 1 : 0;
}

}  // namespace

StreamConsumer::StreamConsumer(absl::string_view name, int64_t seen_ms, size_t* memory_bytes)
    : name_(name),
      seen_ms_(seen_ms),
      pending_(PendingIds::key_compare(), PendingIds::allocator_type(memory_bytes)) {
  *memory_bytes += sizeof(*this) + NameBytes(name_);
}

StreamConsumer::~StreamConsumer() {
  *pending_.get_allocator().bytes() -= sizeof(*this) + NameBytes(name_);
}

StreamGroup::StreamGroup(absl::string_view name, const StreamId& last_id, int64_t entries_read,
                         size_t* memory_bytes)
    : name_(name),
      last_id_(last_id),
      entries_read_(entries_read),
      consumers_(Consumers::key_compare(), Consumers::allocator_type(memory_bytes)),
      pending_(Pending::key_compare(), Pending::allocator_type(memory_bytes)) {
  *memory_bytes += sizeof(*this) + NameBytes(name_);
}

StreamGroup::~StreamGroup() {
  *pending_.get_allocator().bytes() -= sizeof(*this) + NameBytes(name_);
}

StreamConsumer* StreamGroup::FindConsumer(absl::string_view name) const {
  const auto found = consumers_.find(name);
  return found != consumers_.end() ? found->second.get() : nullptr;
}

StreamConsumer* StreamGroup::AddConsumer(absl::string_view name, int64_t seen_ms) {
  auto consumer = std::make_unique<StreamConsumer>(name, seen_ms, pending_.get_allocator().bytes());
  StreamConsumer* const added = consumer.get();
  consumers_.emplace(added->name(), std::move(consumer));
  return added;
}

void StreamGroup::RemoveConsumer(StreamConsumer* consumer) {
  for (const StreamId& id : consumer->pending_) pending_.erase(id);
  // The key is the consumer's own name: it goes first.
  const auto found = consumers_.find(consumer->name());
  const std::unique_ptr<StreamConsumer> removed = std::move(found->second);
  consumers_.erase(found);
}

const StreamPendingEntry* StreamGroup::FindPending(const StreamId& id) const {
  const auto found = pending_.find(id);
  return found != pending_.end() ? &found->second : nullptr;
}

void StreamGroup::SetPending(const StreamId& id, const StreamPendingEntry& entry) {
  const auto [at, is_new] = pending_.emplace(id, entry);
  if (!is_new) {
    if (at->second.consumer != entry.consumer) at->second.consumer->pending_.erase(id);
    at->second = entry;
  }
  entry.consumer->pending_.insert(id);
}

bool StreamGroup::DropPending(const StreamId& id) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return false;
  found->second.consumer->pending_.erase(id);
  pending_.erase(found);
  return true;
}

bool StreamGroup::FreeSome(size_t count) {
  while (count > 0 && !pending_.empty()) {
    const size_t step = std::min(count, pending_.size());
    pending_.erase(pending_.begin(), std::next(pending_.begin(), static_cast<ptrdiff_t>(step)));
    count -= step;
  }
  if (!pending_.empty()) return false;
  while (!consumers_.empty()) {
    StreamConsumer::PendingIds& ids = consumers_.begin()->second->pending_;
    const size_t step = std::min(count, ids.size());
    ids.erase(ids.begin(), std::next(ids.begin(), static_cast<ptrdiff_t>(step)));
    count -= step;
    if (!ids.empty()) return false;
    consumers_.erase(consumers_.begin());
  }
  return true;
}

std::unique_ptr<StreamGroup> StreamGroup::Clone(size_t* memory_bytes) const {
  auto clone = std::make_unique<StreamGroup>(name_, last_id_, entries_read_, memory_bytes);
  for (const auto& [name, consumer] : consumers_) {
    StreamConsumer* const copy = clone->AddConsumer(name, consumer->seen_ms());
    for (const StreamId& id : consumer->pending()) {
      StreamPendingEntry entry = pending_.find(id)->second;
      entry.consumer = copy;
      clone->SetPending(id, entry);
    }
  }
  return clone;
}

}  // namespace damselfly
