#include "sim/sweep/cache_check.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>

#include "server/store/entry.h"

namespace damselfly::sim {
namespace {

constexpr int64_t kStepNs = 50 * kMillisecond;
// What broadcasts wait for, and the mail between workers: some passes.
constexpr int64_t kSettleNs = 200 * kMillisecond;
constexpr int64_t kRestNsMax = 5 * kSecond;

// Lets the world run on until each client has been answered what it asked for after this moment.
void AwaitAnswers(const std::vector<CachingClient>& clients, World* world) {
  const int64_t begin_ns = world->now_ns();
  const auto answered = [begin_ns](const CachingClient& client) {
    return client.workload->answered_begin_ns() > begin_ns;
  };
  while (!world->stop_requested() && world->now_ns() < begin_ns + kRestNsMax &&
         !std::all_of(clients.begin(), clients.end(), answered)) {
    world->RunUntil(world->now_ns() + kStepNs);
  }
}

using Values = std::map<std::string, std::string>;

Values HeldValues(const CachingClient& client) {
  Values values;
  ClientCache* const cache = client.workload->cache();
  if (cache == nullptr || !client.node->running()) return values;
  for (const std::string& key : cache->keys())
    values[key] = HeldValue(&client.node->node().store(), key);
  return values;
}

}  // namespace

std::string HeldValue(Store* store, absl::string_view key) {
  const uint16_t slot = store->MakeKey(key).slot;
  std::string value;
  store->Lock(slot);
  store->ForEachInSlot(0, slot, [&](Entry& entry) {
    char scratch[Entry::kIntegerTextBytesMax];
    if (entry.key() == key) value = std::string(entry.StringValue(scratch));
  });
  store->Unlock(slot);
  return value;
}

void CheckCachesAtRest(const std::vector<CachingClient>& clients, World* world,
                       OracleBoard* board) {
  if (clients.empty() || world->stop_requested()) return;
  for (const CachingClient& client : clients) client.workload->Rest();
  AwaitAnswers(clients, world);
  std::vector<Values> before;
  for (const CachingClient& client : clients) before.push_back(HeldValues(client));
  world->RunUntil(world->now_ns() + kSettleNs);
  const int64_t settled_ns = world->now_ns();
  AwaitAnswers(clients, world);
  if (world->stop_requested()) return;
  for (size_t i = 0; i < clients.size(); ++i) {
    if (clients[i].workload->answered_begin_ns() <= settled_ns) continue;
    // What has changed meanwhile, because it has expired, may be on its way still.
    for (const auto& [key, value] : HeldValues(clients[i])) {
      const auto found = before[i].find(key);
      if (found != before[i].end() && found->second == value)
        clients[i].workload->cache()->CheckAtRest(key, value);
    }
  }
  if (board->violated()) world->RequestStop();
}

}  // namespace damselfly::sim
