#include "server/runtime/task.h"

#include <coroutine>
#include <cstdlib>
#include <utility>

namespace damselfly {

// The coroutine that awaits a spawned task. It starts at once and destroys itself when it ends.
struct TaskScope::Root {
  struct promise_type {
    promise_type(TaskScope* its_scope, Task<void>&) : scope(its_scope) {
      older = static_cast<promise_type*>(scope->newest_);
      if (older != nullptr) older->younger = this;
      scope->newest_ = this;
    }
    ~promise_type() {
      if (older != nullptr) older->younger = younger;
      if (younger != nullptr) {
        younger->older = older;
      } else {
        scope->newest_ = older;
      }
    }

    Root get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    [[noreturn]] void unhandled_exception() noexcept { std::abort(); }

    TaskScope* const scope;
    promise_type* older = nullptr;
    promise_type* younger = nullptr;
  };
};

TaskScope::Root TaskScope::RunToEnd(TaskScope*, Task<void> task) { co_await task; }

void TaskScope::Spawn(Task<void> task) { RunToEnd(this, std::move(task)); }

void TaskScope::DestroyAll() {
  while (newest_ != nullptr) {
    std::coroutine_handle<Root::promise_type>::from_promise(
        *static_cast<Root::promise_type*>(newest_))
        .destroy();
  }
}

}  // namespace damselfly
