#ifndef DAMSELFLY_SERVER_SESSION_KEY_NOTIFICATIONS_H_
#define DAMSELFLY_SERVER_SESSION_KEY_NOTIFICATIONS_H_

#include <atomic>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/store/key_event.h"

namespace damselfly {

class ServerState;

// Keyspace notifications: publishes events of the key space that notify-keyspace-events chooses, on
// plain channels (https://redis.io/docs/latest/develop/use/keyspace-notifications/).
//
// An event is published at once, while its slot is locked: subscribers get the events of one key in
// the order in which they happened, whatever workers brought them about. Whoever runs the command
// is the only one whose messages wait: they stand before its reply.
//
// Owned by the ServerState. Thread-safe.
class KeyNotifications final : public KeyEventSink {
 public:
  // Attached to the node's store while there is something to publish, and only then.
  explicit KeyNotifications(ServerState* server) : server_(*server) {}
  KeyNotifications(const KeyNotifications&) = delete;
  KeyNotifications& operator=(const KeyNotifications&) = delete;

  // From now on: the flags of key_event_flags.h.
  void Choose(uint32_t flags);

  void OnKeyEvent(int worker, int database, KeyEventClass event_class, absl::string_view event,
                  absl::string_view key) override;

 private:
  ServerState& server_;
  std::atomic<uint32_t> flags_{0};
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_KEY_NOTIFICATIONS_H_
