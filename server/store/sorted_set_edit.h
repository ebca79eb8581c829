#ifndef DAMSELFLY_SERVER_STORE_SORTED_SET_EDIT_H_
#define DAMSELFLY_SERVER_STORE_SORTED_SET_EDIT_H_

#include "absl/strings/string_view.h"
#include "server/store/value_edit.h"
#include "server/values/sorted_set_value.h"

namespace damselfly {

// One command's changes of one sorted set: see ValueEdit. Each mutator does what its namesake of
// SortedSetValue does.
class SortedSetEdit : public ValueEdit {
 public:
  SortedSetEdit(Database* db, const Key& key) : ValueEdit(db, key, ValueType::kSortedSet) {}

  const SortedSetValue& operator*() const { return value<SortedSetValue>(); }
  const SortedSetValue* operator->() const { return &value<SortedSetValue>(); }

  SortedSetValue::Outcome Update(absl::string_view member, SortedSetValue::Decide decide);
  SortedSetValue::Outcome Set(absl::string_view member, double score);
  bool Erase(absl::string_view member);
  void EraseRanks(const RankRange& range);
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_SORTED_SET_EDIT_H_
