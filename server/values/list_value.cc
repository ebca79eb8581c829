#include "server/values/list_value.h"

#include <algorithm>

#include "server/base/check.h"

namespace damselfly {
namespace {

// What has become so short in its one node goes back to be a pack alone. Far below the size where
// it became a chain: a list that grows and shrinks there does not change its form all the time.
constexpr size_t kShortBytesMax = 1024;

ListLimits LimitsOf(const ValueContext& context) {
  return ListLimits(context.list_max_listpack_size);
}

}  // namespace

// ---- The two forms ----

// `change` is called with the pack; what it is afterwards is kept.
template <class F>
auto ListValue::ChangePack(F change) {
  Pack pack = Pack::Adopt(reinterpret_cast<char*>(word_));
  const auto result = change(pack);
  word_ = pack.empty() ? 0 : reinterpret_cast<uintptr_t>(pack.Release());
  return result;
}

PackView ListValue::pack_view() const { return PackView(reinterpret_cast<const char*>(word_)); }

void ListValue::Destroy() {
  if (is_chain()) {
    delete chain();
  } else if (word_ != 0) {
    Pack::Adopt(reinterpret_cast<char*>(word_));
  }
  word_ = 0;
}

ListChain* ListValue::MakeChain() {
  if (is_chain()) return chain();
  auto* const made = new ListChain;
  if (word_ != 0) {
    made->AddNode(ListNode::AdoptPack(Pack::Adopt(reinterpret_cast<char*>(word_))));
  }
  word_ = reinterpret_cast<uintptr_t>(made) | kChainTag;
  return made;
}

// After something has gone from a chain.
void ListValue::MakePackIfShort() {
  ListChain* const old = chain();
  const ListNode* const head = old->head();
  if (head == nullptr) {
    Destroy();
  } else if (head->next == nullptr && !head->is_big() &&
             head->view().total_bytes() <= kShortBytesMax) {
    Pack pack = old->TakeOnlyPack();
    Destroy();
    word_ = reinterpret_cast<uintptr_t>(pack.Release());
  }
}

ListValue ListValue::Clone() const {
  ListValue clone;
  if (is_chain()) {
    clone.word_ = reinterpret_cast<uintptr_t>(chain()->Clone()) | kChainTag;
  } else if (word_ != 0) {
    Pack pack = Pack::CopyOf(pack_view());
    clone.word_ = reinterpret_cast<uintptr_t>(pack.Release());
  }
  return clone;
}

size_t ListValue::size() const {
  if (word_ == 0) return 0;
  return is_chain() ? chain()->size() : pack_view().count();
}

size_t ListValue::memory_bytes() const {
  if (word_ == 0) return 0;
  return is_chain() ? chain()->memory_bytes() : pack_view().kept_bytes();
}

size_t ListValue::node_count() const {
  if (word_ == 0) return 0;
  return is_chain() ? chain()->node_count() : 1;
}

bool ListValue::FreeSome(size_t count) {
  if (is_chain()) {
    chain()->FreeSome(count);
    if (chain()->head() != nullptr) return false;
  }
  Destroy();
  return true;
}

// ---- Reading ----

ListIterator ListValue::At(size_t index) const {
  if (index >= size()) return ListIterator();
  if (!is_chain()) return ListIterator(pack_view(), pack_view().At(static_cast<int64_t>(index)));
  const ListChain::Place place = chain()->Locate(index);
  return ListIterator(place.node, place.at);
}

ListIterator ListValue::First() const {
  if (word_ == 0) return ListIterator();
  if (!is_chain()) return ListIterator(pack_view(), pack_view().First());
  const ListNode* const head = chain()->head();
  return ListIterator(head, head->is_big() ? PackView::kNone : head->view().First());
}

ListIterator ListValue::Last() const {
  if (word_ == 0) return ListIterator();
  if (!is_chain()) return ListIterator(pack_view(), pack_view().Last());
  const ListNode* const tail = chain()->tail();
  return ListIterator(tail, tail->is_big() ? PackView::kNone : tail->view().Last());
}

// ---- Changing ----

void ListValue::Push(ListEnd end, absl::string_view text, const ValueContext& context) {
  const ListLimits limits = LimitsOf(context);
  const bool fits = word_ == 0
                        ? !limits.IsBig(text.size())
                        : !is_chain() && limits.AllowsInsert(pack_view().total_bytes(),
                                                             pack_view().count(), text.size());
  if (!fits) {
    MakeChain()->Push(end, text, limits);
    return;
  }
  ChangePack(
      [&](Pack& pack) { return end == ListEnd::kHead ? pack.Prepend(text) : pack.Append(text); });
}

void ListValue::Insert(size_t index, ListSide side, absl::string_view text,
                       const ValueContext& context) {
  const ListLimits limits = LimitsOf(context);
  if (is_chain() ||
      !limits.AllowsInsert(pack_view().total_bytes(), pack_view().count(), text.size())) {
    MakeChain()->Insert(index, side, text, limits);
    return;
  }
  ChangePack([&](Pack& pack) {
    const Pack::Cursor at = pack.At(static_cast<int64_t>(index));
    return side == ListSide::kBefore ? pack.InsertBefore(at, text) : pack.InsertAfter(at, text);
  });
}

void ListValue::Set(size_t index, absl::string_view text, const ValueContext& context) {
  const ListLimits limits = LimitsOf(context);
  if (!is_chain() && !limits.IsBig(text.size())) {
    const PackView view = pack_view();
    const PackView::Cursor at = view.At(static_cast<int64_t>(index));
    const PackItem item(text);
    if (limits.AllowsReplace(BytesAfterReplace(view, at, item))) {
      ChangePack([&](Pack& pack) { return pack.Replace(at, item); });
      return;
    }
  }
  MakeChain()->Replace(index, text, limits);
  MakePackIfShort();
}

void ListValue::EraseRange(size_t first, size_t count) {
  if (word_ == 0 || count == 0) return;
  if (is_chain()) {
    chain()->EraseRange(first, count);
    MakePackIfShort();
    return;
  }
  ChangePack([&](Pack& pack) {
    const Pack::Cursor at = pack.At(static_cast<int64_t>(first));
    return at == Pack::kNone ? at : pack.EraseRange(at, count);
  });
}

size_t ListValue::EraseEqual(absl::string_view text, size_t max, ListEnd from) {
  if (word_ == 0) return 0;
  if (!is_chain()) {
    return ChangePack([&](Pack& pack) { return EraseEqualIn(&pack, PackItem(text), max, from); });
  }
  const size_t erased = chain()->EraseEqual(text, max, from);
  MakePackIfShort();
  return erased;
}

// ---- Recorded steps ----

bool ListValue::ApplyOperation(OperationReader* reader, const ValueContext& context) {
  uint8_t code;
  if (!reader->Code(&code)) return false;
  const auto step = static_cast<ListStep>(code);
  absl::string_view text;
  switch (step) {
    case ListStep::kPushHead:
    case ListStep::kPushTail:
      if (!reader->Bytes(&text)) return false;
      Push(step == ListStep::kPushHead ? ListEnd::kHead : ListEnd::kTail, text, context);
      return true;
    case ListStep::kInsertBefore:
    case ListStep::kInsertAfter:
    case ListStep::kSet:
      return ApplyInsert(reader, step, context);
    case ListStep::kErase:
      return ApplyErase(reader);
    case ListStep::kRemoveHead:
      return ApplyRemove(reader, ListEnd::kHead);
    case ListStep::kRemoveTail:
      return ApplyRemove(reader, ListEnd::kTail);
  }
  return false;
}

bool ListValue::ApplyInsert(OperationReader* reader, ListStep step, const ValueContext& context) {
  uint64_t index;
  absl::string_view text;
  if (!reader->Number(&index) || !reader->Bytes(&text) || index >= size()) return false;
  if (step == ListStep::kSet) {
    Set(index, text, context);
  } else {
    Insert(index, step == ListStep::kInsertBefore ? ListSide::kBefore : ListSide::kAfter, text,
           context);
  }
  return true;
}

bool ListValue::ApplyErase(OperationReader* reader) {
  uint64_t first, count;
  if (!reader->Number(&first) || !reader->Number(&count)) return false;
  if (first > size() || count > size() - first) return false;
  EraseRange(first, count);
  return true;
}

bool ListValue::ApplyRemove(OperationReader* reader, ListEnd from) {
  absl::string_view text;
  uint64_t count;
  if (!reader->Bytes(&text) || !reader->Number(&count)) return false;
  return EraseEqual(text, count, from) == count;
}

}  // namespace damselfly
