#ifndef DAMSELFLY_SERVER_COMMANDS_SORT_PATTERN_H_
#define DAMSELFLY_SERVER_COMMANDS_SORT_PATTERN_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/commands/command_context.h"

namespace damselfly {

// A pattern of SORT's BY or GET: where to find something for an element.
//
//   #             the element itself
//   prefix*rest   the string under the key that has the element in place of the first asterisk
//   key*->field   the field of the hash under that key
//   others        nothing
class SortPattern {
 public:
  // `text` must outlive the pattern.
  explicit SortPattern(absl::string_view text);

  // Replaces *value by what there is for the element; false if there is nothing. Requires the locks
  // of all slots, if the pattern has an asterisk. The element may not lie in *value.
  bool LookUp(CommandContext& ctx, absl::string_view element, std::string* value);

 private:
  enum class Kind { kElement, kString, kField, kNothing };

  Kind kind_ = Kind::kNothing;
  absl::string_view before_;  // the key before the element, and behind it
  absl::string_view behind_;
  absl::string_view field_;
  std::string key_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_SORT_PATTERN_H_
