#ifndef DAMSELFLY_SERVER_REPLICATION_LINK_STATUS_H_
#define DAMSELFLY_SERVER_REPLICATION_LINK_STATUS_H_

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "server/runtime/network.h"
#include "server/session/replication_view.h"

namespace damselfly {

// How a replica's link to its master is doing: written by the link, read by INFO and ROLE. Any
// thread; its lock may be taken with slots locked.
class LinkStatus {
 public:
  enum class State { kConnecting, kPreparation, kFullSync, kOnline };

  // Another master: all begins anew.
  void Reset(const Endpoint& master);
  void SetState(State state);
  State state() const;
  // All data has been dropped; or, there is all of the master's again.
  void SetComplete(bool complete);
  void CountPartialSync(bool granted);
  void CountReconnect();

  // The master has said something.
  void Hear(int64_t now_ns) { heard_ns_.store(now_ns, std::memory_order_relaxed); }
  // When that was; negative: never.
  int64_t heard_ns() const { return heard_ns_.load(std::memory_order_relaxed); }

  // Fills in what a replica's facts are, but for `applied_records`; returns whether these may be
  // shown.
  bool Describe(int64_t now_ns, ReplicationFacts* facts) const;

 private:
  mutable std::mutex mutex_;
  Endpoint master_;
  State state_ = State::kConnecting;
  bool complete_ = false;
  uint64_t partial_sync_attempts_ = 0;
  uint64_t partial_sync_successes_ = 0;
  uint64_t reconnect_count_ = 0;
  std::atomic<int64_t> heard_ns_{-1};
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_LINK_STATUS_H_
