#include "sim/world/sim_network.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "sim/world/sim_runtime.h"
#include "sim/world/world.h"

namespace damselfly::sim {

struct SimNetwork::ListenerCore {
  Host* host;
  SimRuntime* runtime;
  Endpoint endpoint;
  Network::AcceptHandler handler;
  bool listening = true;
};

// What the process holds.
class SimNetwork::ListenerHandle final : public Listener {
 public:
  explicit ListenerHandle(std::shared_ptr<ListenerCore> core) : core_(std::move(core)) {}
  ~ListenerHandle() override { core_->listening = false; }
  const Endpoint& endpoint() const override { return core_->endpoint; }

 private:
  const std::shared_ptr<ListenerCore> core_;
};

// One Connect on its way: the request travels to the host, is accepted or refused there, and the
// answer travels back.
class SimNetwork::ConnectAttempt final : public ReadyTarget, public EventTarget {
 public:
  ConnectAttempt(World* world, SimLoop* loop, Endpoint endpoint, Network::ConnectHandler handler)
      : world_(world),
        network_(world->network()),
        loop_(loop),
        runtime_incarnation_(loop->runtime().host().incarnation()),
        host_(&loop->runtime().host()),
        endpoint_(std::move(endpoint)),
        handler_(std::move(handler)) {}

  void Begin() {
    int64_t arrival_ns = loop_->local_now_ns() + Delay();
    if (world_->faults().Strikes(Fault::kHungConnect, network_.decisions_)) {
      arrival_ns += network_.decisions_.Between(10 * kMillisecond, 2 * kSecond);
      world_->faults().CountEffect(Fault::kHungConnect);
    }
    Schedule(arrival_ns, kRequest);
  }

  void OnEvent(uint32_t kind, uint64_t) override {
    const Ref<ConnectAttempt> keep(this);
    DropReference();
    switch (kind) {
      case kRequest:
        if (!Waits(host_->address(), TargetAddress(), kRequest)) OnRequest();
        break;
      case kAnswer:
        if (Waits(TargetAddress(), host_->address(), kAnswer)) break;
        if (Alive()) loop_->QueueReady(Ref<ReadyTarget>(this), kClientReady);
        break;
      case kLateAccept:
        // Of a process that still lives; the end of another one is gone with it.
        if (!connection_->finished(1))
          server_loop_->QueueReady(Ref<ReadyTarget>(this), kServerReady);
        break;
      default:
        DFLY_UNREACHABLE();
    }
  }

  void OnDropped() override { DropReference(); }

  void OnReady(uint32_t what) override {
    if (what == kClientReady) {
      Answer();
    } else {
      Accept();
    }
  }

 private:
  enum EventKind : uint32_t { kRequest, kAnswer, kLateAccept };
  enum ReadyKind : uint32_t { kClientReady, kServerReady };

  ~ConnectAttempt() override {
    // Nobody has taken the connecting end: it is gone with the process that asked for it.
    if (connection_ && !answered_) connection_->Close(0);
  }

  // The process that asked is still the one that runs.
  bool Alive() const { return host_->running() && host_->incarnation() == runtime_incarnation_; }

  std::string TargetAddress() const {
    return IsOwnAddress(*host_, endpoint_.host) || !endpoint_.unix_path.empty() ? host_->address()
                                                                                : endpoint_.host;
  }

  int64_t Delay() {
    return network_.decisions_.Between(world_->knobs().link_delay_min_ns,
                                       world_->knobs().link_delay_max_ns);
  }

  void Schedule(int64_t time_ns, EventKind kind) {
    AddReference();
    world_->queue().Schedule(time_ns, this, kind, 0);
  }

  // Whether a cut holds it up: then it is sent again each second.
  bool Waits(const std::string& from, const std::string& to, EventKind kind) {
    const int64_t now_ns = world_->now_ns();
    const int64_t reachable_ns = network_.ReachableFrom(from, to, now_ns);
    if (reachable_ns <= now_ns) return false;
    Schedule(std::min(reachable_ns, now_ns + kSecond), kind);
    return true;
  }

