#ifndef DAMSELFLY_SIM_CLIENTS_CLIENT_H_
#define DAMSELFLY_SIM_CLIENTS_CLIENT_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "server/resp/reply_reader.h"
#include "sim/clients/host_wall.h"
#include "sim/clients/mutant_filter.h"
#include "sim/clients/reply_mode.h"
#include "sim/clients/workload.h"
#include "sim/oracles/oracle_board.h"
#include "sim/world/connection.h"
#include "sim/world/host.h"
#include "sim/world/world.h"

namespace damselfly::sim {

// How a client behaves.
struct ClientOptions {
  Endpoint server;
  std::string password;  // empty: none
  int protocol = 2;      // RESP version
  int64_t think_max_ns = 5 * kMillisecond;
  // Gives a connection up when a reply is due and not a byte has passed for so long. Longer than
  // any delay that heals by itself.
  int64_t reply_timeout_ns = 20 * kSecond;
  // Asks its workload only when Wake() says that there is something to send, not again and again.
  bool waits_to_be_woken = false;
  // Tells apart the clients of one host, whose decisions are streams of their own.
  uint64_t number_on_host = 0;
};

// A client on a host of its own: connects, sends what its workload wants, pairs replies with
// requests (S27), and connects again when the connection breaks. All of it happens in call-backs of
// its host's only worker.
//
//   connect -> HELLO, AUTH -> pipelines and pauses ... -> broken -> wait until the node's end is
//   gone -> connect
//
// What it tells the workload about when a request was executed is ground truth, taken from the
// simulated network: not before the node was given its last byte, not after the node wrote the
// reply's last byte.
class Client final : public StreamHandler {
 public:
  // All outlive the client. `server_host` is where options.server is.
  Client(World* world, Host* host, Host* server_host, const ClientOptions& options,
         Workload* workload, OracleBoard* board);
  ~Client() override;

  void Start();
  // The workload has something to send. On the host's loop; not from within the workload's calls.
  void Wake() { Pump(); }
  // Sends nothing more: waits for the replies due, closes, and is finished. Any time outside of
  // call-backs.
  void Finish();
  bool finished() const { return state_ == State::kFinished; }
  uint64_t replies() const { return reply_count_; }

  void OnData(absl::string_view data) override;
  void OnWritable() override;
  void OnClosed(const absl::Status& reason) override;

 private:
  enum class State { kIdle, kConnecting, kConnected, kWaiting, kFinished };

  struct Pending {
    Args args;
    bool internal;  // HELLO and AUTH: not the workload's
    int64_t sent_ns;
    uint64_t begin_offset;  // in the stream of requests
    uint64_t end_offset;
    size_t wire_count;  // requests on the wire, and replies to come; 0: muted
    std::vector<Reply> replies;
  };

  void Connect();
  void Greet();
  void OnConnected(std::unique_ptr<Stream> stream);
  void Send(Args args, bool internal);
  void Flush();
  // Sends the next pipeline, or thinks before it does.
  void Pump();
  void Think();
  void MaybeMisbehave();
  void TakeReply(Reply reply);
  void CompleteMuted();
  // The moment of a request of which the node has executed all, and answered so much. False if it
  // has not been given the whole of it.
  bool MomentOf(const Pending& call, Moment* moment) const;
  void Complete(Pending call);
  void ArmTimeout();
  void OnTimeout();
  uint64_t Progress() const;
  // The connection is gone. Waits until the node's end is, then tells the workload and goes on.
  void Lose();
  void WaitForNodeEnd(int64_t waited_ns);
  void ReportLost(Fate fate);
  void ConnectLater();
  void CloseIfDone();
  void Fail(Oracle oracle, std::string message);

  SimLoop& loop() { return host_->runtime().loop(0); }

  World* const world_;
  Host* const host_;
  Host* const server_host_;
  const ClientOptions options_;
  Workload* const workload_;
  OracleBoard* const board_;
  const HostWall wall_;
  MutantFilter filter_;
  DecisionStream decisions_;
  uint64_t batch_count_ = 0;
  State state_ = State::kIdle;
  bool finishing_ = false;
  bool half_closed_ = false;
  // The node has said that it will not go on: it has become a replica while this client waited.
  bool sent_away_ = false;
  bool quit_ = false;  // QUIT has been answered on this connection
  bool thinking_ = false;
  std::unique_ptr<Stream> stream_;
  Ref<Connection> connection_;  // also after the stream is gone, for its ground truth
  ReplyReader reader_;
  std::string unsent_;
  uint64_t sent_offset_ = 0;      // bytes of requests, unsent ones counted
  uint64_t received_offset_ = 0;  // bytes of replies fed to the reader
  std::deque<Pending> pending_;
  ReplyMode reply_mode_;
  uint64_t progress_at_arming_ = 0;
  EventLoop::TimerId timeout_ = EventLoop::kNoTimer;
  uint64_t reply_count_ = 0;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_CLIENTS_CLIENT_H_
