#include "sim/world/sim_network.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "sim/world/world.h"

namespace damselfly::sim {
namespace {

// One end of a connection under test: collects what comes, sends what it is told to.
class Peer final : public StreamHandler {
 public:
  explicit Peer(std::unique_ptr<Stream> stream) : stream_(std::move(stream)) {
    stream_->Start(this);
  }

  void Send(absl::string_view data) {
    unsent_.append(data.data(), data.size());
    Flush();
  }
  void set_echo() { echo_ = true; }
  void set_keep_open() { keep_open_ = true; }

  void OnData(absl::string_view data) override {
    received_.append(data.data(), data.size());
    reads_.push_back(data.size());
    if (echo_) Send(data);
  }
  void OnWritable() override {
    ++writable_count_;
    Flush();
  }
  void OnClosed(const absl::Status& reason) override {
    closed_ = true;
    reason_ = reason;
    if (!keep_open_) stream_ = nullptr;
  }

  SimStream& stream() { return static_cast<SimStream&>(*stream_); }
  void Drop() { stream_ = nullptr; }
  const std::string& received() const { return received_; }
  const std::vector<size_t>& reads() const { return reads_; }
  bool closed() const { return closed_; }
  const absl::Status& reason() const { return reason_; }
  int writable_count() const { return writable_count_; }
  size_t unsent_bytes() const { return unsent_.size(); }

 private:
  void Flush() {
    if (stream_ == nullptr || unsent_.empty()) return;
    const absl::string_view piece = unsent_;
    unsent_.erase(0, stream_->Write({&piece, 1}));
  }

  std::unique_ptr<Stream> stream_;
  std::string unsent_;
  std::string received_;
  std::vector<size_t> reads_;
  absl::Status reason_;
  int writable_count_ = 0;
  bool closed_ = false;
  bool echo_ = false;
  bool keep_open_ = false;
};

// A world with an echo server on one host and a client on another.
class Wire {
 public:
  explicit Wire(
      uint64_t seed, WorldKnobs knobs = WorldKnobs(),
      const std::function<void(FaultBoard&)>& faults = [](FaultBoard&) {})
      : decider_(seed), world_(&decider_, seed, knobs) {
    faults(world_.faults());
    server_host_ = &world_.AddHost("server", 2, 0);
    client_host_ = &world_.AddHost("client", 1, 0);
  }

  void Listen() {
    Endpoint endpoint;
    endpoint.host = server_host_->address();
    endpoint.port = 6379;
    auto listener =
        server_host_->runtime().network().Listen(endpoint, 16, [this](EventLoop&, auto stream) {
          server_ = std::make_unique<Peer>(std::move(stream));
          server_->set_echo();
        });
    ASSERT_TRUE(listener.ok());
    listener_ = *std::move(listener);
  }

  void Connect() {
    SimRuntime& runtime = client_host_->runtime();
    runtime.loop(0).Post([this, &runtime] {
      Endpoint endpoint;
      endpoint.host = server_host_->address();
      endpoint.port = 6379;
      runtime.network().Connect(runtime.loop(0), endpoint,
                                [this](absl::StatusOr<std::unique_ptr<Stream>> stream) {
                                  connect_status_ = stream.status();
                                  connect_answered_ = true;
                                  if (stream.ok())
                                    client_ = std::make_unique<Peer>(*std::move(stream));
                                });
    });
    world_.RunUntil(world_.now_ns() + 20 * kSecond);
  }

  // Lets the client send within its loop.
  void Send(std::string data) {
    client_host_->runtime().loop(0).Post([this, data] { client_->Send(data); });
  }
  void Run(int64_t duration_ns) { world_.RunUntil(world_.now_ns() + duration_ns); }

  World& world() { return world_; }
  Host& server_host() { return *server_host_; }
  Host& client_host() { return *client_host_; }
  Peer* client() { return client_.get(); }
  Peer* server() { return server_.get(); }
  std::unique_ptr<Listener>& listener() { return listener_; }
  const absl::Status& connect_status() const { return connect_status_; }
  bool connect_answered() const { return connect_answered_; }
  void DestroyServer() {
    listener_ = nullptr;
    server_ = nullptr;
  }

