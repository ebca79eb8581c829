#ifndef DAMSELFLY_SIM_ORACLES_CACHE_ORACLE_H_
#define DAMSELFLY_SIM_ORACLES_CACHE_ORACLE_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "sim/model/moment.h"
#include "sim/oracles/oracle_board.h"

namespace damselfly::sim {

// How the node has been asked to tell a client what it must forget.
struct CacheWays {
  bool broadcast = false;  // of all keys with a prefix, some time after they have changed
  bool no_loop = false;    // not of what the client has changed itself
  std::set<std::string> prefixes = {};  // if `broadcast`; none: of all keys
};

// S34 for the keys of one node: who keeps what it has read is told before, or when, it could read
// something newer on the same connection. "Could" is judged by ground truth: whoever's write began
// after the value was read and had ended before the node was given a request is a change that this
// request could have seen.
//
//   connection:  read k = 1      request begins ── its reply: k must have been invalidated by now
//   anybody:          └─ write k: begins, ends ─┘
//
// Knows of writes from all clients; of what a connection knows, from its ClientCache.
class CacheOracle {
 public:
  // Somebody has changed the key, or all keys there are, within `moment`.
  void OnWrite(const std::string& key, const Moment& moment);
  void OnFlush(const Moment& moment);

  // A client has kept of `key` what it had read by `read_end_ns`, and was not told anything else
  // before the reply to a request that the node was given at `begin_ns`.
  void OnKept(absl::string_view client, const std::string& key, int64_t read_end_ns,
              int64_t begin_ns);

  // Judges the whole history, once, at its end.
  void Check(OracleBoard* board) const;

 private:
  struct Write {
    int64_t begin_ns;
    int64_t end_ns;
  };
  struct Kept {
    std::string client;
    std::string key;
    int64_t read_end_ns;
    int64_t begin_ns;
  };

  std::map<std::string, std::vector<Write>> writes_;  // by key
  std::vector<Write> flushes_;
  std::vector<Kept> kept_;
};

// What one connection's client keeps, as a client that believes the node does it; the calls come in
// the order of the bytes on that connection. What can be judged there and then it judges itself:
//
//   - A reply that shows something newer than what is kept comes behind the invalidation. A key
//     that turns out to have expired may go by this very read: the invalidation comes right behind.
//   - The client's own change invalidates right behind its reply, if at all.
//
// Broadcasts come when the changes of a while have been gathered: nothing is said about when.
class ClientCache {
 public:
  // Pointers outlive the cache. `client` is for messages.
  ClientCache(std::string client, CacheOracle* oracle, OracleBoard* board);

  // The node has begun to track, or stopped.
  void Begin(CacheWays ways);
  void End();
  bool tracks() const { return tracks_; }

  // Of each reply first of all. Not of those that only say that something is queued.
  void OnReply(const Moment& moment);
  // The reply shows what the key holds; "" for nil. `tracked`: the node remembers that it was read.
  void OnRead(const std::string& key, const std::string& value, bool tracked, const Moment& moment);
  // The reply says that the client itself has changed the key, or all keys.
  void OnOwnWrite(const std::string& key);
  void OnOwnFlush();
  void OnInvalidated(const std::string& key);
  void OnAllInvalidated();

  // At rest: nothing has changed since before the last reply was asked for, and everything that
  // was on its way to this client has come. The key holds `value`.
  void CheckAtRest(const std::string& key, const std::string& value) const;
  std::vector<std::string> keys() const;

 private:
  struct Entry {
    std::string value;
    int64_t read_end_ns;
  };
  using Entries = std::map<std::string, Entry>;

  bool IsToldOf(const std::string& key) const;
  void Keep(const std::string& key, const std::string& value, const Moment& moment);
  // The client keeps it no longer, or reads it anew.
  void Close(const std::string& key, const Entry& entry);
  void Erase(Entries::iterator entry);
  void Violate(const std::string& key, const Entry& entry, absl::string_view what) const;

  const std::string client_;
  CacheOracle* const oracle_;
  OracleBoard* const board_;
  bool tracks_ = false;
  CacheWays ways_;
  Entries entries_;
  // Must be invalidated before another reply comes.
  std::set<std::string> due_;
  int64_t last_begin_ns_ = 0;  // of the requests that have been answered
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_ORACLES_CACHE_ORACLE_H_
