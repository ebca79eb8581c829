#include "server/values/pack.h"

#include <cstdlib>
#include <cstring>

#include "server/base/check.h"

namespace damselfly {

Pack& Pack::operator=(Pack&& other) noexcept {
  if (this != &other) {
    std::free(bytes_);
    bytes_ = other.Release();
  }
  return *this;
}

Pack Pack::CanonicalCopyOf(PackView pack) {
  if (pack.IsCanonical()) return CopyOf(pack);
  Pack copy;
  for (Cursor at = pack.First(); at != kNone; at = pack.Next(at)) {
    const PackElement element = pack.Get(at);
    copy.Append(element.is_integer ? PackItem(element.integer) : PackItem(element.bytes));
  }
  return copy;
}

Pack Pack::CopyOf(PackView pack) {
  const absl::string_view kept = pack.kept();
  auto* copy = static_cast<char*>(std::malloc(kept.size()));
  DFLY_CHECK(copy != nullptr);
  std::memcpy(copy, kept.data(), kept.size());
  return Pack(copy);
}

Pack::Cursor Pack::Append(absl::Span<const PackItem> items) { return InsertBefore(kNone, items); }

Pack::Cursor Pack::InsertBefore(Cursor at, absl::Span<const PackItem> items) {
  PackSplice splice;
  splice.at = at != kNone ? at : view().end();
  splice.items = items;
  Apply(splice);
  return splice.at;
}

Pack::Cursor Pack::Replace(Cursor at, const PackItem& item) {
  PackSplice splice;
  splice.at = at;
  splice.removed_bytes = view().Behind(at) - at;
  splice.removed_count = 1;
  splice.items = absl::MakeConstSpan(&item, 1);
  Apply(splice);
  return at;
}

Pack::Cursor Pack::EraseRange(Cursor at, size_t n) {
  PackSplice splice;
  splice.at = at;
  Cursor behind = at;
  while (splice.removed_count < n && behind != view().end()) {
    behind = view().Behind(behind);
    ++splice.removed_count;
  }
  splice.removed_bytes = behind - at;
  Apply(splice);
  return at == view().end() ? kNone : at;
}

void Pack::Apply(const PackSplice& splice) {
  if (bytes_ == nullptr) {
    bytes_ = static_cast<char*>(std::malloc(PackView::kHeaderBytes + splice.inserted_bytes()));
    DFLY_CHECK(bytes_ != nullptr);
    WriteEmptyPack(bytes_);
    ApplyPackSplice(bytes_, splice);
    return;
  }
  const size_t before = view().kept_bytes();
  const size_t after = splice.TotalBytesAfter(view()) - PackView::kEndBytes;
  if (after > before) {
    bytes_ = static_cast<char*>(std::realloc(bytes_, after));
    DFLY_CHECK(bytes_ != nullptr);
  }
  ApplyPackSplice(bytes_, splice);
  if (after < before) {
    bytes_ = static_cast<char*>(std::realloc(bytes_, after));
    DFLY_CHECK(bytes_ != nullptr);
  }
}

}  // namespace damselfly
