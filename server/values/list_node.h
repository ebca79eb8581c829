#ifndef DAMSELFLY_SERVER_VALUES_LIST_NODE_H_
#define DAMSELFLY_SERVER_VALUES_LIST_NODE_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/values/list_limits.h"
#include "server/values/pack.h"

namespace damselfly {

// One link of a long list: a pack of elements, or one big element as it is.
//
//   buffer: | gap | pack | room |
//
// A pack that has free bytes before it takes elements at its front, and gives them away there,
// without moving the others. Only ListChain makes, links and frees nodes. Cursors are those of the
// pack and valid until the node is changed.
class ListNode {
 public:
  using Cursor = PackView::Cursor;

  // A pack without elements; `text_bytes` are expected.
  static ListNode* CreatePack(size_t text_bytes);
  // Of a pack in the canonical form.
  static ListNode* CopyOfPack(PackView pack);
  // Takes over a pack that is not empty.
  static ListNode* AdoptPack(Pack pack);
  static ListNode* CreateBig(absl::string_view text);
  static void Destroy(ListNode* node);
  // A copy that is linked to nothing.
  ListNode* Clone() const;

  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;

  bool is_big() const { return gap_ == kBig; }
  size_t count() const { return count_; }
  size_t memory_bytes() const { return sizeof(ListNode) + capacity_; }
  // Of a big element.
  absl::string_view text() const { return absl::string_view(buffer_, capacity_); }

  // Of packs, from here on.
  PackView view() const { return PackView(buffer_ + gap_); }

  // Puts an element before the one at `at`, or at the end for view().end().
  void Insert(Cursor at, const PackItem& item, const ListLimits& limits);
  void Replace(Cursor at, const PackItem& item, const ListLimits& limits);
  // Removes `n` elements, of which there are so many.
  void EraseRange(Cursor at, size_t n);
  // Moves the elements from `at` on into a new node, which is returned. `index` is the number of
  // those before.
  ListNode* SplitBefore(Cursor at, size_t index);
  // Adds copies of all elements of another pack at the end.
  void Append(const ListNode& other, const ListLimits& limits);
  // Gives back free room, if it is much: nothing is going to be put in soon.
  void Tighten();

  ListNode* previous = nullptr;
  ListNode* next = nullptr;

 private:
  static constexpr uint32_t kBig = 0xffffffff;

  ListNode(char* buffer, size_t capacity, uint32_t gap, size_t count)
      : buffer_(buffer), capacity_(capacity), gap_(gap), count_(static_cast<uint32_t>(count)) {}
  ~ListNode();

  char* begin() const { return buffer_ + gap_; }
  void WriteHeader(size_t total_bytes, size_t count);
  void Prepend(const PackItem& item, const ListLimits& limits);
  void MakeRoomInFront(size_t bytes, const ListLimits& limits);
  void MakeRoomBehind(size_t bytes, const ListLimits& limits);
  void Apply(const PackSplice& splice, const ListLimits& limits);
  void GiveBackIfSparse();
  void Reallocate(size_t capacity, size_t gap);

  char* buffer_;
  size_t capacity_;  // of the buffer
  uint32_t gap_;     // free bytes before the pack
  uint32_t count_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_LIST_NODE_H_
