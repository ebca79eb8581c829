#ifndef DAMSELFLY_SERVER_POSIX_EVENT_SOURCE_H_
#define DAMSELFLY_SERVER_POSIX_EVENT_SOURCE_H_

#include <cstdint>

namespace damselfly::posix {

// Something that a Loop watches through epoll. epoll keeps the object's address, and events that
// were fetched before the descriptor was closed may still be dispatched in the same pass; an object
// that has been watched is therefore never deleted at once but handed to Loop::Retire, and ignores
// events from then on.
class EventSource {
 public:
  // Streams are told apart so that the loop calls them without a virtual call.
  enum class Kind : uint8_t { kStream, kOther };

  explicit EventSource(Kind kind) : kind_(kind) {}
  virtual ~EventSource() = default;
  EventSource(const EventSource&) = delete;
  EventSource& operator=(const EventSource&) = delete;

  Kind kind() const { return kind_; }

  // `events` is epoll's bit set. On the loop's thread.
  virtual void OnEvents(uint32_t events) = 0;

 private:
  const Kind kind_;
};

}  // namespace damselfly::posix

#endif  // DAMSELFLY_SERVER_POSIX_EVENT_SOURCE_H_
