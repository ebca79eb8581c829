#ifndef DAMSELFLY_SERVER_POSIX_TEST_PEER_H_
#define DAMSELFLY_SERVER_POSIX_TEST_PEER_H_

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/base/check.h"
#include "server/posix/address.h"
#include "server/posix/descriptor.h"
#include "server/posix/posix_runtime.h"
#include "server/runtime/network.h"

namespace damselfly::posix {

// A directory for Unix sockets, which allow no path as long as Bazel's temporary directories have
// (unix(7): 107 bytes).
class SocketDirectory {
 public:
  SocketDirectory() { DFLY_CHECK(mkdtemp(path_.data()) != nullptr); }
  ~SocketDirectory() { std::filesystem::remove_all(path_); }
  Endpoint Socket(absl::string_view name) const {
    return {.host = "", .port = 0, .unix_path = absl::StrCat(path_, "/", name)};
  }

 private:
  std::string path_ = "/tmp/dfly-XXXXXX";
};

// The other end of a connection for tests: plain blocking calls. Gives up after ten silent seconds.
class TestPeer {
 public:
  explicit TestPeer(const Endpoint& endpoint)
      : TestPeer(*CreateSocket(Resolve(endpoint)->front()), endpoint) {}
  TestPeer(Descriptor unconnected, const Endpoint& endpoint) : socket_(std::move(unconnected)) {
    MakeBlocking();
    const SocketAddress address = Resolve(endpoint)->front();
    DFLY_CHECK(connect(socket_.get(), address.get(), address.length) == 0);
  }
  explicit TestPeer(Descriptor connected) : socket_(std::move(connected)) { MakeBlocking(); }

  void Send(absl::string_view data) {
    while (!data.empty()) {
      const ssize_t sent = send(socket_.get(), data.data(), data.size(), MSG_NOSIGNAL);
      if (sent < 0) return;  // the server has closed; what it says is tested by reading
      data.remove_prefix(static_cast<size_t>(sent));
    }
  }

  void SendUrgent(char byte) {
    DFLY_CHECK(send(socket_.get(), &byte, 1, MSG_OOB | MSG_NOSIGNAL) == 1);
  }

  // Fewer than `bytes` only at the end of the stream.
  std::string Receive(size_t bytes) {
    std::string received(bytes, '\0');
    size_t used = 0;
    while (used < bytes) {
      const ssize_t count = recv(socket_.get(), &received[used], bytes - used, 0);
      if (count <= 0) break;
      used += static_cast<size_t>(count);
    }
    received.resize(used);
    return received;
  }

  std::string ReceiveUntilEnd() {
    std::string received;
    for (;;) {
      const std::string more = Receive(64 * 1024);
      if (more.empty()) return received;
      received += more;
    }
  }

  void FinishSending() { shutdown(socket_.get(), SHUT_WR); }
  void Close() { socket_.Reset(); }
  // Makes Close() reset a TCP connection instead of ending it.
  void ResetOnClose() {
    const linger option{.l_onoff = 1, .l_linger = 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &option, sizeof(option));
  }

 private:
  void MakeBlocking() {
    fcntl(socket_.get(), F_SETFL, fcntl(socket_.get(), F_GETFL) & ~O_NONBLOCK);
    const timeval limit{.tv_sec = 10, .tv_usec = 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    // What is sent is there when Send returns, though nothing before it has been answered. Without
    // effect on a Unix socket.
    const int on = 1;
    setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }

  Descriptor socket_;
};

// One connection of a server under test: its behaviour is three functions.
class TestSession final : public StreamHandler {
 public:
  std::function<void(absl::string_view)> on_data_soon = [](absl::string_view) {};
  std::function<void(absl::string_view)> on_data = [](absl::string_view) {};
  std::function<void()> on_writable = [] {};
  std::function<void(const absl::Status&)> on_closed = [](const absl::Status&) {};

  TestSession(EventLoop& its_loop, std::unique_ptr<Stream> its_stream)
      : loop(its_loop), stream(std::move(its_stream)) {}

