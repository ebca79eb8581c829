// What a world costs whose processes do next to nothing: passes of their loops, timers, and bytes
// that go back and forth between hosts.

#include "sim/world/world.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "server/base/check.h"
#include "server/runtime/network.h"
#include "sim/world/host.h"
#include "sim/world/sim_network.h"

namespace damselfly::sim {
namespace {

constexpr int64_t kStepNs = 10 * kMillisecond;

// Posts itself again: one pass of a loop after the other.
void PostAgain(SimLoop& loop, int64_t* count) {
  loop.Post([&loop, count] {
    ++*count;
    PostAgain(loop, count);
  });
}

// range(0) hosts of two workers, all of them busy. One item is one pass.
void BM_Passes(benchmark::State& state) {
  SeededDecider decider(1);
  World world(&decider, 1, WorldKnobs());
  int64_t passes = 0;
  for (int64_t i = 0; i < state.range(0); ++i) {
    Host& host = world.AddHost("host", 2, 0);
    for (int worker = 0; worker < 2; ++worker) PostAgain(host.runtime().loop(worker), &passes);
  }
  for (auto _ : state) world.RunUntil(world.now_ns() + kStepNs);
  state.SetItemsProcessed(passes);
}
BENCHMARK(BM_Passes)->Arg(1)->Arg(10)->Arg(100);

void StartAgain(SimLoop& loop, int64_t* count) {
  loop.StartTimer(kMillisecond, [&loop, count] {
    ++*count;
    StartAgain(loop, count);
  });
}

// range(0) hosts of two workers with a timer each, as idle nodes are. One item is one timer.
void BM_Timers(benchmark::State& state) {
  SeededDecider decider(1);
  World world(&decider, 1, WorldKnobs());
  int64_t fired = 0;
  for (int64_t i = 0; i < state.range(0); ++i) {
    Host& host = world.AddHost("host", 2, 0);
    for (int worker = 0; worker < 2; ++worker) StartAgain(host.runtime().loop(worker), &fired);
  }
  for (auto _ : state) world.RunUntil(world.now_ns() + kStepNs);
  state.SetItemsProcessed(fired);
}
BENCHMARK(BM_Timers)->Arg(10)->Arg(1000);

// Sends back what comes.
class Echo final : public StreamHandler {
 public:
  Echo(std::unique_ptr<Stream> stream, int64_t* count) : stream_(std::move(stream)), count_(count) {
    stream_->Start(this);
  }
  void Send(absl::string_view bytes) { DFLY_CHECK_EQ(stream_->Write({&bytes, 1}), bytes.size()); }
  void OnData(absl::string_view data) override {
    ++*count_;
    Send(data);
  }
  void OnWritable() override {}
  void OnClosed(const absl::Status&) override { DFLY_CHECK(false); }

 private:
  const std::unique_ptr<Stream> stream_;
  int64_t* const count_;
};

// A server and range(0) hosts with a connection to it each, on which 100 bytes go back and forth.
// One item is one way.
void BM_Echo(benchmark::State& state) {
  SeededDecider decider(1);
  World world(&decider, 1, WorldKnobs());
  Host& server = world.AddHost("server", 2, 0);
  int64_t received = 0;
  std::vector<std::unique_ptr<Echo>> ends;
  Endpoint endpoint;
  endpoint.host = server.address();
  endpoint.port = 6379;
  auto listener = server.runtime().network().Listen(
      endpoint, 1024, [&](EventLoop&, std::unique_ptr<Stream> stream) {
        ends.push_back(std::make_unique<Echo>(std::move(stream), &received));
      });
  DFLY_CHECK(listener.ok());
  const std::string bytes(100, 'x');
  for (int64_t i = 0; i < state.range(0); ++i) {
    SimRuntime& client = world.AddHost("client", 1, 0).runtime();
    client.loop(0).Post([&] {
      client.network().Connect(client.loop(0), endpoint, [&](auto stream) {
        DFLY_CHECK(stream.ok());
        ends.push_back(std::make_unique<Echo>(*std::move(stream), &received));
        ends.back()->Send(bytes);
      });
    });
  }
  world.RunUntil(kSecond);
  DFLY_CHECK_EQ(ends.size(), static_cast<size_t>(2 * state.range(0)));
  received = 0;
  for (auto _ : state) world.RunUntil(world.now_ns() + kStepNs);
  state.SetItemsProcessed(received);
}
BENCHMARK(BM_Echo)->Arg(1)->Arg(20);

}  // namespace
}  // namespace damselfly::sim
