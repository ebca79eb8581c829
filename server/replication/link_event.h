#ifndef DAMSELFLY_SERVER_REPLICATION_LINK_EVENT_H_
#define DAMSELFLY_SERVER_REPLICATION_LINK_EVENT_H_

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "server/replication/mailbox.h"
#include "server/resp/reply_reader.h"
#include "server/runtime/event_loop.h"

namespace damselfly {

// What happens to a replica's link, as its coroutine learns of it.
struct LinkEvent {
  enum class Kind {
    kFlowAttached,
    kFlowSynced,  // a full sync's entries of that lane have all been applied
    kFlowEnded,   // status says why
    kAckWanted,
    kReply,         // something came on the control connection
    kControlEnded,  // status says why
    kAckDue,
    kTakeOver,         // somebody asks for a takeover
    kTakeOverExpired,  // and has waited long enough
  };
  Kind kind = Kind::kAckDue;
  int lane = 0;
  absl::Status status;
  Reply reply;
};

// The address of the link's coroutine: may be used on any thread, and after the link has gone.
class LinkMail {
 public:
  explicit LinkMail(EventLoop* loop)
      : loop_(loop), mailbox_(std::make_shared<Mailbox<LinkEvent>>()) {}

  void Post(LinkEvent event) const {
    loop_->Post([mailbox = mailbox_, event = std::move(event)]() mutable {
      mailbox->Put(std::move(event));
    });
  }
  void Post(LinkEvent::Kind kind) const {
    LinkEvent event;
    event.kind = kind;
    Post(std::move(event));
  }

  // On the link's loop only.
  Mailbox<LinkEvent>::Taker Take() const { return mailbox_->Take(); }

 private:
  EventLoop* loop_;
  std::shared_ptr<Mailbox<LinkEvent>> mailbox_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_LINK_EVENT_H_
