#include "benchmarks/load/cluster_map.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/numbers.h"

namespace damselfly::load {
namespace {

constexpr int64_t kPortMax = 65535;

bool IsSlot(int64_t number) { return number >= 0 && number < kSlotCount; }

}  // namespace

absl::Status ClusterMap::Learn(const Reply& slots, absl::string_view asked_host) {
  const auto odd = [&slots] {
    return absl::DataLossError(
        absl::StrCat("CLUSTER SLOTS gave what is no map of slots: ", DebugString(slots)));
  };
  if (slots.type != Reply::Type::kArray) return odd();
  for (const Reply& range : slots.elements) {
    if (range.elements.size() < 3 || range.elements[2].elements.size() < 2) return odd();
    const int64_t first = range.elements[0].integer;
    const int64_t last = range.elements[1].integer;
    const Reply& host = range.elements[2].elements[0];
    const int64_t port = range.elements[2].elements[1].integer;
    if (!IsSlot(first) || !IsSlot(last) || port < 1 || port > kPortMax) return odd();
    const int node = NodeAt(host.text.empty() ? asked_host : absl::string_view(host.text),
                            static_cast<int>(port));
    for (int64_t slot = first; slot <= last; ++slot) SetOwner(static_cast<int>(slot), node);
  }
  return absl::OkStatus();
}

int ClusterMap::NodeAt(absl::string_view host, int port) {
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].host == host && nodes_[i].port == port) return static_cast<int>(i);
  }
  nodes_.push_back({std::string(host), port});
  return static_cast<int>(nodes_.size()) - 1;
}

bool ClusterMap::OwnsSlots(int node) const {
  return std::find(owners_.begin(), owners_.end(), node) != owners_.end();
}

bool ParseRedirection(absl::string_view error, Redirection* out) {
  const std::vector<absl::string_view> words = absl::StrSplit(error, ' ');
  if (words.size() < 3) return false;
  // The last colon: an address of IPv6 has others.
  const size_t colon = words[2].rfind(':');
  int64_t slot, port;
  if (colon == absl::string_view::npos || !ParseInt64(words[1], &slot) || !IsSlot(slot) ||
      !ParseInt64(words[2].substr(colon + 1), &port) || port < 1 || port > kPortMax) {
    return false;
  }
  *out = {static_cast<int>(slot), std::string(words[2].substr(0, colon)), static_cast<int>(port)};
  return true;
}

}  // namespace damselfly::load
