#ifndef DAMSELFLY_SERVER_SESSION_CLIENT_INFO_H_
#define DAMSELFLY_SERVER_SESSION_CLIENT_INFO_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "server/base/spinlock.h"
#include "server/commands/command_registry.h"

namespace damselfly {

// Which listener a connection came in by.
enum class ClientPort : uint8_t { kRegular, kAdmin };

// What the rest of the node may know of one connection: CLIENT LIST, CLIENT KILL, INFO. The session
// writes, anyone reads: what changes is atomic, or guarded by ClientRegistry's mutex.
struct ClientInfo {
  enum Flag : uint32_t {
    kMulti = 1u << 0,               // 'x'
    kDirty = 1u << 1,               // 'd' a watched key has changed
    kBlocked = 1u << 2,             // 'b'
    kMonitor = 1u << 3,             // 'O'
    kCloseAfterReply = 1u << 4,     // 'c'
    kCloseSoon = 1u << 5,           // 'A'
    kUnixSocket = 1u << 6,          // 'U'
    kNoEvict = 1u << 7,             // 'e'
    kPaused = 1u << 8,              // held back by CLIENT PAUSE
    kPubSub = 1u << 9,              // 'P' has a subscription
    kReplica = 1u << 10,            // 'S' a replica of this node
    kMaster = 1u << 11,             // 'M' this node's link to its master: there is no session
    kTimedBlock = 1u << 12,         // blocked, and not for ever
    kTracking = 1u << 13,           // 't' CLIENT TRACKING is on
    kTrackingBroadcast = 1u << 14,  // 'B' by prefixes
    kTrackingBroken = 1u << 15,     // 'R' whom its invalidations are redirected to is gone
    kAwaitsServer = 1u << 16,       // blocked until the server has done what it asked for
  };

  // Constant once registered.
  uint64_t id = 0;
  int worker = 0;
  int64_t created_ms = 0;
  std::string address;
  std::string local_address;
  int descriptor = -1;
  ClientPort port = ClientPort::kRegular;

  std::atomic<uint32_t> flags{0};
  // Held while somebody clears kBlocked, or finds out whether there is something for the client.
  // Taken with slots locked, or with the registry's mutex; nothing is locked while it is held.
  SpinLock answering;

  // Written by the session's worker.
  std::atomic<int> database{0};
  std::atomic<int> protocol{2};
  std::atomic<int> multi_count{-1};       // commands queued; -1 outside MULTI
  std::atomic<int64_t> channel_count{0};  // subscriptions
  std::atomic<int64_t> pattern_count{0};
  std::atomic<int64_t> shard_channel_count{0};
  std::atomic<int64_t> redirect{-1};  // whom invalidations go to; 0: itself, -1: it tracks nothing
  std::atomic<int64_t> last_interaction_ms{0};
  std::atomic<const Command*> last_command{nullptr};
  std::atomic<int64_t> query_buffer_bytes{0};
  std::atomic<int64_t> multi_bytes{0};
  std::atomic<int64_t> output_bytes{0};         // waiting to be sent
  std::atomic<int64_t> output_memory_bytes{0};  // held by the output buffer
  std::atomic<int64_t> total_memory_bytes{0};

  // Set by whoever kills the client, on any worker: it is gone for CLIENT LIST and CLIENT KILL from
  // then on.
  std::atomic<bool> doomed{false};

  // Guarded by ClientRegistry::mutex().
  std::string name;
  std::string library_name;
  std::string library_version;

  void SetFlag(uint32_t flag, bool on) {
    if (on) {
      flags.fetch_or(flag, std::memory_order_relaxed);
    } else {
      flags.fetch_and(~flag, std::memory_order_relaxed);
    }
  }
  // A blocked client gets one answer, of whoever is first to ask for it here: it is not blocked any
  // more for CLIENT LIST and CLIENT UNBLOCK from then on. False: it is not blocked, or another
  // answer is on its way.
  bool TakeAnswer() {
    const SpinLockGuard guard(answering);
    const bool is_first = HasFlag(kBlocked);
    SetFlag(kBlocked, false);
    return is_first;
  }
  // Commands that MULTI has queued; -1: there is no transaction.
  void SetQueuedCount(int count) {
    SetFlag(kMulti, count >= 0);
    multi_count.store(count, std::memory_order_relaxed);
  }
  bool HasFlag(uint32_t flag) const { return (flags.load(std::memory_order_relaxed) & flag) != 0; }
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_CLIENT_INFO_H_
