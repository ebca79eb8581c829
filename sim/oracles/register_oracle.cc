#include "sim/oracles/register_oracle.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace damselfly::sim {

void RegisterOracle::Add(const std::string& value, int64_t begin_ns, int64_t end_ns, bool write) {
  Cluster& cluster = clusters_[value];
  ++cluster.operations;
  cluster.first_end_ns = std::min(cluster.first_end_ns, end_ns);
  cluster.last_begin_ns = std::max(cluster.last_begin_ns, begin_ns);
  if (write) {
    cluster.written = true;
    cluster.write_begin_ns = begin_ns;
  } else {
    cluster.first_read_end_ns = std::min(cluster.first_read_end_ns, end_ns);
  }
}

bool RegisterOracle::MakeZones(absl::string_view key, OracleBoard* board,
                               std::vector<Zone>* forward, std::vector<Zone>* backward) const {
  for (const auto& [value, cluster] : clusters_) {
    for (int i = 0; i < cluster.operations; ++i) board->CountCheck(Oracle::kLinearizable);
    if (value == kInitial) {
      // Written before all time.
      forward->push_back({INT64_MIN, cluster.last_begin_ns, &value});
      continue;
    }
    if (!cluster.written) {
      board->Violate(Oracle::kLinearizable,
                     absl::StrCat(key, ": read \"", value, "\", which nobody wrote"));
      return false;
    }
    if (cluster.first_read_end_ns < cluster.write_begin_ns) {
      board->Violate(Oracle::kLinearizable,
                     absl::StrCat(key, ": read \"", value, "\" before it was written"));
      return false;
    }
    if (cluster.first_end_ns == INT64_MAX)
      continue;  // outcome unknown, and never seen: as if never done
    if (cluster.first_end_ns < cluster.last_begin_ns) {
      forward->push_back({cluster.first_end_ns, cluster.last_begin_ns, &value});
    } else {
      backward->push_back({cluster.last_begin_ns, cluster.first_end_ns, &value});
    }
  }
  return true;
}

void RegisterOracle::Check(absl::string_view key, OracleBoard* board) const {
  std::vector<Zone> forward;
  std::vector<Zone> backward;
  if (!MakeZones(key, board, &forward, &backward)) return;
  const auto by_low = [](const Zone& a, const Zone& b) {
    return a.low_ns != b.low_ns ? a.low_ns < b.low_ns : *a.value < *b.value;
  };
  std::sort(forward.begin(), forward.end(), by_low);
  for (size_t i = 1; i < forward.size(); ++i) {
    if (forward[i].low_ns >= forward[i - 1].high_ns) continue;
    board->Violate(Oracle::kLinearizable,
                   absl::StrCat(key, ": must hold both \"", *forward[i - 1].value, "\" (until ",
                                forward[i - 1].high_ns, " ns) and \"", *forward[i].value,
                                "\" (from ", forward[i].low_ns, " ns)"));
    return;
  }
  for (const Zone& zone : backward) {
    // Forward zones do not overlap, so only the last that begins before this one can hold it.
    auto next =
        std::upper_bound(forward.begin(), forward.end(), zone.low_ns,
                         [](int64_t low_ns, const Zone& other) { return low_ns <= other.low_ns; });
    if (next == forward.begin()) continue;
    const Zone& holder = *std::prev(next);
    if (holder.low_ns < zone.low_ns && zone.high_ns < holder.high_ns) {
      board->Violate(
          Oracle::kLinearizable,
          absl::StrCat(key, ": \"", *zone.value, "\" was there within ", zone.low_ns, " to ",
                       zone.high_ns, " ns, while the key held \"", *holder.value, "\""));
      return;
    }
  }
}

}  // namespace damselfly::sim
