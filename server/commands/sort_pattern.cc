#include "server/commands/sort_pattern.h"

#include "absl/strings/str_cat.h"
#include "server/base/numbers.h"
#include "server/store/entry.h"
#include "server/values/hash_value.h"

namespace damselfly {

SortPattern::SortPattern(absl::string_view text) {
  constexpr absl::string_view kArrow = "->";
  if (text == "#") {
    kind_ = Kind::kElement;
    return;
  }
  const size_t asterisk = text.find('*');
  if (asterisk == absl::string_view::npos) return;
  kind_ = Kind::kString;
  before_ = text.substr(0, asterisk);
  behind_ = text.substr(asterisk + 1);
  const size_t arrow = behind_.find(kArrow);
  // An arrow at the end belongs to the key.
  if (arrow == absl::string_view::npos || arrow + kArrow.size() == behind_.size()) return;
  kind_ = Kind::kField;
  field_ = behind_.substr(arrow + kArrow.size());
  behind_ = behind_.substr(0, arrow);
}

bool SortPattern::LookUp(CommandContext& ctx, absl::string_view element, std::string* value) {
  if (kind_ == Kind::kNothing) return false;
  if (kind_ == Kind::kElement) {
    value->assign(element.data(), element.size());
    return true;
  }
  key_.clear();
  absl::StrAppend(&key_, before_, element, behind_);
  const Entry* const entry = ctx.db.FindCounted(ctx.store.MakeKey(key_));
  const ValueType wanted = kind_ == Kind::kField ? ValueType::kHash : ValueType::kString;
  if (entry == nullptr || entry->type() != wanted) return false;
  char scratch[kIntegerBytesMax];
  absl::string_view found;
  if (kind_ == Kind::kString) {
    found = entry->StringValue(scratch);
  } else if (!entry->as<HashValue>().Get(field_, scratch, &found)) {
    return false;
  }
  value->assign(found.data(), found.size());
  return true;
}

}  // namespace damselfly
