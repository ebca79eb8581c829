#include "server/store/list_edit.h"

namespace damselfly {

void ListEdit::Push(ListEnd end, absl::string_view text) {
  value<ListValue>().Push(end, text, context());
  if (OperationWriter* const told = Changed()) {
    Step(told, end == ListEnd::kHead ? ListStep::kPushHead : ListStep::kPushTail).Bytes(text);
  }
}

void ListEdit::Insert(size_t index, ListSide side, absl::string_view text) {
  value<ListValue>().Insert(index, side, text, context());
  if (OperationWriter* const told = Changed()) {
    const bool before = side == ListSide::kBefore;
    Step(told, before ? ListStep::kInsertBefore : ListStep::kInsertAfter).Number(index).Bytes(text);
  }
}

void ListEdit::Set(size_t index, absl::string_view text) {
  value<ListValue>().Set(index, text, context());
  if (OperationWriter* const told = Changed()) {
    Step(told, ListStep::kSet).Number(index).Bytes(text);
  }
}

void ListEdit::EraseRange(size_t first, size_t count) {
  value<ListValue>().EraseRange(first, count);
  if (OperationWriter* const told = Changed()) {
    Step(told, ListStep::kErase).Number(first).Number(count);
  }
}

void ListEdit::Pop(ListEnd end, size_t count) {
  EraseRange(end == ListEnd::kHead ? 0 : value<ListValue>().size() - count, count);
}

size_t ListEdit::EraseEqual(absl::string_view text, size_t max, ListEnd from) {
  const size_t erased = value<ListValue>().EraseEqual(text, max, from);
  if (erased == 0) return 0;
  if (OperationWriter* const told = Changed()) {
    const bool forward = from == ListEnd::kHead;
    Step(told, forward ? ListStep::kRemoveHead : ListStep::kRemoveTail).Bytes(text).Number(erased);
  }
  return erased;
}

}  // namespace damselfly
