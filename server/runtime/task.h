#ifndef DAMSELFLY_SERVER_RUNTIME_TASK_H_
#define DAMSELFLY_SERVER_RUNTIME_TASK_H_

#include <coroutine>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <utility>

#include "server/base/check.h"
#include "server/runtime/event_loop.h"

namespace damselfly {

// Coroutines over the seam, for protocol code that reads like a story:
//
//   Task<absl::Status> Greet(EventLoop& loop, CoroutineStream& stream) {
//     co_await Sleep(loop, kSecondNs);
//     co_return co_await stream.WriteAll("hello");
//   }
//
//   tasks_.Spawn(Run());   // TaskScope tasks_: its destruction destroys what still runs
//
// A task and all that it awaits live on one loop. Nothing throws: an exception that leaves a
// coroutine ends the process. Parameters are copied into the coroutine's frame as declared: a
// reference or view parameter must outlive the task. g++ 12 destroys an aggregate temporary in a
// co_await expression at a wrong address (`co_await F({.host = "h"})`): give such a value a name
// first. Values made by a constructor or a function call are safe.

template <typename T = void>
class Task;

namespace task_internal {

class PromiseBase {
 public:
  // Lazy: a task runs when it is awaited.
  std::suspend_always initial_suspend() noexcept { return {}; }

  struct FinalAwaiter {
    bool await_ready() noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> finished) noexcept {
      PromiseBase& promise = finished.promise();
      promise.finished_ = true;
      // Inside the awaiting coroutine's await_suspend: that goes on by itself.
      if (promise.starting_) return std::noop_coroutine();
      return promise.continuation_;
    }
    void await_resume() noexcept {}
  };
  FinalAwaiter final_suspend() noexcept { return {}; }

  [[noreturn]] void unhandled_exception() noexcept { std::abort(); }

  // Runs the task until it waits or ends. Returns true if it waits: `continuation` is resumed when
  // it ends. A task that ends without waiting is told apart from one that waits, instead of
  // transferring to it and back, because compilers make such a transfer a tail call only when
  // optimising: a loop over tasks that do not wait would otherwise grow the stack in debug and
  // sanitizer builds.
  bool Start(std::coroutine_handle<> self, std::coroutine_handle<> continuation) {
    continuation_ = continuation;
    starting_ = true;
    self.resume();
    starting_ = false;
    return !finished_;
  }

 private:
  std::coroutine_handle<> continuation_;
  bool starting_ = false;
  bool finished_ = false;
};

template <typename T>
class Promise final : public PromiseBase {
 public:
  Task<T> get_return_object();
  template <typename Value>
  void return_value(Value&& value) {
    value_.emplace(std::forward<Value>(value));
  }
  T TakeValue() {
    DFLY_CHECK(value_.has_value());
    return *std::move(value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class Promise<void> final : public PromiseBase {
 public:
  Task<void> get_return_object();
  void return_void() noexcept {}
  void TakeValue() {}
};

}  // namespace task_internal

// A computation that has not started: co_await runs it and gives its value. Awaited at most once.
// Destroying a task destroys its coroutine wherever it waits, and with it all that it awaits.
// Move-only.
template <typename T>
class [[nodiscard]] Task {
 public:
  using promise_type = task_internal::Promise<T>;

  Task(Task&& other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      Destroy();
      coroutine_ = std::exchange(other.coroutine_, nullptr);
    }
    return *this;
  }
  ~Task() { Destroy(); }

  bool await_ready() const noexcept {
    DFLY_CHECK(coroutine_ != nullptr && !coroutine_.done());
    return false;
  }
  bool await_suspend(std::coroutine_handle<> awaiting) {
    return coroutine_.promise().Start(coroutine_, awaiting);
  }
  T await_resume() { return coroutine_.promise().TakeValue(); }

 private:
  friend promise_type;
  explicit Task(std::coroutine_handle<promise_type> coroutine) : coroutine_(coroutine) {}

  void Destroy() {
    if (coroutine_ != nullptr) std::exchange(coroutine_, nullptr).destroy();
  }

  std::coroutine_handle<promise_type> coroutine_;
};

namespace task_internal {

template <typename T>
Task<T> Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise>::from_promise(*this));
}

}  // namespace task_internal

// Owns tasks that nobody awaits. A task leaves the scope when it ends; the others are destroyed
// with the scope, so that the death of a node ends all that it had under way. Destroyed on the
// loop's thread (or after the loop), never from within one of its own tasks. Declared after what
// its tasks refer to.
class TaskScope {
 public:
  TaskScope() = default;
  ~TaskScope() { DestroyAll(); }
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;

  // Starts the task right here; returns when it first waits, or has ended.
  void Spawn(Task<void> task);

  // Destroys the tasks that have not ended, the youngest first. Never from within one of them.
  void DestroyAll();

  bool empty() const { return newest_ == nullptr; }

 private:
  struct Root;
  static Root RunToEnd(TaskScope* scope, Task<void> task);

  // The tasks as a doubly linked list of the promises of their roots.
  void* newest_ = nullptr;
};

// co_await Sleep(loop, ns): goes on after at least `delay_ns` (>= 0), from a call-back of `loop`.
class [[nodiscard]] Sleep {
 public:
  Sleep(EventLoop& loop, int64_t delay_ns) : loop_(loop), delay_ns_(delay_ns) {}
  ~Sleep() {
    if (timer_ != EventLoop::kNoTimer) loop_.CancelTimer(timer_);
  }
  Sleep(const Sleep&) = delete;
  Sleep& operator=(const Sleep&) = delete;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> awaiting) {
    timer_ = loop_.StartTimer(delay_ns_, [this, awaiting] {
      timer_ = EventLoop::kNoTimer;
      awaiting.resume();
    });
  }
  void await_resume() const noexcept {}

 private:
  EventLoop& loop_;
  const int64_t delay_ns_;
  EventLoop::TimerId timer_ = EventLoop::kNoTimer;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_RUNTIME_TASK_H_
