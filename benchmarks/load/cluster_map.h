#ifndef DAMSELFLY_BENCHMARKS_LOAD_CLUSTER_MAP_H_
#define DAMSELFLY_BENCHMARKS_LOAD_CLUSTER_MAP_H_

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/base/crc16.h"
#include "server/resp/reply_reader.h"

namespace damselfly::load {

// Which master owns which slot, as far as a client has learned. Nodes are numbered in the order in
// which they become known and never go away. Not thread-safe.
class ClusterMap {
 public:
  struct Node {
    std::string host;
    int port;
  };

  ClusterMap() { owners_.fill(-1); }

  // Takes the reply to CLUSTER SLOTS. A node without a host is the one that was asked.
  absl::Status Learn(const Reply& slots, absl::string_view asked_host);

  // -1 for a slot that nobody is known to own.
  int owner(int slot) const { return owners_[static_cast<size_t>(slot)]; }
  void SetOwner(int slot, int node) { owners_[static_cast<size_t>(slot)] = node; }
  // Adds the node if it is new.
  int NodeAt(absl::string_view host, int port);
  const std::vector<Node>& nodes() const { return nodes_; }
  bool OwnsSlots(int node) const;

 private:
  std::array<int, kSlotCount> owners_;
  std::vector<Node> nodes_;
};

// What "MOVED 3999 127.0.0.1:6381" and "ASK 3999 127.0.0.1:6381" say.
struct Redirection {
  int slot = 0;
  std::string host;  // may be empty: the host that was asked
  int port = 0;
};
bool ParseRedirection(absl::string_view error, Redirection* out);

}  // namespace damselfly::load

#endif  // DAMSELFLY_BENCHMARKS_LOAD_CLUSTER_MAP_H_
