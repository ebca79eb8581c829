#ifndef DAMSELFLY_SERVER_CLUSTER_CONFIG_JSON_H_
#define DAMSELFLY_SERVER_CLUSTER_CONFIG_JSON_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

// Pieces of a configuration's JSON text, for tests.
namespace damselfly::config_json {

inline std::string Array(const std::vector<std::string>& elements) {
  return absl::StrCat("[", absl::StrJoin(elements, ","), "]");
}

inline std::string Range(int start, int end) {
  return absl::StrCat("{\"start\":", start, ",\"end\":", end, "}");
}

inline std::string Node(absl::string_view id) {
  return absl::StrCat("{\"id\":\"", id, "\",\"ip\":\"10.0.0.1\",\"port\":7000}");
}

inline std::string Migration(absl::string_view target, const std::vector<std::string>& ranges) {
  return absl::StrCat("{\"node_id\":\"", target,
                      "\",\"ip\":\"10.0.0.2\",\"port\":7001,\"slot_ranges\":", Array(ranges), "}");
}

// The nodes are whole objects, as Node() gives them.
inline std::string Shard(const std::vector<std::string>& ranges, absl::string_view master,
                         const std::vector<std::string>& replicas = {},
                         const std::vector<std::string>& migrations = {}) {
  return absl::StrCat("{\"slot_ranges\":", Array(ranges), ",\"master\":", master,
                      ",\"replicas\":", Array(replicas), ",\"migrations\":", Array(migrations),
                      "}");
}

// A valid configuration of `shards` masters, node0 and so on. The slots go round: slot s is in the
// range of one slot that shard s % shards has for it, so that every shard has as many ranges as
// slots. Requires: shards in [1, 16384].
inline std::string Scattered(int shards) {
  std::vector<std::string> all;
  for (int i = 0; i < shards; ++i) {
    std::vector<std::string> ranges;
    for (int slot = i; slot < 16384; slot += shards) ranges.push_back(Range(slot, slot));
    all.push_back(Shard(ranges, Node(absl::StrCat("node", i))));
  }
  return Array(all);
}

}  // namespace damselfly::config_json

#endif  // DAMSELFLY_SERVER_CLUSTER_CONFIG_JSON_H_
