#ifndef DAMSELFLY_SIM_CLIENTS_WORKLOAD_H_
#define DAMSELFLY_SIM_CLIENTS_WORKLOAD_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "server/resp/reply_reader.h"
#include "sim/model/keyspace_model.h"
#include "sim/model/moment.h"

namespace damselfly::sim {

// What became of the node's end of a lost connection.
enum class Fate {
  kFinished,  // it is closed: nothing of it is executed any more
  kUnknown,   // it may still be open, and requests on it still be executed
};

// The unanswered part of a lost connection.
struct LostCalls {
  std::vector<Args> calls;  // in the order of sending
  size_t executed_max = 0;  // only these many of them, from the front, can have been executed
  Moment moment{0, 0, nullptr};
  Fate fate = Fate::kUnknown;
};

// What a client says, and who judges what it hears.
class Workload {
 public:
  virtual ~Workload() = default;

  // There is a new connection, to the node's process of that number.
  virtual void OnConnected(int incarnation) = 0;

  // There is none: the node refuses, or does not answer. The client tries again in a while.
  virtual void OnConnectFailed() {}

  // The requests to send next, as one pipeline. May leave `calls` empty: asked again after the next
  // reply, or a while.
  virtual void NextCalls(std::vector<Args>* calls) = 0;

  // Replies come in the order of the requests.
  virtual void OnReply(const Args& args, Reply reply, const Moment& moment) = 0;

  // A push. False: it is to be taken for a reply.
  virtual bool OnPush(const Reply&) { return false; }

  // A request that gets no reply, by CLIENT REPLY, was executed. Comes before the reply behind it.
  // Only for who sends such.
  virtual void OnMuted(const Args&, const Moment&) {}

  // The connection is gone; another one follows.
  virtual void OnLost(const LostCalls& lost) = 0;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLIENTS_WORKLOAD_H_
