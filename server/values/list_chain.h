#ifndef DAMSELFLY_SERVER_VALUES_LIST_CHAIN_H_
#define DAMSELFLY_SERVER_VALUES_LIST_CHAIN_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/values/list_limits.h"
#include "server/values/list_node.h"
#include "server/values/pack.h"

namespace damselfly {

enum class ListEnd : uint8_t { kHead, kTail };
enum class ListSide : uint8_t { kBefore, kAfter };

// A list that is too long for one pack: linked nodes. Where elements go among the nodes, how nodes
// are split and when they are joined is as in Redis 7.0, so that dumps are the same; but an element
// that is replaced by a much longer one does not make its node grow without bound.
//
// Texts that are put in may not lie in the chain itself.
class ListChain {
 public:
  ListChain() = default;
  ~ListChain();
  ListChain(const ListChain&) = delete;
  ListChain& operator=(const ListChain&) = delete;

  ListChain* Clone() const;

  size_t size() const { return size_; }
  size_t node_count() const { return node_count_; }
  size_t memory_bytes() const { return sizeof(ListChain) + node_bytes_; }
  const ListNode* head() const { return head_; }
  const ListNode* tail() const { return tail_; }

  // Where an element is: `at` only where the node is no big one.
  struct Place {
    ListNode* node;
    PackView::Cursor at;
    size_t index;  // in the node
  };
  // Goes there from the nearer end, node by node. Requires index < size().
  Place Locate(size_t index) const;

  void Push(ListEnd end, absl::string_view text, const ListLimits& limits);
  void Insert(size_t index, ListSide side, absl::string_view text, const ListLimits& limits);
  void Replace(size_t index, absl::string_view text, const ListLimits& limits);
  void EraseRange(size_t first, size_t count);
  // Removes up to `max` elements with this text, beginning at one end. Returns how many there were.
  size_t EraseEqual(absl::string_view text, size_t max, ListEnd from);

  // Adds a node at the tail and becomes its owner.
  void AddNode(ListNode* node) { Link(node, nullptr); }
  // Takes the only node's pack out, as bytes of its own; the chain is empty then.
  Pack TakeOnlyPack();
  // Frees nodes at the head until about so many elements are gone.
  void FreeSome(size_t count);

 private:
  static ListNode* NewNode(absl::string_view text, const ListLimits& limits);
  static bool Admits(const ListNode* node, size_t text_bytes, const ListLimits& limits);
  static bool AdmitsMerge(const ListNode* left, const ListNode* right, const ListLimits& limits);

  void Link(ListNode* node, ListNode* before);
  void Unlink(ListNode* node);
  void InsertInto(ListNode* node, PackView::Cursor at, absl::string_view text,
                  const ListLimits& limits);
  void InsertAtHead(ListNode* node, absl::string_view text, const ListLimits& limits);
  void InsertAtTail(ListNode* node, absl::string_view text, const ListLimits& limits);
  void InsertBySplit(const Place& place, ListSide side, absl::string_view text,
                     const ListLimits& limits);
  void ReplaceBySplit(const Place& place, absl::string_view text, const ListLimits& limits);
  ListNode* Split(ListNode* node, PackView::Cursor at, size_t index);
  void EraseIn(ListNode* node, size_t index, size_t count);
  void MergeAround(ListNode* node, const ListLimits& limits);
  ListNode* Merge(ListNode* left, ListNode* right, const ListLimits& limits);

  ListNode* head_ = nullptr;
  ListNode* tail_ = nullptr;
  size_t size_ = 0;
  size_t node_count_ = 0;
  size_t node_bytes_ = 0;
};

// What a pack's size will be when the element at `at` has been replaced.
inline size_t BytesAfterReplace(PackView pack, PackView::Cursor at, const PackItem& item) {
  return pack.total_bytes() - (pack.Behind(at) - at) + item.encoded_bytes();
}

// Removes up to `max` elements equal to `item` from a pack, which is a Pack or a node's, beginning
// at one end. Returns how many there were.
template <class P>
size_t EraseEqualIn(P* pack, const PackItem& item, size_t max, ListEnd from) {
  const auto matches = [&](PackView::Cursor at) {
    return at != PackView::kNone && pack->view().Equals(at, item);
  };
  const bool forward = from == ListEnd::kHead;
  size_t erased = 0;
  PackView::Cursor at = forward ? pack->view().First() : pack->view().Last();
  while (at != PackView::kNone && erased < max) {
    if (!matches(at)) {
      at = forward ? pack->view().Next(at) : pack->view().Previous(at);
      continue;
    }
    // Neighbours go together.
    size_t run = 1;
    PackView::Cursor next = forward ? pack->view().Next(at) : pack->view().Previous(at);
    while (erased + run < max && matches(next)) {
      ++run;
      if (!forward) at = next;
      next = forward ? pack->view().Next(next) : pack->view().Previous(next);
    }
    pack->EraseRange(at, run);
    erased += run;
    if (pack->count() == 0) break;
    const PackView::Cursor behind = at;
    if (!forward) {
      at = pack->view().Previous(behind);
    } else if (behind == pack->view().end()) {
      at = PackView::kNone;
    }
  }
  return erased;
}

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_LIST_CHAIN_H_
