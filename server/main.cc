// The server program: flags -> Config -> a Node on the posix runtime.
//
// Exit codes: 0 after SIGTERM, SIGINT or SHUTDOWN; 1 when the flags, the parameter file or an address are no good.

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "server/node.h"
#include "server/posix/limits.h"
#include "server/posix/posix_runtime.h"
#include "server/session/config.h"
#include "server/version.h"

#define PARAMETER(name, kind, default_text, lowest, highest, change, help) \
  ABSL_FLAG(absl::optional<std::string>, name, absl::nullopt, help " (default: '" default_text "')");
#include "server/session/parameters.inc"
#undef PARAMETER

namespace damselfly {
namespace {

int Fail(absl::string_view message) {
  std::fprintf(stderr, "damselfly: %.*s\n", static_cast<int>(message.size()), message.data());
  return 1;
}

absl::Status SetFromFlag(Config& config, Parameter parameter, absl::string_view flag_name,
                         const absl::optional<std::string>& value) {
  if (!value.has_value()) return absl::OkStatus();
  absl::Status status = config.Set(parameter, *value);
  if (status.ok()) return status;
  return absl::InvalidArgumentError(absl::StrCat("--", flag_name, "=", *value, ": ", status.message()));
}

// The parameter file first, so that the command line wins over it.
absl::Status ReadParameters(Config& config) {
  absl::Status status = absl::OkStatus();
  const absl::optional<std::string> file = absl::GetFlag(FLAGS_config_file);
  if (file.has_value()) {
    absl::StatusOr<std::string> text = ReadParameterFile(*file);
    if (!text.ok()) return text.status();
    status = config.Parse(*text);
    if (!status.ok()) return absl::InvalidArgumentError(absl::StrCat(*file, ": ", status.message()));
  }
#define PARAMETER(name, kind, default_text, lowest, highest, change, help) \
  if (status.ok()) status = SetFromFlag(config, Parameter::name, #name, absl::GetFlag(FLAGS_##name));
#include "server/session/parameters.inc"
#undef PARAMETER
  return status;
}

int Run(int argc, char** argv) {
  absl::SetProgramUsageMessage(
      "Damselfly, an in-memory data store that speaks the Redis protocol.\nEvery parameter of CONFIG is a flag.");
  absl::FlagsUsageConfig usage;
  usage.version_string = [] { return absl::StrCat("damselfly ", kVersion, "\n"); };
  usage.contains_helpshort_flags = [](absl::string_view file) { return absl::StrContains(file, "server/main.cc"); };
  usage.contains_help_flags = usage.contains_helpshort_flags;
  absl::SetFlagsUsageConfig(usage);
  const std::vector<char*> positional = absl::ParseCommandLine(argc, argv);
  if (positional.size() > 1) {
    return Fail(absl::StrCat("unexpected argument '", positional[1], "': parameters are given as --name=value"));
  }

  Config config;
  absl::Status status = ReadParameters(config);
  if (!status.ok()) return Fail(status.message());

  PosixRuntime::Options options;
  options.worker_count = static_cast<int>(config.integer(Parameter::threads));
  options.working_directory = config.text(Parameter::dir);
  absl::StatusOr<std::unique_ptr<PosixRuntime>> runtime = PosixRuntime::Create(options);
  if (!runtime.ok()) return Fail(runtime.status().message());

  Node node(runtime->get(), &config);
  status = node.Start();
  if (!status.ok()) return Fail(status.message());
  return (*runtime)->Run();
}

}  // namespace
}  // namespace damselfly

int main(int argc, char** argv) { return damselfly::Run(argc, argv); }
