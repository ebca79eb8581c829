#ifndef DAMSELFLY_SERVER_REPLICATION_MAILBOX_H_
#define DAMSELFLY_SERVER_REPLICATION_MAILBOX_H_

#include <coroutine>
#include <deque>
#include <utility>

#include "server/base/check.h"

namespace damselfly {

// Where call-backs leave things for a coroutine: `T item = co_await mailbox.Take()`. One coroutine
// takes; everything on one loop. A coroutine that waits may be destroyed, its wait is forgotten
// then. Whoever puts may outlive the taker: such a mailbox is shared.
template <typename T>
class Mailbox {
 public:
  Mailbox() = default;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  class [[nodiscard]] Taker {
   public:
    explicit Taker(Mailbox& mailbox) : mailbox_(mailbox) {}
    ~Taker() {
      if (mailbox_.taker_ == this) mailbox_.taker_ = nullptr;
    }
    Taker(const Taker&) = delete;
    Taker& operator=(const Taker&) = delete;

    bool await_ready() const { return !mailbox_.items_.empty(); }
    void await_suspend(std::coroutine_handle<> awaiting) {
      DFLY_CHECK(mailbox_.taker_ == nullptr);
      awaiting_ = awaiting;
      mailbox_.taker_ = this;
    }
    T await_resume() {
      T item = std::move(mailbox_.items_.front());
      mailbox_.items_.pop_front();
      return item;
    }

   private:
    friend Mailbox;
    Mailbox& mailbox_;
    std::coroutine_handle<> awaiting_;
  };

  // Resumes the coroutine that waits, from within this call.
  void Put(T item) {
    items_.push_back(std::move(item));
    if (taker_ != nullptr) std::exchange(taker_, nullptr)->awaiting_.resume();
  }

  // The oldest item, once there is one.
  Taker Take() { return Taker(*this); }

 private:
  std::deque<T> items_;
  Taker* taker_ = nullptr;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_MAILBOX_H_
