#ifndef DAMSELFLY_SERVER_ADMIN_INFO_STATISTICS_H_
#define DAMSELFLY_SERVER_ADMIN_INFO_STATISTICS_H_

#include <string>

#include "server/session/latency_histogram.h"

namespace damselfly {

class ServerState;
struct Command;

// INFO's sections that count: each appends "field:value\r\n" lines.
void WriteInfoStats(ServerState& server, std::string* text);
void WriteInfoCommandStats(ServerState& server, std::string* text);
void WriteInfoErrorStats(ServerState& server, std::string* text);
void WriteInfoLatencyStats(ServerState& server, std::string* text);

// One command's calls over all workers.
LatencySummary SummarizeLatency(ServerState& server, const Command& command);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_ADMIN_INFO_STATISTICS_H_
