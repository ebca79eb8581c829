#include "server/session/client_registry.h"

#include "server/base/check.h"

namespace damselfly {

void ClientRegistry::Add(ClientInfo* info) {
  std::lock_guard<std::mutex> guard(mutex_);
  DFLY_CHECK_EQ(info->id, uint64_t{0});
  info->id = ++last_id_;
  clients_.emplace_hint(clients_.end(), info->id, info);
  if (info->port == ClientPort::kRegular) regular_size_.fetch_add(1, std::memory_order_relaxed);
  size_.store(static_cast<int64_t>(clients_.size()), std::memory_order_relaxed);
}

void ClientRegistry::Remove(ClientInfo* info) {
  std::lock_guard<std::mutex> guard(mutex_);
  DFLY_CHECK_EQ(clients_.erase(info->id), size_t{1});
  if (info->port == ClientPort::kRegular) regular_size_.fetch_sub(1, std::memory_order_relaxed);
  size_.store(static_cast<int64_t>(clients_.size()), std::memory_order_relaxed);
}

void ClientRegistry::ForEach(absl::FunctionRef<bool(ClientInfo&)> visitor) {
  std::lock_guard<std::mutex> guard(mutex_);
  for (auto& [id, info] : clients_) {
    if (!visitor(*info)) return;
  }
}

bool ClientRegistry::Visit(uint64_t id, absl::FunctionRef<void(ClientInfo&)> visitor) {
  std::lock_guard<std::mutex> guard(mutex_);
  auto found = clients_.find(id);
  if (found == clients_.end()) return false;
  visitor(*found->second);
  return true;
}

}  // namespace damselfly
