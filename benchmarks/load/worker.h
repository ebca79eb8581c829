#ifndef DAMSELFLY_BENCHMARKS_LOAD_WORKER_H_
#define DAMSELFLY_BENCHMARKS_LOAD_WORKER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "benchmarks/load/cluster_map.h"
#include "benchmarks/load/connection.h"
#include "benchmarks/load/options.h"
#include "benchmarks/load/reply_scanner.h"
#include "benchmarks/load/request_maker.h"
#include "benchmarks/load/schedule.h"
#include "benchmarks/load/shared_state.h"
#include "benchmarks/load/statistics.h"
#include "benchmarks/load/verifier.h"

namespace damselfly::load {

// One part of a run: the filling, or the load.
struct Phase {
  RequestMaker::Plan plan;
  int pipeline = 1;
  double rate = 0;            // of all threads; 0: closed loop
  int64_t begin_ns = 0;       // CLOCK_MONOTONIC
  int64_t count_from_ns = 0;  // what starts earlier is not in the results
  int64_t send_until_ns = 0;
  RequestBudget* budget = nullptr;  // of what counts
  bool is_counted = true;           // whether anything is in the results
  bool errors_end_it = false;
};

// One thread of the driver with its connections. Everything but stop_asked is this thread's own.
//
// The life of a request: drawn (RequestMaker), written into a group with others for the same
// connection, sent, pending on the connection until its reply is scanned. In a cluster, a request
// that was drawn for a node other than the one whose turn it is waits in that node's stash; one
// that was redirected becomes a group of its own with the same start, on another connection.
class Worker {
 public:
  // More groups under way than these mean that the server will not catch up: the run ends.
  static constexpr int64_t kGroupsPendingMax = 1 << 20;

  // Thread `share` of options.threads. A true *stop_asked ends sending at the next pass. `verifier`
  // is null unless replies are verified.
  Worker(const Options& options, int share, const std::atomic<bool>* stop_asked,
         Verifier* verifier);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Learns the cluster, if there is one, and opens the connections.
  absl::Status Connect();

  // Sends what the phase says and waits for every reply. Fails when a connection does, the server
  // stays silent, or it answers with what is no RESP.
  absl::Status Run(const Phase& phase);

  // What the last phase that was counted has come to.
  const Statistics& statistics() const { return statistics_; }
  // For another thread to read while Run goes on.
  const Progress& progress() const { return progress_; }

 private:
  // The connections of this thread to one node; without a cluster there is one node.
  struct Node {
    std::vector<std::unique_ptr<Connection>> connections;
    size_t turn = 0;            // whose it is in an open loop
    std::deque<Request> stash;  // drawn, and this node's to get
    bool is_starved = false;    // a connection has found no request
  };
  struct Delayed {
    int64_t due_ns;
    std::unique_ptr<RequestGroup> group;
    int node;
  };
  // A group of the open loop whose moment has not come, and the node that gets it.
  struct Prepared {
    std::unique_ptr<RequestGroup> group;
    int node;
    std::string bytes;
  };
  // Where in the input of a connection the scan is.
  struct Scan {
    const char* at;
    const char* end;
    int64_t now_ns;
  };

  // Sends what is due, waits for events and handles them.
  absl::Status Pass(int64_t begin_ns);
  int64_t SleepTime_ns(int64_t now_ns) const;
  absl::Status CheckSilence(int64_t now_ns);
  void PublishProgress();

  // --- Sending (worker_send.cc) ---
  bool MaySend(int64_t moment_ns) const;
  bool IsDone(int64_t now_ns) const;
  // The closed loop's next batch, unless it is over.
  absl::Status StartBatch(Connection* connection, int64_t now_ns);
  absl::Status StartIdle(int64_t now_ns);
  absl::Status SendDue(int64_t now_ns);
  // Writes the open loop's next group; false: there is none, sending is over.
  bool PrepareNext();
  absl::Status SendPrepared();
  // Writes up to `count` requests for the node to scratch_; returns how many there were.
  size_t WriteRequests(int node, size_t count, RequestGroup* group);
  size_t WritePlainRequests(size_t count);
  void MakeRoom(size_t bytes);
  bool NextFor(int node, Request* request);
  void WriteRequest(const Request& request, RequestGroup* group);
  absl::Status SendGroup(Connection* connection, std::unique_ptr<RequestGroup> group,
                         absl::string_view bytes);
  absl::Status SendBytes(Connection* connection, absl::string_view bytes);
  std::unique_ptr<RequestGroup> NewGroup();

  // --- Receiving (worker_receive.cc) ---
  absl::Status Receive(Connection* connection);
  // Takes whole replies; *scan is then at what is left.
  absl::Status TakeReplies(Connection* connection, Scan* scan);
  // Of the group at the front; stops at its end.
  absl::Status TakeGroupReplies(Connection* connection, Scan* scan, bool* is_incomplete);
  absl::Status TakeReply(Connection* connection, RequestGroup* group,
                         const ReplyScanner::Result& reply, int64_t now_ns, bool* is_redirected);
  void Record(const RequestGroup& group, size_t first, size_t last, int64_t now_ns);
  // Spends --work on them.
  void Work(size_t replies);
  void EndGroup(Connection* connection);
  // Whether the error is one to follow; then the request is on its way again.
  absl::Status Redirect(Connection* connection, const RequestGroup& group, size_t index,
                        absl::string_view error, int64_t now_ns, bool* is_redirected);
  absl::Status SendAgain(int node, std::unique_ptr<RequestGroup> group);
  absl::Status SendDelayed(int64_t now_ns);

  // --- Connections (worker.cc) ---
  absl::Status LearnCluster();
  absl::Status ConnectNode(int node);
  absl::Status Watch(Connection* connection, bool for_write);

  const Options options_;
  const int share_;
  const std::atomic<bool>* const stop_asked_;
  Verifier* const verifier_;
  const int connections_a_node_;

  int poll_ = -1;
  ClusterMap map_;
  std::deque<Node> nodes_;  // as ClusterMap numbers them; they never move
  std::vector<char> receive_buffer_;

  // Of the phase under way.
  const Phase* phase_ = nullptr;
  std::unique_ptr<RequestMaker> maker_;
  bool needs_notes_ = false;
  bool keeps_bytes_ = false;
  bool keys_are_gone_ = false;
  int64_t send_until_ns_ = 0;  // the phase's, or when somebody asked to stop
  Request drawn_;
  std::vector<char> scratch_;
  size_t scratch_used_ = 0;
  int64_t groups_pending_ = 0;
  // Whose batch has ended in this pass. All replies are taken before the next request leaves: the
  // time that sending takes would be in the latencies of the replies that wait meanwhile.
  std::vector<Connection*> finished_;
  std::deque<Delayed> delayed_;
  std::vector<std::unique_ptr<RequestGroup>> free_groups_;
  std::optional<Schedule> schedule_;  // the open loop's
  bool is_sending_over_ = false;      // the open loop's
  std::deque<Prepared> prepared_;     // in the order of their moments
  int64_t last_sign_ns_ = 0;          // when the server last sent anything, or had nothing to
  int64_t idle_retry_ns_ = 0;

  Statistics statistics_;
  int64_t spin_ns_ = 0;
  Progress progress_;
  int64_t answered_ = 0;  // in its life
};

}  // namespace damselfly::load

#endif  // DAMSELFLY_BENCHMARKS_LOAD_WORKER_H_
