#ifndef DAMSELFLY_SERVER_ADMIN_MEMORY_FIGURES_H_
#define DAMSELFLY_SERVER_ADMIN_MEMORY_FIGURES_H_

#include <cstdint>
#include <string>

#include "server/store/bucket.h"

namespace damselfly {

class ServerState;

// What one key costs in a full bucket of the table, beside its entry.
inline constexpr int64_t kTableBytesPerKey =
    (static_cast<int64_t>(sizeof(Bucket)) + Bucket::kCapacity - 1) / Bucket::kCapacity;
// What a deadline takes in an entry.
inline constexpr int64_t kDeadlineBytes = 8;

// How much memory a node uses, and for what: INFO memory, MEMORY STATS, MEMORY DOCTOR.
struct MemoryFigures {
  int64_t dataset_bytes = 0;  // entries, values and tables, also those that wait to be freed
  // Part of it: what tables and deadlines take, by the number of keys.
  int64_t table_bytes = 0;
  int64_t clients_bytes = 0;   // connections and their buffers, but for replicas'
  int64_t replicas_bytes = 0;  // likewise, of replicas
  int64_t backlog_bytes = 0;   // changes kept for replicas that come back
  int64_t background_bytes = 0;
  int64_t used_bytes = 0;      // all of these: dataset, clients, replicas, backlog
  int64_t peak_bytes = 0;      // of used_bytes, since the start
  int64_t resident_bytes = 0;  // of the whole process
  int64_t system_bytes = 0;
  int64_t key_count = 0;

  double fragmentation_ratio() const {
    return used_bytes == 0 ? 0
                           : static_cast<double>(resident_bytes) / static_cast<double>(used_bytes);
  }
  double peak_percentage() const {
    return peak_bytes == 0
               ? 100
               : 100.0 * static_cast<double>(used_bytes) / static_cast<double>(peak_bytes);
  }
  // As Redis divides them: what is used is overhead or data.
  int64_t overhead_bytes() const {
    return clients_bytes + replicas_bytes + backlog_bytes + table_bytes;
  }
  int64_t data_bytes() const { return used_bytes - overhead_bytes(); }
  double data_percentage() const {
    return used_bytes == 0
               ? 0
               : 100.0 * static_cast<double>(data_bytes()) / static_cast<double>(used_bytes);
  }
};

// Any worker.
MemoryFigures CollectMemoryFigures(ServerState& server);

// "512B", "1.72M": the unit is the largest that leaves at least 1.
std::string HumanBytes(int64_t bytes);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_ADMIN_MEMORY_FIGURES_H_
