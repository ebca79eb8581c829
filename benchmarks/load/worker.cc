#include "benchmarks/load/worker.h"

#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "benchmarks/load/clock.h"
#include "server/base/check.h"

namespace damselfly::load {
namespace {

constexpr size_t kReceiveBytes = 256 * 1024;
constexpr int kEventsMax = 256;
constexpr int64_t kSilence_ns = 60 * kSecond_ns;
// A reply that takes longer than this since the last one is slept for, even with --spin.
constexpr int64_t kReplyPoll_ns = kSecond_ns / 1000;
// Of the time since the phase began, spent on polling: a real-time thread that takes 95 % of a core
// is stopped for 50 ms a second, which would be in the latencies of the slower server.
constexpr double kSpinShareMax = 0.8;
// So often at least it looks whether it is to stop.
constexpr int64_t kSleepMax_ns = kSecond_ns / 20;

}  // namespace

Worker::Worker(const Options& options, int share, const std::atomic<bool>* stop_asked,
               Verifier* verifier)
    : options_(options),
      share_(share),
      stop_asked_(stop_asked),
      verifier_(verifier),
      // Spread evenly: the first threads have one more where it does not come out even.
      connections_a_node_(options.connections / options.threads +
                          (share < options.connections % options.threads ? 1 : 0)),
      receive_buffer_(kReceiveBytes),
      statistics_(1) {}

Worker::~Worker() {
  if (poll_ >= 0) close(poll_);
}

absl::Status Worker::Connect() {
  poll_ = epoll_create1(EPOLL_CLOEXEC);
  if (poll_ < 0) return absl::InternalError(absl::StrCat("epoll: ", std::strerror(errno)));
  if (!options_.cluster) return ConnectNode(0);
  absl::Status status = LearnCluster();
  for (int node = 0; status.ok() && node < static_cast<int>(map_.nodes().size()); ++node) {
    status = ConnectNode(node);
  }
  return status;
}

absl::Status Worker::LearnCluster() {
  absl::StatusOr<std::unique_ptr<BlockingClient>> client =
      BlockingClient::Open({options_.host, options_.port, ""}, options_);
  if (!client.ok()) return client.status();
  absl::StatusOr<Reply> slots = (*client)->Call({"CLUSTER", "SLOTS"});
  if (!slots.ok()) return slots.status();
  absl::Status status = map_.Learn(*slots, options_.host);
  if (status.ok() && map_.nodes().empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(options_.host, ":", options_.port, " knows no owner of any slot"));
  }
  return status;
}

absl::Status Worker::ConnectNode(int node) {
  Endpoint endpoint{options_.host, options_.port, options_.unix_path};
  if (options_.cluster) {
    const ClusterMap::Node& its = map_.nodes()[static_cast<size_t>(node)];
    endpoint = {its.host, its.port, ""};
  }
  if (nodes_.size() <= static_cast<size_t>(node)) nodes_.resize(static_cast<size_t>(node) + 1);
  for (int i = 0; i < connections_a_node_; ++i) {
    absl::StatusOr<std::unique_ptr<Connection>> connection =
        Connection::Open(endpoint, options_, node);
    if (!connection.ok()) return connection.status();
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = connection->get();
    if (epoll_ctl(poll_, EPOLL_CTL_ADD, (*connection)->descriptor(), &event) != 0)
      return absl::InternalError(absl::StrCat("epoll_ctl: ", std::strerror(errno)));
    nodes_[static_cast<size_t>(node)].connections.push_back(std::move(*connection));
  }
  return absl::OkStatus();
}

absl::Status Worker::Watch(Connection* connection, bool for_write) {
  if (connection->polls_for_write == for_write) return absl::OkStatus();
  connection->polls_for_write = for_write;
  epoll_event event{};
  event.events = EPOLLIN | (for_write ? EPOLLOUT : 0u);
  event.data.ptr = connection;
  if (epoll_ctl(poll_, EPOLL_CTL_MOD, connection->descriptor(), &event) != 0)
    return absl::InternalError(absl::StrCat("epoll_ctl: ", std::strerror(errno)));
  return absl::OkStatus();
}

