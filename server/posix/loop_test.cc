#include "server/posix/loop.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "server/posix/posix_clock.h"

namespace damselfly::posix {
namespace {

constexpr int64_t kMillisecondNs = 1'000'000;

std::unique_ptr<Loop> CreateLoop(int index = 0) { return *Loop::Create(index); }

TEST(Loop, RunsWhatEachThreadPostsInItsOrder) {
  constexpr int kThreads = 4;
  constexpr int kPostsEach = 20'000;
  const auto loop = CreateLoop();
  std::vector<int> next(kThreads, 0);  // on the loop
  int left = kThreads * kPostsEach;    // on the loop
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kPostsEach; ++i) {
        loop->Post([&, thread, i] {
          EXPECT_EQ(next[static_cast<size_t>(thread)]++, i);
          if (--left == 0) loop->RequestStop();
        });
      }
    });
  }
  loop->Run();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(left, 0);
}

// If a wake-up could be lost, the two loops would sleep for ever, each waiting for the other.
TEST(Loop, PostingWakesALoopThatSleeps) {
  constexpr int kRounds = 20'000;
  const auto ping = CreateLoop(0);
  const auto pong = CreateLoop(1);
  int rounds = 0;
  std::function<void()> serve = [&] {
    pong->Post([&] {
      ping->Post([&] {
        if (++rounds < kRounds) return serve();
        ping->RequestStop();
        pong->RequestStop();
      });
    });
  };
  ping->Post([&] { serve(); });
  std::thread other([&] { pong->Run(); });
  ping->Run();
  other.join();
  EXPECT_EQ(rounds, kRounds);
}

TEST(Loop, WorkPostedByWorkRunsInALaterPass) {
  const auto loop = CreateLoop();
  std::vector<int> order;
  loop->Post([&] {
    loop->Post([&] {
      order.push_back(3);
      loop->RequestStop();
    });
    order.push_back(1);
  });
  loop->Post([&] { order.push_back(2); });
  loop->Run();
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST(Loop, TimersFireInOrderAndNeverEarly) {
  const auto loop = CreateLoop();
  std::vector<int> order;
  const int64_t start_ns = ReadMonotonicNs();
  auto start = [&](int delay_ms) {
    loop->StartTimer(delay_ms * kMillisecondNs, [&, delay_ms] {
      EXPECT_GE(ReadMonotonicNs() - start_ns, delay_ms * kMillisecondNs);
      EXPECT_GE(loop->pass_monotonic_ns() - start_ns, delay_ms * kMillisecondNs);
      order.push_back(delay_ms);
    });
  };
  for (const int delay_ms : {12, 3, 0, 7, 1}) start(delay_ms);
  loop->StartTimer(15 * kMillisecondNs, [&] { loop->RequestStop(); });
  loop->Run();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 3, 7, 12}));
}

TEST(Loop, ACancelledTimerNeverFires) {
  const auto loop = CreateLoop();
  bool fired = false;
  const EventLoop::TimerId victim = loop->StartTimer(2 * kMillisecondNs, [&] { fired = true; });
  EventLoop::TimerId self = EventLoop::kNoTimer;
  self = loop->StartTimer(kMillisecondNs, [&] {
    EXPECT_FALSE(loop->CancelTimer(self));
    EXPECT_TRUE(loop->CancelTimer(victim));
    EXPECT_FALSE(loop->CancelTimer(victim));
  });
  loop->StartTimer(5 * kMillisecondNs, [&] { loop->RequestStop(); });
  loop->Run();
  EXPECT_FALSE(fired);
}

TEST(Loop, ATimerWithoutDelayThatRestartsItselfStarvesNobody) {
  const auto loop = CreateLoop();
  int fired = 0;
  std::function<void()> again = [&] {
    ++fired;
    loop->StartTimer(0, again);
  };
  again();
  loop->StartTimer(5 * kMillisecondNs, [&] { loop->Post([&] { loop->RequestStop(); }); });
  loop->Run();
  EXPECT_GT(fired, 1);
}

TEST(Loop, ADelayBeyondTheClockIsForEver) {
  const auto loop = CreateLoop();
  loop->StartTimer(INT64_MAX, [] { FAIL(); });
  loop->StartTimer(kMillisecondNs, [&] { loop->RequestStop(); });
  loop->Run();
}

TEST(Loop, PassClocksStandStillWithinAPassAndMoveBetweenPasses) {
  const auto loop = CreateLoop();
  const int64_t start_ns = ReadMonotonicNs();
  const int64_t start_us = ReadWallUs();
  loop->Post([&] {
    const int64_t pass_ns = loop->pass_monotonic_ns();
    const int64_t pass_us = loop->pass_wall_us();
    EXPECT_GE(pass_ns, start_ns);
    EXPECT_GE(pass_us, start_us);
    EXPECT_EQ(loop->pass_wall_ms(), pass_us / 1000);
    loop->Stall(3 * kMillisecondNs);
    EXPECT_EQ(loop->pass_monotonic_ns(), pass_ns);
    EXPECT_EQ(loop->pass_wall_us(), pass_us);
    EXPECT_GE(ReadMonotonicNs() - pass_ns, 3 * kMillisecondNs);
    loop->Post([&, pass_ns] {
      EXPECT_GE(loop->pass_monotonic_ns(), pass_ns + 3 * kMillisecondNs);
      loop->RequestStop();
    });
  });
  loop->Run();
}

TEST(Loop, StopTakesEffectAfterTheCurrentCallBack) {
  const auto loop = CreateLoop();
  bool ran_on = false;
  loop->Post([&] { loop->RequestStop(); });
  loop->Post([&] { ran_on = true; });
  loop->StartTimer(0, [&] { loop->Post([&] { ran_on = true; }); });
  loop->Run();
  EXPECT_FALSE(ran_on);
}

TEST(Loop, WhatHasNotRunIsDestroyedByDiscardWorkAndLaterWorkAtOnce) {
  const auto loop = CreateLoop();
  auto token = std::make_shared<int>(0);
  loop->Post([&] { loop->RequestStop(); });
  loop->Post([token] { FAIL(); });
  loop->StartTimer(0, [token] {});
  loop->StartTimer(1'000 * kMillisecondNs, [token] { FAIL(); });
  loop->Run();
  EXPECT_GE(token.use_count(), 3);
  loop->DiscardWork();
  EXPECT_EQ(token.use_count(), 1);
  loop->Post([token] { FAIL(); });
  const EventLoop::TimerId timer = loop->StartTimer(0, [token] { FAIL(); });
  EXPECT_NE(timer, EventLoop::kNoTimer);
  EXPECT_FALSE(loop->CancelTimer(timer));
  EXPECT_EQ(token.use_count(), 1);
}

TEST(Loop, WhatDiscardedWorkPostsFromItsDestructorIsDestroyedToo) {
  struct PostsWhenDestroyed {
    explicit PostsWhenDestroyed(Loop& its_loop) : loop(its_loop) {}
    ~PostsWhenDestroyed() {
      loop.Post([] { FAIL(); });
      loop.StartTimer(0, [] { FAIL(); });
    }
    Loop& loop;
  };
  const auto loop = CreateLoop();
  loop->Post([poster = std::make_unique<PostsWhenDestroyed>(*loop)] { FAIL(); });
  loop->DiscardWork();
}

}  // namespace
}  // namespace damselfly::posix