  void OnDataSoon(absl::string_view data) override {
    DFLY_CHECK(!in_method_);
    on_data_soon(data);
  }
  void OnData(absl::string_view data) override {
    DFLY_CHECK(!in_method_);
    on_data(data);
  }
  void OnWritable() override {
    DFLY_CHECK(!in_method_);
    on_writable();
  }
  void OnClosed(const absl::Status& reason) override {
    DFLY_CHECK(!in_method_);
    on_closed(reason);
  }

  void Start() {
    InMethod([this] { stream->Start(this); });
  }
  size_t Write(absl::string_view data) {
    size_t taken = 0;
    InMethod([&] { taken = stream->Write({data}); });
    return taken;
  }
  void Pause() {
    InMethod([this] { stream->PauseReading(); });
  }
  void Resume() {
    InMethod([this] { stream->ResumeReading(); });
  }
  void Close() {
    InMethod([this] { stream->Close(); });
  }

  // Queues bytes and writes what the stream takes; the rest goes in OnWritable.
  void Send(absl::string_view data) {
    unsent_.append(data.data(), data.size());
    on_writable = [this] { Flush(); };
    Flush();
  }
  size_t unsent_bytes() const { return unsent_.size(); }

  EventLoop& loop;
  std::unique_ptr<Stream> stream;

 private:
  // No method of a stream may call back.
  template <typename Method>
  void InMethod(Method method) {
    in_method_ = true;
    method();
    in_method_ = false;
  }
  void Flush() { unsent_.erase(0, Write(unsent_)); }

  bool in_method_ = false;
  std::string unsent_;
};

// A runtime with a listener whose connections behave as a test says.
class TestNode {
 public:
  using Behaviour = std::function<void(TestSession&)>;

  explicit TestNode(int workers, int unix_socket_mode = 0)
      : runtime_(*PosixRuntime::Create({.workers = workers,
                                        .directory = "",
                                        .unix_socket_mode = unix_socket_mode,
                                        .on_signal = nullptr})) {}
  ~TestNode() {
    listeners_.clear();
    sessions_.clear();
  }

  PosixRuntime& runtime() { return *runtime_; }

  // Every accepted connection is set up by `behaviour`, then started, unless that started or
  // dropped it.
  Endpoint Listen(const Endpoint& endpoint, Behaviour behaviour) {
    auto listener = runtime_->network().Listen(
        endpoint, 511, [this, behaviour](EventLoop& loop, std::unique_ptr<Stream> stream) {
          TestSession& session = Add(loop, std::move(stream));
          behaviour(session);
          session.Start();
        });
    DFLY_CHECK(listener.ok());
    listeners_.push_back(*std::move(listener));
    return listeners_.back()->endpoint();
  }
  Endpoint Listen(Behaviour behaviour) {
    return Listen({.host = "127.0.0.1", .port = 0, .unix_path = ""}, std::move(behaviour));
  }

  TestSession& Add(EventLoop& loop, std::unique_ptr<Stream> stream) {
    auto session = std::make_unique<TestSession>(loop, std::move(stream));
    TestSession& result = *session;
    std::lock_guard lock(mutex_);
    sessions_.push_back(std::move(session));
    return result;
  }

  void Remove(TestSession& session) {
    std::lock_guard lock(mutex_);
    sessions_.erase(std::find_if(sessions_.begin(), sessions_.end(), [&](const auto& candidate) {
      return candidate.get() == &session;
    }));
  }

  // Runs the workers while `client` runs on a thread of its own; ends with it.
  void RunWhile(std::function<void()> client) {
    std::thread thread([this, client] {
      client();
      runtime_->RequestExit(0);
    });
    DFLY_CHECK_EQ(runtime_->Run(), 0);
    thread.join();
  }

 private:
  std::unique_ptr<PosixRuntime> runtime_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<TestSession>> sessions_;  // under mutex_
};

}  // namespace damselfly::posix

#endif  // DAMSELFLY_SERVER_POSIX_TEST_PEER_H_
