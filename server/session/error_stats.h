#ifndef DAMSELFLY_SERVER_SESSION_ERROR_STATS_H_
#define DAMSELFLY_SERVER_SESSION_ERROR_STATS_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace damselfly {

// Error replies by code (INFO errorstats). Thread-safe; only error replies come here.
class ErrorStats {
 public:
  // Codes kept; errors with further codes are not counted by code (Redis has the same limit).
  static constexpr size_t kCodesMax = 128;

  void Add(absl::string_view code);
  // Sorted by code.
  std::vector<std::pair<std::string, int64_t>> Counts() const;
  void Reset();

 private:
  mutable std::mutex mutex_;
  std::map<std::string, int64_t, std::less<>> counts_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_ERROR_STATS_H_
