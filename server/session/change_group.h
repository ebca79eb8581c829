#ifndef DAMSELFLY_SERVER_SESSION_CHANGE_GROUP_H_
#define DAMSELFLY_SERVER_SESSION_CHANGE_GROUP_H_

#include <utility>

#include "server/store/change.h"
#include "server/store/store.h"

namespace damselfly {

// What one command, or one EXEC, changes: one group of whoever hears of all changes, if anybody
// does. Begun when the locks have been taken, and ended (destroyed) before they are released.
class ChangeGroup {
 public:
  // Nothing, where it is not `wanted`. Requires a lock, if it is: the sink stays as it is then.
  ChangeGroup(const Store* store, int worker, bool wanted)
      : sink_(wanted ? store->change_sink() : nullptr), worker_(worker) {
    if (__builtin_expect(sink_ != nullptr, 0)) sink_->BeginGroup(worker_);
  }
  ~ChangeGroup() {
    if (__builtin_expect(sink_ != nullptr, 0)) sink_->EndGroup(worker_);
  }
  // Begins it after all, where it was not wanted. Requires a lock.
  void EnsureBegun(const Store* store) {
    if (sink_ != nullptr || store->change_sink() == nullptr) return;
    sink_ = store->change_sink();
    sink_->BeginGroup(worker_);
  }
  // Ends it ahead of time.
  void End() {
    if (sink_ != nullptr) std::exchange(sink_, nullptr)->EndGroup(worker_);
  }
  ChangeGroup(const ChangeGroup&) = delete;
  ChangeGroup& operator=(const ChangeGroup&) = delete;

 private:
  ChangeSink* sink_;
  const int worker_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_CHANGE_GROUP_H_
