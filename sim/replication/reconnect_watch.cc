#include "sim/replication/reconnect_watch.h"

#include "absl/strings/str_cat.h"

namespace damselfly::sim {

void ReconnectWatch::Observe(const Look& look, int64_t now_ns) {
  const size_t at = static_cast<size_t>(look.node);
  if (seen_.size() <= at) seen_.resize(at + 1);
  Seen& seen = seen_[at];
  const bool same = seen.look.seeks && look.seeks && seen.look.incarnation == look.incarnation &&
                    seen.look.master == look.master && seen.look.attempts == look.attempts;
  if (!same) {
    seen = {look, now_ns};
    return;
  }
  board_->CountCheck(Oracle::kConvergence);
  const int64_t waited_ns = now_ns - seen.since_ns;
  if (waited_ns <= kRestNsMax + look.attempt_ns_max) return;
  board_->Violate(Oracle::kConvergence,
                  absl::StrCat("node ", look.node, " has no link to its master, node ", look.master,
                               ", which is there, and has not tried to make one for ",
                               waited_ns / 1'000'000, " ms"));
}

}  // namespace damselfly::sim
