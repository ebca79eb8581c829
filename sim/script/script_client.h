#ifndef DAMSELFLY_SIM_SCRIPT_SCRIPT_CLIENT_H_
#define DAMSELFLY_SIM_SCRIPT_SCRIPT_CLIENT_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "server/resp/reply_reader.h"
#include "server/runtime/network.h"
#include "sim/model/keyspace_model.h"
#include "sim/script/answer.h"
#include "sim/world/connection.h"
#include "sim/world/host.h"

namespace damselfly::sim {

// One client's connection to one node, moved by hand: connects when something is sent, and again
// after its end. Outlives everything of the world that may call it. All calls come outside of
// call-backs; what is done but Close happens in a later pass of its host's only worker.
class ScriptClient final : public StreamHandler {
 public:
  // `server` is node number `node`.
  ScriptClient(Host* host, Endpoint server, int node)
      : host_(host), server_(std::move(server)), node_(node) {}

  // Sends requests, one behind the other.
  void Send(const std::vector<Args>& requests);
  // Takes the next answer, if there is one. The end of the connection is one if answers are due.
  bool Take(Answer* out);
  // Requests that are not answered yet.
  uint64_t pending() const { return pending_.size(); }
  bool has_answers() const { return !answers_.empty(); }

  void StopReading();
  void ReadAgain();
  // At once. What is sent afterwards goes over a new connection.
  void Close();

  void OnData(absl::string_view data) override;
  void OnWritable() override;
  void OnClosed(const absl::Status& reason) override;

 private:
  void Connect();
  void OnConnected(std::unique_ptr<Stream> stream);
  void OnEnd();

  Host* const host_;
  const Endpoint server_;
  const int node_;
  bool connecting_ = false;
  bool close_when_connected_ = false;
  bool reading_stopped_ = false;
  std::unique_ptr<Stream> stream_;
  Ref<Connection> connection_;
  std::string unsent_;
  uint64_t sent_offset_ = 0;
  uint64_t received_offset_ = 0;
  ReplyReader reader_;
  std::deque<uint64_t> pending_;  // where in the stream each request ends
  std::deque<Answer> answers_;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SCRIPT_SCRIPT_CLIENT_H_
