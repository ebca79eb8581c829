#include "server/admin/config_commands.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/glob.h"
#include "server/commands/command_context.h"
#include "server/commands/help_reply.h"
#include "server/session/session.h"

namespace damselfly {
namespace {

// Flags have underscores, parameters dashes.
const ParameterSpec* FindByConfigName(absl::string_view name) {
  return absl::StrContains(name, '_') ? nullptr : Config::Find(name);
}

std::string ShownValue(ServerState& server, const ParameterSpec& spec) {
  // An empty dir is the directory that the process was started in.
  if (spec.id == Parameter::dir) return server.runtime().facts().working_directory;
  return server.config().text(spec.id);
}

// One parameter of CONFIG GET's reply. A client that asks for a name gets it back as it has written
// it.
struct Shown {
  const ParameterSpec* spec;
  std::string name;
};

void AddOnce(const ParameterSpec& spec, absl::string_view name, std::vector<Shown>* shown) {
  for (const Shown& other : *shown) {
    if (absl::EqualsIgnoreCase(other.name, name)) return;
  }
  shown->push_back({&spec, std::string(name)});
}

void HandleConfigGet(CommandContext& ctx) {
  std::vector<Shown> shown;
  for (absl::string_view wanted : ctx.args.subspan(2)) {
    if (wanted.find_first_of("*?[") == wanted.npos) {
      const ParameterSpec* spec = FindByConfigName(wanted);
      if (spec != nullptr) AddOnce(*spec, wanted, &shown);
      continue;
    }
    const Glob pattern(wanted, /*ignore_case=*/true);
    for (const ParameterSpec& spec : AllParameters()) {
      const std::string name = spec.config_name();
      if (pattern.Matches(name)) AddOnce(spec, name, &shown);
    }
    for (const ParameterAlias& alias : AllParameterAliases()) {
      if (pattern.Matches(alias.config_name))
        AddOnce(*Config::Find(alias.config_name), alias.config_name, &shown);
    }
  }
  ctx.reply.Map(shown.size());
  for (const Shown& one : shown) {
    ctx.reply.Bulk(one.name);
    ctx.reply.Bulk(ShownValue(ctx.session->server(), *one.spec));
  }
}

void SetFailed(const CommandContext& ctx, absl::string_view name, absl::string_view reason) {
  ctx.reply.Error(
      absl::StrCat("ERR CONFIG SET failed (possibly related to argument '", name, "') - ", reason));
}

// All parameters are set, or none: everything is checked first.
void HandleConfigSet(CommandContext& ctx) {
  if (ctx.args.size() % 2 != 0) return ctx.SyntaxError();
  Config& config = ctx.session->server().config();
  std::vector<const ParameterSpec*> specs;
  // As the client calls them: a parameter may be set under two names at once, and the last counts.
  std::vector<std::string> names;
  for (size_t i = 2; i < ctx.args.size(); i += 2) {
    const ParameterSpec* spec = FindByConfigName(ctx.args[i]);
    if (spec == nullptr) {
      ctx.reply.Error(absl::StrCat("ERR Unknown option or number of arguments for CONFIG SET - '",
                                   ctx.args[i], "'"));
      return;
    }
    const std::string name = absl::AsciiStrToLower(ctx.args[i]);
    if (spec->change == ParameterChange::kFixed)
      return SetFailed(ctx, name, "can't set immutable config");
    if (std::find(names.begin(), names.end(), name) != names.end())
      return SetFailed(ctx, name, "duplicate parameter");
    specs.push_back(spec);
    names.push_back(name);
  }
  for (size_t i = 0; i < specs.size(); ++i) {
    const absl::Status status = config.Check(specs[i]->id, ctx.args[3 + 2 * i]);
    if (!status.ok()) return SetFailed(ctx, names[i], status.message());
  }
  for (size_t i = 0; i < specs.size(); ++i) {
    const absl::Status status = config.Set(specs[i]->id, ctx.args[3 + 2 * i]);
    if (!status.ok()) return SetFailed(ctx, names[i], status.message());
  }
  ctx.session->server().ApplyParameters();
  ctx.reply.Ok();
}

void HandleConfigResetStat(CommandContext& ctx) {
  ctx.session->server().ResetStats();
  ctx.reply.Ok();
}

// A new file beside the old one takes its name when it is whole and safe on the disk.
absl::Status ReplaceFile(Files& files, const std::string& path, absl::string_view text) {
  const std::string new_path = absl::StrCat(path, ".new");
  absl::StatusOr<std::unique_ptr<WritableFile>> file = files.Create(new_path);
  if (!file.ok()) return file.status();
  absl::Status status = (*file)->Append(text);
  if (status.ok()) status = (*file)->Sync();
  if (status.ok()) status = (*file)->Close();
  if (status.ok()) status = files.Rename(new_path, path);
  if (!status.ok()) {
    files.Remove(new_path).IgnoreError();
    return status;
  }
  const size_t slash = path.rfind('/');
  return files.SyncDirectory(slash == std::string::npos ? "."
                             : slash == 0               ? "/"
                                                        : path.substr(0, slash));
}

void HandleConfigRewrite(CommandContext& ctx) {
  ServerState& server = ctx.session->server();
  const std::string path = server.config().text(Parameter::config_file);
  if (path.empty()) {
    ctx.reply.Error("ERR The server is running without a config file");
    return;
  }
  Files& files = server.runtime().files();
  std::lock_guard<std::mutex> guard(server.config().file_mutex());
  const absl::StatusOr<std::string> old_text = files.ReadAll(path);
  absl::Status status = old_text.status();
  if (status.ok() || status.code() == absl::StatusCode::kNotFound) {
    status = ReplaceFile(files, path, server.config().Rewrite(old_text.ok() ? *old_text : ""));
  }
  if (status.ok()) {
    ctx.reply.Ok();
  } else {
    ctx.reply.Error(absl::StrCat("ERR Rewriting config file: ", status.message()));
  }
}

void HandleConfigHelp(CommandContext& ctx) {
  static constexpr absl::string_view kLines[] = {
      "GET <pattern> [<pattern> ...]",
      "    The parameters whose names match, and their values.",
      "SET <parameter> <value> [<parameter> <value> ...]",
      "    Sets parameters: all of them, or none when one is refused.",
      "RESETSTAT",
      "    Begins INFO's counters anew.",
      "REWRITE",
      "    Writes the parameters to the parameter file.",
  };
  WriteHelp(ctx, "CONFIG", kLines);
}

constexpr uint32_t kOperator = kAdmin | kNoScript | kLoading | kStale;
constexpr absl::string_view kSetTips[] = {"request_policy:all_nodes",
                                          "response_policy:all_succeeded"};

constexpr CommandSpec kSubcommands[] = {
    {.name = "get",
     .arity = -3,
     .flags = kOperator,
     .group = CommandGroup::kServer,
     .since = "2.0.0",
     .complexity = "O(N) when N is the number of configuration parameters provided",
     .summary = "The values of parameters",
     .syntax = "parameter<parameter>...",
     .handler = HandleConfigGet},
    {.name = "set",
     .arity = -4,
     .flags = kOperator,
     .group = CommandGroup::kServer,
     .since = "2.0.0",
     .complexity = "O(N) when N is the number of configuration parameters provided",
     .summary = "Sets parameters",
     .syntax = "parameter_value<parameter value>...",
     .handler = HandleConfigSet,
     .tips = kSetTips},
    {.name = "resetstat",
     .arity = 2,
     .flags = kOperator,
     .group = CommandGroup::kServer,
     .since = "2.0.0",
     .complexity = "O(1)",
     .summary = "Begins INFO's counters anew",
     .handler = HandleConfigResetStat},
    {.name = "rewrite",
     .arity = 2,
     .flags = kOperator,
     .group = CommandGroup::kServer,
     .since = "2.8.0",
     .complexity = "O(1)",
     .summary = "Writes the parameters to the parameter file",
     .handler = HandleConfigRewrite},
    {.name = "help",
     .arity = 2,
     .flags = kLoading | kStale,
     .group = CommandGroup::kServer,
     .since = "5.0.0",
     .complexity = "O(1)",
     .summary = "Explains the subcommands",
     .handler = HandleConfigHelp},
};

constexpr CommandSpec kCommands[] = {
    {.name = "config",
     .arity = -2,
     .group = CommandGroup::kServer,
     .since = "2.0.0",
     .complexity = "Depends on subcommand.",
     .summary = "Looks at parameters and changes them",
     .subcommands = kSubcommands},
};

}  // namespace

absl::Span<const CommandSpec> ConfigCommands() { return kCommands; }

}  // namespace damselfly
