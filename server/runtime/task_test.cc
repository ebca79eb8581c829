#include "server/runtime/task.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "server/runtime/fake_loop.h"

namespace damselfly {
namespace {

Task<int> Number(int value) { co_return value; }

Task<int> NumberLater(EventLoop& loop, int value) {
  co_await Sleep(loop, 10);
  co_return value;
}

// Notes its destruction.
class Witness {
 public:
  Witness(std::vector<std::string>& notes, std::string name)
      : notes_(notes), name_(std::move(name)) {}
  ~Witness() { notes_.push_back(name_); }

 private:
  std::vector<std::string>& notes_;
  const std::string name_;
};

TEST(Task, DoesNotRunBeforeItIsAwaited) {
  bool ran = false;
  auto body = [&]() -> Task<> {
    ran = true;
    co_return;
  };
  TaskScope scope;
  Task<> task = body();
  EXPECT_FALSE(ran);
  scope.Spawn(std::move(task));
  EXPECT_TRUE(ran);
  EXPECT_TRUE(scope.empty());
}

TEST(Task, ATaskThatIsNeverAwaitedIsDestroyed) {
  auto token = std::make_shared<int>(0);
  {
    auto body = [](std::shared_ptr<int>) -> Task<> { co_return; };
    Task<> task = body(token);
    EXPECT_EQ(token.use_count(), 2);
    task = body(token);
    EXPECT_EQ(token.use_count(), 2);
  }
  EXPECT_EQ(token.use_count(), 1);
}

TEST(Task, GivesItsValueNowOrLater) {
  FakeLoop loop;
  int sum = 0;
  auto body = [&]() -> Task<> {
    sum += co_await Number(1);
    sum += co_await NumberLater(loop, 20);
    sum += co_await Number(300);
  };
  TaskScope scope;
  scope.Spawn(body());
  EXPECT_EQ(sum, 1);
  loop.Advance(10);
  EXPECT_EQ(sum, 321);
  EXPECT_TRUE(scope.empty());
}

TEST(Task, CarriesValuesThatCanOnlyBeMoved) {
  auto make = []() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };
  int value = 0;
  auto body = [&]() -> Task<> {
    const std::unique_ptr<int> owned = co_await make();
    value = *owned;
  };
  TaskScope scope;
  scope.Spawn(body());
  EXPECT_EQ(value, 7);
}

TEST(Task, ALoopOverTasksThatDoNotWaitNeedsNoStack) {
  int64_t sum = 0;
  auto body = [&]() -> Task<> {
    for (int i = 0; i < 1'000'000; ++i) sum += co_await Number(1);
  };
  TaskScope scope;
  scope.Spawn(body());
  EXPECT_EQ(sum, 1'000'000);
}

Task<int> Depth(EventLoop& loop, int depth) {
  if (depth == 0) {
    co_await Sleep(loop, 1);
    co_return 0;
  }
  const int below = co_await Depth(loop, depth - 1);
  co_return below + 1;
}

TEST(Task, AChainOfTasksEndsFromTheInnermostOutwards) {
  FakeLoop loop;
  int depth = 0;
  auto body = [&]() -> Task<> { depth = co_await Depth(loop, 1000); };
  TaskScope scope;
  scope.Spawn(body());
  EXPECT_EQ(depth, 0);
  loop.Advance(1);
  EXPECT_EQ(depth, 1000);
}

TEST(Sleep, TakesAtLeastItsTimeAndNeverEndsInPlace) {
  FakeLoop loop;
  std::vector<int> notes;
  auto body = [&](int name, int64_t delay_ns) -> Task<> {
    co_await Sleep(loop, delay_ns);
    notes.push_back(name);
  };
  TaskScope scope;
  scope.Spawn(body(1, 30));
  scope.Spawn(body(2, 0));
  scope.Spawn(body(3, 20));
  EXPECT_TRUE(notes.empty());
  loop.Advance(29);
  EXPECT_EQ(notes, (std::vector<int>{2, 3}));
  loop.Advance(1);
  EXPECT_EQ(notes, (std::vector<int>{2, 3, 1}));
}

TEST(TaskScope, ItsDeathDestroysWhatWaitsAndCancelsItsTimers) {
  FakeLoop loop;
  std::vector<std::string> notes;
  auto inner = [&](std::string name) -> Task<> {
    const Witness witness(notes, name + ".inner");
    co_await Sleep(loop, 10);
    ADD_FAILURE() << "must not go on";
  };
  auto outer = [&](std::string name) -> Task<> {
    const Witness witness(notes, name + ".outer");
    co_await inner(name);
    ADD_FAILURE() << "must not go on";
  };
  {
    TaskScope scope;
    scope.Spawn(outer("a"));
    scope.Spawn(outer("b"));
    EXPECT_FALSE(scope.empty());
    EXPECT_EQ(loop.timer_count(), 2u);
  }
  EXPECT_EQ(notes, (std::vector<std::string>{"b.inner", "b.outer", "a.inner", "a.outer"}));
  EXPECT_EQ(loop.timer_count(), 0u);
  loop.Advance(100);
}

TEST(TaskScope, TasksThatEndLeaveItInAnyOrder) {
  FakeLoop loop;
  std::vector<int> ended;
  auto body = [&](int delay_ns) -> Task<> {
    co_await Sleep(loop, delay_ns);
    ended.push_back(delay_ns);
  };
  TaskScope scope;
  for (const int delay_ns : {20, 10, 40, 30}) scope.Spawn(body(delay_ns));
  loop.Advance(30);
  EXPECT_EQ(ended, (std::vector<int>{10, 20, 30}));
  EXPECT_FALSE(scope.empty());
  scope.DestroyAll();
  EXPECT_TRUE(scope.empty());
  EXPECT_EQ(loop.timer_count(), 0u);
}

TEST(TaskScope, ATaskMaySpawnOthers) {
  FakeLoop loop;
  TaskScope scope;
  int ended = 0;
  auto child = [&]() -> Task<> {
    co_await Sleep(loop, 1);
    ++ended;
  };
  auto parent = [&]() -> Task<> {
    for (int i = 0; i < 10; ++i) {
      scope.Spawn(child());
      co_await Sleep(loop, 1);
    }
  };
  scope.Spawn(parent());
  loop.Advance(20);
  EXPECT_EQ(ended, 10);
  EXPECT_TRUE(scope.empty());
}

Task<> Throw() {
  throw 1;
  co_return;
}

TEST(TaskDeathTest, AnExceptionThatLeavesATaskEndsTheProcess) {
  TaskScope scope;
  EXPECT_DEATH(scope.Spawn(Throw()), "");
}

}  // namespace
}  // namespace damselfly
