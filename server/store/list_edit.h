#ifndef DAMSELFLY_SERVER_STORE_LIST_EDIT_H_
#define DAMSELFLY_SERVER_STORE_LIST_EDIT_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "server/store/value_edit.h"
#include "server/values/list_value.h"

namespace damselfly {

// One command's changes of one list: see ValueEdit. Each mutator does what its namesake of
// ListValue does, with the same requirements.
class ListEdit : public ValueEdit {
 public:
  ListEdit(Database* db, const Key& key) : ValueEdit(db, key, ValueType::kList) {}

  const ListValue& list() const { return value<ListValue>(); }
  const ListValue* operator->() const { return &list(); }

  void Push(ListEnd end, absl::string_view text);
  void Insert(size_t index, ListSide side, absl::string_view text);
  void Set(size_t index, absl::string_view text);
  void EraseRange(size_t first, size_t count);
  // The elements at one end. Requires count <= size().
  void Pop(ListEnd end, size_t count = 1);
  size_t EraseEqual(absl::string_view text, size_t max, ListEnd from);

  // Counts as a change although there is none: whoever watches the key is told.
  void Touch() { Changed(); }

 private:
  OperationWriter& Step(OperationWriter* writer, ListStep step) {
    return writer->Code(static_cast<uint8_t>(step));
  }
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_LIST_EDIT_H_
