#ifndef DAMSELFLY_SERVER_SESSION_CLIENT_TRACKING_H_
#define DAMSELFLY_SERVER_SESSION_CLIENT_TRACKING_H_

#include <cstdint>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace damselfly {

// What CLIENT TRACKING ON has set up for one client.
struct TrackingOptions {
  bool broadcast = false;  // BCAST: is told of all keys with a prefix, whatever it has read
  bool opt_in = false;     // only what is read behind CLIENT CACHING YES is tracked
  bool opt_out = false;    // all but what is read behind CLIENT CACHING NO
  bool no_loop = false;    // is not told of what it has changed itself
  uint64_t redirect = 0;   // who is told in its place; 0: it is itself
  int redirect_worker = 0;
  std::set<std::string> prefixes;  // if `broadcast`; none overlaps another
};

struct ClientTracking {
  TrackingOptions options;
  bool caching = false;  // CLIENT CACHING was given for the next command

  // What a command reads is tracked.
  bool remembers() const {
    return !options.broadcast && (!options.opt_in || caching) && !(options.opt_out && caching);
  }
};

// What a client must not believe any more: what it knows of these keys, or of everything.
struct Invalidation {
  absl::Span<const absl::string_view> keys;
  bool all = false;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_CLIENT_TRACKING_H_
