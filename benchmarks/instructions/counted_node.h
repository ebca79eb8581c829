#ifndef DAMSELFLY_BENCHMARKS_INSTRUCTIONS_COUNTED_NODE_H_
#define DAMSELFLY_BENCHMARKS_INSTRUCTIONS_COUNTED_NODE_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/node.h"
#include "server/runtime/network.h"
#include "server/session/config.h"
#include "server/session/session_harness.h"

namespace damselfly {

// The client's end of a connection without a socket. Takes whatever the node sends, at next to no
// cost: the bytes are counted, and kept only on demand.
class CountedWire {
 public:
  // The node's end.
  std::unique_ptr<Stream> MakeStream();

  // Gives the node these bytes as one read.
  void Deliver(absl::string_view bytes) { handler_->OnData(bytes); }

  size_t received_bytes() const { return received_bytes_; }
  void set_keeps(bool keeps) { keeps_ = keeps; }
  std::string TakeReceived() { return std::exchange(received_, {}); }

 private:
  class End;

  StreamHandler* handler_ = nullptr;
  size_t received_bytes_ = 0;
  bool keeps_ = false;
  std::string received_;
};

// How the node that is counted is set up.
enum class Setting {
  kPlain,           // one worker, no cluster
  kTwoWorkers,      // of which one does it all, with locks that are shared
  kEmulated,        // --cluster_mode=emulated
  kCluster,         // --cluster_mode=yes, and all slots are the node's own
  kReplicaAttached  // a replica in step, whose flow is counted too
};

// A whole node on loops driven by hand, whose time stands still, and a client.
class CountedNode {
 public:
  explicit CountedNode(Setting setting);
  ~CountedNode();

  // Sends, runs what is to run, and returns the replies.
  std::string Call(absl::string_view requests) { return CallOn(client_, requests); }

  // Hands over the passes, one read each, and has the replica's flow, if there is one, send what
  // came of each: all that is counted.
  void Run(const std::vector<std::string>& passes) {
    for (const std::string& pass : passes) {
      client_->Deliver(pass);
      if (has_replica_) runtime_.loop(0).RunReady();
    }
  }
  CountedWire& client() { return *client_; }

 private:
  CountedWire* Connect();
  std::string CallOn(CountedWire* wire, absl::string_view requests);
  void OwnAllSlots();
  void AttachReplica();

  const bool has_replica_;
  // Outlive the node's sessions.
  std::deque<CountedWire> wires_;
  FakeRuntime runtime_;
  Config config_;
  std::unique_ptr<Node> node_;
  CountedWire* client_ = nullptr;
};

}  // namespace damselfly

#endif  // DAMSELFLY_BENCHMARKS_INSTRUCTIONS_COUNTED_NODE_H_
