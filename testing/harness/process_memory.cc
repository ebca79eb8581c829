#include "testing/harness/process_memory.h"

#include <fstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace damselfly {
namespace {

// A line "VmRSS:   1234 kB" of /proc/PID/status.
int64_t StatusBytes(pid_t process_id, absl::string_view field) {
  std::ifstream file(absl::StrCat("/proc/", process_id, "/status"));
  for (std::string line; std::getline(file, line);) {
    absl::string_view rest = line;
    if (!absl::ConsumePrefix(&rest, field) || !absl::ConsumeSuffix(&rest, " kB")) continue;
    int64_t kilobytes = 0;
    if (absl::SimpleAtoi(rest, &kilobytes)) return kilobytes * 1024;
  }
  return -1;
}

}  // namespace

int64_t ResidentBytes(pid_t process_id) { return StatusBytes(process_id, "VmRSS:"); }
int64_t ResidentBytesPeak(pid_t process_id) { return StatusBytes(process_id, "VmHWM:"); }

}  // namespace damselfly
