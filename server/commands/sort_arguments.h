#ifndef DAMSELFLY_SERVER_COMMANDS_SORT_ARGUMENTS_H_
#define DAMSELFLY_SERVER_COMMANDS_SORT_ARGUMENTS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace damselfly {

// What SORT and SORT_RO are told behind their key. Views are the arguments'.
struct SortArguments {
  // What keeps arguments from being understood, or allowed.
  enum class Problem : uint8_t { kNone, kSyntax, kNotAnInteger, kByDenied, kGetDenied };

  bool descending = false;
  bool alphabetic = false;
  int64_t offset = 0;
  int64_t count = -1;  // negative: all
  bool has_by = false;
  absl::string_view by;  // the last
  // One of the patterns behind BY names no key: nothing is sorted, whatever the others say.
  bool keeps_order = false;
  std::vector<absl::string_view> gets;
  size_t store_index = 0;  // of the key in the arguments; 0: none
};

// Where SORT's arguments are read from, and what is allowed there.
struct SortRules {
  bool may_store = true;
  // Patterns name keys that no one has locked, or that other nodes have: a member of a cluster
  // takes none.
  bool patterns_denied = false;
};

// Reads the arguments up to the first problem, which is returned. Requires args.size() >= 2.
SortArguments::Problem ParseSortArguments(absl::Span<const absl::string_view> args,
                                          const SortRules& rules, SortArguments* out);

// CommandSpec::find_keys of SORT: its key, and the one behind STORE.
void FindSortKeys(absl::Span<const absl::string_view> args,
                  absl::FunctionRef<void(int index, uint32_t flags)> add);

// CommandSpec::reads_any_key of both: a pattern says where keys are, for each element another one.
bool SortReadsAnyKey(absl::Span<const absl::string_view> args);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_COMMANDS_SORT_ARGUMENTS_H_
