#include "sim/world/slow_worker.h"

#include <vector>

#include "gtest/gtest.h"
#include "sim/world/host.h"
#include "sim/world/world.h"

namespace damselfly::sim {
namespace {

TEST(SlowWorker, OneWorkersPassesComeLateForAWhile) {
  SeededDecider decider(1);
  World world(&decider, 1, WorldKnobs());
  Host& host = world.AddHost("host", 2, 0);
  host.set_slow_worker({1, kSecond, 50 * kMillisecond});
  std::vector<int64_t> ran_ns(2);
  const auto post = [&] {
    for (int i = 0; i < 2; ++i)
      host.runtime().loop(i).Post([&, i] { ran_ns[static_cast<size_t>(i)] = world.now_ns(); });
  };
  post();
  world.RunUntil(500 * kMillisecond);
  EXPECT_LT(ran_ns[0], kMillisecond);
  EXPECT_GE(ran_ns[1], 50 * kMillisecond);
  EXPECT_EQ(world.faults().effects(Fault::kSlowWorker), 1u);
  world.RunUntil(2 * kSecond);
  post();
  world.RunUntil(3 * kSecond);
  EXPECT_LT(ran_ns[1], 2 * kSecond + kMillisecond);
  EXPECT_EQ(world.faults().effects(Fault::kSlowWorker), 1u);
}

}  // namespace
}  // namespace damselfly::sim
