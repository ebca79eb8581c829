#include "sim/replication/takeover_asker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "sim/replication/node_probe.h"

namespace damselfly::sim {
namespace {

constexpr int kTriesMax = 4;
// A master whose takeover has failed serves again after so long at the latest.
constexpr int64_t kReopenNs = 5 * kSecond;
constexpr int64_t kOpenLookNs = 20 * kMillisecond;
// A replica waits so much longer than its master, and a little.
constexpr int64_t kGraceNs = 15 * kSecond;
// What a replica that has given up has asked of its master may be under way so long.
constexpr int64_t kUnderWayNs = 60 * kSecond;
// A replica whose link has broken has begun to make another one after so long.
constexpr int64_t kReconnectNs = 3 * kSecond;
// By so much the timers of two nodes may differ.
constexpr int64_t kTimerSlackNs = 20 * kMillisecond;

}  // namespace

TakeoverAsker::TakeoverAsker(World* world, Host* host,
                             const std::vector<std::unique_ptr<SimNode>>* nodes,
                             ReplicationHistory* history, OracleBoard* board)
    : world_(world), host_(host), nodes_(nodes), history_(history), board_(board) {}

const NodeView* TakeoverAsker::ViewOf(int node) const {
  return history_->views.Last(node, NodeAt(node).host().incarnation());
}

TakeoverAsker::LinkState TakeoverAsker::LinkOf(const Request& request) const {
  LinkState state;
  SimNode& replica = NodeAt(request.replica);
  state.replica_incarnation = replica.host().incarnation();
  state.master_incarnation = NodeAt(request.master).host().incarnation();
  if (!replica.running() || !NodeAt(request.master).running()) return state;
  const std::vector<uint16_t> no_slots;
  const ReplicationFacts facts = NodeProbe(request.replica, &replica, &no_slots).Facts();
  state.reconnect_count = facts.reconnect_count;
  const ReplicationFacts of_master =
      NodeProbe(request.master, &NodeAt(request.master), &no_slots).Facts();
  const bool known = std::any_of(
      of_master.replicas.begin(), of_master.replicas.end(), [&](const ReplicaFacts& known_replica) {
        return known_replica.host == replica.host().address() && known_replica.state == "online";
      });
  state.up = facts.is_replica && facts.link_up && known;
  return state;
}

Task<void> TakeoverAsker::AwaitOpenAgain(Request request, int master_incarnation) {
  // A replica whose link breaks asks once more by itself, and hears the same while the first
  // attempt is still under way.
  int64_t deadline_ns = world_->now_ns() + request.seconds * kSecond + kReopenNs;
  for (;;) {
    const NodeView* const view = ViewOf(request.master);
    if (view == nullptr || view->incarnation != master_incarnation ||
        view->service != NodeView::Service::kTakenOver)
      co_return;
    // It stands still.
    deadline_ns =
        std::max(deadline_ns, NodeAt(request.master).host().paused_until_ns() + kReopenNs);
    if (world_->now_ns() > deadline_ns) {
      board_->Violate(Oracle::kTakeoverEnds, absl::StrCat("a takeover by node ", request.replica,
                                                          " has failed, and ", ViewText(*view)));
      co_return;
    }
    co_await Sleep(host_->runtime().loop(0), kOpenLookNs);
  }
}

Task<void> TakeoverAsker::CheckEarlyFailure(Request request, LinkState before, int64_t begin_ns,
                                            int64_t end_ns) {
  const bool early = end_ns - begin_ns + kTimerSlackNs < request.seconds * kSecond;
  if (!early || !before.up || begin_ns < undecided_until_ns_) co_return;
  co_await Sleep(host_->runtime().loop(0), kReconnectNs);
  const LinkState after = LinkOf(request);
  const bool same_link = after.up && after.replica_incarnation == before.replica_incarnation &&
                         after.master_incarnation == before.master_incarnation &&
                         after.reconnect_count == before.reconnect_count;
  if (!same_link) co_return;
  history_->Count("takeovers that failed early without a reason");
  board_->Violate(Oracle::kTakeoverEnds,
                  absl::StrCat("node ", request.replica, " was given ", request.seconds,
                               " s to take over from node ", request.master, " and failed after ",
                               (end_ns - begin_ns) / kMillisecond,
                               " ms, although the link between them did not break"));
}

int64_t TakeoverAsker::GivenNs(int master) const {
  int64_t longest_ns = 0;
  for (const Given& given : given_) {
    if (given.master == master && given.until_ns >= world_->now_ns())
      longest_ns = std::max(longest_ns, given.seconds * kSecond);
  }
  return longest_ns;
}

Task<bool> TakeoverAsker::Ask(Request request, DecisionStream draw) {
  const int replica = request.replica;
  const LinkState link_before = LinkOf(request);
  for (int i = 0; i < kTriesMax; ++i) {
    absl::StatusOr<std::unique_ptr<AdminLink>> link =
        co_await AdminLink::Open(host_, NodeAt(replica).endpoint(), replica);
    if (link.ok()) {
      history_->lineages.ExpectTakeover(replica);
      world_->CountExternalEvent();
      given_.push_back(
          {request.master, request.seconds, world_->now_ns() + (request.seconds + 60) * kSecond});
      const int64_t asked_ns = world_->now_ns();
      Args args = {"REPLTAKEOVER", absl::StrCat(request.seconds)};
      const absl::StatusOr<AdminLink::Answer> answer =
          co_await (*link)->Ask(std::move(args), (request.seconds + 60) * kSecond);
      board_->CountCheck(Oracle::kTakeoverEnds);
      const bool taken = answer.ok() && answer->reply.is_ok();
      history_->shards.OnTakeover(replica, asked_ns, world_->now_ns() + (taken ? 0 : kUnderWayNs));
      if (answer.ok()) {
        const NodeView* const view = ViewOf(replica);
        const bool is_master = view != nullptr && !view->replica;
        if (answer->reply.is_ok()) {
          if (!is_master) {
            board_->Violate(Oracle::kTakeoverEnds,
                            absl::StrCat("node ", replica, " says that it has taken over, and is ",
                                         view == nullptr ? "nothing" : ViewText(*view)));
          }
          co_return true;
        }
        history_->lineages.CancelTakeover(replica);
        // These are the master's own words. To a replica that asks alone, and for the first time,
        // it says them when it is open again.
        const bool refused =
            i == 0 && request.alone && absl::StrContains(answer->reply.text, "Takeover failed!");
        if (refused && link_before.replica_incarnation == (*link)->opened().incarnation) {
          co_await AwaitOpenAgain(request, link_before.master_incarnation);
          co_await CheckEarlyFailure(request, link_before, answer->occasion.begin_ns,
                                     answer->occasion.end_ns);
        }
        co_return is_master;
      }
      undecided_until_ns_ =
          std::max(undecided_until_ns_, world_->now_ns() + request.seconds * kSecond + kGraceNs);
    }
    co_await Sleep(host_->runtime().loop(0), draw.Between(10 * kMillisecond, kSecond));
    const NodeView* const view = ViewOf(replica);
    if (NodeAt(replica).running() && view != nullptr && !view->replica &&
        view->incarnation == NodeAt(replica).host().incarnation() && link.ok() &&
        (*link)->opened().incarnation == view->incarnation)
      co_return true;
  }
  history_->lineages.CancelTakeover(replica);
  co_return false;
}

}  // namespace damselfly::sim
