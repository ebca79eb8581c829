#ifndef DAMSELFLY_SERVER_CLUSTER_CONFIG_CACHE_H_
#define DAMSELFLY_SERVER_CLUSTER_CONFIG_CACHE_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/cluster/cluster_config.h"

namespace damselfly {

// The last configurations that were parsed: for a node that is pushed the same text again and
// again, and for the nodes of one process that are all pushed the same one. It is parsed once, and
// kept in memory once. Whoever asks cannot tell but by the time that it takes. Any thread.
class ConfigCache {
 public:
  // Keeps so many texts; at least 1.
  explicit ConfigCache(size_t texts_max) : texts_max_(texts_max) {}
  ConfigCache(const ConfigCache&) = delete;
  ConfigCache& operator=(const ConfigCache&) = delete;

  // As ParseClusterConfig. What is refused is not kept.
  absl::StatusOr<std::shared_ptr<const ClusterConfig>> Parse(absl::string_view json);

 private:
  struct Parsed {
    std::string json;
    std::shared_ptr<const ClusterConfig> config;
  };

  const size_t texts_max_;
  std::mutex mutex_;
  std::deque<Parsed> parsed_;  // the latest first; guarded by mutex_
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_CLUSTER_CONFIG_CACHE_H_
