#ifndef DAMSELFLY_SERVER_STORE_KEY_EVENT_H_
#define DAMSELFLY_SERVER_STORE_KEY_EVENT_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace damselfly {

// What an event of the key space belongs to: the classes of notify-keyspace-events, one bit each.
// The letters are the ones that choose them there.
enum class KeyEventClass : uint32_t {
  kGeneric = 1u << 0,    // g: commands that take keys of any type (DEL, EXPIRE, RENAME, ...)
  kString = 1u << 1,     // $
  kList = 1u << 2,       // l
  kSet = 1u << 3,        // s
  kHash = 1u << 4,       // h
  kSortedSet = 1u << 5,  // z
  kStream = 1u << 6,     // t
  kExpired = 1u << 7,    // x: a deadline has passed
  kEvicted = 1u << 8,    // e: removed for want of memory
  kModule = 1u << 9,     // d: types that modules bring
  kKeyMiss = 1u << 10,   // m: a command reads a key that is not there
  kNew = 1u << 11,       // n: a key comes into being
};

// Whoever wants to know of the events that clients may subscribe to (keyspace notifications).
// Attached with Store::set_key_event_sink. Unlike a Change, an event says what a command has done
// in the command's own terms, and is lost with whoever does not listen.
class KeyEventSink {
 public:
  virtual ~KeyEventSink() = default;

  // `event` ("hset") has happened to `key` in `database`. Called by worker `worker` in its own
  // thread, mostly with the lock of the key's slot held, in the order in which things happen there.
  // Short; must not touch the store. The views are valid during the call only.
  virtual void OnKeyEvent(int worker, int database, KeyEventClass event_class,
                          absl::string_view event, absl::string_view key) = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_STORE_KEY_EVENT_H_
