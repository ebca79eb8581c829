#include "server/posix/resolver.h"

#include <pthread.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace damselfly::posix {

struct Resolver::State {
  struct Request {
    Endpoint endpoint;
    Done done;
  };

  static void Run(std::shared_ptr<State> state);

  std::mutex mutex;
  std::condition_variable changed;
  // Under mutex, all of it. The front request stays in place while it is being looked up.
  std::deque<Request> requests;
  bool running = false;
  bool stopped = false;
};

Resolver::Resolver() : state_(std::make_shared<State>()) {}

Resolver::~Resolver() { Stop(); }

void Resolver::LookUp(Endpoint endpoint, Done done) {
  std::lock_guard lock(state_->mutex);
  if (state_->stopped) return;
  state_->requests.push_back({std::move(endpoint), std::move(done)});
  if (!state_->running) {
    state_->running = true;
    std::thread thread(State::Run, state_);
    pthread_setname_np(thread.native_handle(), "dfly-resolver");
    thread.detach();
  }
  state_->changed.notify_one();
}

void Resolver::Stop() {
  std::deque<State::Request> dropped;
  std::lock_guard lock(state_->mutex);
  state_->stopped = true;
  state_->requests.swap(dropped);
  state_->changed.notify_one();
}

void Resolver::State::Run(std::shared_ptr<State> state) {
  std::unique_lock lock(state->mutex);
  for (;;) {
    state->changed.wait(lock, [&] { return state->stopped || !state->requests.empty(); });
    if (state->stopped) return;
    const Endpoint endpoint = state->requests.front().endpoint;
    lock.unlock();
    absl::StatusOr<std::vector<SocketAddress>> addresses = Resolve(endpoint);
    lock.lock();
    if (state->stopped) return;
    // Under the lock: after Stop() has returned, no `done` runs any more.
    state->requests.front().done(std::move(addresses));
    state->requests.pop_front();
  }
}

}  // namespace damselfly::posix
