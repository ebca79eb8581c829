#include "server/admin/memory_figures.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/session/memory_gate.h"
#include "server/session/server_state.h"

namespace damselfly {

MemoryFigures CollectMemoryFigures(ServerState& server) {
  MemoryFigures figures;
  const MemoryUse use = MeasureMemory(server);
  figures.dataset_bytes = use.dataset_bytes;
  figures.background_bytes = use.background_bytes;
  figures.clients_bytes = use.client_bytes;
  figures.replicas_bytes = use.replica_bytes;
  figures.backlog_bytes = use.backlog_bytes;
  figures.used_bytes = use.total();
  figures.peak_bytes = server.activity().PeakMemory(figures.used_bytes);
  const ProcessUsage usage = server.runtime().Usage();
  figures.resident_bytes = usage.resident_bytes;
  figures.system_bytes = usage.system_memory_bytes;
  for (int database = 0; database < Store::kDatabaseCount; ++database) {
    const auto keys = static_cast<int64_t>(server.store().KeyCount(database));
    const auto expiring_keys = static_cast<int64_t>(server.store().ExpiringKeyCount(database));
    figures.key_count += keys;
    figures.table_bytes += keys * kTableBytesPerKey + expiring_keys * kDeadlineBytes;
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