 private:
  SeededDecider decider_;
  World world_;
  Host* server_host_;
  Host* client_host_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Peer> server_;
  std::unique_ptr<Peer> client_;
  absl::Status connect_status_;
  bool connect_answered_ = false;
};

std::string Numbers(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += std::to_string(i) + " ";
  return text;
}

TEST(SimNetwork, BytesArriveInOrderAndComeBack) {
  Wire wire(1);
  wire.Listen();
  wire.Connect();
  wire.Send("hello ");
  wire.Send("world");
  wire.Run(kSecond);
  EXPECT_EQ(wire.server()->received(), "hello world");
  EXPECT_EQ(wire.client()->received(), "hello world");
}

TEST(SimNetwork, OrderIsKeptUnderEveryFaultThatKeepsTheConnection) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    WorldKnobs knobs;
    knobs.pass_delay_max_ns = 100 * kMicrosecond;
    knobs.read_bytes_max = 100;
    Wire wire(seed, knobs, [](FaultBoard& faults) {
      for (Fault fault : {Fault::kSplitSegment, Fault::kSplitRead, Fault::kShortWrite,
                          Fault::kSmallBuffer, Fault::kWorkerPause}) {
        faults.Draw(fault, 20000);
      }
      faults.Draw(Fault::kStall, 500);
    });
    wire.Listen();
    wire.Connect();
    const std::string data = Numbers(1000);
    wire.Send(data);
    wire.Run(2000 * kSecond);
    ASSERT_EQ(wire.server()->received(), data) << "seed " << seed;
    ASSERT_EQ(wire.client()->received(), data) << "seed " << seed;
    EXPECT_GT(wire.server()->reads().size(), 20u);
  }
}

TEST(SimNetwork, AFullBufferHoldsTheWriterBackUntilThePeerReads) {
  WorldKnobs knobs;
  knobs.stream_buffer_bytes = 1000;
  Wire wire(1, knobs);
  wire.Listen();
  wire.Connect();
  wire.server()->stream().PauseReading();
  wire.Send(std::string(5000, 'x'));
  wire.Run(kSecond);
  EXPECT_EQ(wire.client()->unsent_bytes(), 4000u);
  EXPECT_EQ(wire.server()->received(), "");
  wire.server_host().runtime().loop(0).Post([&] { wire.server()->stream().ResumeReading(); });
  wire.Run(kSecond);
  EXPECT_EQ(wire.client()->unsent_bytes(), 0u);
  EXPECT_EQ(wire.client()->received().size(), 5000u);
  EXPECT_GE(wire.client()->writable_count(), 4);
}

TEST(SimNetwork, ConnectIsRefusedWhereNobodyListens) {
  Wire wire(1);
  wire.Connect();
  EXPECT_TRUE(wire.connect_answered());
  EXPECT_TRUE(absl::IsUnavailable(wire.connect_status()));
  wire.Listen();
  wire.listener() = nullptr;
  wire.Connect();
  EXPECT_TRUE(absl::IsUnavailable(wire.connect_status()));
}

TEST(SimNetwork, ListeningTwiceOrAtAForeignAddressFails) {
  Wire wire(1);
  wire.Listen();
  Network& network = wire.server_host().runtime().network();
  Endpoint endpoint;
  endpoint.host = "0.0.0.0";
  endpoint.port = 6379;
  EXPECT_TRUE(absl::IsAlreadyExists(network.Listen(endpoint, 1, [](EventLoop&, auto) {}).status()));
  endpoint.host = wire.client_host().address();
  EXPECT_TRUE(absl::IsUnavailable(network.Listen(endpoint, 1, [](EventLoop&, auto) {}).status()));
  endpoint.host = wire.server_host().address();
  endpoint.port = 0;
  auto listener = network.Listen(endpoint, 1, [](EventLoop&, auto) {});
  ASSERT_TRUE(listener.ok());
  EXPECT_GT((*listener)->endpoint().port, 0);
}

TEST(SimNetwork, WhatWasWrittenBeforeACloseArrivesBeforeTheEnd) {
  Wire wire(1);
  wire.Listen();
  wire.Connect();
  wire.client_host().runtime().loop(0).Post([&] {
    wire.client()->Send("bye");
    wire.client()->Drop();
  });
  wire.Run(kSecond);
  EXPECT_EQ(wire.server()->received(), "bye");
  EXPECT_TRUE(wire.server()->closed());
  EXPECT_TRUE(wire.server()->reason().ok());
  EXPECT_EQ(wire.world().network().open_connection_count(), 0u);
}

TEST(SimNetwork, AHalfClosedEndStillReads) {
  Wire wire(1);
  wire.Listen();
  wire.Connect();
  wire.client_host().runtime().loop(0).Post([&] {
    wire.client()->Send("question");
    wire.client()->stream().HalfClose();
  });
  wire.Run(kSecond);
  EXPECT_EQ(wire.client()->received(), "question");
  EXPECT_TRUE(wire.client()->closed());
}

TEST(SimNetwork, ABrokenConnectionTellsBothEndsAnError) {
  Wire wire(1);
  wire.Listen();
  wire.Connect();
  wire.client()->stream().connection()->Break(kMillisecond, 2 * kMillisecond, true);
  wire.Run(kSecond);
  EXPECT_TRUE(wire.client()->closed());
  EXPECT_FALSE(wire.client()->reason().ok());
  EXPECT_TRUE(wire.server()->closed());
  EXPECT_FALSE(wire.server()->reason().ok());
}

