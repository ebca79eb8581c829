#ifndef DAMSELFLY_SERVER_STORE_HASH_EDIT_H_
#define DAMSELFLY_SERVER_STORE_HASH_EDIT_H_

#include "absl/strings/string_view.h"
#include "server/store/value_edit.h"
#include "server/values/hash_value.h"

namespace damselfly {

// One command's changes of one hash: see ValueEdit.
class HashEdit : public ValueEdit {
 public:
  HashEdit(Database* db, const Key& key) : ValueEdit(db, key, HashValue::kType) {}

  const HashValue& hash() const { return value<HashValue>(); }
  const HashValue* operator->() const { return &hash(); }

  // Returns whether the field is new.
  bool Set(absl::string_view field, absl::string_view value);
  // Returns whether it was there.
  bool Erase(absl::string_view field);
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_HASH_EDIT_H_
