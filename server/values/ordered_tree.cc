#include "server/values/ordered_tree.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <type_traits>

#include "server/base/check.h"

namespace damselfly {
namespace {

// Neighbours with at least so much room between them (in parts of one node's) share it before
// either is split.
constexpr int kSharedRoomMin = 8;

size_t CountOf(const OrderedItem&) { return 1; }
template <typename Branch>
size_t CountOf(const Branch& branch) {
  return branch.count;
}

template <typename Entry>
void MoveEntries(Entry* to, const Entry* from, int count) {
  static_assert(std::is_trivially_copyable_v<Entry>);
  if (count > 0) std::memmove(to, from, static_cast<size_t>(count) * sizeof(Entry));
}

template <typename N, typename Entry>
void InsertEntry(N* node, int index, const Entry& entry) {
  MoveEntries(node->entries + index + 1, node->entries + index, node->count - index);
  node->entries[index] = entry;
  ++node->count;
}

template <typename N>
void EraseEntry(N* node, int index) {
  MoveEntries(node->entries + index, node->entries + index + 1, node->count - index - 1);
  --node->count;
}

// Moves entries over the border between two neighbours, so that `left_count` remain in the left
// one. Returns how many items the left one has gained (negative: lost).
template <typename N>
int64_t MoveBorder(N* left, N* right, int left_count) {
  int64_t gained = 0;
  const int moved = left_count - left->count;
  if (moved > 0) {
    for (int i = 0; i < moved; ++i) gained += static_cast<int64_t>(CountOf(right->entries[i]));
    MoveEntries(left->entries + left->count, right->entries, moved);
    MoveEntries(right->entries, right->entries + moved, right->count - moved);
  } else {
    for (int i = left_count; i < left->count; ++i)
      gained -= static_cast<int64_t>(CountOf(left->entries[i]));
    MoveEntries(right->entries - moved, right->entries, right->count);
    MoveEntries(right->entries, left->entries + left_count, -moved);
  }
  left->count = static_cast<uint16_t>(left->count + moved);
  right->count = static_cast<uint16_t>(right->count - moved);
  return gained;
}

}  // namespace

// One level of the way from the root to a leaf.
struct OrderedTree::Step {
  Inner* inner;
  int index;
};

OrderedTree::~OrderedTree() {
  while (!FreeSome(static_cast<size_t>(-1))) {
  }
}

size_t OrderedTree::LeafBytes(int capacity) {
  return sizeof(Leaf) + static_cast<size_t>(capacity - 1) * sizeof(OrderedItem);
}

OrderedTree::Leaf* OrderedTree::NewLeaf(int capacity) {
  const size_t bytes = LeafBytes(capacity);
  Leaf* leaf = static_cast<Leaf*>(::operator new(bytes));
  leaf->count = 0;
  leaf->level = 0;
  leaf->capacity = static_cast<uint16_t>(capacity);
  leaf->previous = leaf->next = nullptr;
  memory_bytes_ += bytes;
  return leaf;
}

OrderedTree::Inner* OrderedTree::NewInner(int level) {
  Inner* inner = static_cast<Inner*>(::operator new(sizeof(Inner)));
  inner->count = 0;
  inner->level = static_cast<uint16_t>(level);
  inner->capacity = kBranchesMax;
  memory_bytes_ += sizeof(Inner);
  return inner;
}

void OrderedTree::FreeNode(Node* node) {
  memory_bytes_ -= node->level > 0 ? sizeof(Inner) : LeafBytes(node->capacity);
  ::operator delete(node);
}

bool OrderedTree::IsFull(const Node& node) { return node.count == node.capacity; }

OrderedItem OrderedTree::FirstOf(const Node& node) {
  return node.level > 0 ? static_cast<const Inner&>(node).entries[0].first
                        : static_cast<const Leaf&>(node).entries[0];
}

// The last of its items, or the first item below its last branch.
OrderedItem OrderedTree::LastOf(const Node& node) {
  return node.level > 0 ? static_cast<const Inner&>(node).entries[node.count - 1].first
                        : static_cast<const Leaf&>(node).entries[node.count - 1];
}

size_t OrderedTree::ItemsBelow(const Node& node) {
  if (node.level == 0) return node.count;
  const Inner& inner = static_cast<const Inner&>(node);
  size_t count = 0;
  for (int i = 0; i < inner.count; ++i) count += inner.entries[i].count;
  return count;
}

// The branch under which this place is: the last that begins before it, else the first.
int OrderedTree::ChildFor(const Inner& inner, double score, absl::string_view member) {
  const int before = LeadingCount(inner.entries, inner.count, [&](const Branch& branch) {
    return Precedes(branch.first, score, member);
  });
  return before == 0 ? 0 : before - 1;
}

// ---- Growing ----

void OrderedTree::Insert(double score, const Element* element) {
  const OrderedItem item{score, element};
  const absl::string_view member = item.member();
  if (root_ == nullptr) root_ = NewLeaf(kFirstLeafItems);
  if (IsFull(*root_)) MakeRoomInRoot();
  // Every node on the way has room before its child is looked at, so a split never goes upwards.
  Node* node = root_;
  while (node->level > 0) {
    Inner* inner = static_cast<Inner*>(node);
    int index = ChildFor(*inner, score, member);
    if (IsFull(*inner->entries[index].child)) {
      MakeRoomInChild(inner, index, score, member);
      index = ChildFor(*inner, score, member);
    }
    Branch& branch = inner->entries[index];
    ++branch.count;
    if (index == 0 && Precedes(score, member, branch.first)) branch.first = item;
    node = branch.child;
  }
  Leaf* leaf = static_cast<Leaf*>(node);
  const int index = LeadingCount(leaf->entries, leaf->count, [&](const OrderedItem& other) {
    return Precedes(other, score, member);
  });
  InsertEntry(leaf, index, item);
  ++size_;
}

// A small leaf is replaced by one of twice the room; anything else gets an inner node above it,
// which splits it on the way down.
void OrderedTree::MakeRoomInRoot() {
  if (root_->level == 0 && root_->capacity < kLeafItemsMax) {
    Leaf* old = static_cast<Leaf*>(root_);
    Leaf* leaf = NewLeaf(std::min(2 * old->capacity, kLeafItemsMax));
    MoveEntries(leaf->entries, old->entries, old->count);
    leaf->count = old->count;
    FreeNode(old);
    root_ = leaf;
    return;
  }
  Inner* inner = NewInner(root_->level + 1);
  InsertEntry(inner, 0, Branch{FirstOf(*root_), size_, root_});
  root_ = inner;
}

// Requires that the child is full and the parent is not.
void OrderedTree::MakeRoomInChild(Inner* parent, int index, double score,
                                  absl::string_view member) {
  const Node& child = *parent->entries[index].child;
  const int enough = child.capacity - child.capacity / kSharedRoomMin;
  if (index > 0 && parent->entries[index - 1].child->count <= enough)
    return EvenOut(parent, index - 1);
  if (index + 1 < parent->count && parent->entries[index + 1].child->count <= enough)
    return EvenOut(parent, index);
  if (Precedes(score, member, FirstOf(child))) return SplitChild(parent, index, 1);
  if (Precedes(LastOf(child), score, member)) return SplitChild(parent, index, child.count - 1);
  if (parent->count == 1) return SplitChild(parent, index, child.count / 2);
  // Two neighbours become three.
  const int left = index > 0 ? index - 1 : 0;
  const Node& left_child = *parent->entries[left].child;
  const Node& right_child = *parent->entries[left + 1].child;
  const int third = (left_child.count + right_child.count) / 3;
  SplitChild(parent, left + 1, right_child.count - third);
  EvenOut(parent, left);
}

// Leaves `left_count` entries where they are; the rest go to a new node behind.
void OrderedTree::SplitChild(Inner* parent, int index, int left_count) {
  Node* child = parent->entries[index].child;
  Node* added;
  int64_t gained;
  if (child->level > 0) {
    Inner* right = NewInner(child->level);
    gained = MoveBorder(static_cast<Inner*>(child), right, left_count);
    added = right;
  } else {
    Leaf* left = static_cast<Leaf*>(child);
    Leaf* right = NewLeaf(kLeafItemsMax);
    gained = MoveBorder(left, right, left_count);
    right->previous = left;
    right->next = left->next;
    if (left->next != nullptr) left->next->previous = right;
    left->next = right;
    added = right;
  }
  const size_t moved = static_cast<size_t>(-gained);
  parent->entries[index].count -= moved;
  InsertEntry(parent, index + 1, Branch{FirstOf(*added), moved, added});
}

// Gives two neighbours half of their entries each.
void OrderedTree::EvenOut(Inner* parent, int left_index) {
  Branch& left = parent->entries[left_index];
  Branch& right = parent->entries[left_index + 1];
  const int left_count = (left.child->count + right.child->count) / 2;
  const int64_t gained =
      left.child->level > 0
          ? MoveBorder(static_cast<Inner*>(left.child), static_cast<Inner*>(right.child),
                       left_count)
          : MoveBorder(static_cast<Leaf*>(left.child), static_cast<Leaf*>(right.child), left_count);
  left.count += static_cast<size_t>(gained);
  right.count -= static_cast<size_t>(gained);
  right.first = FirstOf(*right.child);
}

// ---- Shrinking ----

OrderedItem OrderedTree::EraseAt(size_t rank) {
  DFLY_DCHECK_LT(rank, size_);
  Step path[kDepthMax];
  int depth = 0;
  Node* node = root_;
  while (node->level > 0) {
    Inner* inner = static_cast<Inner*>(node);
    int index = 0;
    while (rank >= inner->entries[index].count) rank -= inner->entries[index++].count;
    path[depth++] = {inner, index};
    node = inner->entries[index].child;
  }
  Leaf* leaf = static_cast<Leaf*>(node);
  const OrderedItem erased = leaf->entries[rank];
  EraseEntry(leaf, static_cast<int>(rank));
  --size_;
  while (depth > 0) {
    const Step& step = path[--depth];
    --step.inner->entries[step.index].count;
    RelieveChild(step.inner, step.index);
  }
  ShrinkRoot();
  return erased;
}

// Puts right what is said of a child that has lost an entry, and joins it with a neighbour where
// too little is left.
void OrderedTree::RelieveChild(Inner* parent, int index) {
  Branch& branch = parent->entries[index];
  Node* child = branch.child;
  if (child->count == 0) {
    if (child->level == 0) {
      Leaf* leaf = static_cast<Leaf*>(child);
      if (leaf->previous != nullptr) leaf->previous->next = leaf->next;
      if (leaf->next != nullptr) leaf->next->previous = leaf->previous;
    }
    FreeNode(child);
    EraseEntry(parent, index);
    return;
  }
  branch.first = FirstOf(*child);
  if (child->count > child->capacity / 4 || parent->count == 1) return;
  const int left_index = index > 0 ? index - 1 : 0;
  const int both =
      parent->entries[left_index].child->count + parent->entries[left_index + 1].child->count;
  if (both <= child->capacity * 3 / 4) {
    Merge(parent, left_index);
  } else {
    EvenOut(parent, left_index);
  }
}

// Moves all entries of a node to its left neighbour.
void OrderedTree::Merge(Inner* parent, int left_index) {
  Branch& left = parent->entries[left_index];
  Node* right_node = parent->entries[left_index + 1].child;
  const int both = left.child->count + right_node->count;
  if (left.child->level > 0) {
    MoveBorder(static_cast<Inner*>(left.child), static_cast<Inner*>(right_node), both);
  } else {
    Leaf* left_leaf = static_cast<Leaf*>(left.child);
    Leaf* right_leaf = static_cast<Leaf*>(right_node);
    MoveBorder(left_leaf, right_leaf, both);
    left_leaf->next = right_leaf->next;
    if (left_leaf->next != nullptr) left_leaf->next->previous = left_leaf;
  }
  left.count += parent->entries[left_index + 1].count;
  FreeNode(right_node);
  EraseEntry(parent, left_index + 1);
}

void OrderedTree::ShrinkRoot() {
  while (root_ != nullptr && (root_->count == 0 || (root_->level > 0 && root_->count == 1))) {
    Node* below = root_->count == 0 ? nullptr : static_cast<Inner*>(root_)->entries[0].child;
    FreeNode(root_);
    root_ = below;
  }
}

bool OrderedTree::FreeSome(size_t count) {
  for (; count > 0 && root_ != nullptr; --count) {
    Inner* parent = nullptr;
    Node* node = root_;
    while (node->level > 0 && node->count > 0) {
      parent = static_cast<Inner*>(node);
      node = parent->entries[parent->count - 1].child;
    }
    if (parent == nullptr) {
      root_ = nullptr;
    } else {
      --parent->count;
    }
    FreeNode(node);
  }
  return root_ == nullptr;
}

// ---- Places ----

void OrderedTree::ChangeScore(double score, const Element* element, double new_score) {
  const absl::string_view member = element->member();
  const size_t rank = RankOf(score, member);
  const Cursor at = Seek(rank);
  // Where both neighbours are in the same leaf and the order stays, no other node has to know.
  OrderedItem* items = at.leaf_->entries;
  if (at.index_ > 0 && at.index_ + 1 < at.leaf_->count &&
      Precedes(items[at.index_ - 1], new_score, member) &&
      Precedes(new_score, member, items[at.index_ + 1])) {
    items[at.index_].score = new_score;
    return;
  }
  EraseAt(rank);
  Insert(new_score, element);
}

OrderedTree::Cursor OrderedTree::Seek(size_t rank) const {
  DFLY_DCHECK_LT(rank, size_);
  Node* node = root_;
  while (node->level > 0) {
    const Inner& inner = static_cast<const Inner&>(*node);
    int index = 0;
    while (rank >= inner.entries[index].count) rank -= inner.entries[index++].count;
    node = inner.entries[index].child;
  }
  return Cursor(static_cast<Leaf*>(node), static_cast<int>(rank));
}

// ---- Checking ----

void OrderedTree::CheckInvariants() const {
  const Leaf* last_leaf = nullptr;
  size_t bytes = 0;
  if (root_ != nullptr) {
    CheckNode(*root_, &last_leaf, &bytes);
    DFLY_CHECK_EQ(ItemsBelow(*root_), size_);
    DFLY_CHECK(last_leaf->next == nullptr);
  } else {
    DFLY_CHECK_EQ(size_, size_t{0});
  }
  DFLY_CHECK_EQ(bytes, memory_bytes_);
}

void OrderedTree::CheckNode(const Node& node, const Leaf** last_leaf, size_t* bytes) {
  DFLY_CHECK(node.count > 0 && node.count <= node.capacity);
  if (node.level == 0) {
    const Leaf& leaf = static_cast<const Leaf&>(node);
    DFLY_CHECK(leaf.previous == *last_leaf);
    if (*last_leaf != nullptr) DFLY_CHECK((*last_leaf)->next == &leaf);
    const OrderedItem* before =
        *last_leaf == nullptr ? nullptr : &(*last_leaf)->entries[(*last_leaf)->count - 1];
    for (int i = 0; i < leaf.count; ++i) {
      const OrderedItem& item = leaf.entries[i];
      if (before != nullptr) DFLY_CHECK(Precedes(*before, item.score, item.member()));
      before = &item;
    }
    *last_leaf = &leaf;
    *bytes += LeafBytes(leaf.capacity);
    return;
  }
  const Inner& inner = static_cast<const Inner&>(node);
  *bytes += sizeof(Inner);
  for (int i = 0; i < inner.count; ++i) {
    const Branch& branch = inner.entries[i];
    DFLY_CHECK_EQ(branch.child->level + 1, inner.level);
    DFLY_CHECK_EQ(ItemsBelow(*branch.child), branch.count);
    const OrderedItem first = FirstOf(*branch.child);
    DFLY_CHECK(first.score == branch.first.score && first.element == branch.first.element);
    CheckNode(*branch.child, last_leaf, bytes);
  }
}

}  // namespace damselfly