TEST(SimNetwork, AResetLosesATailAndNeverTheMiddle) {
  uint64_t resets = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    Wire wire(seed, WorldKnobs(), [](FaultBoard& faults) { faults.Draw(Fault::kReset, 3000); });
    wire.Listen();
    wire.Connect();
    ASSERT_NE(wire.client(), nullptr);
    std::string data;
    for (int i = 0; i < 20; ++i) {
      data += Numbers(3);
      wire.Send(Numbers(3));
      wire.Run(kMillisecond);
    }
    wire.Run(kSecond);
    const std::string& received = wire.server()->received();
    ASSERT_EQ(received, data.substr(0, received.size()));
    resets += wire.world().faults().effects(Fault::kReset);
  }
  EXPECT_GT(resets, 50u);
}

TEST(SimNetwork, WhatIsWrittenIntoABrokenConnectionNeverArrives) {
  Wire wire(1);
  wire.Listen();
  wire.Connect();
  wire.client_host().runtime().loop(0).Post([&] {
    wire.client()->Send("lost on the way");
    wire.client()->stream().connection()->Break(kSecond, kSecond, true);
    wire.client()->Send("written into the void, with success");
  });
  wire.Run(kSecond / 2);
  EXPECT_EQ(wire.client()->unsent_bytes(), 0u);
  EXPECT_EQ(wire.server()->received(), "");
}

TEST(SimNetwork, ADeadProcessResetsItsPeersAndRefusesNewOnes) {
  Wire wire(1);
  wire.Listen();
  wire.Connect();
  wire.server_host().StopProcess(Host::Death::kReset);
  wire.DestroyServer();
  wire.Run(kSecond);
  EXPECT_TRUE(wire.client()->closed());
  EXPECT_FALSE(wire.client()->reason().ok());
  wire.Connect();
  EXPECT_TRUE(absl::IsUnavailable(wire.connect_status()));
  wire.server_host().StartProcess();
  wire.Listen();
  wire.Connect();
  EXPECT_TRUE(wire.connect_status().ok());
  wire.Send("again");
  wire.Run(kSecond);
  EXPECT_EQ(wire.client()->received(), "again");
}

TEST(SimNetwork, AVanishedMachineIsNotNoticedForSeconds) {
  Wire wire(1);
  wire.Listen();
  wire.Connect();
  wire.server_host().StopProcess(Host::Death::kSilent);
  wire.DestroyServer();
  wire.Run(4 * kSecond);
  EXPECT_FALSE(wire.client()->closed());
  wire.Run(60 * kSecond);
  EXPECT_TRUE(wire.client()->closed());
}

TEST(SimNetwork, APartitionHoldsBytesBackAndLosesNone) {
  Wire wire(1);
  wire.Listen();
  wire.Connect();
  wire.world().network().Partition(wire.client_host(), wire.server_host(),
                                   wire.world().now_ns() + 3 * kSecond);
  wire.Send("patience");
  wire.Run(2 * kSecond);
  EXPECT_EQ(wire.client()->received(), "");
  wire.Run(2 * kSecond);
  EXPECT_EQ(wire.client()->received(), "patience");
}

TEST(SimNetwork, ACutOfOneDirectionLetsTheOtherPass) {
  Wire wire(1);
  wire.Listen();
  wire.Connect();
  const auto cut = [&wire](Host& from, Host& to) {
    wire.world().network().Cut(from, to, wire.world().now_ns() + 3 * kSecond,
                               Fault::kOneWayPartition);
  };
  // The server echoes: what cannot get there is not answered ...
  cut(wire.client_host(), wire.server_host());
  wire.Send("there");
  wire.Run(2 * kSecond);
  EXPECT_EQ(wire.server()->received(), "");
  wire.Run(2 * kSecond);
  EXPECT_EQ(wire.client()->received(), "there");
  // ... and what gets there is answered later.
  cut(wire.server_host(), wire.client_host());
  wire.Send(" and back");
  wire.Run(2 * kSecond);
  EXPECT_EQ(wire.server()->received(), "there and back");
  EXPECT_EQ(wire.client()->received(), "there");
  wire.Run(2 * kSecond);
  EXPECT_EQ(wire.client()->received(), "there and back");
  EXPECT_GT(wire.world().faults().effects(Fault::kOneWayPartition), 0u);
  EXPECT_EQ(wire.world().faults().effects(Fault::kPartition), 0u);
}

TEST(SimNetwork, HealingSendsWhatHasWaitedOnItsWay) {
  Wire wire(1);
  wire.Listen();
  wire.Connect();
  wire.world().network().Partition(wire.client_host(), wire.server_host(),
                                   SimNetwork::kUntilHealed);
  wire.Send("long ");
  wire.Run(3600 * kSecond);
  EXPECT_EQ(wire.client()->received(), "");
  wire.Send("time");
  wire.world().network().Heal(wire.client_host(), wire.server_host());
  wire.Run(kSecond);
  EXPECT_EQ(wire.client()->received(), "long time");
}

