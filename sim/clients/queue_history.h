#ifndef DAMSELFLY_SIM_CLIENTS_QUEUE_HISTORY_H_
#define DAMSELFLY_SIM_CLIENTS_QUEUE_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "sim/oracles/oracle_board.h"
#include "sim/oracles/queue_oracle.h"

namespace damselfly::sim {

// A request to one of the queues of a node, and when it was executed, as well as that is known.
struct QueueRequest {
  int incarnation;
  absl::string_view key;
  absl::string_view command;
  bool waits;
  QueueOracle::Span span;
};

// Who knows what else than a queue's contents a node may answer, and judges that. Of a node that is
// by itself nobody does.
class QueuePlace {
 public:
  virtual ~QueuePlace() = default;
  virtual void OnExecuted(const QueueRequest& request) = 0;
  // It was answered by this error. False: that is none with which the node may refuse it.
  virtual bool OnRefused(const QueueRequest& request, absl::string_view error) = 0;
};

// What all clients of one node that share queues have seen of them, apart for each life of the
// node's process: its data die with it.
//
// There are groups of queues, each in one slot. In each group:
//   a  pushed at the tail, popped at the head       c  pushed and popped at the head
//   b  pushed at the head, popped at the tail       z  a sorted set, popped at the lowest score
//   d  like a, but it gets what is moved there from a
class QueueHistory {
 public:
  static constexpr uint64_t kGroupCount = 4;

  // `place`, if any, outlives the history.
  explicit QueueHistory(QueuePlace* place = nullptr) : place_(place) {}

  static std::string Key(uint64_t group, char queue) {
    return "{q" + std::to_string(group) + "}" + queue;
  }
  static std::vector<std::string> AllKeys();

  QueueOracle& life(int incarnation);
  QueuePlace* place() const { return place_; }
  const std::map<int, QueueOracle>& lives() const { return lives_; }

  // A client of the node: returns its number here.
  size_t AddClient() {
    connections_.emplace_back();
    return connections_.size() - 1;
  }
  // CLIENT ID, which is 0 without a connection, and the process that it is from: another one gives
  // the same ids to others.
  struct ConnectionId {
    uint64_t id = 0;
    int incarnation = 0;
  };
  // By the clients' numbers.
  std::vector<ConnectionId>& connections() { return connections_; }

  // As QueueOracle::BeginCalm, for all lives.
  void BeginCalm(int64_t since_ns, int64_t late_ns) {
    calm_since_ns_ = since_ns;
    late_ns_ = late_ns;
  }

  // Judges all lives. `name` is for messages.
  void CheckAll(absl::string_view name, OracleBoard* board);

 private:
  QueuePlace* const place_;
  std::map<int, QueueOracle> lives_;
  std::vector<ConnectionId> connections_;
  int64_t calm_since_ns_ = QueueOracle::kNever;
  int64_t late_ns_ = 0;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLIENTS_QUEUE_HISTORY_H_
