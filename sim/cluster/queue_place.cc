#include "sim/cluster/queue_place.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "sim/oracles/key_slot.h"

namespace damselfly::sim {

void ClusterQueuePlace::OnExecuted(const QueueRequest& request) {
  const Occasion occasion = OccasionOf(request);
  history_->ownership.OnExecuted(occasion, KeySlot(request.key), request.command);
  if (request.waits) history_->waiters.OnWaited(occasion, request.key);
  history_->Count("requests to queues");
}

bool ClusterQueuePlace::OnRefused(const QueueRequest& request, absl::string_view error) {
  const Occasion occasion = OccasionOf(request);
  absl::ConsumePrefix(&error, "EXECABORT Transaction discarded because of: ");
  const std::vector<absl::string_view> words = absl::StrSplit(error, ' ');
  int slot = -1;
  if (words[0] == "MOVED" && words.size() == 3 && absl::SimpleAtoi(words[1], &slot)) {
    history_->ownership.OnMoved(occasion, KeySlot(request.key), slot, words[2]);
    if (request.waits && occasion.end_ns > occasion.begin_ns) history_->Count("waits redirected");
  } else if (absl::StripPrefix(error, "ERR ") == "Cluster is not yet configured") {
    history_->ownership.OnUnconfigured(occasion);
  } else {
    return false;
  }
  if (request.waits) history_->waiters.OnWaited(occasion, request.key);
  return true;
}

void ClusterQueuePlace::NoteBreaks(QueueHistory* queues) const {
  const PushLedger& ledger = history_->ledger;
  for (const auto& [incarnation, life] : queues->lives()) {
    for (const int number : ledger.AppliedAt(node_, incarnation)) {
      const Push& push = ledger.pushes()[static_cast<size_t>(number)];
      for (const std::string& key : QueueHistory::AllKeys()) {
        if (ledger.config(push.config).owner(KeySlot(key)) == node_) continue;
        queues->life(incarnation).OnBreak(key, {push.occasion.begin_ns, push.occasion.end_ns});
      }
    }
  }
}

}  // namespace damselfly::sim
