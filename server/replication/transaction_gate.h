#ifndef DAMSELFLY_SERVER_REPLICATION_TRANSACTION_GATE_H_
#define DAMSELFLY_SERVER_REPLICATION_TRANSACTION_GATE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/replication/record.h"

namespace damselfly {

// A lane's part of a transaction that spans lanes, as it came from the master.
struct TransactionPart {
  int lane = 0;
  std::string bytes;  // of the record
  Record record;      // views into `bytes`
  // Tells the flow that waits with this part that it has been applied, or why it could not be. By
  // the flow that applies it, on that one's thread; may come after the waiting flow has gone.
  std::function<void(absl::Status)> resume;
};
using TransactionParts = std::vector<std::unique_ptr<TransactionPart>>;

// Where the flows of one link meet whose records belong to one transaction: whoever comes last gets
// all the parts, applies them and resumes the others. A flow that waits reads nothing more, so it
// waits with one part at most. Lanes agree on the order of transactions that they share: with an
// honest master nobody waits for ever. Any thread.
class TransactionGate {
 public:
  // Of a mutant nobody waits: `in_parts`.
  explicit TransactionGate(int lane_count, bool in_parts = false)
      : lane_count_(lane_count), in_parts_(in_parts) {}
  TransactionGate(const TransactionGate&) = delete;
  TransactionGate& operator=(const TransactionGate&) = delete;

  // Gives all parts, in the order of their lanes, when this was the last one; none when others are
  // missing. The error says what does not fit; the link is of no use then. Requires a record that
  // spans lanes.
  absl::StatusOr<TransactionParts> Arrive(std::unique_ptr<TransactionPart> part);

 private:
  const int lane_count_;
  const bool in_parts_;
  std::mutex mutex_;
  std::map<uint64_t, TransactionParts> waiting_;  // by transaction; guarded by mutex_
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_TRANSACTION_GATE_H_
