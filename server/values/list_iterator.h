#ifndef DAMSELFLY_SERVER_VALUES_LIST_ITERATOR_H_
#define DAMSELFLY_SERVER_VALUES_LIST_ITERATOR_H_

#include "absl/strings/string_view.h"
#include "server/values/list_node.h"
#include "server/values/pack_view.h"

namespace damselfly {

// A text that elements of a list are compared with.
class ListItem {
 public:
  // Refers to `text`.
  explicit ListItem(absl::string_view text) : text_(text), item_(text) {}

  absl::string_view text() const { return text_; }
  const PackItem& pack_item() const { return item_; }

 private:
  absl::string_view text_;
  PackItem item_;
};

// Stands at an element of a list, or past either end (done). Valid until the list is changed. Cheap
// to copy.
class ListIterator {
 public:
  // Past the end of no list.
  ListIterator() = default;
  // In a list that is one pack.
  ListIterator(PackView view, PackView::Cursor at) : view_(view), at_(at) {}
  // In a chain; `at` only where the node is no big one.
  ListIterator(const ListNode* node, PackView::Cursor at) : node_(node), at_(at) {
    if (node_ != nullptr) Enter(at);
  }

  bool done() const { return at_ == PackView::kNone; }

  // All below require !done().
  PackElement Get() const {
    if (!in_big()) [[likely]]
      return view_.Get(at_);
    PackElement element;
    element.bytes = node_->text();
    return element;
  }
  bool Equals(const ListItem& item) const {
    return in_big() ? node_->text() == item.text() : view_.Equals(at_, item.pack_item());
  }
  void Next() {
    if (!in_big()) at_ = view_.Next(at_);
    if ((in_big() || done()) && node_ != nullptr) EnterNext();
  }
  void Previous() {
    if (!in_big()) at_ = view_.Previous(at_);
    if ((in_big() || done()) && node_ != nullptr) EnterPrevious();
  }

 private:
  // A place in a big node: no cursor of a pack.
  static constexpr PackView::Cursor kInBig = 1;

  bool in_big() const { return at_ == kInBig; }
  void Enter(PackView::Cursor at) {
    at_ = node_->is_big() ? kInBig : at;
    if (!node_->is_big()) view_ = node_->view();
  }
  void EnterNext() {
    at_ = PackView::kNone;
    node_ = node_->next;
    if (node_ != nullptr) Enter(node_->is_big() ? kInBig : node_->view().First());
  }
  void EnterPrevious() {
    at_ = PackView::kNone;
    node_ = node_->previous;
    if (node_ != nullptr) Enter(node_->is_big() ? kInBig : node_->view().Last());
  }

  const ListNode* node_ = nullptr;
  PackView view_{nullptr};
  PackView::Cursor at_ = PackView::kNone;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_LIST_ITERATOR_H_
