#include "sim/oracles/expiry_oracle.h"

#include "absl/strings/str_cat.h"

namespace damselfly::sim {

size_t ExpiryOracle::OnWriteSent(const std::string& value, int64_t ttl_ms, int64_t begin_ns) {
  Write write;
  write.value = value;
  write.ttl_ms = ttl_ms;
  write.sent_ns = begin_ns;
  writes_.push_back(write);
  return writes_.size() - 1;
}

void ExpiryOracle::OnWriteDone(size_t number, const Moment& moment) {
  writes_[number].done = true;
  writes_[number].moment = moment;
}

void ExpiryOracle::OnRead(absl::string_view key, const std::string& value, const Moment& moment,
                          OracleBoard* board) const {
  board->CountCheck(Oracle::kNoLateRead);
  board->CountCheck(Oracle::kNoEarlyDeath);
  for (auto write = writes_.rbegin(); write != writes_.rend(); ++write) {
    if (value.empty()) {
      // Only if the last write is done can anything be said: all that follows it may have replaced
      // it.
      if (write->sent_ns > moment.end_ns) continue;
      if (!write->done || write->moment.end_ns >= moment.begin_ns) return;
      const int64_t deadline_min_ms = write->moment.wall_min_ms() + write->ttl_ms;
      const int64_t wall_max_ms = moment.wall->WallMaxMs(write->moment.begin_ns, moment.end_ns);
      if (wall_max_ms >= deadline_min_ms) return;
      board->Violate(Oracle::kNoEarlyDeath,
                     absl::StrCat(key, ": \"", write->value, "\" is gone, at least ",
                                  deadline_min_ms - wall_max_ms, " ms before its deadline"));
      return;
    }
    if (write->value != value) continue;
    const int64_t deadline_max_ms =
        (write->done ? write->moment.wall_max_ms()
                     : moment.wall->WallMaxMs(write->sent_ns, moment.end_ns)) +
        write->ttl_ms;
    if (moment.wall_min_ms() <= deadline_max_ms) return;
    board->Violate(Oracle::kNoLateRead,
                   absl::StrCat(key, ": \"", value, "\" was read at least ",
                                moment.wall_min_ms() - deadline_max_ms, " ms past its deadline"));
    return;
  }
  if (!value.empty())
    board->Violate(Oracle::kLinearizable,
                   absl::StrCat(key, ": read \"", value, "\", which nobody wrote"));
}

}  // namespace damselfly::sim
