#include "server/admin/memory_figures.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/session/server_state.h"

namespace damselfly {

MemoryFigures CollectMemoryFigures(ServerState& server) {
  MemoryFigures figures;
  const StoreCountersSnapshot counters = server.store().TotalCounters();
  figures.dataset_bytes = counters.used_bytes;
  figures.background_bytes = counters.background_bytes;
  server.clients().ForEach([&](ClientInfo& info) {
    figures.clients_bytes += info.total_memory_bytes.load(std::memory_order_relaxed);
    return true;
  });
  figures.used_bytes = figures.dataset_bytes + figures.clients_bytes;
  figures.peak_bytes = server.activity().PeakMemory(figures.used_bytes);
  const ProcessUsage usage = server.runtime().Usage();
  figures.resident_bytes = usage.resident_bytes;
  figures.system_bytes = usage.system_memory_bytes;
  for (int database = 0; database < Store::kDatabaseCount; ++database) {
    figures.key_count += static_cast<int64_t>(server.store().KeyCount(database));
  }
  return figures;
}

std::string HumanBytes(int64_t bytes) {
  if (bytes < 1024) return absl::StrCat(bytes, "B");
  double amount = static_cast<double>(bytes);
  for (const char* unit : {"K", "M", "G", "T"}) {
    amount /= 1024;
    if (amount < 1024) return absl::StrFormat("%.2f%s", amount, unit);
  }
  return absl::StrFormat("%.2fP", amount / 1024);
}

}  // namespace damselfly
