// The load driver: flags -> a run -> a table or JSON.
//
// Exit codes: 0; 1 when the run failed, replies differed from what was written, or errors came back
// and --errors_allowed was not given; 2 for a command line that makes no sense.

#include <signal.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmarks/load/flags.h"
#include "benchmarks/load/results.h"
#include "benchmarks/load/run.h"

namespace damselfly::load {
namespace {

constexpr int kFailed = 1;
constexpr int kBadCommandLine = 2;

// For the signal handler. A second signal ends the process at once.
std::atomic<bool> stop_asked{false};

int Fail(int code, absl::string_view message) {
  std::fprintf(stderr, "load: %.*s\n", static_cast<int>(message.size()), message.data());
  return code;
}

bool WriteFile(const std::string& path, const std::string& text) {
  FILE* const file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return false;
  const bool is_written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  return std::fclose(file) == 0 && is_written;
}

void StopOnSignal(int number) {
  struct sigaction action {};
  action.sa_handler = [](int) { stop_asked.store(true); };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(number, &action, nullptr);
}

int Main(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--help" || word == "-h") {
      std::printf("The load driver. Flags:\n%s", FlagsHelp().c_str());
      return 0;
    }
  }
  absl::StatusOr<Options> options = ParseFlags(words);
  if (!options.ok()) return Fail(kBadCommandLine, options.status().message());
  StopOnSignal(SIGINT);
  StopOnSignal(SIGTERM);
  absl::StatusOr<Results> results = RunLoad(*options, &stop_asked);
  if (!results.ok()) {
    const bool is_flag = results.status().code() == absl::StatusCode::kInvalidArgument;
    return Fail(is_flag ? kBadCommandLine : kFailed, results.status().message());
  }
  results->settings = FlagSettings(*options);
  if (options->json != "-") std::printf("%s", ToTable(*results).c_str());
  if (options->json == "-") std::printf("%s", ToJson(*results).c_str());
  std::fflush(stdout);
  for (const std::string& warning : Warnings(*results))
    std::fprintf(stderr, "load: warning: %s\n", warning.c_str());
  if (!options->json.empty() && options->json != "-" &&
      !WriteFile(options->json, ToJson(*results))) {
    return Fail(kFailed, absl::StrCat("--json=", options->json, ": ", std::strerror(errno)));
  }
  for (const std::string& text : results->difference_texts)
    std::fprintf(stderr, "load: difference: %s\n", text.c_str());
  if (results->differences > 0) return Fail(kFailed, "replies differ from what was written");
  if (results->statistics.errors() > 0 && !options->errors_allowed) {
    return Fail(kFailed, absl::StrCat("the server has answered with errors, the first: ",
                                      results->statistics.first_error));
  }
  return 0;
}

}  // namespace
}  // namespace damselfly::load

int main(int count, char** words) {
  return damselfly::load::Main(std::vector<std::string>(words + 1, words + count));
}
