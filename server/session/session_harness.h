#ifndef DAMSELFLY_SERVER_SESSION_SESSION_HARNESS_H_
#define DAMSELFLY_SERVER_SESSION_SESSION_HARNESS_H_

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/base/check.h"
#include "server/commands/command_registry.h"
#include "server/commands/expire_commands.h"
#include "server/commands/key_commands.h"
#include "server/commands/key_move_commands.h"
#include "server/commands/key_walk_commands.h"
#include "server/commands/keyspace_commands.h"
#include "server/commands/string_commands.h"
#include "server/runtime/fake_loop.h"
#include "server/runtime/runtime.h"
#include "server/session/argument_errors.h"
#include "server/session/config.h"
#include "server/session/connection_commands.h"
#include "server/session/pubsub_commands.h"
#include "server/session/server_state.h"
#include "server/session/session.h"
#include "server/session/transaction.h"
#include "server/session/worker.h"
#include "server/store/store.h"

namespace damselfly {

// Time of a FakeLoop.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(const FakeLoop* loop) : loop_(*loop) {}
  int64_t MonotonicNs() const override { return loop_.pass_monotonic_ns(); }
  int64_t WallUs() const override { return loop_.pass_wall_us(); }

 private:
  const FakeLoop& loop_;
};

// Loops that the test drives by hand; no network, no files. Tells which endpoints were listened at.
class FakeRuntime final : public Runtime, private Network {
 public:
  explicit FakeRuntime(int worker_count = 1)
      : loops_(static_cast<size_t>(worker_count)), clock_(&loops_[0]) {}

  int worker_count() const override { return static_cast<int>(loops_.size()); }
  FakeLoop& loop(int index) override { return loops_[static_cast<size_t>(index)]; }
  const Clock& clock() const override { return clock_; }
  Network& network() override { return *this; }
  Files& files() override { std::abort(); }
  uint64_t RandomSeed(absl::string_view purpose) override { return purpose.size(); }
  const ProcessFacts& facts() const override { return facts_; }
  ProcessUsage Usage() const override { return {}; }
  void ReleaseFreedMemory() override { ++memory_releases; }
  void RequestExit(int) override {}
  void Log(Severity, absl::string_view message) override { log.emplace_back(message); }

  // All loops, until nothing is left to run now.
  void RunReady() {
    for (size_t i = 0; i < 2 * loops_.size(); ++i) loops_[i % loops_.size()].RunReady();
  }

  // Hands a connection to whoever listens.
  void Connect(std::unique_ptr<Stream> stream) { accept_(loops_[0], std::move(stream)); }

  std::vector<std::string> log;
  int memory_releases = 0;             // by how many workers, in all
  std::vector<std::string> listening;  // endpoints now listened at
  std::string refused;                 // an endpoint that cannot be listened at
  absl::StatusCode refused_code = absl::StatusCode::kAlreadyExists;

 private:
  class FakeListener final : public Listener {
   public:
    FakeListener(FakeRuntime* runtime, Endpoint endpoint)
        : runtime_(*runtime), endpoint_(std::move(endpoint)) {
      runtime_.listening.push_back(endpoint_.ToString());
    }
    ~FakeListener() override {
      auto& all = runtime_.listening;
      all.erase(std::find(all.begin(), all.end(), endpoint_.ToString()));
    }
    const Endpoint& endpoint() const override { return endpoint_; }

   private:
    FakeRuntime& runtime_;
    const Endpoint endpoint_;
  };

  absl::StatusOr<std::unique_ptr<Listener>> Listen(const Endpoint& endpoint, int,
                                                   AcceptHandler handler) override {
    if (endpoint.ToString() == refused)
      return absl::Status(refused_code, absl::StrCat("refused: ", refused));
    accept_ = std::move(handler);
    Endpoint bound = endpoint;
    if (bound.unix_path.empty() && bound.port == 0) bound.port = 12345;
    return std::unique_ptr<Listener>(new FakeListener(this, std::move(bound)));
  }
  void Connect(EventLoop&, const Endpoint&, ConnectHandler) override { std::abort(); }

  std::deque<FakeLoop> loops_;
  FakeClock clock_;
  ProcessFacts facts_;
  AcceptHandler accept_;
};

// The client's end of a fake stream; outlives it.
struct FakeWire {
  StreamHandler* handler = nullptr;
  std::string output;            // what the session has sent
  size_t room_bytes = SIZE_MAX;  // what the send buffer still takes
  bool reading = true;
  bool closed = false;
  bool destroyed = false;
};

class FakeStream final : public Stream {
 public:
  explicit FakeStream(FakeWire* wire, absl::string_view host = "127.0.0.1") : wire_(*wire) {
    peer_.host = std::string(host);
    peer_.port = 50000;
    local_.host = "127.0.0.1";
    local_.port = 6379;
  }
  ~FakeStream() override { wire_.destroyed = wire_.closed = true; }

  void Start(StreamHandler* handler) override { wire_.handler = handler; }
  size_t Write(absl::Span<const absl::string_view> pieces) override {
    DFLY_CHECK(!wire_.closed);
    size_t taken_bytes = 0;
    for (absl::string_view piece : pieces) {
      const size_t count = std::min(piece.size(), wire_.room_bytes);
      wire_.output.append(piece.data(), count);
      if (wire_.room_bytes != SIZE_MAX) wire_.room_bytes -= count;
      taken_bytes += count;
      if (count < piece.size()) break;
    }
    return taken_bytes;
  }
  void PauseReading() override { wire_.reading = false; }
  void ResumeReading() override { wire_.reading = true; }
  void Close() override { wire_.closed = true; }
  const Endpoint& local() const override { return local_; }
  const Endpoint& peer() const override { return peer_; }
  int descriptor() const override { return 7; }

