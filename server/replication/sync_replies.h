#ifndef DAMSELFLY_SERVER_REPLICATION_SYNC_REPLIES_H_
#define DAMSELFLY_SERVER_REPLICATION_SYNC_REPLIES_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "server/replication/journal.h"
#include "server/resp/reply_reader.h"

namespace damselfly {

// The reply to DFLY SYNC.
struct SyncAgreement {
  bool is_partial = false;
  std::string lineage_id;
  int64_t sync_id = 0;
  int lane_count = 0;
};

// The errors quote an error of the master, or say what is odd about its reply.
absl::StatusOr<SyncAgreement> ParseSyncReply(const Reply& reply);
absl::StatusOr<Positions> ParseStartReply(const Reply& reply, int lane_count);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_SYNC_REPLIES_H_
