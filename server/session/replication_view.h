#ifndef DAMSELFLY_SERVER_SESSION_REPLICATION_VIEW_H_
#define DAMSELFLY_SERVER_SESSION_REPLICATION_VIEW_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/optional.h"

namespace damselfly {

// What a node does for its clients at the moment.
enum class ServiceState : uint8_t {
  kActive,     // serves; a replica: reads
  kLoading,    // a replica that is being filled: its data is not to be seen
  kTakenOver,  // a master that has handed over to a replica of its own
};

// One replica, as its master sees it.
struct ReplicaFacts {
  std::string host;  // as announced
  int port = 0;      // as announced
  std::string node_id;
  std::string state;  // "preparation", "full_sync", "online", "cancelled"
  uint64_t lag_records = 0;
  uint64_t lag_bytes = 0;  // not yet handed to the network
};

// What INFO, ROLE and the metrics show.
struct ReplicationFacts {
  bool is_replica = false;
  std::string lineage_id;  // master_replid: forty hexadecimal digits
  // Where the lineage comes from, and how many records that had then; empty: from none.
  std::string previous_lineage_id;
  uint64_t fork_records = 0;

  // Of a master.
  std::vector<ReplicaFacts> replicas;  // in the order of their arrival
  uint64_t journal_records = 0;        // appended since the lineage began
  uint64_t backlog_bytes = 0;

  // Of a replica.
  std::string master_host;  // as REPLICAOF was given it
  int master_port = 0;
  std::string link_state;  // ROLE: "connecting", "preparation", "full_sync", "online"
  bool link_up = false;
  bool sync_in_progress = false;
  int64_t last_io_seconds = -1;              // since the master was last heard; -1: never
  absl::optional<uint64_t> applied_records;  // slave_repl_offset: once a sync has been completed
  uint64_t partial_sync_attempts = 0;
  uint64_t partial_sync_successes = 0;
  uint64_t reconnect_count = 0;
};

// What the rest of the node asks of its replication. Any thread.
class ReplicationView {
 public:
  virtual ~ReplicationView() = default;
  virtual ReplicationFacts Facts() const = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_REPLICATION_VIEW_H_