 private:
  FakeWire& wire_;
  Endpoint local_;
  Endpoint peer_;
};

// BLOCK <timeout in ms>: waits for nothing, and answers 0 in the end.
inline void HandleBlock(CommandContext& ctx) {
  int64_t timeout_ms = 0;
  if (!ParseTimeoutMs(ctx, 1, &timeout_ms)) return;
  if (ctx.in_transaction) return ctx.reply.Integer(0);
  ctx.session->Block(timeout_ms, [](Session& session, Session::Wake wake) {
    if (wake == Session::Wake::kUnblockedWithError) {
      session.reply().Error("UNBLOCKED client unblocked via CLIENT UNBLOCK");
    } else {
      session.reply().Integer(0);
    }
  });
}
// BLOCKUNTILDONE: waits for WakeUp, and says whether it was that.
inline void HandleBlockUntilDone(CommandContext& ctx) {
  ctx.session->BlockUntilDone([](Session& session, Session::Wake wake) {
    session.reply().SimpleString(wake == Session::Wake::kUnblocked ? "DONE" : "NOT DONE");
  });
}
inline constexpr CommandSpec kBlockCommand[] = {
    {.name = "block", .arity = 2, .flags = kNoScript, .handler = HandleBlock},
    {.name = "blockuntildone", .arity = 1, .flags = kNoScript, .handler = HandleBlockUntilDone}};

// The shared state of a node with the commands on strings, keys, transactions and connections, one
// that blocks, and clients over fake streams.
//
//   SessionHarness node;
//   SessionHarness::Client* client = node.Connect();
//   EXPECT_EQ(client->Call("PING"), "+PONG|");
class SessionHarness {
 public:
  class Client {
   public:
    // Sends whole lines ('|' ends a line), and runs what is to run. Returns what has come back,
    // with '|' for line ends.
    std::string Call(absl::string_view lines) {
      return SendRaw(absl::StrReplaceAll(absl::StrCat(lines, "|"), {{"|", "\r\n"}}));
    }
    // The same with bytes as they are.
    std::string SendRaw(absl::string_view bytes) {
      // A copy of its own, dead afterwards: whoever keeps a view of it is caught by the address
      // sanitizer.
      auto copy = std::make_unique<std::string>(bytes);
      pending_.append(*copy);
      return Run();
    }
    // Delivers what waits while the session reads, and runs what is to run.
    std::string Run() {
      if (wire_.reading && !wire_.closed && !pending_.empty()) {
        auto data = std::make_unique<std::string>(std::exchange(pending_, {}));
        wire_.handler->OnData(*data);
      }
      harness_.runtime().RunReady();
      return Take();
    }
    std::string Take() {
      return absl::StrReplaceAll(std::exchange(wire_.output, {}), {{"\r\n", "|"}});
    }
    // Gives the send buffer room for so much more.
    void AddRoom(size_t bytes) {
      wire_.room_bytes = bytes;
      wire_.handler->OnWritable();
      harness_.runtime().RunReady();
    }
    void HangUp() {
      wire_.handler->OnClosed(absl::OkStatus());
      harness_.runtime().RunReady();
    }
    FakeWire& wire() { return wire_; }
    bool closed() const { return wire_.closed; }
    Session* session() { return static_cast<Session*>(wire_.handler); }

   private:
    friend class SessionHarness;
    explicit Client(SessionHarness* harness) : harness_(*harness) {}

    SessionHarness& harness_;
    FakeWire wire_;
    std::string pending_;
  };

  // `more` are commands that other folders add.
  explicit SessionHarness(int worker_count = 1, absl::string_view cluster_mode = "",
                          absl::Span<const CommandSpec> more = {})
      : runtime_(worker_count) {
    Set(Parameter::cluster_mode, cluster_mode);
    const absl::Span<const CommandSpec> families[] = {StringCommands(),
                                                      KeyCommands(),
                                                      ExpireCommands(),
                                                      KeyMoveCommands(),
                                                      KeyWalkCommands(),
                                                      KeyspaceCommands(),
                                                      ConnectionCommands(),
                                                      TransactionCommands(),
                                                      PubSubCommands(),
                                                      kBlockCommand,
                                                      more};
    commands_ = std::make_unique<CommandRegistry>(families);
    Store::Options options;
    options.worker_count = worker_count;
    store_ = std::make_unique<Store>(options);
    server_ = std::make_unique<ServerState>(&runtime_, store_.get(), commands_.get(), &config_);
  }

  Client* Connect(int worker = 0, absl::string_view host = "127.0.0.1",
                  ClientPort port = ClientPort::kRegular) {
    clients_.push_back(std::unique_ptr<Client>(new Client(this)));
    server_->worker(worker).Accept(std::make_unique<FakeStream>(&clients_.back()->wire_, host),
                                   port);
    return clients_.back().get();
  }

  void Set(Parameter parameter, absl::string_view value) {
    DFLY_CHECK(config_.Set(parameter, value).ok());
  }
  void AdvanceMs(int64_t ms) {
    for (int i = 0; i < runtime_.worker_count(); ++i) runtime_.loop(i).Advance(ms * 1'000'000);
    runtime_.RunReady();
  }
  // One worker's figures of one command.
  CommandStats& Stats(absl::string_view full_name, int worker = 0) {
    return server_->worker(worker).command_stats(commands_->FindByFullName(full_name)->id);
  }

  FakeRuntime& runtime() { return runtime_; }
  Config& config() { return config_; }
  Store& store() { return *store_; }
  const CommandRegistry& commands() const { return *commands_; }
  ServerState& server() { return *server_; }

 private:
  FakeRuntime runtime_;
  Config config_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<CommandRegistry> commands_;
  std::unique_ptr<ServerState> server_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_SESSION_HARNESS_H_
