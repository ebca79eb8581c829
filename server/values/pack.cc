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

Pack Pack::FromBytes(absl::string_view bytes) {
  if (!PackView::IsCanonical(bytes)) {
    Pack pack;
    const PackView source(bytes.data());
    for (Cursor at = source.First(); at != kNone; at = source.Next(at)) {
      const PackElement element = source.Get(at);
      pack.Append(element.is_integer ? PackItem(element.integer) : PackItem(element.bytes));
    }
    return pack;
  }
  auto* copy = static_cast<char*>(std::malloc(bytes.size()));
  DFLY_CHECK(copy != nullptr);
  std::memcpy(copy, bytes.data(), bytes.size());
  return Pack(copy);
}

Pack Pack::Clone() const {
  if (bytes_ == nullptr) return Pack();
  const size_t total = total_bytes();
  auto* copy = static_cast<char*>(std::malloc(total));
  DFLY_CHECK(copy != nullptr);
  std::memcpy(copy, bytes_, total);
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
    bytes_ = static_cast<char*>(std::malloc(PackView::kEmptyBytes + splice.inserted_bytes()));
    DFLY_CHECK(bytes_ != nullptr);
    WriteEmptyPack(bytes_);
    ApplyPackSplice(bytes_, splice);
    return;
  }
  const size_t before = total_bytes();
  const size_t after = splice.TotalBytesAfter(view());
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
