#ifndef DAMSELFLY_SERVER_ADMIN_MEMORY_FIGURES_H_
#define DAMSELFLY_SERVER_ADMIN_MEMORY_FIGURES_H_

#include <cstdint>
#include <string>

namespace damselfly {

class ServerState;

// How much memory a node uses, and for what: INFO memory, MEMORY STATS, MEMORY DOCTOR.
struct MemoryFigures {
  int64_t dataset_bytes = 0;  // entries, values and tables, also those that wait to be freed
  int64_t clients_bytes = 0;  // connections and their buffers
  int64_t background_bytes = 0;
  int64_t used_bytes = 0;      // dataset and clients
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
  double dataset_percentage() const {
    return used_bytes == 0
               ? 0
               : 100.0 * static_cast<double>(dataset_bytes) / static_cast<double>(used_bytes);
  }
};

// Any worker.
MemoryFigures CollectMemoryFigures(ServerState& server);

// "512B", "1.72M": the unit is the largest that leaves at least 1.
std::string HumanBytes(int64_t bytes);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_ADMIN_MEMORY_FIGURES_H_
