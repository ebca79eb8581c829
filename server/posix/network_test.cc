#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "server/posix/test_peer.h"

namespace damselfly::posix {
namespace {

using std::chrono::milliseconds;
using ConnectResult = absl::StatusOr<std::unique_ptr<Stream>>;

Endpoint Tcp(std::string host, int port) {
  return {.host = std::move(host), .port = port, .unix_path = ""};
}

void IgnoreStream(EventLoop&, std::unique_ptr<Stream>) {}

void Echo(TestSession& session) {
  session.on_data = [&session](absl::string_view data) { session.Send(data); };
}

// What a Listen that must fail says.
std::string ListenError(TestNode& node, const Endpoint& endpoint) {
  return std::string(node.runtime().network().Listen(endpoint, 5, IgnoreStream).status().message());
}

// Connects from loop 0 and returns what came, after the loops have stopped.
void ConnectAndRun(TestNode& node, const Endpoint& endpoint,
                   std::function<void(ConnectResult)> handler) {
  bool returned = false;
  node.runtime().loop(0).Post([&] {
    node.runtime().network().Connect(node.runtime().loop(0), endpoint, [&](ConnectResult result) {
      EXPECT_TRUE(returned) << "the handler must not be called from within Connect";
      handler(std::move(result));
    });
    returned = true;
  });
  EXPECT_EQ(node.runtime().Run(), 0);
}

std::string ConnectErrorOf(const Endpoint& endpoint) {
  TestNode node(1);
  std::string message = "connected";
  ConnectAndRun(node, endpoint, [&](ConnectResult result) {
    if (!result.ok()) message = std::string(result.status().message());
    node.runtime().RequestExit(0);
  });
  return message;
}

// Connects, says "ping" and expects it back.
void ExpectEchoFrom(const std::function<Endpoint(TestNode&)>& listen) {
  TestNode node(2);
  const Endpoint endpoint = listen(node);
  std::string received;
  ConnectAndRun(node, endpoint, [&](ConnectResult result) {
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ((*result)->peer().port, endpoint.port);
    EXPECT_EQ((*result)->peer().unix_path, endpoint.unix_path);
    TestSession& session = node.Add(node.runtime().loop(0), *std::move(result));
    session.on_data = [&](absl::string_view data) {
      received.append(data.data(), data.size());
      if (received.size() == 4) node.runtime().RequestExit(0);
    };
    session.Start();
    session.Send("ping");
  });
  EXPECT_EQ(received, "ping");
}

TEST(Network, SpreadsConnectionsEvenlyOverTheWorkers) {
  constexpr int kWorkers = 4;
  constexpr int kConnections = 200;
  TestNode node(kWorkers);
  std::vector<int> counts(kWorkers, 0);  // each touched by its own worker only
  const Endpoint listening = node.Listen([&](TestSession& session) {
    ++counts[static_cast<size_t>(session.loop.index())];
    Echo(session);
  });
  node.RunWhile([&] {
    std::vector<std::unique_ptr<TestPeer>> peers;
    for (int i = 0; i < kConnections; ++i) peers.push_back(std::make_unique<TestPeer>(listening));
    for (int round = 0; round < 3; ++round) {
      for (auto& peer : peers) peer->Send("ping");
      for (auto& peer : peers) ASSERT_EQ(peer->Receive(4), "ping");
    }
  });
  EXPECT_EQ(counts, std::vector<int>(kWorkers, kConnections / kWorkers));
}

TEST(Network, AWorkerWhoseConnectionsHaveEndedGetsTheNextOnes) {
  TestNode node(2);
  std::promise<void> emptied;
  std::vector<int> accepted_by;
  std::mutex mutex;
  std::atomic<int> closed = 0;
  const Endpoint listening = node.Listen([&](TestSession& session) {
    {
      std::lock_guard lock(mutex);
      accepted_by.push_back(session.loop.index());
    }
    session.on_data = [&](absl::string_view data) { session.Send(data); };
    session.on_closed = [&](const absl::Status&) {
      session.Close();
      if (++closed == 10) emptied.set_value();
    };
  });
  node.RunWhile([&] {
    std::vector<std::unique_ptr<TestPeer>> peers;
    for (int i = 0; i < 20; ++i) {
      peers.push_back(std::make_unique<TestPeer>(listening));
      peers.back()->Send("x");
      peers.back()->Receive(1);
    }
    int emptied_loop = 0;
    {
      std::lock_guard lock(mutex);
      emptied_loop = accepted_by[0];
      for (size_t i = 0; i < 20; ++i) {
        if (accepted_by[i] == emptied_loop) peers[i]->Close();
      }
      accepted_by.clear();
    }
    emptied.get_future().wait();
    for (int i = 0; i < 10; ++i) {
      peers.push_back(std::make_unique<TestPeer>(listening));
      peers.back()->Send("x");
      peers.back()->Receive(1);
    }
    std::lock_guard lock(mutex);
    EXPECT_EQ(accepted_by, std::vector<int>(10, emptied_loop));
  });
}

TEST(Network, ListenErrorsNameTheEndpointAndTheReason) {
  const SocketDirectory directory;
  TestNode node(1);
  const Endpoint taken = node.Listen(Echo);
  EXPECT_EQ(ListenError(node, taken),
            absl::StrCat("Could not listen on 127.0.0.1:", taken.port, ": Address already in use"));
  // TEST-NET-1 (RFC 5737): no machine has it.
  EXPECT_EQ(ListenError(node, Tcp("192.0.2.1", 6379)),
            "Could not listen on 192.0.2.1:6379: Cannot assign requested address");
  EXPECT_EQ(ListenError(node, Tcp("127.0.0.1", 65536)),
            "Could not listen on 127.0.0.1:65536: the port is not in [0, 65535]");
  EXPECT_EQ(ListenError(node, directory.Socket("no/such/directory")),
            absl::StrCat("Could not listen on ", directory.Socket("no/such/directory").unix_path,
                         ": No such file or directory"));
  EXPECT_TRUE(absl::StartsWith(ListenError(node, directory.Socket(std::string(200, 'x'))),
                               "Could not listen on /"));
}

TEST(Network, AnyAddressesOfBothFamiliesShareAPort) {
  TestNode node(1);
  const Endpoint any4 = node.Listen(Tcp("*", 0), Echo);
  EXPECT_EQ(any4.host, "0.0.0.0");
  auto any6 = node.runtime().network().Listen(Tcp("::*", any4.port), 5, IgnoreStream);
  if (any6.ok()) {
    EXPECT_EQ((*any6)->endpoint().ToString(), absl::StrCat("[::]:", any4.port));
  } else {
    EXPECT_TRUE(absl::StrContains(any6.status().message(), "Address family not supported"))
        << any6.status();
  }
}

TEST(Network, TakesOverTheSocketFileOfADeadProcessOnly) {
  const SocketDirectory directory;
  const Endpoint endpoint = directory.Socket("stale.sock");
  unlink(endpoint.unix_path.c_str());
  {
    // Bound and gone without unlinking, as after a crash.
    const auto address = Resolve(endpoint)->front();
    const Descriptor dead = *CreateSocket(address);
    ASSERT_EQ(bind(dead.get(), address.get(), address.length), 0);
  }
  ASSERT_EQ(access(endpoint.unix_path.c_str(), F_OK), 0);
  TestNode node(1);
  node.Listen(endpoint, Echo);
  const std::string in_use =
      absl::StrCat("Could not listen on ", endpoint.unix_path, ": Address already in use");
  EXPECT_EQ(ListenError(node, endpoint), in_use);
  EXPECT_EQ(access(endpoint.unix_path.c_str(), F_OK), 0)
      << "the failed attempt must leave the live socket alone";
}

TEST(Network, LeavesAFileThatIsNoSocketAlone) {
  const SocketDirectory directory;
  const Endpoint endpoint = directory.Socket("precious.txt");
  const Descriptor file(open(endpoint.unix_path.c_str(), O_CREAT | O_WRONLY, 0600));
  TestNode node(1);
  EXPECT_TRUE(absl::EndsWith(ListenError(node, endpoint), "Address already in use"));
  EXPECT_EQ(access(endpoint.unix_path.c_str(), F_OK), 0);
  unlink(endpoint.unix_path.c_str());
}

TEST(Network, GivesUnixSocketsTheWantedPermissions) {
  const SocketDirectory directory;
  const Endpoint endpoint = directory.Socket("mode.sock");
  TestNode node(1, 0712);
  node.Listen(endpoint, Echo);
  struct stat info {};
  ASSERT_EQ(stat(endpoint.unix_path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0712u);
}

TEST(Network, ADestroyedListenerFreesItsPortAtOnceOnAnyThread) {
  TestNode node(2);
  const Endpoint listening = node.Listen(Echo);
  node.RunWhile([&] {
    Network& network = node.runtime().network();
    Endpoint endpoint = Tcp("127.0.0.1", 0);
    for (int i = 0; i < 100; ++i) {
      auto listener = network.Listen(endpoint, 5, [](EventLoop&, std::unique_ptr<Stream>) {});
      ASSERT_TRUE(listener.ok()) << listener.status();
      endpoint = (*listener)->endpoint();
      TestPeer connected(endpoint);
      listener->reset();
    }
    // The loops have survived it.
    TestPeer peer(listening);
    peer.Send("ping");
    EXPECT_EQ(peer.Receive(4), "ping");
  });
}

TEST(Network, ConnectsToNumericAddressesNamesAndUnixSockets) {
  const SocketDirectory directory;
  ExpectEchoFrom([](TestNode& node) { return node.Listen(Echo); });
  ExpectEchoFrom(
      [&](TestNode& node) { return node.Listen(directory.Socket("connect.sock"), Echo); });
  ExpectEchoFrom([](TestNode& node) {
    // "localhost" may be ::1 first, where nobody listens: the next address is tried.
    return Tcp("localhost", node.Listen(Echo).port);
  });
}

TEST(Network, ConnectErrorsNameTheEndpointAndTheReason) {
  const SocketDirectory directory;
  int free_port = 0;
  {
    TestNode node(1);
    free_port = node.Listen(Echo).port;
  }
  EXPECT_EQ(ConnectErrorOf(Tcp("127.0.0.1", free_port)),
            absl::StrCat("Could not connect to 127.0.0.1:", free_port, ": Connection refused"));
  const Endpoint missing = directory.Socket("missing.sock");
  EXPECT_EQ(ConnectErrorOf(missing), absl::StrCat("Could not connect to ", missing.unix_path,
                                                  ": No such file or directory"));
  // A label of more than 63 bytes is no name, whatever the name server (RFC 1035).
  const std::string no_name(100, 'x');
  EXPECT_TRUE(absl::StartsWith(ConnectErrorOf(Tcp(no_name, 1)),
                               absl::StrCat("Could not connect to ", no_name, ":1: ")));
}

TEST(Network, UnfinishedConnectsAreDroppedWithTheirHandlersWhenTheLoopsStop) {
  TestNode node(1);
  auto token = std::make_shared<int>(0);
  for (const Endpoint& endpoint : {Tcp("127.0.0.1", 1), Tcp("localhost", 1), Tcp("192.0.2.1", 1)}) {
    node.runtime().network().Connect(node.runtime().loop(0), endpoint, [token](ConnectResult) {});
  }
  EXPECT_GT(token.use_count(), 1);
  node.runtime().RequestExit(0);
  node.runtime().Run();
  EXPECT_EQ(token.use_count(), 1);
}

double ProcessCpuSeconds() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

TEST(Network, RunningOutOfDescriptorsPausesAcceptingWithoutSpinning) {
  TestNode node(1);
  const Endpoint listening = node.Listen(Echo);
  node.RunWhile([&] {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    std::vector<Descriptor> hoard;
    TestPeer first(listening);
    first.Send("x");
    EXPECT_EQ(first.Receive(1), "x");
    auto waiting_socket = CreateSocket(Resolve(listening)->front());
    rlimit tight = limit;
    tight.rlim_cur = 64;
    setrlimit(RLIMIT_NOFILE, &tight);
    for (;;) {
      Descriptor more(open("/dev/null", O_RDONLY));
      if (!more.valid()) break;
      hoard.push_back(std::move(more));
    }
    TestPeer waiting(*std::move(waiting_socket), listening);
    waiting.Send("y");
    const double cpu_before = ProcessCpuSeconds();
    std::this_thread::sleep_for(milliseconds(400));
    EXPECT_LT(ProcessCpuSeconds() - cpu_before, 0.2);
    first.Send("x");
    EXPECT_EQ(first.Receive(1), "x") << "those who are there are served";
    hoard.clear();
    EXPECT_EQ(waiting.Receive(1), "y") << "accepting goes on when there are descriptors again";
    setrlimit(RLIMIT_NOFILE, &limit);
  });
}

}  // namespace
}  // namespace damselfly::posix
