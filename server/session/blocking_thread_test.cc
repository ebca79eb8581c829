// Workers on threads of their own, whose clients take from each other's keys: every character that
// has been put is taken once.

#include <atomic>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "server/session/session_harness.h"
#include "server/session/tape_commands.h"

namespace damselfly {
namespace {

// A loop whose work may be posted by any thread; its time stands still.
class ThreadLoop final : public EventLoop {
 public:
  explicit ThreadLoop(int index) : index_(index) {}
  int index() const override { return index_; }
  int64_t pass_monotonic_ns() const override { return 1'000'000'000; }
  int64_t pass_wall_us() const override { return 1'000'000; }
  void Post(Work work) override {
    std::lock_guard<std::mutex> guard(mutex_);
    posted_.push_back(std::move(work));
  }
  TimerId StartTimer(int64_t, Work) override { return 1; }
  bool CancelTimer(TimerId) override { return true; }
  void Stall(int64_t) override { std::abort(); }

  void RunPosted() {
    std::deque<Work> posted;
    {
      std::lock_guard<std::mutex> guard(mutex_);
      posted.swap(posted_);
    }
    for (Work& work : posted) work();
  }

 private:
  const int index_;
  std::mutex mutex_;
  std::deque<Work> posted_;
};

class ThreadRuntime final : public Runtime, private Clock {
 public:
  explicit ThreadRuntime(int worker_count) {
    for (int i = 0; i < worker_count; ++i) loops_.push_back(std::make_unique<ThreadLoop>(i));
  }
  int worker_count() const override { return static_cast<int>(loops_.size()); }
  ThreadLoop& loop(int index) override { return *loops_[static_cast<size_t>(index)]; }
  const Clock& clock() const override { return *this; }
  Network& network() override { std::abort(); }
  Files& files() override { std::abort(); }
  uint64_t RandomSeed(absl::string_view purpose) override { return purpose.size(); }
  const ProcessFacts& facts() const override { return facts_; }
  ProcessUsage Usage() const override { return {}; }
  void RequestExit(int) override {}
  void Log(Severity, absl::string_view) override {}

 private:
  int64_t MonotonicNs() const override { return 1'000'000'000; }
  int64_t WallUs() const override { return 1'000'000; }

  std::vector<std::unique_ptr<ThreadLoop>> loops_;
  ProcessFacts facts_;
};

constexpr int kWorkers = 3;
constexpr int kPutsPerWorker = 2000;
constexpr absl::string_view kKeys[] = {"a", "b", "c", "d"};

// What all workers have done so far.
struct Totals {
  std::atomic<int> put{0};
  std::atomic<int> taken{0};
  std::atomic<bool> over{false};
};

// The clients of one worker, on its thread.
class WorkerClients {
 public:
  WorkerClients(ServerState* server, ThreadLoop* loop, Totals* totals)
      : server_(*server), loop_(*loop), totals_(*totals), random_(loop->index() + 1) {}

  void Run() {
    for (FakeWire& wire : takers_) Connect(&wire);
    for (FakeWire& wire : shifters_) Connect(&wire);
    Connect(&putter_);
    for (FakeWire& wire : takers_) Take(&wire);
    for (FakeWire& wire : shifters_) Shift(&wire);
    int puts_left = kPutsPerWorker;
    while (!totals_.over.load(std::memory_order_relaxed)) {
      loop_.RunPosted();
      for (FakeWire& wire : takers_) {
        if (wire.output.empty()) continue;
        EXPECT_EQ(wire.output.substr(0, 4), "*2\r\n");
        wire.output.clear();
        totals_.taken.fetch_add(1);
        Take(&wire);
      }
      for (FakeWire& wire : shifters_) {
        if (wire.output.empty()) continue;
        wire.output.clear();
        Shift(&wire);
      }
      if (puts_left == 0) {
        std::this_thread::yield();
      } else if (puts_left-- % 16 == 0) {
        LeaveAndComeBack();
        Put("MULTI\r\nPUT ", "xy", 2);
      } else {
        Put("PUT ", "x", 1);
      }
    }
    loop_.RunPosted();
    server_.worker(loop_.index()).CloseSessions();
  }

 private:
  void Connect(FakeWire* wire) {
    server_.worker(loop_.index()).Accept(std::make_unique<FakeStream>(wire), ClientPort::kRegular);
  }
  void Send(FakeWire* wire, absl::string_view bytes) { wire->handler->OnData(bytes); }
  absl::string_view AnyKey() { return kKeys[random_.Below(4)]; }

  // The first one waits for all keys, so that nothing is left in the end.
  void Take(FakeWire* wire) {
    const bool takes_all = wire == &takers_[0];
    Send(wire, takes_all ? "TAKE a b c d 0\r\n"
                         : absl::StrCat("TAKE ", AnyKey(), " ", AnyKey(), " 0\r\n"));
  }
  void Shift(FakeWire* wire) {
    Send(wire, absl::StrCat("SHIFT ", AnyKey(), " ", AnyKey(), " 0\r\n"));
  }
  void Put(absl::string_view begin, absl::string_view characters, int count) {
    totals_.put.fetch_add(count);
    Send(&putter_,
         absl::StrCat(begin, AnyKey(), " ", characters, "\r\n", count > 1 ? "EXEC\r\n" : ""));
    putter_.output.clear();
  }
  // One that moves leaves, perhaps while it is served, and another one comes.
  void LeaveAndComeBack() {
    FakeWire& wire = shifters_[0];
    wire.handler->OnClosed(absl::OkStatus());
    loop_.RunPosted();
    wire = FakeWire();
    Connect(&wire);
    Shift(&wire);
  }

  ServerState& server_;
  ThreadLoop& loop_;
  Totals& totals_;
  Random random_;
  FakeWire takers_[3];
  FakeWire shifters_[2];
  FakeWire putter_;
};

TEST(BlockingThreadTest, WhatIsPutIsTakenOnce) {
  ThreadRuntime runtime(kWorkers);
  Config config;
  const absl::Span<const CommandSpec> families[] = {TransactionCommands(), TapeCommands::All()};
  const CommandRegistry commands(families);
  Store::Options options;
  options.worker_count = kWorkers;
  Store store(options);
  ServerState server(&runtime, &store, &commands, &config);
  Totals totals;
  std::vector<std::thread> threads;
  for (int i = 0; i < kWorkers; ++i) {
    threads.emplace_back([&, i] { WorkerClients(&server, &runtime.loop(i), &totals).Run(); });
  }
  const int all = kWorkers * (kPutsPerWorker + kPutsPerWorker / 16);
  while (totals.taken.load() < all) std::this_thread::yield();
  totals.over = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(totals.put.load(), all);
  EXPECT_EQ(totals.taken.load(), all);
  EXPECT_EQ(store.KeyCount(0), 0u);
}

}  // namespace
}  // namespace damselfly
