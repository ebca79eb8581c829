#include "server/posix/timer_queue.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "server/runtime/random.h"

namespace damselfly::posix {
namespace {

// Runs what is due at `now_ns`.
void RunDue(TimerQueue& timers, int64_t now_ns) {
  TimerQueue::Work work;
  while (timers.PopDue(now_ns, &work)) work();
}

TEST(TimerQueue, FiresInOrderOfDeadlineAndThenOfStart) {
  TimerQueue timers;
  std::vector<int> fired;
  for (const auto& [deadline_ns, name] :
       std::vector<std::pair<int64_t, int>>{{30, 1}, {10, 2}, {20, 3}, {10, 4}}) {
    timers.Start(deadline_ns, [&fired, name = name] { fired.push_back(name); });
  }
  EXPECT_EQ(timers.next_deadline_ns(), 10);
  RunDue(timers, 25);
  EXPECT_EQ(fired, (std::vector<int>{2, 4, 3}));
  EXPECT_EQ(timers.next_deadline_ns(), 30);
  RunDue(timers, 30);
  EXPECT_EQ(fired, (std::vector<int>{2, 4, 3, 1}));
  EXPECT_EQ(timers.next_deadline_ns(), TimerQueue::kNoDeadline);
}

TEST(TimerQueue, CancelDestroysTheWorkAndSucceedsOnce) {
  TimerQueue timers;
  auto token = std::make_shared<int>(0);
  const auto id = timers.Start(10, [token] {});
  EXPECT_EQ(token.use_count(), 2);
  EXPECT_TRUE(timers.Cancel(id));
  EXPECT_EQ(token.use_count(), 1);
  EXPECT_FALSE(timers.Cancel(id));
  EXPECT_EQ(timers.size(), 0u);
}

TEST(TimerQueue, AnIdThatIsGoneNeverNamesALaterTimer) {
  TimerQueue timers;
  const auto old_id = timers.Start(10, [] {});
  RunDue(timers, 10);
  const auto new_id = timers.Start(20, [] {});
  EXPECT_NE(old_id, new_id);
  EXPECT_FALSE(timers.Cancel(old_id));
  EXPECT_EQ(timers.size(), 1u);
  EXPECT_FALSE(timers.Cancel(EventLoop::kNoTimer));
}

TEST(TimerQueue, WorkMayStartAndCancelTimers) {
  TimerQueue timers;
  bool cancelled_fired = false;
  bool started_fired = false;
  const auto victim = timers.Start(11, [&] { cancelled_fired = true; });
  timers.Start(10, [&] {
    EXPECT_TRUE(timers.Cancel(victim));
    for (int i = 0; i < 100; ++i) timers.Start(12, [&] { started_fired = true; });
  });
  RunDue(timers, 12);
  EXPECT_FALSE(cancelled_fired);
  EXPECT_TRUE(started_fired);
}

// Cancels its timer when destroyed, as a suspended coroutine does.
struct CancelsWhenDestroyed {
  TimerQueue* timers;
  TimerQueue::TimerId id;
  ~CancelsWhenDestroyed() { timers->Cancel(id); }
};

TEST(TimerQueue, ClearAllowsDestroyedWorkToCancelOtherTimers) {
  TimerQueue timers;
  for (int i = 0; i < 10; ++i) {
    const auto other = timers.Start(i, [] {});
    auto canceller = std::make_shared<CancelsWhenDestroyed>(CancelsWhenDestroyed{&timers, other});
    timers.Start(100 - i, [canceller] {});
  }
  timers.Clear();
  EXPECT_EQ(timers.size(), 0u);
}

TEST(TimerQueue, RandomStartsAndCancelsFireLikeASortedList) {
  Random random(1);
  for (int round = 0; round < 50; ++round) {
    TimerQueue timers;
    struct Expected {
      int64_t deadline_ns;
      int name;
      TimerQueue::TimerId id;
    };
    std::vector<Expected> expected;
    std::vector<int> fired;
    for (int name = 0; name < 300; ++name) {
      if (!expected.empty() && random.Chance(1, 3)) {
        const size_t victim = random.Below(expected.size());
        EXPECT_TRUE(timers.Cancel(expected[victim].id));
        expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(victim));
      }
      const int64_t deadline_ns = random.Between(0, 50);
      expected.push_back({deadline_ns, name,
                          timers.Start(deadline_ns, [&fired, name] { fired.push_back(name); })});
    }
    std::stable_sort(expected.begin(), expected.end(), [](const Expected& a, const Expected& b) {
      return a.deadline_ns < b.deadline_ns;
    });
    RunDue(timers, 50);
    ASSERT_EQ(fired.size(), expected.size());
    for (size_t i = 0; i < fired.size(); ++i) ASSERT_EQ(fired[i], expected[i].name);
  }
}

}  // namespace
}  // namespace damselfly::posix
