#include "testing/compat/differences_text.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "testing/compat/known_differences.h"

namespace damselfly {
namespace {

constexpr size_t kLineWidth = 100;

// "client|no-touch" as it is typed.
std::string Typed(absl::string_view name) {
  return absl::AsciiStrToUpper(absl::StrReplaceAll(name, {{"|", " "}}));
}

// An item of a list, in as many lines as it takes.
void AppendItem(absl::string_view subject, absl::string_view text, std::string* out) {
  const std::string item = absl::StrCat("**", subject, "**: ", text);
  std::string line = "-";
  for (absl::string_view word : absl::StrSplit(item, ' ')) {
    if (line.size() + 1 + word.size() > kLineWidth) {
      absl::StrAppend(out, line, "\n");
      line.assign(1, ' ');
    }
    absl::StrAppend(&line, " ", word);
  }
  absl::StrAppend(out, line, "\n");
}

// Subjects whose text is the same share an item, where the first of them stands.
class Items {
 public:
  void Add(absl::string_view subject, absl::string_view text) {
    for (auto& [subjects, known] : items_) {
      if (known != text) continue;
      absl::StrAppend(&subjects, ", ", subject);
      return;
    }
    items_.emplace_back(std::string(subject), std::string(text));
  }
  void AppendTo(std::string* out) const {
    for (const auto& [subjects, text] : items_) AppendItem(subjects, text, out);
  }

 private:
  std::vector<std::pair<std::string, std::string>> items_;
};

void AppendReplies(std::string* out) {
  Items items;
  for (const KnownDifference& difference : kKnownDifferences)
    items.Add(Typed(difference.command), difference.reason);
  for (const UncomparedDifference& difference : kUncomparedDifferences)
    items.Add(difference.about, difference.text);
  items.AppendTo(out);
}

void AppendCommands(std::string* out) {
  Items missing, own, described;
  for (const MissingCommand& command : kMissingCommands)
    missing.Add(Typed(command.name), command.reason);
  for (const MissingCommand& command : kOwnCommands) own.Add(Typed(command.name), command.reason);
  for (const KnownDescription& known : kKnownDescriptions)
    described.Add(absl::StrCat(Typed(known.name), " (", known.part, ")"), known.reason);
  for (const UncomparedDifference& field : kUncomparedFields)
    described.Add(field.about, field.text);
  absl::StrAppend(out, "\n## Commands that there are not\n\n");
  missing.AppendTo(out);
  absl::StrAppend(out, "\n## Commands of later versions\n\n");
  own.AppendTo(out);
  absl::StrAppend(out, "\n## What COMMAND says otherwise\n\n");
  described.AppendTo(out);
}

}  // namespace

std::string DifferencesText() {
  std::string out =
      "# What differs from Redis 7.0\n\n"
      "Everything that is meant to. Written from `known_differences.h` by\n"
      "`tools/bazel run //testing/compat:differences > testing/compat/DIFFERENCES.md`; tests show "
      "that the\nlist is true, and that it is the only one.\n\n"
      "## Replies\n\n";
  AppendReplies(&out);
  AppendCommands(&out);
  return out;
}

}  // namespace damselfly
