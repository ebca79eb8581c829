#include "server/values/list_node.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "server/base/check.h"

namespace damselfly {
namespace {

constexpr size_t kNoSparseBytesMax = 64;

char* Allocate(size_t bytes) {
  auto* const buffer = static_cast<char*>(std::malloc(bytes));
  DFLY_CHECK(buffer != nullptr);
  return buffer;
}

size_t RoundUp(size_t bytes) { return (bytes + 15) / 16 * 16; }

// A pack's buffer grows by half, but not beyond what the pack may come to hold.
size_t CapacityFor(size_t bytes, const ListLimits& limits) {
  if (bytes > limits.bytes_max()) return RoundUp(bytes);
  return std::min(RoundUp(bytes + bytes / 2), limits.bytes_max());
}

}  // namespace

ListNode* ListNode::CreatePack(size_t text_bytes) {
  // Most elements need two bytes besides their text.
  const size_t capacity = RoundUp(PackView::kHeaderBytes + 2 + text_bytes);
  auto* const node = new ListNode(Allocate(capacity), capacity, 0, 0);
  WriteEmptyPack(node->buffer_);
  return node;
}

ListNode* ListNode::CopyOfPack(PackView pack) {
  const absl::string_view kept = pack.kept();
  char* const buffer = Allocate(kept.size());
  std::memcpy(buffer, kept.data(), kept.size());
  return new ListNode(buffer, kept.size(), 0, pack.count());
}

ListNode* ListNode::AdoptPack(Pack pack) {
  const size_t bytes = pack.memory_bytes();
  const size_t count = pack.count();
  DFLY_CHECK(count > 0);
  return new ListNode(pack.Release(), bytes, 0, count);
}

ListNode* ListNode::CreateBig(absl::string_view text) {
  char* const buffer = Allocate(text.size());
  std::memcpy(buffer, text.data(), text.size());
  return new ListNode(buffer, text.size(), kBig, 1);
}

void ListNode::Destroy(ListNode* node) { delete node; }

ListNode::~ListNode() { std::free(buffer_); }

ListNode* ListNode::Clone() const { return is_big() ? CreateBig(text()) : CopyOfPack(view()); }

void ListNode::Insert(Cursor at, const PackItem& item, const ListLimits& limits) {
  if (at == PackView::kHeaderBytes && count_ > 0) {
    Prepend(item, limits);
    return;
  }
  PackSplice splice;
  splice.at = at;
  splice.items = absl::MakeConstSpan(&item, 1);
  Apply(splice, limits);
  ++count_;
}

void ListNode::Prepend(const PackItem& item, const ListLimits& limits) {
  const size_t bytes = item.encoded_bytes();
  MakeRoomInFront(bytes, limits);
  const size_t total_bytes = view().total_bytes() + bytes;
  gap_ -= static_cast<uint32_t>(bytes);
  ++count_;
  WriteHeader(total_bytes, count_);
  item.WriteTo(begin() + PackView::kHeaderBytes);
}

void ListNode::Replace(Cursor at, const PackItem& item, const ListLimits& limits) {
  PackSplice splice;
  splice.at = at;
  splice.removed_bytes = view().Behind(at) - at;
  splice.removed_count = 1;
  splice.items = absl::MakeConstSpan(&item, 1);
  Apply(splice, limits);
  GiveBackIfSparse();
}

void ListNode::EraseRange(Cursor at, size_t n) {
  DFLY_CHECK_LE(n, count_);
  Cursor behind = at;
  for (size_t i = 0; i < n; ++i) behind = view().Behind(behind);
  const uint32_t bytes = behind - at;
  if (at == PackView::kHeaderBytes && n < count_) {
    const size_t total_bytes = view().total_bytes() - bytes;
    gap_ += bytes;
    count_ -= static_cast<uint32_t>(n);
    WriteHeader(total_bytes, count_);
  } else {
    PackSplice splice;
    splice.at = at;
    splice.removed_bytes = bytes;
    splice.removed_count = n;
    ApplyPackSplice(begin(), splice);
    count_ -= static_cast<uint32_t>(n);
  }
  GiveBackIfSparse();
}

ListNode* ListNode::SplitBefore(Cursor at, size_t index) {
  const absl::string_view moved = view().Range(at, view().end());
  ListNode* const node = CreatePack(moved.size());
  PackSplice splice;
  splice.at = PackView::kHeaderBytes;
  splice.encoded = moved;
  splice.encoded_count = count_ - index;
  ApplyPackSplice(node->begin(), splice);
  node->count_ = static_cast<uint32_t>(splice.encoded_count);
  EraseRange(at, splice.encoded_count);
  return node;
}

void ListNode::Append(const ListNode& other, const ListLimits& limits) {
  PackSplice splice;
  splice.at = view().end();
  splice.encoded = other.view().Range(PackView::kHeaderBytes, other.view().end());
  splice.encoded_count = other.count_;
  Apply(splice, limits);
  count_ += other.count_;
}

void ListNode::Tighten() {
  if (is_big()) return;
  const size_t kept_bytes = view().kept_bytes();
  if (capacity_ - kept_bytes > kept_bytes / 8) Reallocate(kept_bytes, 0);
}

void ListNode::WriteHeader(size_t total_bytes, size_t count) {
  const auto bytes_field = static_cast<uint32_t>(total_bytes);
  const auto count_field = static_cast<uint16_t>(std::min<size_t>(count, 0xffff));
  std::memcpy(begin(), &bytes_field, sizeof(bytes_field));
  std::memcpy(begin() + sizeof(bytes_field), &count_field, sizeof(count_field));
}

void ListNode::Apply(const PackSplice& splice, const ListLimits& limits) {
  const size_t inserted = splice.inserted_bytes();
  if (inserted > splice.removed_bytes) MakeRoomBehind(inserted - splice.removed_bytes, limits);
  ApplyPackSplice(begin(), splice);
}

void ListNode::MakeRoomInFront(size_t bytes, const ListLimits& limits) {
  if (gap_ >= bytes) return;
  const size_t kept_bytes = view().kept_bytes();
  if (kept_bytes + bytes > capacity_) {
    const size_t capacity = CapacityFor(kept_bytes + bytes, limits);
    Reallocate(capacity, capacity - kept_bytes);
  } else {
    const size_t gap = capacity_ - kept_bytes;
    std::memmove(buffer_ + gap, begin(), kept_bytes);
    gap_ = static_cast<uint32_t>(gap);
  }
}

void ListNode::MakeRoomBehind(size_t bytes, const ListLimits& limits) {
  const size_t kept_bytes = view().kept_bytes();
  if (gap_ + kept_bytes + bytes <= capacity_) return;
  if (kept_bytes + bytes > capacity_) {
    Reallocate(CapacityFor(kept_bytes + bytes, limits), 0);
  } else {
    std::memmove(buffer_, begin(), kept_bytes);
    gap_ = 0;
  }
}

void ListNode::GiveBackIfSparse() {
  const size_t kept_bytes = view().kept_bytes();
  if (capacity_ > kNoSparseBytesMax && kept_bytes < capacity_ / 2) {
    Reallocate(RoundUp(kept_bytes + kept_bytes / 4), 0);
  }
}

void ListNode::Reallocate(size_t capacity, size_t gap) {
  // What shrinks is copied: allocators leave a block where it is that shrinks by less than half.
  if (gap == 0 && gap_ == 0 && capacity > capacity_) {
    buffer_ = static_cast<char*>(std::realloc(buffer_, capacity));
    DFLY_CHECK(buffer_ != nullptr);
  } else {
    char* const buffer = Allocate(capacity);
    std::memcpy(buffer + gap, begin(), view().kept_bytes());
    std::free(std::exchange(buffer_, buffer));
    gap_ = static_cast<uint32_t>(gap);
  }
  capacity_ = capacity;
}

}  // namespace damselfly
