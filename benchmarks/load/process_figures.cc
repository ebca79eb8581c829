#include "benchmarks/load/process_figures.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace damselfly::load {
namespace {

bool ReadFile(const std::string& path, std::string* out) {
  std::ifstream file(path);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) return false;
  *out = text.str();
  return true;
}

}  // namespace

bool ParseStat(absl::string_view text, int64_t page_bytes, ProcessFigures* out) {
  // The second field is the program's name in parentheses, with anything within it.
  const size_t name_end = text.rfind(')');
  if (name_end == absl::string_view::npos) return false;
  const std::vector<absl::string_view> fields =
      absl::StrSplit(text.substr(name_end + 1), ' ', absl::SkipWhitespace());
  // From the third field on, counted from 0 (proc(5)): minflt is the 10th, majflt the 12th, rss the
  // 24th.
  int64_t pages;
  if (fields.size() < 22 || !absl::SimpleAtoi(fields[7], &out->minor_faults) ||
      !absl::SimpleAtoi(fields[9], &out->major_faults) || !absl::SimpleAtoi(fields[21], &pages)) {
    return false;
  }
  out->resident_bytes = pages * page_bytes;
  return true;
}

bool AddSwitches(absl::string_view status_text, ProcessFigures* out) {
  int found = 0;
  for (absl::string_view line : absl::StrSplit(status_text, '\n')) {
    const std::vector<absl::string_view> parts = absl::StrSplit(line, absl::MaxSplits(':', 1));
    int64_t count;
    if (parts.size() != 2 || !absl::SimpleAtoi(parts[1], &count)) continue;
    if (parts[0] == "voluntary_ctxt_switches") {
      out->voluntary_switches += count;
      ++found;
    } else if (parts[0] == "nonvoluntary_ctxt_switches") {
      out->involuntary_switches += count;
      ++found;
    }
  }
  return found == 2;
}

absl::StatusOr<ProcessFigures> ReadProcessFigures(int process_id) {
  const std::string folder = absl::StrCat("/proc/", process_id);
  ProcessFigures figures;
  std::string text;
  if (!ReadFile(folder + "/stat", &text) || !ParseStat(text, sysconf(_SC_PAGESIZE), &figures)) {
    return absl::NotFoundError(
        absl::StrCat("--server_pid=", process_id, ": there is no such process"));
  }
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator(folder + "/task", error)) {
    // One that has ended meanwhile is left out.
    int64_t ran_ns;
    if (ReadFile(task.path() / "schedstat", &text) &&
        absl::SimpleAtoi(text.substr(0, text.find(' ')), &ran_ns)) {
      figures.cpu_ns += ran_ns;
    }
    if (ReadFile(task.path() / "status", &text)) AddSwitches(text, &figures);
  }
  if (error) {
    return absl::NotFoundError(
        absl::StrCat("--server_pid=", process_id, ": its threads cannot be listed"));
  }
  return figures;
}

}  // namespace damselfly::load
