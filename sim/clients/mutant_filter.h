#ifndef DAMSELFLY_SIM_CLIENTS_MUTANT_FILTER_H_
#define DAMSELFLY_SIM_CLIENTS_MUTANT_FILTER_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "server/resp/reply_reader.h"
#include "sim/model/keyspace_model.h"
#include "sim/world/world.h"

namespace damselfly::sim {

// Stands between a client and the wire and makes a correct server look like one with a bug, so that
// it can be seen that the oracles would find the bug. With no mutant it passes everything through.
class MutantFilter {
 public:
  explicit MutantFilter(World* world) : world_(world) {}

  // There is no mutant: requests go over the wire as they are.
  bool passes_requests() const { return world_->mutant() == Mutant::kNone; }
  // What really goes over the wire for a request.
  std::vector<Args> Outgoing(const Args& args);
  // What the client gets to see, given the replies to that.
  Reply Incoming(const Args& args, std::vector<Reply> replies);
  // `server` is "ip:port" of the node.
  void OnNewConnection(std::string server);

 private:
  // What goes over the wire when the server gets a command wrong, whatever has been before.
  static std::vector<Args> Rewritten(const Args& args, Mutant mutant, bool in_transaction);
  void ReplyChanged(const Args& args, Reply* reply) const;
  Reply IncomingFromCluster(const Args& args, Reply reply);

  World* const world_;
  int connection_count_ = 0;
  bool in_transaction_ = false;
  bool watching_ = false;
  bool reply_in_transaction_ = false;
  std::vector<Reply> torn_replies_;
  std::map<std::string, Reply> last_read_;  // by key
  Reply last_reply_;
  std::string server_;
  size_t queued_count_ = 0;  // commands since MULTI
  std::vector<Args> queued_writes_;
  bool queue_refused_ = false;
  Reply last_slots_;
  std::map<std::string, Reply> last_moved_;  // by slot
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLIENTS_MUTANT_FILTER_H_
