// Judges cluster configurations for tests in other languages. Standard input holds one after the
// other, each behind its length in bytes as four bytes, the highest first; for each of them a line
// goes to standard output: "ok", or why it is refused. Texts longer than --bytes_max are refused
// as DFLYCLUSTER CONFIG would.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "server/cluster/cluster_config.h"

ABSL_FLAG(uint64_t, bytes_max, 8 * 1024 * 1024, "longest text that is looked at");

namespace damselfly {
namespace {

bool ReadWhole(size_t size, std::string* out) {
  out->resize(size);
  return std::fread(out->data(), 1, size, stdin) == size;
}

std::string Judge(const std::string& json) {
  if (json.size() > absl::GetFlag(FLAGS_bytes_max)) return "the text is too long";
  const absl::StatusOr<ClusterConfig> config = ParseClusterConfig(json);
  return config.ok() ? "ok" : std::string(config.status().message());
}

int Main() {
  std::string text;
  while (ReadWhole(4, &text)) {
    size_t size = 0;
    for (const char byte : text) size = size << 8 | static_cast<uint8_t>(byte);
    if (!ReadWhole(size, &text)) {
      std::fputs("the last text is cut short\n", stderr);
      return 1;
    }
    std::puts(Judge(text).c_str());
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace damselfly

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return damselfly::Main();
}
