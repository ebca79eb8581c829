#include "server/reference_text.h"

#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "server/command_families.h"
#include "server/commands/command_syntax.h"
#include "server/session/config.h"

namespace damselfly {
namespace {

// One argument in the notation of Redis's manual: "[EX seconds | PX milliseconds]", "key [key
// ...]".
std::string Notation(const SyntaxNode& node) {
  std::string text;
  if (node.type == "pure-token") {
    text = node.token;
  } else if (node.children.empty()) {
    text = node.token.empty() ? node.name : absl::StrCat(node.token, " ", node.name);
  } else {
    std::vector<std::string> parts;
    for (const SyntaxNode& child : node.children) parts.push_back(Notation(child));
    text = absl::StrJoin(parts, node.type == "oneof" ? " | " : " ");
    if (node.type == "oneof" && !(node.flags & SyntaxNode::kOptional)) {
      text = absl::StrCat("<", text, ">");
    }
    if (!node.token.empty()) text = absl::StrCat(node.token, " ", text);
  }
  if (node.flags & SyntaxNode::kMultiple) text = absl::StrCat(text, " [", text, " ...]");
  if (node.flags & SyntaxNode::kOptional) text = absl::StrCat("[", text, "]");
  return text;
}

std::string Cell(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"|", "\\|"}, {"\n", " "}});
}

void AppendCommandRow(const Command& command, std::string* out) {
  std::string usage = absl::AsciiStrToUpper(absl::StrReplaceAll(command.full_name, {{"|", " "}}));
  const auto arguments =
      ParseSyntax(command.spec->syntax, static_cast<int>(command.spec->keys.size()));
  if (arguments.ok()) {
    for (const SyntaxNode& node : *arguments) absl::StrAppend(&usage, " ", Notation(node));
  }
  absl::StrAppend(out, "| `", Cell(usage), "` | ", Cell(command.spec->summary), " | ",
                  Cell(command.spec->complexity), " | ", command.spec->since, " |\n");
}

std::string DefaultOf(const ParameterSpec& parameter) {
  return parameter.default_text.empty() ? "" : absl::StrCat("`", parameter.default_text, "`");
}

}  // namespace

std::string ReferenceText() {
  std::string out =
      "# Reference\n\n"
      "Written by `tools/bazel run //server:reference > server/REFERENCE.md`; a test compares it "
      "with the server's own\ntables.\n\n"
      "## Commands\n\n"
      "| command | what it does | cost | since Redis |\n|---|---|---|---|\n";
  const std::unique_ptr<CommandRegistry> registry = MakeCommandRegistry();
  for (const Command& command : registry->commands()) {
    if (command.subcommands.empty() || command.spec->handler != nullptr) {
      AppendCommandRow(command, &out);
    }
    for (const Command& subcommand : command.subcommands) AppendCommandRow(subcommand, &out);
  }
  absl::StrAppend(&out,
                  "\n## Parameters\n\nEach is a flag (`--name=value`) and a line of the parameter "
                  "file; CONFIG knows it with dashes in\nplace of underscores, and can set those "
                  "that are not fixed.\n\n"
                  "| name | default | fixed | what it is |\n|---|---|---|---|\n");
  for (const ParameterSpec& parameter : AllParameters()) {
    absl::StrAppend(&out, "| `", parameter.flag_name, "` | ", DefaultOf(parameter), " | ",
                    parameter.change == ParameterChange::kFixed ? "yes" : "", " | ",
                    Cell(parameter.help), " |\n");
  }
  return out;
}

}  // namespace damselfly
