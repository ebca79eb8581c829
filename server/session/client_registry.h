#ifndef DAMSELFLY_SERVER_SESSION_CLIENT_REGISTRY_H_
#define DAMSELFLY_SERVER_SESSION_CLIENT_REGISTRY_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>

#include "absl/functional/function_ref.h"
#include "server/session/client_info.h"

namespace damselfly {

// All connections of a node, over all workers, in the order of their ids. Thread-safe.
class ClientRegistry {
 public:
  // Gives `info` its id (ascending from 1, never reused). `info` stays valid until Remove(info).
  void Add(ClientInfo* info);
  void Remove(ClientInfo* info);

  // Connections now.
  int64_t size() const { return size_.load(std::memory_order_relaxed); }
  // Those that came in on a regular port: what maxclients counts.
  int64_t regular_size() const { return regular_size_.load(std::memory_order_relaxed); }

  // Visits all, in the order of ids, under the mutex: `visitor` must not call the registry. Stops
  // when it returns false.
  void ForEach(absl::FunctionRef<bool(ClientInfo&)> visitor);

  // Runs `visitor` on one connection under the mutex; returns false when there is none with that
  // id.
  bool Visit(uint64_t id, absl::FunctionRef<void(ClientInfo&)> visitor);

  // Guards the strings of ClientInfo that change.
  std::mutex& mutex() { return mutex_; }

 private:
  std::mutex mutex_;
  std::map<uint64_t, ClientInfo*> clients_;
  uint64_t last_id_ = 0;
  std::atomic<int64_t> size_{0};
  std::atomic<int64_t> regular_size_{0};
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_CLIENT_REGISTRY_H_
