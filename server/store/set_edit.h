#ifndef DAMSELFLY_SERVER_STORE_SET_EDIT_H_
#define DAMSELFLY_SERVER_STORE_SET_EDIT_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "server/base/numbers.h"
#include "server/runtime/random.h"
#include "server/store/value_edit.h"
#include "server/values/set_value.h"

namespace damselfly {

// One command's changes of one set: see ValueEdit.
class SetEdit : public ValueEdit {
 public:
  SetEdit(Database* db, const Key& key) : ValueEdit(db, key, SetValue::kType) {}

  const SetValue& set() const { return value<SetValue>(); }
  const SetValue* operator->() const { return &set(); }

  // Returns whether it is new.
  bool Add(absl::string_view member);
  // Returns whether it was there.
  bool Erase(absl::string_view member);

  // Removes `count` members chosen at random, and calls visit(text) for each before it goes.
  // Requires count <= size().
  template <typename Visit>
  void Pop(size_t count, Random& random, Visit visit) {
    OperationWriter* const told = Changed();
    const auto visit_member = [&](const SetValue::Member& member) {
      char scratch[kIntegerBytesMax];
      const absl::string_view text = member.Text(scratch);
      visit(text);
      if (told != nullptr) TellErase(told, text);
    };
    auto& set = value<SetValue>();
    if (count < set.size()) {
      set.Pop(count, random, context(), visit_member);
    } else {
      set.ForEach(visit_member);
      set = SetValue();
    }
  }

 private:
  static void TellErase(OperationWriter* told, absl::string_view member);
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_SET_EDIT_H_
