#include "sim/node/node_state.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/replication/replication.h"

namespace damselfly::sim {
namespace {

// As many digits of a lineage as messages show.
constexpr size_t kLineageDigits = 8;

std::string OwnershipText(const damselfly::Topology& topology) {
  std::vector<std::tuple<uint32_t, uint32_t, std::string>> ranges;
  for (const Shard& shard : topology.config().shards()) {
    for (const damselfly::SlotRange& range : shard.slot_ranges())
      ranges.emplace_back(range.start(), range.end(), shard.master().id());
  }
  std::sort(ranges.begin(), ranges.end());
  std::string text = " slots=";
  for (const auto& [start, end, id] : ranges)
    absl::StrAppend(&text, text.back() == '=' ? "" : ",", start, "-", end, ":", id);
  if (topology.epoch() != damselfly::Topology::kNoEpoch)
    absl::StrAppend(&text, " epoch=", topology.epoch());
  return text;
}

}  // namespace

std::string NodeStateProbe::Text() {
  std::string text;
  AppendRole(&text);
  AppendOwnership(&text);
  return text;
}

void NodeStateProbe::AppendRole(std::string* text) {
  ServerState& server = node_->server();
  const bool replica = server.is_replica.load();
  switch (server.service_state.load()) {
    case ServiceState::kActive:
      *text += replica ? "replica" : "master";
      break;
    case ServiceState::kLoading:
      *text += "loading";
      break;
    case ServiceState::kTakenOver:
      *text += "taken-over";
      break;
  }
  const Replication& replication = node_->replication();
  if (replica) absl::StrAppend(text, " of=", replication.Facts().master_host);
  const std::string lineage = replication.lineage().id;
  if (!lineage.empty()) absl::StrAppend(text, " lineage=", lineage.substr(0, kLineageDigits));
}

void NodeStateProbe::AppendOwnership(std::string* text) {
  const std::shared_ptr<const damselfly::Topology> topology = node_->cluster().topology();
  if (topology != topology_) {
    topology_ = topology;
    slots_text_ = topology == nullptr ? "" : OwnershipText(*topology);
  }
  *text += slots_text_;
}

}  // namespace damselfly::sim
