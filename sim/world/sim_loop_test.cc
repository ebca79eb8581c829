#include "sim/world/sim_loop.h"

#include <vector>

#include "gtest/gtest.h"
#include "sim/world/host.h"
#include "sim/world/world.h"

namespace damselfly::sim {
namespace {

class SimLoopTest : public testing::Test {
 protected:
  SeededDecider decider_{1};
  World world_{&decider_, 1, WorldKnobs()};
  Host& host_ = world_.AddHost("host", 2, 0);
};

TEST_F(SimLoopTest, PostedWorkRunsInOrderAndInALaterPass) {
  SimLoop& loop = host_.runtime().loop(0);
  std::vector<int> order;
  loop.Post([&] {
    order.push_back(1);
    loop.Post([&] { order.push_back(3); });
  });
  loop.Post([&] { order.push_back(2); });
  EXPECT_TRUE(order.empty());
  world_.RunUntil(kSecond);
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST_F(SimLoopTest, ATimerFiresOnceAndNotBeforeItsTime) {
  SimLoop& loop = host_.runtime().loop(1);
  std::vector<int64_t> times_ns;
  loop.StartTimer(5 * kMillisecond, [&] { times_ns.push_back(world_.now_ns()); });
  world_.RunUntil(kSecond);
  ASSERT_EQ(times_ns.size(), 1u);
  EXPECT_GE(times_ns[0], 5 * kMillisecond);
  EXPECT_LT(times_ns[0], 6 * kMillisecond);
}

TEST_F(SimLoopTest, ACancelledTimerDoesNotFireAndItsWorkIsDestroyed) {
  SimLoop& loop = host_.runtime().loop(0);
  auto witness = std::make_shared<int>(0);
  const EventLoop::TimerId id = loop.StartTimer(kMillisecond, [witness] { ++*witness; });
  EXPECT_TRUE(loop.CancelTimer(id));
  EXPECT_EQ(witness.use_count(), 1);
  EXPECT_FALSE(loop.CancelTimer(id));
  world_.RunUntil(kSecond);
  EXPECT_EQ(*witness, 0);
}

TEST_F(SimLoopTest, ATimerCancelledByAnotherOfTheSamePassDoesNotFire) {
  SimLoop& loop = host_.runtime().loop(0);
  int fired = 0;
  EventLoop::TimerId second = EventLoop::kNoTimer;
  loop.StartTimer(kMillisecond, [&] {
    ++fired;
    EXPECT_TRUE(loop.CancelTimer(second));
  });
  second = loop.StartTimer(kMillisecond, [&] { ++fired; });
  world_.RunUntil(kSecond);
  EXPECT_EQ(fired, 1);
}

TEST_F(SimLoopTest, AStalledLoopDoesNothingElseMeanwhile) {
  SimLoop& loop = host_.runtime().loop(0);
  int64_t ran_at_ns = 0;
  loop.Post([&] {
    loop.Stall(100 * kMillisecond);
    loop.Post([&] { ran_at_ns = world_.now_ns(); });
  });
  world_.RunUntil(kSecond);
  EXPECT_GE(ran_at_ns, 100 * kMillisecond);
}

TEST_F(SimLoopTest, TheClockStandsStillDuringAPass) {
  SimLoop& loop = host_.runtime().loop(0);
  loop.StartTimer(3 * kMillisecond, [&] {
    EXPECT_EQ(loop.pass_monotonic_ns(), world_.now_ns());
    EXPECT_EQ(loop.pass_wall_us(), SimClock::kEpochUs + world_.now_ns() / 1000);
  });
  world_.RunUntil(kSecond);
}

TEST_F(SimLoopTest, NothingRunsAfterTheProcessHasStopped) {
  int ran = 0;
  auto witness = std::make_shared<int>(0);
  host_.runtime().loop(0).Post([&, witness] { ++ran; });
  host_.runtime().loop(0).StartTimer(kMillisecond, [&] { ++ran; });
  host_.StopProcess(Host::Death::kReset);
  world_.RunUntil(kSecond);
  EXPECT_EQ(ran, 0);
  host_.StartProcess();
  EXPECT_EQ(witness.use_count(), 1);
  host_.runtime().loop(0).Post([&] { ++ran; });
  world_.RunUntil(2 * kSecond);
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(host_.incarnation(), 2);
}

TEST_F(SimLoopTest, APausedProcessStandsStillAndGoesOnAfterwards) {
  std::vector<int64_t> ran_ns;
  host_.runtime().loop(0).StartTimer(kMillisecond, [&] { ran_ns.push_back(world_.now_ns()); });
  host_.PauseUntil(5 * kMillisecond);
  world_.RunUntil(4 * kMillisecond);
  EXPECT_TRUE(ran_ns.empty());
  world_.RunUntil(kSecond);
  ASSERT_EQ(ran_ns.size(), 1u);
  EXPECT_EQ(ran_ns[0], 5 * kMillisecond);
  EXPECT_GT(world_.faults().effects(Fault::kHostPause), 0u);
}

TEST_F(SimLoopTest, APauseEndsWithTheProcess) {
  host_.PauseUntil(kSecond);
  host_.StopProcess(Host::Death::kReset);
  host_.StartProcess();
  int ran = 0;
  host_.runtime().loop(0).Post([&] { ++ran; });
  world_.RunUntil(kMillisecond);
  EXPECT_EQ(ran, 1);
}

TEST_F(SimLoopTest, WhoLooksIsToldAfterEachPass) {
  int ran = 0;
  int seen = 0;
  host_.set_after_pass([&] {
    EXPECT_FALSE(world_.in_pass());
    seen = ran;
  });
  host_.runtime().loop(0).Post([&] { ++ran; });
  world_.RunUntil(kMillisecond);
  EXPECT_EQ(seen, 1);
}

TEST_F(SimLoopTest, AProcessThatAsksForItsEndIsReported) {
  int exit_code = -1;
  host_.set_exit_handler([&](int code) {
    EXPECT_FALSE(world_.in_pass());
    exit_code = code;
  });
  host_.runtime().loop(0).Post([&] { host_.runtime().RequestExit(3); });
  world_.RunUntil(kSecond);
  EXPECT_EQ(exit_code, 3);
}

}  // namespace
}  // namespace damselfly::sim
