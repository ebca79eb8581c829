#include "sim/world/worker_schedule.h"

#include "gtest/gtest.h"
#include "sim/world/host.h"
#include "sim/world/world.h"

namespace damselfly::sim {
namespace {

TEST(WorkerSchedule, TheLowerThePriorityTheLaterAlways) {
  SeededDecider decider(1);
  WorkerSchedule schedule(&decider, 700, /*change_points=*/0);
  for (int i = 0; i < 100; ++i) {
    uint64_t first = 0;
    uint64_t last = WorkerSchedule::kPriorityCount - 1;
    EXPECT_EQ(schedule.DelayByPriority(&first), 0);
    EXPECT_EQ(schedule.DelayByPriority(&last), 700);
  }
}

TEST(WorkerSchedule, AFewTimesAWorkerBecomesTheLast) {
  SeededDecider decider(1);
  WorkerSchedule schedule(&decider, 700, /*change_points=*/3);
  int changes = 0;
  for (int i = 0; i < 100'000; ++i) {
    uint64_t priority = 0;
    schedule.DelayByPriority(&priority);
    changes += priority != 0;
  }
  EXPECT_EQ(changes, 3);
}

// Of two workers one always runs first, in worlds that are scheduled so.
TEST(WorkerSchedule, InAWorldPassesComeInTheOrderOfPriorities) {
  const auto order_changes = [](int change_points) {
    SeededDecider decider(3);
    WorldKnobs knobs;
    knobs.pass_delay_max_ns = kMillisecond;
    knobs.priority_change_points = change_points;
    World world(&decider, 3, knobs);
    Host& host = world.AddHost("host", 2, 0);
    int changes = 0;
    int last_winner = -1;
    for (int i = 0; i < 100; ++i) {
      int winner = -1;
      for (int worker : {0, 1})
        host.runtime().loop(worker).Post([&winner, worker] {
          if (winner < 0) winner = worker;
        });
      world.RunUntil(world.now_ns() + 10 * kMillisecond);
      changes += last_winner >= 0 && winner != last_winner;
      last_winner = winner;
    }
    return changes;
  };
  EXPECT_EQ(order_changes(0), 0);
  EXPECT_GT(order_changes(-1), 20);
}

}  // namespace
}  // namespace damselfly::sim
