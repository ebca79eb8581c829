#ifndef DAMSELFLY_SERVER_REPLICATION_MASTER_CONNECTION_H_
#define DAMSELFLY_SERVER_REPLICATION_MASTER_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/resp/reply_reader.h"
#include "server/runtime/coroutine_stream.h"
#include "server/runtime/event_loop.h"
#include "server/runtime/network.h"
#include "server/runtime/task.h"
#include "server/session/client_info.h"

namespace damselfly {

class Config;
class ServerState;

// The request that introduces this node to its master, by the parameters masteruser and masterauth;
// empty when there is no password.
std::string MasterAuthRequest(const Config& config);

// A connection to a master, for coroutines on one loop: a replica is a client there like any other.
// One coroutine at a time asks; after an error the connection is of no use. Timeouts are in ns.
//
// A flow asks with Ask() alone, because behind its last reply come bytes that are no replies.
class MasterConnection {
 public:
  // Neither is owned; both outlive the connection.
  MasterConnection(Network* network, EventLoop* loop) : network_(*network), loop_(*loop) {}
  ~MasterConnection();
  MasterConnection(const MasterConnection&) = delete;
  MasterConnection& operator=(const MasterConnection&) = delete;

  // Connects, and sends `auth_request` if it is not empty. Called once, before all else.
  Task<absl::Status> Open(Endpoint master, std::string auth_request, int64_t timeout_ns);

  // From now on it is among the clients of `server`, which outlives it, as its link to the master.
  // Requires an Open that went well. Called once.
  void ShowAsClient(ServerState* server);

  // Sends a request whose reply is one line. OK for a "+"; an error reply is an Aborted status with
  // its text.
  Task<absl::Status> Ask(std::string request, int64_t timeout_ns);

  // Sends a request; gives its reply, which may be an error.
  Task<absl::StatusOr<Reply>> Call(std::string request, int64_t timeout_ns);

  // Sends without waiting for a reply.
  Task<absl::Status> Send(std::string request, int64_t timeout_ns);

  // The next reply, whenever it comes. May wait beside a Send.
  Task<absl::StatusOr<Reply>> NextReply();

  // Bytes that came behind the last line that Ask has read.
  std::string TakeUnread();
  // The next bytes. Requires an Open that went well.
  CoroutineStream::Reader ReadSome() { return stream_->ReadSome(); }

  // Whoever waits is resumed with an error, from within this call.
  void Close() {
    if (stream_ != nullptr) stream_->Close();
  }

 private:
  Task<absl::StatusOr<std::string>> ReadLine();

  Network& network_;
  EventLoop& loop_;
  std::unique_ptr<CoroutineStream> stream_;
  ServerState* server_ = nullptr;  // not null: shown there
  ClientInfo info_;
  std::string unread_;
  ReplyReader replies_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_MASTER_CONNECTION_H_
