#include "server/commands/sort_arguments.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "server/base/numbers.h"
#include "server/commands/command.h"

namespace damselfly {
namespace {

bool NamesKeys(absl::string_view pattern) { return pattern.find('*') != absl::string_view::npos; }

}  // namespace

SortArguments::Problem ParseSortArguments(absl::Span<const absl::string_view> args,
                                          const SortRules& rules, SortArguments* out) {
  using Problem = SortArguments::Problem;
  for (size_t i = 2; i < args.size(); ++i) {
    const size_t behind = args.size() - 1 - i;
    const auto is = [&](absl::string_view word) { return absl::EqualsIgnoreCase(args[i], word); };
    if (is("ASC")) {
      out->descending = false;
    } else if (is("DESC")) {
      out->descending = true;
    } else if (is("ALPHA")) {
      out->alphabetic = true;
    } else if (is("LIMIT") && behind >= 2) {
      if (!ParseInt64(args[i + 1], &out->offset) || !ParseInt64(args[i + 2], &out->count)) {
        return Problem::kNotAnInteger;
      }
      i += 2;
    } else if (is("STORE") && behind >= 1 && rules.may_store) {
      out->store_index = ++i;
    } else if (is("BY") && behind >= 1) {
      out->has_by = true;
      out->by = args[++i];
      if (!NamesKeys(out->by)) {
        out->keeps_order = true;
      } else if (rules.patterns_denied) {
        return Problem::kByDenied;
      }
    } else if (is("GET") && behind >= 1) {
      if (rules.patterns_denied) return Problem::kGetDenied;
      out->gets.push_back(args[++i]);
    } else {
      return Problem::kSyntax;
    }
  }
  return Problem::kNone;
}

void FindSortKeys(absl::Span<const absl::string_view> args,
                  absl::FunctionRef<void(int index, uint32_t flags)> add) {
  // Words that are no options are passed over, as COMMAND GETKEYS does in Redis: SORT itself then
  // fails.
  size_t store_index = 0;
  for (size_t i = 2; i < args.size(); ++i) {
    const auto is = [&](absl::string_view word) { return absl::EqualsIgnoreCase(args[i], word); };
    if (is("LIMIT")) {
      i += 2;
    } else if (is("GET") || is("BY")) {
      ++i;
    } else if (is("STORE") && i + 1 < args.size()) {
      store_index = ++i;
    }
  }
  add(1, kKeyReadOnly | kKeyAccess);
  if (store_index != 0) add(static_cast<int>(store_index), kKeyOverwrite | kKeyUpdate);
}

bool SortReadsAnyKey(absl::Span<const absl::string_view> args) {
  SortArguments parsed;
  ParseSortArguments(args, SortRules{}, &parsed);
  return NamesKeys(parsed.by) || std::any_of(parsed.gets.begin(), parsed.gets.end(), NamesKeys);
}

}  // namespace damselfly
