#ifndef DAMSELFLY_SERVER_VALUES_PACK_H_
#define DAMSELFLY_SERVER_VALUES_PACK_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/values/pack_view.h"

namespace damselfly {

// Owns a pack: one pointer to malloc'd bytes, exactly as many as are kept of it. A new one has no
// bytes and reads as an empty pack. Not thread-safe; cursors are valid until the next change.
class Pack {
 public:
  using Cursor = PackView::Cursor;
  static constexpr Cursor kNone = PackView::kNone;

  Pack() = default;
  ~Pack() {
    if (bytes_ != nullptr) std::free(bytes_);
  }
  Pack(Pack&& other) noexcept : bytes_(other.Release()) {}
  Pack& operator=(Pack&& other) noexcept;
  Pack(const Pack&) = delete;
  Pack& operator=(const Pack&) = delete;

  // Whether the bytes, which may come from anywhere, are a well-formed pack.
  static bool Validate(absl::string_view bytes) { return PackView::IsValid(bytes); }
  // A copy of a pack in the canonical form.
  static Pack CopyOf(PackView pack);
  // A copy with all in the canonical form, which the original need not be in.
  static Pack CanonicalCopyOf(PackView pack);
  Pack Clone() const { return bytes_ != nullptr ? CopyOf(view()) : Pack(); }

  // For owners that keep the pointer in a word of their own: gives it away, and takes it back. Null
  // is a pack without bytes. The pointer is as malloc aligns it.
  char* Release() { return std::exchange(bytes_, nullptr); }
  static Pack Adopt(char* bytes) { return Pack(bytes); }

  // Reading: see PackView.
  PackView view() const { return bytes_ != nullptr ? PackView(bytes_) : PackView::Empty(); }
  operator PackView() const { return view(); }
  std::string ToListpack() const { return view().ToListpack(); }
  size_t count() const { return view().count(); }
  bool empty() const { return view().empty(); }
  size_t total_bytes() const { return view().total_bytes(); }
  // Asked of the allocator.
  size_t memory_bytes() const { return bytes_ != nullptr ? view().kept_bytes() : 0; }
  Cursor First() const { return view().First(); }
  Cursor Last() const { return view().Last(); }
  Cursor Next(Cursor at) const { return view().Next(at); }
  Cursor Previous(Cursor at) const { return view().Previous(at); }
  Cursor At(int64_t index) const { return view().At(index); }
  PackElement Get(Cursor at) const { return view().Get(at); }
  bool Equals(Cursor at, absl::string_view text) const { return view().Equals(at, PackItem(text)); }
  Cursor Find(Cursor from, absl::string_view text, size_t skip = 0) const {
    return view().Find(from, PackItem(text), skip);
  }

  bool HasRoomFor(size_t text_bytes, size_t elements) const {
    return view().HasRoomFor(text_bytes, elements);
  }

  // Changing. Several items go in as neighbours, in their order, with one allocation. Texts may not
  // lie in this pack. Each returns the cursor of the (first) new element.
  Cursor Append(absl::Span<const PackItem> items);
  Cursor Append(const PackItem& item) { return Append(absl::MakeConstSpan(&item, 1)); }
  Cursor Append(absl::string_view text) { return Append(PackItem(text)); }
  Cursor Append(int64_t integer) { return Append(PackItem(integer)); }
  Cursor Prepend(const PackItem& item) {
    return InsertBefore(PackView::kHeaderBytes, absl::MakeConstSpan(&item, 1));
  }
  Cursor Prepend(absl::string_view text) { return Prepend(PackItem(text)); }
  // Before the element at `at`, or at the end for kNone.
  Cursor InsertBefore(Cursor at, absl::Span<const PackItem> items);
  Cursor InsertBefore(Cursor at, const PackItem& item) {
    return InsertBefore(at, absl::MakeConstSpan(&item, 1));
  }
  Cursor InsertBefore(Cursor at, absl::string_view text) {
    return InsertBefore(at, PackItem(text));
  }
  Cursor InsertAfter(Cursor at, const PackItem& item) { return InsertBefore(Next(at), item); }
  Cursor InsertAfter(Cursor at, absl::string_view text) { return InsertAfter(at, PackItem(text)); }
  Cursor Replace(Cursor at, const PackItem& item);
  Cursor Replace(Cursor at, absl::string_view text) { return Replace(at, PackItem(text)); }

  // Removes the element, or it and those behind it, `n` in all (fewer if there are fewer). Returns
  // the cursor of what was behind them, kNone at the end.
  Cursor Erase(Cursor at) { return EraseRange(at, 1); }
  Cursor EraseRange(Cursor at, size_t n);

  // Any change of the format's own kind. The pack may move.
  void Apply(const PackSplice& splice);

 private:
  explicit Pack(char* bytes) : bytes_(bytes) {}

  char* bytes_ = nullptr;
};

static_assert(sizeof(Pack) == 8);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_PACK_H_
