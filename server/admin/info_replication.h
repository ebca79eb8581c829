#ifndef DAMSELFLY_SERVER_ADMIN_INFO_REPLICATION_H_
#define DAMSELFLY_SERVER_ADMIN_INFO_REPLICATION_H_

#include <string>

namespace damselfly {

class ServerState;

// INFO's section "replication", in Dragonfly's fields: offsets and lags count records of the change
// stream, not bytes. Fields of Redis that tools read stay beside them. Any worker.
void WriteInfoReplication(ServerState& server, std::string* text);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_ADMIN_INFO_REPLICATION_H_
