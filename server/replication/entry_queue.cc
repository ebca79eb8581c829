#include "server/replication/entry_queue.h"

#include <utility>

#include "absl/strings/string_view.h"
#include "server/replication/frame.h"
#include "server/replication/record.h"
#include "server/store/change.h"
#include "server/store/entry.h"

namespace damselfly {
namespace {

// Small entries share an item until it has this many bytes.
constexpr size_t kItemBytesMax = 64 << 10;

}  // namespace

EntryQueue::EntryQueue(int64_t bytes_max, absl::AnyInvocable<void()> on_overflow)
    : bytes_max_(bytes_max), on_overflow_(std::move(on_overflow)), next_count_bytes_(bytes_max) {}

void EntryQueue::Receive(uint16_t slot, int database, const Entry& entry) {
  std::lock_guard<std::mutex> guard(mutex_);
  if (closed_ || deaf_) return;
  Push(slot, database, entry);
  if (bytes_max_ == 0 || waiting_bytes() < next_count_bytes_) return;
  const int64_t own_bytes = OwnBytes();
  // Counting costs a look at every item: again when there can be half as much more.
  next_count_bytes_ = waiting_bytes() + bytes_max_ / 2;
  if (own_bytes < bytes_max_) return;
  Clear();
  if (forgetful_) return;
  closed_ = true;
  overflowed_.store(true, std::memory_order_relaxed);
  on_overflow_();
}

void EntryQueue::Push(uint16_t slot, int database, const Entry& entry) {
  BlobRef written;
  Change change = Change::SetOf(slot, database, entry, &rdb_);
  if (change.form == Change::Form::kCollection && change.value.size() >= kSharedBytesMin) {
    written = Blob::Copy(change.value);
    change.blob = written.get();
  }
  if (change.blob != nullptr && change.value.size() >= kSharedBytesMin) {
    Item item;
    AppendChange(change, /*value_elsewhere=*/true, &item.bytes);
    item.blob = BlobRef::Share(change.blob);
    waiting_bytes_.fetch_add(static_cast<int64_t>(item.bytes.size() + change.value.size()),
                             std::memory_order_relaxed);
    items_.push_back(std::move(item));
    return;
  }
  scratch_.clear();
  AppendChange(change, /*value_elsewhere=*/false, &scratch_);
  if (items_.empty() || items_.back().blob || items_.back().bytes.size() >= kItemBytesMax)
    items_.emplace_back();
  std::string& bytes = items_.back().bytes;
  const size_t before = bytes.size();
  AppendFrameHeader(FrameType::kEntry, scratch_, {}, &bytes);
  bytes += scratch_;
  waiting_bytes_.fetch_add(static_cast<int64_t>(bytes.size() - before), std::memory_order_relaxed);
}

// Without the values that the store holds as well.
int64_t EntryQueue::OwnBytes() const {
  int64_t bytes = 0;
  for (const Item& item : items_) {
    bytes += static_cast<int64_t>(item.bytes.capacity());
    if (item.blob && item.blob.get()->unique())
      bytes += static_cast<int64_t>(item.blob.get()->memory_bytes());
  }
  return bytes;
}

void EntryQueue::Clear() {
  popped_ += items_.size();
  items_.clear();
  waiting_bytes_.store(0, std::memory_order_relaxed);
}

uint64_t EntryQueue::pushed() const {
  std::lock_guard<std::mutex> guard(mutex_);
  return popped_ + items_.size();
}

bool EntryQueue::Pop(uint64_t end, Item* item) {
  std::lock_guard<std::mutex> guard(mutex_);
  if (items_.empty() || popped_ >= end) return false;
  *item = std::move(items_.front());
  items_.pop_front();
  ++popped_;
  const size_t bytes = item->bytes.size() + (item->blob ? item->blob->size() : 0);
  waiting_bytes_.fetch_sub(static_cast<int64_t>(bytes), std::memory_order_relaxed);
  if (next_count_bytes_ > bytes_max_ && waiting_bytes() < bytes_max_)
    next_count_bytes_ = bytes_max_;
  return true;
}

bool EntryQueue::empty() const {
  std::lock_guard<std::mutex> guard(mutex_);
  return items_.empty();
}

void EntryQueue::Close() {
  std::lock_guard<std::mutex> guard(mutex_);
  Clear();
  closed_ = true;
}

}  // namespace damselfly