  void OnRequest() {
    if (!Alive()) return;
    if (network_.dark_.count(TargetAddress()) > 0) {
      error_ =
          absl::DeadlineExceededError(absl::StrCat(endpoint_.ToString(), ": Connection timed out"));
      Schedule(world_->now_ns() + network_.decisions_.Between(kSecond, 10 * kSecond), kAnswer);
      return;
    }
    listener_ = network_.FindListener(TargetAddress(), endpoint_);
    const bool refused =
        listener_ != nullptr && world_->faults().Strikes(Fault::kRefuse, network_.decisions_);
    if (refused) world_->faults().CountEffect(Fault::kRefuse);
    if (listener_ == nullptr || refused) {
      error_ = absl::UnavailableError(absl::StrCat(endpoint_.ToString(), ": Connection refused"));
      Schedule(world_->now_ns() + Delay(), kAnswer);
      return;
    }
    Establish();
  }

  void Establish() {
    const uint64_t id = ++network_.last_connection_id_;
    connection_ = Ref<Connection>(new Connection(world_, id));
    network_.connections_[id] = connection_.get();
    SimRuntime& runtime = *listener_->runtime;
    // The kernel spreads connections as it likes.
    server_loop_ = &runtime.loop(
        static_cast<int>(network_.decisions_.Below(static_cast<uint64_t>(runtime.worker_count()))));
    Endpoint local;
    local.host = host_->address();
    local.port = host_->NextEphemeralPort();
    Endpoint remote = listener_->endpoint;
    if (remote.unix_path.empty()) remote.host = TargetAddress();
    connection_->Place(0, loop_, local, remote);
    connection_->Place(1, server_loop_, remote, local);
    if (world_->faults().Strikes(Fault::kLateAccept, network_.decisions_)) return GiveUp();
    server_loop_->QueueReady(Ref<ReadyTarget>(this), kServerReady);
    Schedule(world_->now_ns() + Delay(), kAnswer);
  }

  // Who asks has no answer and goes away; the connection waits in the listener's queue.
  void GiveUp() {
    error_ =
        absl::DeadlineExceededError(absl::StrCat(endpoint_.ToString(), ": Connection timed out"));
    connection_->Close(0);
    Schedule(world_->now_ns() + Delay(), kAnswer);
    Schedule(world_->now_ns() + network_.decisions_.Between(kMillisecond, 2 * kSecond),
             kLateAccept);
  }

  // In the accepting worker's pass.
  void Accept() {
    if (!listener_->listening) {
      connection_->Break(0, 0, true);
      connection_->DropSide(1, true);
      return;
    }
    world_->trace().Add(world_->now_ns(), listener_->host->id(), TraceKind::kAccept,
                        connection_->id());
    if (!error_.ok()) world_->faults().CountEffect(Fault::kLateAccept);
    listener_->handler(*server_loop_, std::make_unique<SimStream>(connection_, 1));
  }

  // In the connecting worker's pass.
  void Answer() {
    answered_ = true;
    world_->trace().Add(world_->now_ns(), host_->id(), TraceKind::kConnect,
                        connection_ ? connection_->id() : 0, error_.message());
    Network::ConnectHandler handler = std::move(handler_);
    if (!error_.ok()) {
      handler(error_);
    } else {
      handler(std::unique_ptr<Stream>(std::make_unique<SimStream>(connection_, 0)));
    }
  }

