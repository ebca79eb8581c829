#include "sim/oracles/overwrite_oracle.h"

#include "absl/strings/str_cat.h"

namespace damselfly::sim {

void OverwriteOracle::OnOverwrite(absl::string_view key, const std::string& old_value,
                                  const std::string& new_value, OracleBoard* board) {
  board->CountCheck(Oracle::kWatch);
  const auto [entry, is_new] = replaced_by_.emplace(old_value, new_value);
  if (is_new) return;
  board->Violate(Oracle::kWatch,
                 absl::StrCat(key, ": \"", old_value, "\" was replaced by \"", entry->second,
                              "\" and by \"", new_value, "\", each by a writer who watched it"));
}

}  // namespace damselfly::sim
