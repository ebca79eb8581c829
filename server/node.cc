#include "server/node.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/command_families.h"
#include "server/session/session.h"
#include "server/session/worker.h"

namespace damselfly {
namespace {

Store::Options MakeStoreOptions(Runtime& runtime) {
  Store::Options options;
  options.worker_count = runtime.worker_count();
  options.has_threads = runtime.has_threads();
  options.hash_seed = runtime.RandomSeed("store hash");
  options.scans_skip = runtime.HasMutant(ServerMutant::kScanSkips);
  options.splits_uncovered = runtime.HasMutant(ServerMutant::kSplitUncovered);
  options.flushes_unwatched = runtime.HasMutant(ServerMutant::kFlushUnwatched);
  options.random_seed = runtime.RandomSeed("store");
  return options;
}

}  // namespace

Node::Node(Runtime* runtime, Config* config, ConfigCache* config_cache)
    : runtime_(runtime),
      config_(config),
      own_config_cache_(config_cache == nullptr ? std::make_unique<ConfigCache>(1) : nullptr),
      store_(std::make_unique<Store>(MakeStoreOptions(*runtime))),
      commands_(MakeCommandRegistry()),
      server_(std::make_unique<ServerState>(runtime, store_.get(), commands_.get(), config)),
      cluster_(std::make_unique<Cluster>(
          server_.get(), config_cache == nullptr ? own_config_cache_.get() : config_cache)),
      replication_(std::make_unique<Replication>(server_.get())) {
  replication_->master().set_on_reopening([this] { cluster_->OnReopening(); });
}

// Listeners first: no connection may come in while the sessions go; and these before all that they
// may be part of.
Node::~Node() {
  listeners_.clear();
  server_->CloseSessions();
}

absl::Status Node::Start() {
  const absl::Status restricted =
      commands_->Restrict(config_->text(Parameter::restricted_commands));
  if (!restricted.ok())
    return absl::InvalidArgumentError(
        absl::StrCat("--restricted_commands: ", restricted.message()));
  if (server_->cluster_mode() == ClusterMode::kEmulated &&
      !config_->text(Parameter::cluster_node_id).empty()) {
    return absl::InvalidArgumentError("Setting --cluster_node_id in emulated mode is unsupported");
  }
  absl::Status replicating = replication_->Start();
  if (!replicating.ok()) return replicating;
  absl::Status listening = ListenAll();
  if (!listening.ok()) {
    listeners_.clear();
    return listening;
  }
  for (int i = 0; i < server_->worker_count(); ++i) {
    Worker* worker = &server_->worker(i);
    worker->loop().Post([worker] { worker->Start(); });
  }
  return absl::OkStatus();
}

int Node::port() const { return server_->bound_port.load(std::memory_order_relaxed); }

int Node::admin_port() const { return server_->bound_admin_port.load(std::memory_order_relaxed); }

absl::Status Node::ListenAll() {
  const int port = static_cast<int>(config_->integer(Parameter::port));
  const bool tcp = port != 0 || config_->text(Parameter::unixsocket).empty();
  if (tcp) {
    const absl::StatusOr<int> bound =
        ListenAtAddresses(config_->text(Parameter::bind), port, ClientPort::kRegular);
    if (!bound.ok()) return bound.status();
    server_->bound_port.store(*bound, std::memory_order_relaxed);
  }
  const std::string unix_path = config_->text(Parameter::unixsocket);
  if (!unix_path.empty()) {
    Endpoint endpoint;
    endpoint.unix_path = unix_path;
    const absl::StatusOr<int> listening = ListenAt(endpoint, ClientPort::kRegular);
    if (!listening.ok()) return listening.status();
  }
  if (listeners_.empty()) return absl::InvalidArgumentError("--bind names no address to listen on");
  ListenForAdministration();
  return absl::OkStatus();
}

void Node::ListenForAdministration() {
  const int port = static_cast<int>(config_->integer(Parameter::admin_port));
  if (port == 0) return;
  std::string addresses = config_->text(Parameter::admin_bind);
  if (addresses.empty()) addresses = config_->text(Parameter::bind);
  const size_t listeners_before = listeners_.size();
  const absl::StatusOr<int> bound = ListenAtAddresses(addresses, port, ClientPort::kAdmin);
  if (bound.ok()) {
    server_->bound_admin_port.store(*bound, std::memory_order_relaxed);
    return;
  }
  // All of its addresses, or none.
  listeners_.resize(listeners_before);
  runtime_->Log(Runtime::Severity::kError,
                absl::StrCat("No admin port, its commands are taken on the regular one: ",
                             bound.status().message()));
}

absl::StatusOr<int> Node::ListenAtAddresses(absl::string_view addresses, int port,
                                            ClientPort kind) {
  for (absl::string_view word : absl::StrSplit(addresses, ' ', absl::SkipEmpty())) {
    const bool may_be_missing = absl::ConsumePrefix(&word, "-");
    Endpoint endpoint;
    endpoint.host = word == "*" ? "0.0.0.0" : word == "::*" ? "::" : std::string(word);
    // With port 0 the system chooses for the first address, and the others follow it.
    endpoint.port = port;
    const absl::StatusOr<int> bound = ListenAt(endpoint, kind);
    if (bound.ok()) {
      port = *bound;
      continue;
    }
    const bool absent = bound.status().code() == absl::StatusCode::kUnavailable ||
                        bound.status().code() == absl::StatusCode::kUnimplemented;
    if (!may_be_missing || !absent) return bound.status();
    runtime_->Log(Runtime::Severity::kInfo, bound.status().message());
  }
  return port;
}

absl::StatusOr<int> Node::ListenAt(const Endpoint& endpoint, ClientPort kind) {
  ServerState* server = server_.get();
  absl::StatusOr<std::unique_ptr<Listener>> listener = runtime_->network().Listen(
      endpoint, static_cast<int>(config_->integer(Parameter::tcp_backlog)),
      [server, kind](EventLoop& loop, std::unique_ptr<Stream> stream) {
        server->worker(loop.index()).Accept(std::move(stream), kind);
      });
  if (!listener.ok()) return listener.status();
  const int port = (*listener)->endpoint().port;
  listeners_.push_back(*std::move(listener));
  return port;
}

}  // namespace damselfly
