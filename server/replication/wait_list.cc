#include "server/replication/wait_list.h"

#include <algorithm>
#include <utility>

#include "server/session/session.h"

namespace damselfly {

void WaitList::Add(std::shared_ptr<Waiter> waiter) {
  std::lock_guard<std::mutex> guard(mutex_);
  waiters_.push_back(std::move(waiter));
}

void WaitList::Remove(const Waiter& waiter) {
  std::lock_guard<std::mutex> guard(mutex_);
  const auto found = std::find_if(waiters_.begin(), waiters_.end(),
                                  [&](const auto& other) { return other.get() == &waiter; });
  if (found != waiters_.end()) waiters_.erase(found);
}

void WaitList::WakeIf(absl::FunctionRef<bool(const Waiter&)> is_satisfied) {
  std::vector<std::shared_ptr<Waiter>> satisfied;
  {
    std::lock_guard<std::mutex> guard(mutex_);
    const auto rest =
        std::stable_partition(waiters_.begin(), waiters_.end(),
                              [&](const auto& waiter) { return !is_satisfied(*waiter); });
    satisfied.assign(rest, waiters_.end());
    waiters_.erase(rest, waiters_.end());
  }
  for (const auto& waiter : satisfied) Wake(waiter);
}

void WaitList::Wake(const std::shared_ptr<Waiter>& waiter) {
  server_->PostToSession(waiter->session_id, waiter->worker, [waiter](Session& session) {
    // Its time may have run out meanwhile, and the client may be waiting for something else.
    if (!waiter->over) session.WakeUp(Session::Wake::kUnblocked);
  });
}

}  // namespace damselfly
