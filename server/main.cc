// The server program: flags -> Config -> a Node on the posix runtime.
//
// Exit codes: 0 after SIGTERM, SIGINT or SHUTDOWN; 1 when the flags, the parameter file or an
// address are no good.

#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/version.h"
#include "server/node.h"
#include "server/posix/posix_files.h"
#include "server/posix/posix_runtime.h"
#include "server/posix/process.h"
#include "server/posix/process_heap.h"
#include "server/session/config.h"

namespace damselfly {

// A flag's text and whether the flag was given. Not absl::optional, for which an empty text is no
// value at all (absl/flags/marshalling.h): --requirepass= must win over the parameter file.
struct FlagText {
  bool given = false;
  std::string text;
};

bool AbslParseFlag(absl::string_view text, FlagText* flag, std::string*) {
  *flag = {true, std::string(text)};
  return true;
}

std::string AbslUnparseFlag(const FlagText& flag) { return flag.text; }

}  // namespace damselfly

#define PARAMETER(name, kind, default_text, lowest, highest, change, help) \
  ABSL_FLAG(damselfly::FlagText, name, damselfly::FlagText(),              \
            help " (default: '" default_text "')");
#include "server/session/parameters.inc"
#undef PARAMETER

namespace damselfly {
namespace {

int Fail(absl::string_view message) {
  std::fprintf(stderr, "damselfly: %.*s\n", static_cast<int>(message.size()), message.data());
  return 1;
}

// Octal permission bits.
bool ParseMode(const std::string& text, int* mode) {
  if (text.empty() || text.size() > 4 || text.find_first_not_of("01234567") != std::string::npos)
    return false;
  *mode = std::stoi(text, nullptr, 8);
  return *mode <= 0777;
}

bool IsBoolean(const ParameterSpec* spec) {
  return spec != nullptr && spec->kind == ParameterKind::kBoolean;
}

bool IsTruthValue(absl::string_view word) {
  return word == "yes" || word == "no" || word == "true" || word == "false";
}

// Parameters that say yes or no may be given as flags usually are: --name, --noname. A value may
// also stand behind, as with all others.
std::vector<std::string> WithValues(int argc, char** argv) {
  std::vector<std::string> arguments(argv, argv + argc);
  for (size_t i = 1; i < arguments.size() && arguments[i] != "--"; ++i) {
    absl::string_view name = arguments[i];
    if (!absl::ConsumePrefix(&name, "-")) continue;
    absl::ConsumePrefix(&name, "-");
    if (i + 1 < arguments.size() && IsTruthValue(arguments[i + 1])) continue;
    if (IsBoolean(Config::Find(name))) {
      arguments[i] = absl::StrCat("--", name, "=yes");
    } else if (absl::ConsumePrefix(&name, "no") && IsBoolean(Config::Find(name))) {
      arguments[i] = absl::StrCat("--", name, "=no");
    }
  }
  return arguments;
}

absl::Status SetFromFlag(Config& config, Parameter parameter, absl::string_view flag_name,
                         const FlagText& flag) {
  if (!flag.given) return absl::OkStatus();
  std::string text = flag.text;
  if (IsBoolean(Config::Find(flag_name))) {
    if (text == "true") text = "yes";
    if (text == "false") text = "no";
  }
  absl::Status status = config.Set(parameter, text);
  if (status.ok()) return status;
  return absl::InvalidArgumentError(
      absl::StrCat("--", flag_name, "=", flag.text, ": ", status.message()));
}

// `path` as seen from the directory that the process was started in.
absl::StatusOr<std::string> AbsolutePath(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  if (error) return absl::InvalidArgumentError(absl::StrCat(path, ": ", error.message()));
  return absolute.string();
}

// The parameter file first, so that the command line wins over it.
absl::Status ReadParameters(Config& config) {
  absl::Status status = absl::OkStatus();
  const std::string file = absl::GetFlag(FLAGS_config_file).text;
  absl::StatusOr<std::string> absolute_file = file;
  if (!file.empty()) {
    absolute_file = AbsolutePath(file);
    if (!absolute_file.ok()) return absolute_file.status();
    absl::StatusOr<std::string> text = posix::PosixFiles("").ReadAll(*absolute_file);
    if (!text.ok()) return text.status();
    status = config.Parse(*text);
    if (!status.ok()) return absl::InvalidArgumentError(absl::StrCat(file, ": ", status.message()));
  }
#define PARAMETER(name, kind, default_text, lowest, highest, change, help) \
  if (status.ok())                                                         \
    status = SetFromFlag(config, Parameter::name, #name, absl::GetFlag(FLAGS_##name));
#include "server/session/parameters.inc"
#undef PARAMETER
  if (!status.ok()) return status;
  // CONFIG REWRITE finds the same file, whatever `dir` is.
  return config.Set(Parameter::config_file, *absolute_file);
}

int Run(int argc, char** argv) {
  absl::SetProgramUsageMessage(
      "Damselfly, an in-memory data store that speaks the Redis protocol.\nEvery parameter of "
      "CONFIG is a flag.");
  absl::FlagsUsageConfig usage;
  usage.version_string = [] { return absl::StrCat("damselfly ", kVersion, "\n"); };
  usage.contains_helpshort_flags = [](absl::string_view file) {
    return absl::StrContains(file, "server/session/parameters.inc");
  };
  usage.contains_help_flags = usage.contains_helpshort_flags;
  absl::SetFlagsUsageConfig(usage);
  std::vector<std::string> arguments = WithValues(argc, argv);
  std::vector<char*> argument_pointers;
  for (std::string& argument : arguments) argument_pointers.push_back(argument.data());
  const std::vector<char*> positional = absl::ParseCommandLine(argc, argument_pointers.data());
  if (positional.size() > 1) {
    return Fail(absl::StrCat("unexpected argument '", positional[1],
                             "': parameters are given as --name=value"));
  }

  Config config;
  absl::Status status = ReadParameters(config);
  if (!status.ok()) return Fail(status.message());

  const int clients_wanted = static_cast<int>(std::min<int64_t>(
      config.integer(Parameter::maxclients), std::numeric_limits<int>::max() / 2));
  // Set before any signal can come: the runtime calls back only while it runs.
  PosixRuntime* running = nullptr;
  PosixOptions options;
  options.workers = static_cast<int>(config.integer(Parameter::threads));
  if (options.workers == 0) options.workers = posix::AvailableCores();
  posix::ProcessHeap heap(posix::ProcessHeap::Parse(config.text(Parameter::huge_pages)),
                          options.workers);
  options.release_freed_memory = [&heap] { heap.ReleaseFreed(); };
  const ClientLimit clients = RaiseOpenFilesLimit(clients_wanted, options.workers);
  options.directory = config.text(Parameter::dir);
  options.tcp_keepalive_s = static_cast<int>(config.integer(Parameter::tcp_keepalive));
  if (!ParseMode(config.text(Parameter::unixsocketperm), &options.unix_socket_mode)) {
    return Fail("--unixsocketperm must be an octal number from 0 to 777");
  }
  options.on_signal = [&running](int signal) {
    running->Log(Runtime::Severity::kInfo,
                 absl::StrCat("Received ", signal == SIGINT ? "SIGINT" : "SIGTERM", ", exiting"));
    running->RequestExit(0);
  };
  absl::StatusOr<std::unique_ptr<PosixRuntime>> runtime = PosixRuntime::Create(std::move(options));
  if (!runtime.ok()) return Fail(runtime.status().message());
  running = runtime->get();
  if (!heap.status().ok()) {
    running->Log(
        Runtime::Severity::kWarning,
        absl::StrCat("No pages of 2 MB, in spite of huge_pages: ", heap.status().message()));
  }
  if (!clients.warning.empty()) {
    running->Log(Runtime::Severity::kWarning, clients.warning);
    status = config.Set(Parameter::maxclients, absl::StrCat(clients.clients_max));
    if (!status.ok()) return Fail(status.message());
  }

  Node node(running, &config);
  status = node.Start();
  if (!status.ok()) return Fail(status.message());
  running->Log(Runtime::Severity::kInfo,
               absl::StrCat("Damselfly ", kVersion, " ready on port ", node.port(), " with ",
                            running->worker_count(), " workers"));
  return running->Run();
}

}  // namespace
}  // namespace damselfly

int main(int argc, char** argv) { return damselfly::Run(argc, argv); }
