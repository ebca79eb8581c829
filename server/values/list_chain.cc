#include "server/values/list_chain.h"

#include <algorithm>

#include "server/base/check.h"

namespace damselfly {
namespace {

// Keeps a chain's count of bytes right while a node changes.
class NodeChange {
 public:
  NodeChange(size_t* total, const ListNode* node) : total_(*total), node_(*node) {
    total_ -= node_.memory_bytes();
  }
  ~NodeChange() { total_ += node_.memory_bytes(); }
  NodeChange(const NodeChange&) = delete;
  NodeChange& operator=(const NodeChange&) = delete;

 private:
  size_t& total_;
  const ListNode& node_;
};

}  // namespace

ListChain::~ListChain() {
  while (head_ != nullptr) {
    ListNode* const node = head_;
    head_ = node->next;
    ListNode::Destroy(node);
  }
}

ListChain* ListChain::Clone() const {
  auto* const clone = new ListChain;
  for (const ListNode* node = head_; node != nullptr; node = node->next) {
    clone->AddNode(node->Clone());
  }
  return clone;
}

ListChain::Place ListChain::Locate(size_t index) const {
  DFLY_CHECK_LT(index, size_);
  ListNode* node;
  if (index < size_ / 2) {
    node = head_;
    while (index >= node->count()) {
      index -= node->count();
      node = node->next;
    }
  } else {
    size_t behind = size_ - index;
    node = tail_;
    while (behind > node->count()) {
      behind -= node->count();
      node = node->previous;
    }
    index = node->count() - behind;
  }
  const PackView::Cursor at =
      node->is_big() ? PackView::kNone : node->view().At(static_cast<int64_t>(index));
  return Place{node, at, index};
}

// ---- Nodes ----

ListNode* ListChain::NewNode(absl::string_view text, const ListLimits& limits) {
  if (limits.IsBig(text.size())) return ListNode::CreateBig(text);
  ListNode* const node = ListNode::CreatePack(text.size());
  node->Insert(node->view().end(), PackItem(text), limits);
  return node;
}

bool ListChain::Admits(const ListNode* node, size_t text_bytes, const ListLimits& limits) {
  return node != nullptr && !node->is_big() &&
         limits.AllowsInsert(node->view().total_bytes(), node->count(), text_bytes);
}

bool ListChain::AdmitsMerge(const ListNode* left, const ListNode* right, const ListLimits& limits) {
  return left != nullptr && right != nullptr && !left->is_big() && !right->is_big() &&
         limits.AllowsMerge(left->view().total_bytes(), left->count(), right->view().total_bytes(),
                            right->count());
}

// Puts a node, with its elements, before another, or at the tail for null.
void ListChain::Link(ListNode* node, ListNode* before) {
  node->next = before;
  node->previous = before != nullptr ? before->previous : tail_;
  (node->previous != nullptr ? node->previous->next : head_) = node;
  (before != nullptr ? before->previous : tail_) = node;
  size_ += node->count();
  node_bytes_ += node->memory_bytes();
  ++node_count_;
}

void ListChain::Unlink(ListNode* node) {
  (node->previous != nullptr ? node->previous->next : head_) = node->next;
  (node->next != nullptr ? node->next->previous : tail_) = node->previous;
  size_ -= node->count();
  node_bytes_ -= node->memory_bytes();
  --node_count_;
}

void ListChain::InsertInto(ListNode* node, PackView::Cursor at, absl::string_view text,
                           const ListLimits& limits) {
  const NodeChange change(&node_bytes_, node);
  node->Insert(at, PackItem(text), limits);
  ++size_;
}

void ListChain::InsertAtHead(ListNode* node, absl::string_view text, const ListLimits& limits) {
  InsertInto(node, PackView::kHeaderBytes, text, limits);
}

void ListChain::InsertAtTail(ListNode* node, absl::string_view text, const ListLimits& limits) {
  InsertInto(node, node->view().end(), text, limits);
}

// The new node stands behind the old one.
ListNode* ListChain::Split(ListNode* node, PackView::Cursor at, size_t index) {
  const size_t moved = node->count() - index;
  ListNode* right;
  {
    const NodeChange change(&node_bytes_, node);
    right = node->SplitBefore(at, index);
  }
  size_ -= moved;
  Link(right, node->next);
  return right;
}

ListNode* ListChain::Merge(ListNode* left, ListNode* right, const ListLimits& limits) {
  {
    const NodeChange change(&node_bytes_, left);
    left->Append(*right, limits);
  }
  size_ += right->count();
  Unlink(right);
  ListNode::Destroy(right);
  return left;
}

// After a split: joins the two nodes before, the two behind, and the node itself with its
// neighbours, where they fit together.
void ListChain::MergeAround(ListNode* node, const ListLimits& limits) {
  ListNode* const previous = node->previous;
  if (previous != nullptr && AdmitsMerge(previous->previous, previous, limits)) {
    Merge(previous->previous, previous, limits);
  }
  ListNode* const next = node->next;
  if (next != nullptr && AdmitsMerge(next, next->next, limits)) Merge(next, next->next, limits);
  if (AdmitsMerge(node->previous, node, limits)) node = Merge(node->previous, node, limits);
  if (AdmitsMerge(node, node->next, limits)) Merge(node, node->next, limits);
}

// ---- Elements ----

void ListChain::Push(ListEnd end, absl::string_view text, const ListLimits& limits) {
  ListNode* const node = end == ListEnd::kHead ? head_ : tail_;
  if (!Admits(node, text.size(), limits)) {
    Link(NewNode(text, limits), end == ListEnd::kHead ? head_ : nullptr);
    if (node != nullptr && node != head_ && node != tail_) {
      const NodeChange change(&node_bytes_, node);
      node->Tighten();
    }
  } else if (end == ListEnd::kHead) {
    InsertAtHead(node, text, limits);
  } else {
    InsertAtTail(node, text, limits);
  }
}

void ListChain::Insert(size_t index, ListSide side, absl::string_view text,
                       const ListLimits& limits) {
  const Place place = Locate(index);
  ListNode* const node = place.node;
  const bool after = side == ListSide::kAfter;
  if (Admits(node, text.size(), limits)) {
    InsertInto(node, after ? node->view().Behind(place.at) : place.at, text, limits);
    return;
  }
  if (place.index != (after ? node->count() - 1 : 0)) {
    InsertBySplit(place, side, text, limits);
    return;
  }
  // At the node's border: into the neighbour, if that has room.
  ListNode* const neighbour = after ? node->next : node->previous;
  if (!Admits(neighbour, text.size(), limits)) {
    Link(NewNode(text, limits), after ? node->next : node);
  } else if (after) {
    InsertAtHead(neighbour, text, limits);
  } else {
    InsertAtTail(neighbour, text, limits);
  }
}

void ListChain::InsertBySplit(const Place& place, ListSide side, absl::string_view text,
                              const ListLimits& limits) {
  const bool after = side == ListSide::kAfter;
  ListNode* const left = place.node;
  const PackView::Cursor at = after ? left->view().Behind(place.at) : place.at;
  ListNode* const right = Split(left, at, place.index + (after ? 1 : 0));
  if (limits.IsBig(text.size())) {
    Link(NewNode(text, limits), right);
  } else if (after) {
    InsertAtHead(right, text, limits);
  } else {
    InsertAtTail(left, text, limits);
  }
  MergeAround(after ? left : right, limits);
}

void ListChain::Replace(size_t index, absl::string_view text, const ListLimits& limits) {
  const Place place = Locate(index);
  ListNode* const node = place.node;
  const bool big = limits.IsBig(text.size());
  if (node->is_big() || (big && node->count() == 1)) {
    Link(NewNode(text, limits), node);
    Unlink(node);
    ListNode::Destroy(node);
    return;
  }
  const PackItem item(text);
  const bool fits = limits.AllowsReplace(BytesAfterReplace(node->view(), place.at, item));
  if (big || (!fits && node->count() > 1)) {
    ReplaceBySplit(place, text, limits);
    return;
  }
  const NodeChange change(&node_bytes_, node);
  node->Replace(place.at, item, limits);
}

void ListChain::ReplaceBySplit(const Place& place, absl::string_view text,
                               const ListLimits& limits) {
  ListNode* const node = place.index > 0 ? Split(place.node, place.at, place.index) : place.node;
  EraseIn(node, 0, 1);
  ListNode* const replacement = NewNode(text, limits);
  // The element's own node may be gone with it.
  ListNode* const before = place.index == 0 ? place.node : place.node->next;
  Link(replacement, before);
  MergeAround(replacement, limits);
}

// Removes elements of one node, and the node with the last of them.
void ListChain::EraseIn(ListNode* node, size_t index, size_t count) {
  if (count == node->count()) {
    Unlink(node);
    ListNode::Destroy(node);
    return;
  }
  const NodeChange change(&node_bytes_, node);
  node->EraseRange(node->view().At(static_cast<int64_t>(index)), count);
  size_ -= count;
}

void ListChain::EraseRange(size_t first, size_t count) {
  count = std::min(count, size_ - first);
  if (count == 0) return;
  Place place = Locate(first);
  ListNode* node = place.node;
  size_t index = place.index;
  while (count > 0) {
    ListNode* const next = node->next;
    const size_t here = std::min(count, node->count() - index);
    EraseIn(node, index, here);
    count -= here;
    node = next;
    index = 0;
  }
}

size_t ListChain::EraseEqual(absl::string_view text, size_t max, ListEnd from) {
  const PackItem item(text);
  const bool forward = from == ListEnd::kHead;
  size_t erased = 0;
  ListNode* node = forward ? head_ : tail_;
  while (node != nullptr && erased < max) {
    ListNode* const next = forward ? node->next : node->previous;
    if (node->is_big()) {
      if (node->text() == text) {
        EraseIn(node, 0, 1);
        ++erased;
      }
    } else {
      size_t here;
      {
        const NodeChange change(&node_bytes_, node);
        here = EraseEqualIn(node, item, max - erased, from);
      }
      size_ -= here;
      erased += here;
      if (node->count() == 0) {
        Unlink(node);
        ListNode::Destroy(node);
      }
    }
    node = next;
  }
  return erased;
}

Pack ListChain::TakeOnlyPack() {
  DFLY_CHECK(head_ != nullptr && head_ == tail_ && !head_->is_big());
  ListNode* const node = head_;
  Pack pack = Pack::CopyOf(node->view());
  Unlink(node);
  ListNode::Destroy(node);
  return pack;
}

void ListChain::FreeSome(size_t count) {
  size_t freed = 0;
  while (head_ != nullptr && freed < count) {
    ListNode* const node = head_;
    freed += node->count();
    Unlink(node);
    ListNode::Destroy(node);
  }
}

}  // namespace damselfly
