#include "server/replication/lineage.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace damselfly {
namespace {

bool NoneBeyond(const Positions& positions, const Positions& limits) {
  if (positions.size() != limits.size()) return false;
  for (size_t lane = 0; lane < positions.size(); ++lane) {
    if (positions[lane] > limits[lane]) return false;
  }
  return true;
}

}  // namespace

bool IsLineageId(absl::string_view text) {
  return text.size() == Lineage::kIdBytes && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isxdigit(static_cast<unsigned char>(c));
         });
}

bool CanResume(const Lineage& lineage, absl::string_view id, const Positions& positions,
               const Journal& journal) {
  if (id.empty() || positions.size() != static_cast<size_t>(journal.lane_count())) return false;
  const bool same = id == lineage.id;
  const bool before_fork = id == lineage.previous_id && NoneBeyond(positions, lineage.fork);
  return (same || before_fork) && journal.Retains(positions);
}

}  // namespace damselfly
