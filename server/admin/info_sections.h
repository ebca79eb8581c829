#ifndef DAMSELFLY_SERVER_ADMIN_INFO_SECTIONS_H_
#define DAMSELFLY_SERVER_ADMIN_INFO_SECTIONS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace damselfly {

class ServerState;

// INFO's sections (https://redis.io/docs/latest/commands/info/), in the order of the reply.
enum class InfoSection : int {
  kServer,
  kClients,
  kMemory,
  kPersistence,
  kStats,
  kReplication,
  kCpu,
  kModules,
  kCommandStats,
  kErrorStats,
  kLatencyStats,
  kCluster,
  kKeyspace,
};
inline constexpr int kInfoSectionCount = 13;

// Which sections INFO's arguments ask for, as bits (1 << section). No argument is "default";
// unknown names ask for nothing.
uint32_t SelectInfoSections(absl::Span<const absl::string_view> names);

// The text of the chosen sections: "# Server\r\nfield:value\r\n", with an empty line between two of
// them. Any worker.
std::string WriteInfo(ServerState& server, uint32_t sections);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_ADMIN_INFO_SECTIONS_H_
