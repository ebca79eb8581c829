// Watches cores for what disturbs them, for whoever measures there with other programs:
//
//   watch CORE:PROCESS ...
//
// Each core with the process whose running is no disturbance. Says "watching", and once its
// standard input ends one line of JSON: what `disturbed` is in the load driver's results. Exit
// codes: 0; 1 when a core cannot be watched; 2 for a command line that makes no sense.

#include <unistd.h>

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "benchmarks/load/core_watch.h"
#include "benchmarks/load/results.h"

namespace damselfly::load {
namespace {

constexpr int kFailed = 1;
constexpr int kBadCommandLine = 2;

int Fail(int code, absl::string_view message) {
  std::fprintf(stderr, "watch: %.*s\n", static_cast<int>(message.size()), message.data());
  return code;
}

void WaitForEndOfInput() {
  char bytes[256];
  while (read(STDIN_FILENO, bytes, sizeof(bytes)) > 0) {
  }
}

int Main(const std::vector<std::string>& words) {
  if (words.empty()) return Fail(kBadCommandLine, "usage: watch CORE:PROCESS ...");
  CoreWatches watches;
  for (const std::string& word : words) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(word, absl::MaxSplits(':', 1));
    int core, process;
    if (!absl::SimpleAtoi(parts.first, &core) || !absl::SimpleAtoi(parts.second, &process))
      return Fail(kBadCommandLine, absl::StrCat("not a core and a process: ", word));
    watches.Add(core, process);
  }
  const absl::Status status = watches.Start();
  if (!status.ok()) return Fail(kFailed, status.message());
  std::puts("watching");
  std::fflush(stdout);
  WaitForEndOfInput();
  std::fputs(ToJson(watches.Stop()).c_str(), stdout);
  return 0;
}

}  // namespace
}  // namespace damselfly::load

int main(int argc, char** argv) {
  return damselfly::load::Main(std::vector<std::string>(argv + 1, argv + argc));
}
