#include "sim/replication/queue_place.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "sim/oracles/key_slot.h"

namespace damselfly::sim {

void ReplicationQueuePlace::OnExecuted(const QueueRequest& request) {
  const Occasion occasion = OccasionOf(request);
  if (history_->map != nullptr)
    history_->shards.OnExecuted(occasion, KeySlot(request.key), request.command);
  if (request.waits) {
    history_->waiters.OnWaited(occasion, request.key);
  } else {
    history_->replies.OnDone(occasion, std::string(request.command), {});
  }
  history_->Count("requests to queues");
}

bool ReplicationQueuePlace::OnRefused(const QueueRequest& request, absl::string_view error) {
  const Occasion occasion = OccasionOf(request);
  absl::ConsumePrefix(&error, "EXECABORT Transaction discarded because of: ");
  const std::vector<absl::string_view> words = absl::StrSplit(error, ' ');
  int slot = -1;
  if (words[0] == "READONLY") {
    history_->replies.OnReadOnly(occasion);
  } else if (words[0] == "LOADING") {
    history_->replies.OnLoading(occasion);
  } else if (words[0] == "MOVED" && words.size() == 3 && absl::SimpleAtoi(words[1], &slot)) {
    history_->shards.OnMoved(occasion, KeySlot(request.key), slot, words[2]);
  } else if (absl::StripPrefix(error, "ERR ") == "Cluster is not yet configured") {
    history_->shards.OnUnconfigured(occasion);
  } else if (request.waits && absl::StartsWith(error, "UNBLOCKED force ")) {
    OnSentAway(occasion);
  } else {
    return false;
  }
  if (request.waits) history_->waiters.OnWaited(occasion, request.key);
  return true;
}

void ReplicationQueuePlace::OnSentAway(const Occasion& occasion) {
  history_->Count("waits ended with the mastership");
  bool changed = false;
  history_->views.ForEach(occasion.node, occasion.incarnation, occasion.begin_ns, occasion.end_ns,
                          [&changed](const NodeView& view) {
                            changed = changed || !view.serves_master();
                            return true;
                          });
  board_->CountCheck(Oracle::kWaitersLeave);
  if (changed) return;
  board_->Violate(Oracle::kWaitersLeave,
                  absl::StrCat(OccasionText(occasion),
                               ": who waited was sent away from a master that was one throughout"));
}

void ReplicationQueuePlace::NoteBreak(int incarnation, QueueOracle::Span span,
                                      QueueHistory* queues) const {
  for (const std::string& key : QueueHistory::AllKeys())
    queues->life(incarnation).OnBreak(key, span);
}

void ReplicationQueuePlace::NoteBreaks(QueueHistory* queues) const {
  for (const auto& [incarnation, life] : queues->lives()) {
    // In a cluster slots come and go besides: nothing is certain there but what the journal says.
    if (history_->map != nullptr) {
      NoteBreak(incarnation, {INT64_MIN, QueueOracle::kNever}, queues);
      continue;
    }
    std::string lineage;
    int64_t broken_since_ns = INT64_MIN;
    bool broken = true;
    bool seen = false;
    history_->views.ForEachChange(node_, incarnation, [&](const ViewLog::Entry& entry) {
      const bool goes_on = entry.view.serves_master();
      const bool other = seen && entry.view.lineage != lineage;
      lineage = entry.view.lineage;
      // Who begins as a master begins with nothing.
      if (!seen && goes_on) broken = false;
      seen = true;
      if (!broken && (!goes_on || other)) {
        broken = true;
        broken_since_ns = entry.since_ns;
      }
      if (broken && goes_on) {
        broken = false;
        NoteBreak(incarnation, {broken_since_ns, entry.since_ns}, queues);
      }
      return true;
    });
    if (broken) NoteBreak(incarnation, {broken_since_ns, QueueOracle::kNever}, queues);
    for (const ReplicationHistory::Flush& flush : history_->flushes) {
      if (flush.node == node_) NoteBreak(incarnation, {flush.begin_ns, flush.end_ns}, queues);
    }
  }
}

int64_t MastershipGoneNs(const ViewLog& log, const Occasion& occasion, int64_t late_ns) {
  int64_t gone = WaiterOracle::kNever;
  log.ForEachChange(occasion.node, occasion.incarnation, [&](const ViewLog::Entry& entry) {
    if (gone != WaiterOracle::kNever && entry.since_ns > gone + late_ns) return false;
    if (entry.view.serves_master()) {
      gone = WaiterOracle::kNever;
    } else if (gone == WaiterOracle::kNever && entry.since_ns > occasion.begin_ns) {
      gone = entry.since_ns;
    }
    return true;
  });
  return gone;
}

}  // namespace damselfly::sim