absl::Status Worker::Run(const Phase& phase) {
  phase_ = &phase;
  maker_ = std::make_unique<RequestMaker>(phase.plan, options_, share_, options_.threads);
  needs_notes_ = phase.plan.templates->size() > 1 || verifier_ != nullptr || options_.cluster;
  keeps_bytes_ = options_.cluster;
  keys_are_gone_ = false;
  finished_.clear();
  send_until_ns_ = phase.send_until_ns;
  is_sending_over_ = false;
  prepared_.clear();
  statistics_ = Statistics(phase.plan.templates->size());
  spin_ns_ = 0;
  idle_retry_ns_ = 0;
  for (Node& node : nodes_) {
    node.stash.clear();
    node.is_starved = true;
  }
  if (phase.rate > 0) {
    schedule_.emplace(options_, share_, phase.pipeline, phase.rate, phase.begin_ns);
  }
  last_sign_ns_ = Now_ns();
  const int64_t count_from_ns = std::max(phase.count_from_ns, last_sign_ns_);
  int64_t cpu_from_ns = -1;
  absl::Status status;
  while (status.ok()) {
    const int64_t now = Now_ns();
    if (stop_asked_->load(std::memory_order_relaxed))
      send_until_ns_ = std::min(send_until_ns_, now);
    if (cpu_from_ns < 0 && now >= count_from_ns) {
      cpu_from_ns = ThreadCpu_ns();
      spin_ns_ = 0;
    }
    if (IsDone(now)) break;
    status = Pass(now);
    PublishProgress();
  }
  const int64_t wall_ns = Now_ns() - count_from_ns;
  if (cpu_from_ns >= 0 && wall_ns > 0) {
    const int64_t used_ns = ThreadCpu_ns() - cpu_from_ns;
    statistics_.cpu_s = static_cast<double>(used_ns) / 1e9;
    statistics_.spin_s = static_cast<double>(spin_ns_) / 1e9;
    statistics_.cpu_share_max =
        std::max(0.0, static_cast<double>(used_ns - spin_ns_) / static_cast<double>(wall_ns));
  }
  phase_ = nullptr;
  return status;
}

absl::Status Worker::Pass(int64_t begin_ns) {
  absl::Status status = phase_->rate > 0 ? SendDue(begin_ns) : StartIdle(begin_ns);
  if (status.ok() && !delayed_.empty()) status = SendDelayed(begin_ns);
  if (!status.ok()) return status;
  // Sending takes time: what has become due meanwhile is not slept over.
  const int64_t sleep_ns = SleepTime_ns(phase_->rate > 0 ? Now_ns() : begin_ns);
  timespec timeout{0, sleep_ns};
  epoll_event events[kEventsMax];
  const int count = epoll_pwait2(poll_, events, kEventsMax, &timeout, nullptr);
  if (count < 0) {
    if (errno == EINTR) return absl::OkStatus();
    return absl::InternalError(absl::StrCat("epoll_pwait2: ", std::strerror(errno)));
  }
  if (count == 0) {
    const int64_t now = Now_ns();
    if (sleep_ns == 0) spin_ns_ += now - begin_ns;
    return CheckSilence(now);
  }
  for (int i = 0; i < count; ++i) {
    Connection* const connection = static_cast<Connection*>(events[i].data.ptr);
    if ((events[i].events & EPOLLOUT) != 0) {
      status = connection->Flush();
      if (status.ok() && !connection->has_unsent()) status = Watch(connection, false);
      if (!status.ok()) return status;
    }
    if ((events[i].events & ~static_cast<uint32_t>(EPOLLOUT)) != 0) {
      status = Receive(connection);
      if (!status.ok()) return status;
    }
  }
  for (Connection* const connection : finished_) {
    status = StartBatch(connection, last_sign_ns_);
    if (!status.ok()) return status;
  }
  finished_.clear();
  return absl::OkStatus();
}

int64_t Worker::SleepTime_ns(int64_t now_ns) const {
  int64_t sleep_ns = kSleepMax_ns;
  if (!delayed_.empty()) sleep_ns = std::min(sleep_ns, delayed_.front().due_ns - now_ns);
  if (!prepared_.empty()) {
    const int64_t until_due_ns = prepared_.front().group->start_ns - now_ns;
    sleep_ns = std::min(sleep_ns, until_due_ns);
    const bool awaits_reply = groups_pending_ > 0 && now_ns - last_sign_ns_ <= kReplyPoll_ns;
    const bool may_spin = static_cast<double>(spin_ns_) <
                          kSpinShareMax * static_cast<double>(now_ns - phase_->begin_ns);
    if (options_.spin_ns > 0 && may_spin && (until_due_ns <= options_.spin_ns || awaits_reply))
      sleep_ns = 0;
  }
  return std::max<int64_t>(sleep_ns, 0);
}

absl::Status Worker::CheckSilence(int64_t now_ns) {
  if (groups_pending_ == 0) {
    last_sign_ns_ = now_ns;
  } else if (now_ns - last_sign_ns_ > kSilence_ns) {
    return absl::DeadlineExceededError(
        absl::StrCat("no reply for ", kSilence_ns / kSecond_ns, " s"));
  }
  return absl::OkStatus();
}

void Worker::PublishProgress() {
  progress_.operations.store(statistics_.operations(), std::memory_order_relaxed);
  progress_.errors.store(statistics_.errors(), std::memory_order_relaxed);
  progress_.redirections.store(
      statistics_.moved + statistics_.ask + statistics_.tryagain + statistics_.clusterdown,
      std::memory_order_relaxed);
}

}  // namespace damselfly::load
