#include "server/commands/command_documentation.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/commands/command_syntax.h"
#include "server/commands/command_words.h"

namespace damselfly {
namespace {

// A set of simple strings: the words whose flags are set, each after `prefix`.
void WriteFlagWords(absl::Span<const FlagWord> words, uint32_t flags, absl::string_view prefix,
                    ReplyWriter& reply) {
  size_t count = 0;
  for (const FlagWord& word : words) count += (flags & word.flag) != 0;
  reply.Set(count);
  for (const FlagWord& word : words) {
    if ((flags & word.flag) != 0) reply.SimpleString(absl::StrCat(prefix, word.word));
  }
}

void WriteField(absl::string_view name, absl::string_view value, ReplyWriter& reply) {
  reply.Bulk(name);
  reply.Bulk(value);
}

void WriteField(absl::string_view name, int value, ReplyWriter& reply) {
  reply.Bulk(name);
  reply.Integer(value);
}

// ---- COMMAND INFO ----

void WriteBeginSearch(const KeySpec& spec, ReplyWriter& reply) {
  reply.Map(2);
  switch (spec.begin) {
    case KeySpec::Begin::kIndex:
      WriteField("type", "index", reply);
      reply.Bulk("spec");
      reply.Map(1);
      WriteField("index", spec.index, reply);
      return;
    case KeySpec::Begin::kKeyword:
      WriteField("type", "keyword", reply);
      reply.Bulk("spec");
      reply.Map(2);
      WriteField("keyword", spec.keyword, reply);
      WriteField("startfrom", spec.start_from, reply);
      return;
    case KeySpec::Begin::kUnknown:
      WriteField("type", "unknown", reply);
      reply.Bulk("spec");
      reply.Map(0);
      return;
  }
  DFLY_UNREACHABLE();
}

void WriteFindKeys(const KeySpec& spec, ReplyWriter& reply) {
  reply.Map(2);
  switch (spec.find) {
    case KeySpec::Find::kRange:
      WriteField("type", "range", reply);
      reply.Bulk("spec");
      reply.Map(3);
      WriteField("lastkey", spec.last, reply);
      WriteField("keystep", spec.step, reply);
      WriteField("limit", spec.limit, reply);
      return;
    case KeySpec::Find::kKeyCount:
      WriteField("type", "keynum", reply);
      reply.Bulk("spec");
      reply.Map(3);
      WriteField("keynumidx", spec.key_count_index, reply);
      WriteField("firstkey", spec.first_key, reply);
      WriteField("keystep", spec.step, reply);
      return;
    case KeySpec::Find::kUnknown:
      WriteField("type", "unknown", reply);
      reply.Bulk("spec");
      reply.Map(0);
      return;
  }
  DFLY_UNREACHABLE();
}

void WriteKeySpecs(absl::Span<const KeySpec> specs, ReplyWriter& reply) {
  reply.Set(specs.size());
  for (const KeySpec& spec : specs) {
    reply.Map(3);
    reply.Bulk("flags");
    WriteKeyFlags(spec.flags, reply);
    reply.Bulk("begin_search");
    WriteBeginSearch(spec, reply);
    reply.Bulk("find_keys");
    WriteFindKeys(spec, reply);
  }
}

// ---- COMMAND DOCS ----

constexpr FlagWord kArgumentFlagWords[] = {
    {SyntaxNode::kOptional, "optional"},
    {SyntaxNode::kMultiple, "multiple"},
    {SyntaxNode::kMultipleToken, "multiple_token"},
};

void WriteArguments(const std::vector<SyntaxNode>& arguments, ReplyWriter& reply) {
  reply.Array(arguments.size());
  for (const SyntaxNode& argument : arguments) {
    const bool has_token = !argument.token.empty() || argument.type == "pure-token";
    reply.Map(2 + (argument.key_spec_index >= 0) + has_token + !argument.since.empty() +
              (argument.flags != 0) + !argument.children.empty());
    WriteField("name", argument.name, reply);
    WriteField("type", argument.type, reply);
    if (argument.key_spec_index >= 0) WriteField("key_spec_index", argument.key_spec_index, reply);
    if (has_token) WriteField("token", argument.token, reply);
    if (!argument.since.empty()) WriteField("since", argument.since, reply);
    if (argument.flags != 0) {
      reply.Bulk("flags");
      WriteFlagWords(kArgumentFlagWords, argument.flags, "", reply);
    }
    if (!argument.children.empty()) {
      reply.Bulk("arguments");
      WriteArguments(argument.children, reply);
    }
  }
}

}  // namespace

void WriteKeyFlags(uint32_t flags, ReplyWriter& reply) {
  WriteFlagWords(kKeyFlagWords, flags, "", reply);
}

void WriteCommandInfo(const Command& command, ReplyWriter& reply) {
  reply.Array(10);
  reply.Bulk(command.full_name);
  reply.Integer(command.arity);
  WriteFlagWords(kCommandFlagWords, command.flags, "", reply);
  reply.Integer(command.first_key);
  reply.Integer(command.last_key);
  reply.Integer(command.key_step);
  WriteFlagWords(kAclCategoryWords, command.acl_categories, "@", reply);
  reply.Set(command.spec->tips.size());
  for (absl::string_view tip : command.spec->tips) reply.Bulk(tip);
  WriteKeySpecs(command.spec->keys, reply);
  if (command.subcommands.empty()) {
    reply.Set(0);
    return;
  }
  reply.Array(command.subcommands.size());
  for (const Command& subcommand : command.subcommands) WriteCommandInfo(subcommand, reply);
}

void WriteCommandDocs(const Command& command, ReplyWriter& reply) {
  const CommandSpec& spec = *command.spec;
  const absl::StatusOr<std::vector<SyntaxNode>> arguments =
      ParseSyntax(spec.syntax, static_cast<int>(spec.keys.size()));
  DFLY_CHECK(arguments.ok());
  const bool deprecated = !spec.deprecated_since.empty();
  const bool has_doc_flags = deprecated || spec.is_system_command;

  reply.Bulk(command.full_name);
  reply.Map(3 + !spec.complexity.empty() + has_doc_flags + deprecated + !spec.replaced_by.empty() +
            !arguments->empty() + !command.subcommands.empty());
  WriteField("summary", spec.summary, reply);
  WriteField("since", spec.since, reply);
  WriteField("group", GroupWord(spec.group), reply);
  if (!spec.complexity.empty()) WriteField("complexity", spec.complexity, reply);
  if (has_doc_flags) {
    reply.Bulk("doc_flags");
    reply.Set(deprecated + spec.is_system_command);
    if (deprecated) reply.SimpleString("deprecated");
    if (spec.is_system_command) reply.SimpleString("syscmd");
  }
  if (deprecated) WriteField("deprecated_since", spec.deprecated_since, reply);
  if (!spec.replaced_by.empty()) WriteField("replaced_by", spec.replaced_by, reply);
  if (!arguments->empty()) {
    reply.Bulk("arguments");
    WriteArguments(*arguments, reply);
  }
  if (!command.subcommands.empty()) {
    reply.Bulk("subcommands");
    reply.Map(command.subcommands.size());
    for (const Command& subcommand : command.subcommands) WriteCommandDocs(subcommand, reply);
  }
}

}  // namespace damselfly