  World* const world_;
  SimNetwork& network_;
  SimLoop* const loop_;
  const int runtime_incarnation_;
  Host* const host_;
  const Endpoint endpoint_;
  Network::ConnectHandler handler_;
  std::shared_ptr<ListenerCore> listener_;
  Ref<Connection> connection_;
  SimLoop* server_loop_ = nullptr;
  bool answered_ = false;
  absl::Status error_;
};

SimNetwork::SimNetwork(World* world) : world_(world), decisions_(&world->decider(), "network") {}
SimNetwork::~SimNetwork() = default;

std::string SimNetwork::ListenKey(const std::string& address, const Endpoint& endpoint) {
  if (!endpoint.unix_path.empty()) return absl::StrCat(address, " ", endpoint.unix_path);
  return absl::StrCat(address, " ", endpoint.port);
}

bool SimNetwork::IsOwnAddress(const Host& host, const std::string& name) {
  return name == host.address() || name == "127.0.0.1" || name == "::1" || name == "localhost";
}

std::shared_ptr<SimNetwork::ListenerCore> SimNetwork::FindListener(const std::string& address,
                                                                   const Endpoint& endpoint) const {
  const auto found = listeners_.find(ListenKey(address, endpoint));
  if (found == listeners_.end()) return nullptr;
  std::shared_ptr<ListenerCore> core = found->second.lock();
  return core != nullptr && core->listening ? core : nullptr;
}

absl::StatusOr<std::unique_ptr<Listener>> SimNetwork::Listen(Host& host, const Endpoint& endpoint,
                                                             int backlog,
                                                             Network::AcceptHandler handler) {
  DFLY_CHECK_GT(backlog, 0);
  const bool wildcard = endpoint.host == "0.0.0.0" || endpoint.host == "::";
  if (endpoint.unix_path.empty() && !wildcard && !IsOwnAddress(host, endpoint.host)) {
    return absl::UnavailableError(
        absl::StrCat(endpoint.ToString(), ": Cannot assign requested address"));
  }
  Endpoint bound = endpoint;
  if (bound.unix_path.empty() && bound.port == 0) bound.port = host.NextEphemeralPort();
  if (FindListener(host.address(), bound) != nullptr) {
    return absl::AlreadyExistsError(absl::StrCat(bound.ToString(), ": Address already in use"));
  }
  auto core = std::make_shared<ListenerCore>(
      ListenerCore{&host, &host.runtime(), bound, std::move(handler), /*listening=*/true});
  listeners_[ListenKey(host.address(), bound)] = core;
  return std::unique_ptr<Listener>(std::make_unique<ListenerHandle>(std::move(core)));
}

void SimNetwork::Connect(SimLoop& loop, const Endpoint& endpoint, Network::ConnectHandler handler) {
  const Ref<ConnectAttempt> attempt(
      new ConnectAttempt(world_, &loop, endpoint, std::move(handler)));
  attempt->Begin();
}

void SimNetwork::Partition(const Host& a, const Host& b, int64_t until_ns) {
  TraceNote note;
  note.kind = TraceNote::Kind::kFault;
  note.host = a.id();
  note.other_host = b.id();
  note.begin_ns = world_->now_ns();
  note.end_ns = until_ns;
  note.name = FaultName(Fault::kPartition);
  world_->trace().Note(note);
  Cut(a, b, until_ns, Fault::kPartition);
  Cut(b, a, until_ns, Fault::kPartition);
}

void SimNetwork::Cut(const Host& from, const Host& to, int64_t until_ns, Fault fault) {
  CutState& cut = cuts_[{from.address(), to.address()}];
  if (until_ns <= cut.until_ns) return;
  cut = {until_ns, fault};
}

void SimNetwork::Heal(const Host& a, const Host& b) {
  cuts_.erase({a.address(), b.address()});
  cuts_.erase({b.address(), a.address()});
  for (const auto& [id, connection] : connections_) {
    const std::string& connecting = connection->local(0).host;
    const std::string& accepting = connection->peer(0).host;
    if ((connecting == a.address() && accepting == b.address()) ||
        (connecting == b.address() && accepting == a.address()))
      connection->Hasten();
  }
}

void SimNetwork::HealAll() {
  cuts_.clear();
  for (const auto& [id, connection] : connections_) connection->Hasten();
}

int64_t SimNetwork::ReachableFrom(const std::string& from, const std::string& to, int64_t time_ns) {
  if (cuts_.empty()) return time_ns;
  const auto cut = cuts_.find({from, to});
  if (cut == cuts_.end() || cut->second.until_ns <= time_ns) return time_ns;
  world_->faults().CountEffect(cut->second.fault);
  return cut->second.until_ns;
}

void SimNetwork::OnHostStopped(Host& host, Host::Death death) {
  const bool tail_may_be_lost = death != Host::Death::kExit;
  if (death == Host::Death::kSilent) dark_.insert(host.address());
  std::map<uint64_t, Connection*> connections = connections_;
  for (const auto& [id, pointer] : connections) {
    const Ref<Connection> connection(pointer);
    for (Connection::Side side = 0; side < 2; ++side) {
      // In this order: a finished end's loop may be gone.
      if (connection->finished(side) || &connection->loop(side)->runtime().host() != &host)
        continue;
      if (death == Host::Death::kExit) {
        connection->Close(side);
        continue;
      }
      int64_t delays_ns[2] = {-1, -1};
      delays_ns[Connection::Other(side)] = death == Host::Death::kReset
                                               ? decisions_.Between(0, 5 * kMillisecond)
                                               : decisions_.Between(5 * kSecond, 60 * kSecond);
      connection->Break(delays_ns[0], delays_ns[1], tail_may_be_lost);
      connection->DropSide(side, tail_may_be_lost);
    }
  }
}

void SimNetwork::OnHostStarted(const Host& host) { dark_.erase(host.address()); }

void SimNetwork::OnConnectionFinished(const Connection& connection) {
  connections_.erase(connection.id());
}

}  // namespace damselfly::sim
