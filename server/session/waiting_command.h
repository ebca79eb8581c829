#ifndef DAMSELFLY_SERVER_SESSION_WAITING_COMMAND_H_
#define DAMSELFLY_SERVER_SESSION_WAITING_COMMAND_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/commands/blocker.h"
#include "server/commands/command_registry.h"
#include "server/resp/output_buffer.h"
#include "server/session/client_info.h"
#include "server/session/slot_locks.h"
#include "server/store/store.h"

namespace damselfly {

class Worker;

// The reply to a command that has waited, on its way to its session.
struct Answer {
  OutputBuffer output;
  uint64_t error_count = 0;
  std::string error_code;  // of the last one
};

// A command whose client waits until a key has something for it. Its session owns it, ends it and
// takes its answer; whoever changes a key, on any worker, may serve it. Who answers is settled by
// the client's ClientInfo: see TakeAnswer.
class WaitingCommand {
 public:
  // `info` is the waiting client's. Begins to wait: requires the locks of all keys. `only_first`: a
  // deliberate bug (ServerMutant).
  WaitingCommand(Store* store, ClientInfo* info, const Command* command, BlockRequest request,
                 int database, int protocol, bool only_first);
  // Requires End().
  ~WaitingCommand();
  WaitingCommand(const WaitingCommand&) = delete;
  WaitingCommand& operator=(const WaitingCommand&) = delete;

  // A deliberate bug (ServerMutant): it has been answered, and is served all the same while its
  // client waits for nothing else, until the client's next command that waits ends.
  void Linger() { lingers_ = true; }
  void KeepLingering(std::unique_ptr<WaitingCommand> before) { lingering_ = std::move(before); }

  // Waits for no key any more. Takes their slots' locks one after the other; the caller holds none.
  void End();

  BlockRequest::TimeoutReply timeout_reply() const { return request_.timeout_reply; }
  // The slots of the keys that are waited for.
  SlotLocks::Slots slots() const;

  // ---- For whoever has changed a key, with the lock of its slot held. `wait` is one of this
  // command's. ----
  static WaitingCommand& Of(const KeyWait& wait);
  // Whether it is to be served from a key that holds `entry` (null: nothing).
  bool Wants(const Entry* entry) const;
  // The slots of those keys that it does not wait for, but uses (BLMOVE's destination): to be
  // locked as well before it is served.
  absl::Span<const uint16_t> other_slots() const { return other_slots_; }
  // Tries to answer the command from the key of `wait`, on `worker`, and to have the answer
  // delivered. False: it waits on, or has been answered otherwise. After true neither the command
  // nor `wait` may be touched.
  bool Serve(KeyWait* wait, Worker& worker);

 private:
  struct Place : KeyWait {
    WaitingCommand* command = nullptr;
    size_t index = 0;  // in the arguments
    uint16_t slot = 0;
  };

  bool RunServe(const Place& place, Worker& worker, Answer* answer);
  // The same, but for a deliberate bug (ServerMutant) that the node may have.
  bool RunServeWrongly(const Place& place, Worker& worker, Answer* answer);

  Store& store_;
  ClientInfo& info_;
  const Command& command_;
  const BlockRequest request_;
  const int database_;
  const int protocol_;
  const std::vector<absl::string_view> args_;  // views of the request's
  std::vector<Place> places_;                  // never moved once linked
  SlotLocks::Slots other_slots_;
  bool lingers_ = false;
  std::unique_ptr<WaitingCommand> lingering_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_WAITING_COMMAND_H_