TEST(SimNetwork, AConnectGetsThroughSoonAfterTheHealing) {
  Wire wire(1);
  wire.Listen();
  wire.world().network().Partition(wire.client_host(), wire.server_host(),
                                   SimNetwork::kUntilHealed);
  wire.Connect();
  wire.Run(10 * kSecond);
  EXPECT_EQ(wire.client(), nullptr);
  wire.world().network().Heal(wire.client_host(), wire.server_host());
  wire.Run(2 * kSecond);
  ASSERT_NE(wire.client(), nullptr);
  EXPECT_FALSE(wire.client()->closed());
}

TEST(SimNetwork, ASlowLinkTakesItsTime) {
  const auto arrival_ns = [](bool slow) {
    Wire wire(1, WorldKnobs(), [slow](FaultBoard& faults) {
      if (slow) faults.Draw(Fault::kSlowLink, 65536);
    });
    wire.Listen();
    wire.Connect();
    const int64_t begin_ns = wire.world().now_ns();
    wire.Send(std::string(100'000, 'x'));
    while (wire.client()->received().size() < 100'000) wire.Run(kMillisecond);
    return wire.world().now_ns() - begin_ns;
  };
  EXPECT_LT(arrival_ns(false), 50 * kMillisecond);
  EXPECT_GT(arrival_ns(true), 100 * kMillisecond);
}

TEST(SimNetwork, WhoHasGivenUpIsAcceptedLateAndGone) {
  Wire wire(1, WorldKnobs(), [](FaultBoard& faults) { faults.Draw(Fault::kLateAccept, 65536); });
  wire.Listen();
  wire.Connect();
  EXPECT_TRUE(wire.connect_answered());
  EXPECT_FALSE(wire.connect_status().ok());
  ASSERT_NE(wire.server(), nullptr);
  EXPECT_TRUE(wire.server()->closed());
  EXPECT_EQ(wire.world().faults().effects(Fault::kLateAccept), 1u);
  EXPECT_EQ(wire.world().network().open_connection_count(), 0u);
}

TEST(SimNetwork, AHalfOpenConnectionTakesBytesForNobodyUntilItsBufferIsFull) {
  int written_on = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Wire wire(seed, WorldKnobs(), [](FaultBoard& faults) { faults.Draw(Fault::kHalfOpen, 65536); });
    wire.Listen();
    wire.Connect();
    wire.Send("x");
    wire.Run(kSecond);
    if (wire.client()->closed()) continue;
    // The server has been told; here all looks well.
    ++written_on;
    const uint64_t room = wire.world().knobs().stream_buffer_bytes;
    wire.Send(std::string(2 * room, 'y'));
    wire.Run(kSecond);
    EXPECT_FALSE(wire.client()->closed());
    EXPECT_GE(wire.client()->unsent_bytes(), room);
    EXPECT_GT(wire.world().faults().effects(Fault::kHalfOpen), 0u);
    wire.Run(61 * kSecond);
    EXPECT_TRUE(wire.client()->closed());
    EXPECT_EQ(wire.client()->received(), "");
  }
  EXPECT_GT(written_on, 0);
}

TEST(SimNetwork, TheGroundTruthKnowsWhenBytesWereWrittenAndRead) {
  Wire wire(1);
  wire.Listen();
  wire.Connect();
  Connection& connection = *wire.client()->stream().connection();
  connection.outgoing(0).KeepTimes();
  const int64_t sent_at_ns = wire.world().now_ns();
  wire.Send("ping");
  EXPECT_EQ(connection.outgoing(0).ReadTime(4), -1);
  wire.Run(kSecond);
  EXPECT_GE(connection.outgoing(0).WriteTime(4), sent_at_ns);
  EXPECT_GE(connection.outgoing(0).ReadTime(4),
            connection.outgoing(0).WriteTime(4) + 20 * kMicrosecond);
}

TEST(SimNetwork, EqualSeedsGiveEqualTracesAndOthersDiffer) {
  auto run = [](uint64_t seed) {
    Wire wire(seed, WorldKnobs(), [](FaultBoard& faults) {
      faults.Draw(Fault::kSplitSegment, 20000);
      faults.Draw(Fault::kReset, 1000);
    });
    wire.Listen();
    wire.Connect();
    wire.Send(Numbers(500));
    wire.Run(kSecond);
    return wire.world().trace().hash();
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_EQ(run(2), run(2));
  EXPECT_NE(run(1), run(2));
}

}  // namespace
}  // namespace damselfly::sim
