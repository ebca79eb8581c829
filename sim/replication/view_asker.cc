#include "sim/replication/view_asker.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sim/replication/cluster_view.h"
#include "sim/replication/config_keeper.h"

namespace damselfly::sim {
namespace {

constexpr int64_t kPauseNsMin = 100 * kMillisecond;
constexpr int64_t kPauseNsMax = 1500 * kMillisecond;
constexpr int64_t kAnswerTimeoutNs = 60 * kSecond;

using Link = absl::StatusOr<std::unique_ptr<AdminLink>>;

Task<Link> OpenAdmin(Host* host, SimNode* server, int node) {
  Endpoint admin = server->endpoint();
  admin.port = ConfigKeeper::kAdminPort;
  co_return co_await AdminLink::Open(host, admin, node);
}

std::string TextOf(ShardOracle::ViewCommand command, const Reply& reply) {
  switch (command) {
    case ShardOracle::ViewCommand::kMyId:
      return reply.text;
    case ShardOracle::ViewCommand::kSlots:
      return SlotsTextOf(reply);
    case ShardOracle::ViewCommand::kShards:
      return ShardsTextOf(reply);
    case ShardOracle::ViewCommand::kNodes:
      return NodesTextOf(reply);
  }
  return "";
}

}  // namespace

ViewAsker::ViewAsker(World* world, Host* host, const std::vector<std::unique_ptr<SimNode>>* nodes,
                     ReplicationHistory* history)
    : world_(world),
      host_(host),
      nodes_(nodes),
      history_(history),
      decisions_(&world->decider(), "who asks for views") {}

ViewAsker::~ViewAsker() = default;

void ViewAsker::Start() { Plan(); }

void ViewAsker::Plan() {
  decisions_.BeginUnit(++ask_count_);
  const int64_t pause_ns = kPauseNsMax - decisions_.Between(0, kPauseNsMax - kPauseNsMin);
  const int node = static_cast<int>(decisions_.Below(nodes_->size()));
  const bool acts = decisions_.Acts();
  world_->After(pause_ns, [this, node, acts] {
    if (stopped_) return;
    // One that does not answer is not asked by more and more.
    if (acts && idle() && (*nodes_)[static_cast<size_t>(node)]->running()) {
      host_->runtime().loop(0).Post([this, node] {
        if (!stopped_) tasks_.Spawn(Ask(node, {}));
      });
    }
    Plan();
  });
}

Task<void> ViewAsker::Ask(int node, ShardOracle::OwnChange change) {
  ++open_count_;
  const Link link = co_await OpenAdmin(host_, (*nodes_)[static_cast<size_t>(node)].get(), node);
  bool answers = link.ok();
  for (ShardOracle::ViewCommand command : ShardOracle::kViewCommands) {
    if (!answers) break;
    Args args = {"CLUSTER", std::string(ShardOracle::NameOf(command))};
    const absl::StatusOr<AdminLink::Answer> answer =
        co_await (*link)->Ask(std::move(args), kAnswerTimeoutNs);
    answers = answer.ok();
    if (!answers) break;
    history_->Count("views that nodes have told");
    if (answer->reply.text == "ERR Cluster is not yet configured") {
      history_->shards.OnUnconfigured(answer->occasion);
    } else {
      history_->shards.OnView({answer->occasion, command, TextOf(command, answer->reply), change});
    }
  }
  --open_count_;
}

Task<std::string> ViewAsker::AskWhatIsWrong(Host* host, SimNode* server, int node,
                                            const ShardMap* map,
                                            absl::Span<const NodeAddress> nodes) {
  const Link link = co_await OpenAdmin(host, server, node);
  if (!link.ok()) co_return std::string(link.status().message());
  for (ShardOracle::ViewCommand command : ShardOracle::kViewCommands) {
    Args args = {"CLUSTER", std::string(ShardOracle::NameOf(command))};
    const absl::StatusOr<AdminLink::Answer> answer =
        co_await (*link)->Ask(std::move(args), kAnswerTimeoutNs);
    if (!answer.ok()) co_return std::string(answer.status().message());
    const std::string text = TextOf(command, answer->reply);
    const std::string wanted = ShardOracle::ViewText(command, ClusterView(*map), node, nodes);
    if (text != wanted)
      co_return absl::StrCat("CLUSTER ", ShardOracle::NameOf(command), " told\n", text,
                             "\ninstead of\n", wanted);
  }
  co_return "";
}

}  // namespace damselfly::sim
