#include "server/session/memory_gate.h"

#include <algorithm>
#include <cmath>

#include "server/session/server_state.h"

namespace damselfly {
namespace {

// What one worker may grow by at most between two looks at all of the memory.
constexpr int64_t kUnseenGrowthMax = 64 << 10;
// With it, an eviction makes room for some dozens of commands of each worker.
constexpr int64_t kSlackPerWorkerMax = 4 << 10;
// The least that is evicted for one command, if need be.
constexpr int64_t kEvictionsMin = 16;

}  // namespace

MemoryUse MeasureMemory(ServerState& server) {
  MemoryUse use;
  const StoreCountersSnapshot counters = server.store().TotalCounters();
  use.dataset_bytes = counters.used_bytes;
  use.background_bytes = counters.background_bytes;
  server.clients().ForEach([&](ClientInfo& info) {
    const int64_t bytes = info.total_memory_bytes.load(std::memory_order_relaxed);
    (info.HasFlag(ClientInfo::kReplica) ? use.replica_bytes : use.client_bytes) += bytes;
    return true;
  });
  if (server.replication() != nullptr) {
    use.backlog_bytes = static_cast<int64_t>(server.replication()->Facts().backlog_bytes);
  }
  return use;
}

MemoryGate::MemoryGate(ServerState* server, StoreCounters* counters)
    : server_(*server), counters_(*counters) {}

bool MemoryGate::IsShort(int64_t now_ms) { return IsDue() && Look(now_ms) == Level::kStuck; }

bool MemoryGate::EvictMore(int64_t now_ms) { return Look(now_ms) == Level::kAbove; }

// Evicts, and sets how far the worker may go until the next look.
MemoryGate::Level MemoryGate::Look(int64_t now_ms) {
  const Config& config = server_.config();
  for (;;) {
    const int64_t limit_bytes = config.integer(Parameter::maxmemory);
    const bool may_evict = MayEvict(now_ms);
    Level level = Level::kBelow;
    int64_t due_bytes = kNeverDue;
    if (limit_bytes != 0) {
      if (may_evict) level = Evict(limit_bytes, now_ms);
      const int64_t share = (limit_bytes - CountedBytes()) / server_.worker_count();
      due_bytes = level != Level::kBelow
                      ? kAlwaysDue
                      : counters_.used_bytes.get() +
                            (may_evict ? std::clamp<int64_t>(share, 1, kUnseenGrowthMax)
                                       : kUnseenGrowthMax);
    }
    // If Reset() has come in between, what it stands for is seen here.
    due_bytes_.exchange(due_bytes, std::memory_order_acq_rel);
    if (config.integer(Parameter::maxmemory) == limit_bytes) return level;
  }
}

MemoryGate::Level MemoryGate::Evict(int64_t limit_bytes, int64_t now_ms) {
  if (CountedBytes() <= limit_bytes) return Level::kBelow;
  Evictor& evictor = server_.store().evictor();
  int64_t left = EvictionsMax();
  while (CountedBytes() > limit_bytes - SlackBytes(limit_bytes)) {
    if (left-- == 0) break;
    const Evictor::Outcome outcome =
        evictor.EvictOne(now_ms, &counters_, [&] { return MayEvict(now_ms); });
    if (outcome == Evictor::Outcome::kNothing)
      return CountedBytes() <= limit_bytes || !MayEvict(now_ms) ? Level::kBelow : Level::kStuck;
  }
  return CountedBytes() <= limit_bytes ? Level::kBelow : Level::kAbove;
}

// A replica does as its master does. While clients are paused, nothing may change.
bool MemoryGate::MayEvict(int64_t now_ms) const {
  if (!server_.is_active() || server_.is_replica.load(std::memory_order_relaxed)) return false;
  return server_.pause_kind() == ServerState::PauseKind::kNone || now_ms >= server_.pause_end_ms();
}

// What has been evicted and waits to be freed is as good as gone.
int64_t MemoryGate::CountedBytes() const {
  const StoreCountersSnapshot total = server_.store().TotalCounters();
  return total.used_bytes - total.background_bytes +
         server_.client_bytes.load(std::memory_order_relaxed);
}

// Redis measures this in microseconds, and an eviction takes about one. Counted, it does not depend
// on the clock.
int64_t MemoryGate::EvictionsMax() const {
  const int64_t tenacity = server_.config().integer(Parameter::maxmemory_eviction_tenacity);
  if (tenacity >= 100) return std::numeric_limits<int64_t>::max();
  if (tenacity <= 10) return std::max(50 * tenacity, kEvictionsMin);
  return static_cast<int64_t>(500 * std::pow(1.15, static_cast<double>(tenacity - 10)));
}

int64_t MemoryGate::SlackBytes(int64_t limit_bytes) const {
  return std::min(limit_bytes / 1024, kSlackPerWorkerMax * server_.worker_count());
}

}  // namespace damselfly
