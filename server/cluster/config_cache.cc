#include "server/cluster/config_cache.h"

#include <utility>

namespace damselfly {

absl::StatusOr<std::shared_ptr<const ClusterConfig>> ConfigCache::Parse(absl::string_view json) {
  {
    std::lock_guard<std::mutex> guard(mutex_);
    for (const Parsed& parsed : parsed_) {
      if (parsed.json == json) return parsed.config;
    }
  }
  absl::StatusOr<ClusterConfig> config = ParseClusterConfig(json);
  if (!config.ok()) return config.status();
  auto shared = std::make_shared<const ClusterConfig>(*std::move(config));
  std::lock_guard<std::mutex> guard(mutex_);
  parsed_.push_front({std::string(json), shared});
  if (parsed_.size() > texts_max_) parsed_.pop_back();
  return shared;
}

}  // namespace damselfly
