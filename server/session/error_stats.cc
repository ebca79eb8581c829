#include "server/session/error_stats.h"

namespace damselfly {

void ErrorStats::Add(absl::string_view code) {
  std::lock_guard<std::mutex> guard(mutex_);
  auto found = counts_.find(code);
  if (found != counts_.end()) {
    ++found->second;
  } else if (counts_.size() < kCodesMax) {
    counts_.emplace(std::string(code), 1);
  }
}

std::vector<std::pair<std::string, int64_t>> ErrorStats::Counts() const {
  std::lock_guard<std::mutex> guard(mutex_);
  return {counts_.begin(), counts_.end()};
}

void ErrorStats::Reset() {
  std::lock_guard<std::mutex> guard(mutex_);
  counts_.clear();
}

}  // namespace damselfly
