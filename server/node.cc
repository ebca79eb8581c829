#include "server/node.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "server/command_families.h"
#include "server/session/session.h"
#include "server/session/worker.h"

namespace damselfly {
namespace {

Store::Options MakeStoreOptions(Runtime& runtime) {
  Store::Options options;
  options.worker_count = runtime.worker_count();
  options.hash_seed = runtime.RandomSeed("store hash");
  options.random_seed = runtime.RandomSeed("store");
  return options;
}

}  // namespace

Node::Node(Runtime* runtime, Config* config)
    : runtime_(runtime),
      config_(config),
      store_(std::make_unique<Store>(MakeStoreOptions(*runtime))),
      commands_(MakeCommandRegistry()),
      server_(std::make_unique<ServerState>(runtime, store_.get(), commands_.get(), config)) {}

// Listeners first: no connection may come in while the sessions go.
Node::~Node() { listeners_.clear(); }

absl::Status Node::Start() {
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

absl::Status Node::ListenAll() {
  const int port = static_cast<int>(config_->integer(Parameter::port));
  const bool tcp = port != 0 || config_->text(Parameter::unixsocket).empty();
  if (tcp) {
    const std::string addresses = config_->text(Parameter::bind);
    for (absl::string_view word : absl::StrSplit(addresses, ' ', absl::SkipEmpty())) {
      const bool may_be_missing = absl::ConsumePrefix(&word, "-");
      Endpoint endpoint;
      endpoint.host = word == "*" ? "0.0.0.0" : word == "::*" ? "::" : std::string(word);
      // With port 0 the system chooses for the first address, and the others follow it.
      endpoint.port = port != 0 ? port : Node::port();
      absl::Status status = ListenAt(endpoint);
      if (status.ok()) continue;
      const bool absent = status.code() == absl::StatusCode::kUnavailable ||
                          status.code() == absl::StatusCode::kUnimplemented;
      if (!may_be_missing || !absent) return status;
      runtime_->Log(Runtime::Severity::kInfo, status.message());
    }
  }
  const std::string unix_path = config_->text(Parameter::unixsocket);
  if (!unix_path.empty()) {
    Endpoint endpoint;
    endpoint.unix_path = unix_path;
    absl::Status status = ListenAt(endpoint);
    if (!status.ok()) return status;
  }
  if (listeners_.empty()) return absl::InvalidArgumentError("--bind names no address to listen on");
  return absl::OkStatus();
}

absl::Status Node::ListenAt(const Endpoint& endpoint) {
  ServerState* server = server_.get();
  absl::StatusOr<std::unique_ptr<Listener>> listener = runtime_->network().Listen(
      endpoint, static_cast<int>(config_->integer(Parameter::tcp_backlog)),
      [server](EventLoop& loop, std::unique_ptr<Stream> stream) {
        server->worker(loop.index()).Accept(std::move(stream));
      });
  if (!listener.ok()) return listener.status();
  if (endpoint.unix_path.empty() && port() == 0) {
    server_->bound_port.store((*listener)->endpoint().port, std::memory_order_relaxed);
  }
  listeners_.push_back(*std::move(listener));
  return absl::OkStatus();
}

}  // namespace damselfly
