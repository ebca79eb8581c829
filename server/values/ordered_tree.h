#ifndef DAMSELFLY_SERVER_VALUES_ORDERED_TREE_H_
#define DAMSELFLY_SERVER_VALUES_ORDERED_TREE_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/base/prefetch.h"
#include "server/values/element.h"

namespace damselfly {

// One place in the order of a sorted set: a member's element, and its score beside the pointer, so
// that a search reads the element only where scores are equal.
struct OrderedItem {
  double score;
  const Element* element;

  absl::string_view member() const { return element->member(); }
};

// By score, then by the member's bytes.
inline bool Precedes(double score, absl::string_view member, const OrderedItem& item) {
  return score < item.score || (score == item.score && member < item.member());
}
inline bool Precedes(const OrderedItem& item, double score, absl::string_view member) {
  return item.score < score || (item.score == score && item.member() < member);
}

// The order of a big sorted set: a B+ tree of items whose inner nodes count what is below them, so
// that an item's rank, the item of a rank, and the first item of any range are found in O(log n).
//
// The tree owns its nodes, not the elements: an element outlives its item. Scores are never NaN; no
// two items have the same member. A node before it is split gives to a neighbour what that has room
// for, and one filled at its end is split there: nodes are about 80% full after insertions in
// random order, and full after sorted ones. Not thread-safe.
class OrderedTree {
 public:
  class Cursor;

  OrderedTree() = default;
  ~OrderedTree();
  OrderedTree(const OrderedTree&) = delete;
  OrderedTree& operator=(const OrderedTree&) = delete;

  size_t size() const { return size_; }
  // Bytes asked of the allocator for nodes.
  size_t memory_bytes() const { return memory_bytes_; }

  // Requires that the member is not there.
  void Insert(double score, const Element* element);

  // Takes the item of this rank out and returns it. Requires rank < size().
  OrderedItem EraseAt(size_t rank);

  // Moves an item to where another score puts it. Requires that it is there, with `score`.
  void ChangeScore(double score, const Element* element, double new_score);

  // The number of items before this one, which may be missing.
  size_t RankOf(double score, absl::string_view member) const {
    return CountWhile([&](const OrderedItem& item) { return Precedes(item, score, member); });
  }

  // The number of items at the beginning for which `holds(item)` is true. Requires that it is false
  // for all items behind the first for which it is false.
  template <typename Holds>
  size_t CountWhile(Holds holds) const;

  // Where the item of this rank is. Requires rank < size().
  Cursor Seek(size_t rank) const;

  // Frees about `count` nodes; true when none is left. Afterwards only FreeSome and the destructor
  // are allowed.
  bool FreeSome(size_t count);

  // Dies if the nodes contradict each other; for tests.
  void CheckInvariants() const;

 private:
  struct Node;
  struct Leaf;
  struct Branch;
  struct Inner;
  struct Step;

  static constexpr int kLeafItemsMax = 62;
  static constexpr int kFirstLeafItems = 4;
  static constexpr int kBranchesMax = 31;
  // A node has more than a quarter of its room in use (but the root, and what is filled at its
  // end), and so more than 7 branches: more than enough for 2^64 items.
  static constexpr int kDepthMax = 32;

  static size_t LeafBytes(int capacity);
  Leaf* NewLeaf(int capacity);
  Inner* NewInner(int level);
  void FreeNode(Node* node);
  static bool IsFull(const Node& node);

  void MakeRoomInRoot();
  void MakeRoomInChild(Inner* parent, int index, double score, absl::string_view member);
  void SplitChild(Inner* parent, int index, int left_count);
  static void EvenOut(Inner* parent, int left_index);
  void Merge(Inner* parent, int left_index);
  void RelieveChild(Inner* parent, int index);
  void ShrinkRoot();
  static int ChildFor(const Inner& inner, double score, absl::string_view member);
  static OrderedItem FirstOf(const Node& node);
  static OrderedItem LastOf(const Node& node);
  static size_t ItemsBelow(const Node& node);
  static void CheckNode(const Node& node, const Leaf** last_leaf, size_t* bytes);

  template <typename Entry, typename Holds>
  static int LeadingCount(const Entry* entries, int count, Holds holds);

  Node* root_ = nullptr;
  size_t size_ = 0;
  size_t memory_bytes_ = 0;
};

struct OrderedTree::Node {
  uint16_t count;  // entries in use
  uint16_t level;  // 0: a leaf
  uint16_t
      capacity;  // entries there is room for; less than the usual only in a root that is a leaf
};

struct OrderedTree::Leaf : Node {
  Leaf* previous;
  Leaf* next;
  OrderedItem entries[1];  // `capacity` of them
};

struct OrderedTree::Branch {
  OrderedItem first;  // the first item below
  size_t count;       // the number of items below
  Node* child;
};

struct OrderedTree::Inner : Node {
  Branch entries[kBranchesMax];
};

// A place in the tree, which moves to its neighbours. Valid until the tree changes.
class OrderedTree::Cursor {
 public:
  const OrderedItem& operator*() const { return leaf_->entries[index_]; }
  const OrderedItem* operator->() const { return &leaf_->entries[index_]; }

  // Fetches the elements of items that a walk in this direction will come to.
  void PrefetchAhead() const { Prefetch(index_ + kPrefetchDistance); }
  void PrefetchBehind() const { Prefetch(index_ - kPrefetchDistance); }

  // False, and the cursor may not be read again, at the last (first) item.
  bool MoveForward() {
    if (++index_ < leaf_->count) return true;
    leaf_ = leaf_->next;
    index_ = 0;
    return leaf_ != nullptr;
  }
  bool MoveBack() {
    if (--index_ >= 0) return true;
    leaf_ = leaf_->previous;
    if (leaf_ == nullptr) return false;
    index_ = leaf_->count - 1;
    return true;
  }

 private:
  friend class OrderedTree;
  Cursor(Leaf* leaf, int index) : leaf_(leaf), index_(index) {}

  static constexpr int kPrefetchDistance = 6;
  void Prefetch(int index) const {
    if (index >= 0 && index < leaf_->count) PrefetchForRead(leaf_->entries[index].element);
  }

  Leaf* leaf_;
  int index_;
};

// The number of leading entries for which `holds` is true, by bisection.
template <typename Entry, typename Holds>
int OrderedTree::LeadingCount(const Entry* entries, int count, Holds holds) {
  int low = 0;
  int high = count;
  while (low < high) {
    const int middle = (low + high) / 2;
    if (holds(entries[middle])) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

template <typename Holds>
size_t OrderedTree::CountWhile(Holds holds) const {
  if (root_ == nullptr) return 0;
  size_t rank = 0;
  const Node* node = root_;
  while (node->level > 0) {
    const Inner& inner = static_cast<const Inner&>(*node);
    const int holding = LeadingCount(inner.entries, inner.count,
                                     [&](const Branch& branch) { return holds(branch.first); });
    if (holding == 0) return rank;
    for (int i = 0; i < holding - 1; ++i) rank += inner.entries[i].count;
    node = inner.entries[holding - 1].child;
  }
  const Leaf& leaf = static_cast<const Leaf&>(*node);
  return rank + static_cast<size_t>(LeadingCount(leaf.entries, leaf.count, holds));
}

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_ORDERED_TREE_H_
