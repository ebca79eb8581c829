#ifndef DAMSELFLY_SIM_CLIENTS_SHARED_CACHE_H_
#define DAMSELFLY_SIM_CLIENTS_SHARED_CACHE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "server/resp/reply_reader.h"
#include "sim/model/keyspace_model.h"
#include "sim/oracles/cache_oracle.h"
#include "sim/world/decider.h"

namespace damselfly::sim {

// The caching of one client of RESP3: how it wants to be told on each connection (CLIENT TRACKING),
// and what it keeps.
class SharedCache {
 public:
  // `client` is for messages; the board outlives the cache.
  SharedCache(std::string client, DecisionStream decisions, OracleBoard* board);

  // There is a new connection. The oracle, of the node's present life, outlives it.
  void OnConnected(CacheOracle* oracle);
  void OnLost();

  // Switches tracking on, in one of the many ways; once a connection, ahead of all else. Empty: it
  // has been asked for already.
  Args NextTracking();
  void OnTracking() { cache_->Begin(ways_); }
  // What is to stand right in front of a command that reads, or of its MULTI; empty: nothing.
  // `*tracked`: whether what is read may be kept. By `decisions`, of which that command is a part.
  Args NextCaching(DecisionStream* decisions, bool* tracked) const;

  // Takes an invalidation; false if it is none.
  bool OnPush(const Reply& push);

  // Null: there is no connection.
  ClientCache* view() { return cache_.has_value() ? &*cache_ : nullptr; }

 private:
  enum class Choice { kAll, kOptIn, kOptOut, kBroadcast };

  const std::string client_;
  DecisionStream decisions_;
  OracleBoard* const board_;
  uint64_t connection_count_ = 0;
  bool asked_ = false;
  Choice choice_ = Choice::kAll;
  CacheWays ways_;
  std::optional<ClientCache> cache_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLIENTS_SHARED_CACHE_H_
