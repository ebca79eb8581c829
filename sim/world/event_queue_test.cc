#include "sim/world/event_queue.h"

#include <map>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "sim/world/decider.h"

namespace damselfly::sim {
namespace {

class Target final : public EventTarget {
 public:
  void OnEvent(uint32_t, uint64_t) override {}
};

TEST(EventQueue, EventsComeByTime) {
  EventQueue queue;
  Target target;
  for (int64_t time_ns : {500, 3, 70, 100000, 4}) queue.Schedule(time_ns, &target, 0, 0);
  std::vector<int64_t> times_ns;
  EventQueue::Fired event;
  while (queue.Pop(INT64_MAX, &event)) times_ns.push_back(event.time_ns);
  EXPECT_EQ(times_ns, (std::vector<int64_t>{3, 4, 70, 500, 100000}));
}

TEST(EventQueue, EventsOfOneTimeComeInTheOrderOfScheduling) {
  EventQueue queue;
  Target target;
  EventQueue::Fired event;
  queue.Schedule(1000, &target, 0, 0);
  queue.Schedule(1, &target, 0, 100);
  queue.Schedule(1000, &target, 0, 1);
  ASSERT_TRUE(queue.Pop(INT64_MAX, &event));  // time moves: buckets are laid out anew
  queue.Schedule(1000, &target, 0, 2);
  queue.Schedule(999, &target, 0, 101);
  ASSERT_TRUE(queue.Pop(INT64_MAX, &event));
  queue.Schedule(1000, &target, 0, 3);
  for (uint64_t i = 0; i < 4; ++i) {
    ASSERT_TRUE(queue.Pop(INT64_MAX, &event));
    EXPECT_EQ(event.argument, i);
  }
}

TEST(EventQueue, PopStopsAtTheTimeGivenAndLeavesTheEventInItsPlace) {
  EventQueue queue;
  Target target;
  EventQueue::Fired event;
  queue.Schedule(1000, &target, 0, 1);
  EXPECT_FALSE(queue.Pop(500, &event));
  queue.Schedule(600, &target, 0, 2);  // between the limit and the event
  EXPECT_TRUE(queue.Pop(INT64_MAX, &event));
  EXPECT_EQ(event.argument, 2u);
  EXPECT_TRUE(queue.Pop(INT64_MAX, &event));
  EXPECT_EQ(event.argument, 1u);
}

TEST(EventQueue, ACancelledEventDoesNotCome) {
  EventQueue queue;
  Target target;
  EventQueue::Fired event;
  const EventQueue::Handle first = queue.Schedule(10, &target, 0, 1);
  queue.Schedule(20, &target, 0, 2);
  EXPECT_TRUE(queue.Cancel(first));
  EXPECT_FALSE(queue.Cancel(first));
  ASSERT_TRUE(queue.Pop(INT64_MAX, &event));
  EXPECT_EQ(event.argument, 2u);
  EXPECT_FALSE(queue.Pop(INT64_MAX, &event));
}

TEST(EventQueue, AHandleDoesNotCancelTheNextEventInTheSameNode) {
  EventQueue queue;
  Target target;
  EventQueue::Fired event;
  const EventQueue::Handle old = queue.Schedule(10, &target, 0, 1);
  ASSERT_TRUE(queue.Pop(INT64_MAX, &event));
  queue.Schedule(20, &target, 0, 2);
  EXPECT_FALSE(queue.Cancel(old));
  EXPECT_EQ(queue.size(), 1u);
}

TEST(EventQueue, BehavesLikeASortedMap) {
  SeededDecider decider(42);
  DecisionStream random(&decider, "test");
  EventQueue queue;
  Target target;
  std::map<std::pair<int64_t, uint64_t>, EventQueue::Handle> expected;
  int64_t now_ns = 0;
  for (uint64_t i = 0; i < 200000; ++i) {
    const uint64_t choice = random.Below(10);
    if (choice < 5) {
      const int64_t time_ns =
          now_ns + static_cast<int64_t>(random.Below(uint64_t{1} << random.Below(40)));
      expected[{time_ns, i}] = queue.Schedule(time_ns, &target, 0, i);
    } else if (choice < 6 && !expected.empty()) {
      auto victim = expected.lower_bound({now_ns + static_cast<int64_t>(random.Below(1000)), 0});
      if (victim == expected.end()) victim = expected.begin();
      ASSERT_TRUE(queue.Cancel(victim->second));
      expected.erase(victim);
    } else {
      const int64_t limit_ns = now_ns + static_cast<int64_t>(random.Below(1000000));
      EventQueue::Fired event;
      const bool popped = queue.Pop(limit_ns, &event);
      ASSERT_EQ(popped, !expected.empty() && expected.begin()->first.first <= limit_ns);
      if (!popped) continue;
      ASSERT_EQ(event.time_ns, expected.begin()->first.first);
      ASSERT_EQ(event.argument, expected.begin()->first.second);
      expected.erase(expected.begin());
      now_ns = event.time_ns;
    }
    ASSERT_EQ(queue.size(), expected.size());
  }
}

}  // namespace
}  // namespace damselfly::sim
