#include "sim/cluster/cluster_run.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "sim/cluster/cluster_client.h"
#include "sim/cluster/cluster_history.h"
#include "sim/cluster/cluster_plan.h"
#include "sim/cluster/config_order_oracle.h"
#include "sim/cluster/control_plane.h"
#include "sim/cluster/node_inspector.h"
#include "sim/cluster/queue_place.h"
#include "sim/cluster/shard_subscriber.h"
#include "sim/sweep/account_check.h"
#include "sim/sweep/fault_driver.h"
#include "sim/sweep/queue_clients.h"
#include "sim/sweep/residue_check.h"

namespace damselfly::sim {
namespace {

// So long after the healing every node has the last topology.
constexpr int64_t kSettleNsMax = 300 * kSecond;
// All clients have said farewell so long after they were asked to.
constexpr int64_t kFarewellNsMax = 3600 * kSecond;
constexpr int64_t kProbeNsMax = 300 * kSecond;
constexpr int64_t kStepNs = 20 * kMillisecond;
// So long, and a few passes, after its slot has gone, whoever waits is answered.
constexpr int64_t kLeavingNsMax = 2 * kMillisecond;
constexpr int64_t kLeavingPassesMax = 8;

// One seed's cluster and everything around it.
class ClusterRun {
 public:
  ClusterRun(uint64_t seed, const scenario::ClusterScenario& scenario, const RunOptions& options)
      : seed_(seed),
        decider_(options.make_decider(seed)),
        plan_(DrawClusterPlan(decider_.get(), scenario)),
        world_(decider_.get(), seed, plan_.knobs),
        board_([this] { world_.RequestStop(); }) {
    world_.set_mutant(options.mutant);
    for (const auto& [fault, rate] : plan_.faults) world_.faults().Draw(fault, rate);
    if (options.trace_sink) world_.trace().set_sink(options.trace_sink);
    if (options.keep_hashes) world_.trace().KeepHashes();
    if (options.observer != nullptr) world_.Observe(options.observer);
  }

  RunResult Run() {
    MakeNodes();
    MakeControlPlanes();
    MakeClients();
    MakeSubscribers();
    MakeQueueClients();
    MakeInspector();
    FaultDriver faults(&world_, &nodes_, &other_hosts_, plan_.fault_phase_ns);
    faults.Start();
    world_.RunUntil(plan_.fault_phase_ns);
    world_.faults().Heal();
    world_.trace().Add(world_.now_ns(), 0, TraceKind::kFault, 0, "healed");
    Settle();
    world_.RunUntil(world_.now_ns() + plan_.quiet_phase_ns);
    SayFarewell();
    queues_.NoteRemaining();
    // Before what would only be its consequence.
    for (const std::unique_ptr<ControlPlane>& plane : planes_) plane->Close();
    CheckConfigOrder(history_.ledger, &board_);
    Inspect();
    if (world_.livelocked())
      board_.Violate(Oracle::kCrashOnly, "too many events at one instant: a livelock");
    history_.Check(&board_);
    queues_.ForEachNode([](int, QueuePlace* place, QueueHistory* history) {
      static_cast<ClusterQueuePlace*>(place)->NoteBreaks(history);
    });
    queues_.Check();
    if (world_.mutant() == Mutant::kCanary && DeriveSeed(seed_, "canary") % 100 == 0)
      board_.Violate(Oracle::kCanary, "the canary sings");
    return Result();
  }

 private:
  void MakeNodes() {
    for (size_t i = 0; i < plan_.nodes.size(); ++i) {
      const ClusterPlan::NodePlan& node_plan = plan_.nodes[i];
      const std::string name = absl::StrCat("node ", i);
      Host& host = world_.AddHost(name, node_plan.worker_count, node_plan.clock_skew_us);
      if (node_plan.clock_skew_us != 0) world_.faults().CountEffect(Fault::kClockSkew);
      host.set_exit_handler([this, name](int exit_code) {
        board_.Violate(Oracle::kCrashOnly, absl::StrCat(name, " exited with ", exit_code));
      });
      const std::string id = absl::StrCat("n", i);
      SimNode::Parameters parameters = node_plan.parameters;
      parameters.push_back(SimNode::PortOf(i));
      parameters.emplace_back("cluster_mode", "yes");
      parameters.emplace_back("cluster_node_id", id);
      parameters.emplace_back("admin_port", absl::StrCat(ControlPlane::kAdminPort));
      nodes_.push_back(std::make_unique<SimNode>(&host, std::move(parameters), &config_cache_));
      nodes_.back()->CountStartsIn(&node_starts_);
      nodes_.back()->Start();
      history_.nodes.push_back({id, host.address(), nodes_.back()->port()});
    }
  }

  void MakeControlPlanes() {
    AddControlPlane("control plane", plan_.control_plane);
    if (plan_.second_controller) AddControlPlane("old control plane", plan_.second_control_plane);
  }

  void AddControlPlane(const std::string& name, ControlPlaneOptions options) {
    options.node_starts = &node_starts_;
    Host& host = world_.AddHost(name, 1, 0);
    other_hosts_.push_back(&host);
    planes_.push_back(
        std::make_unique<ControlPlane>(&world_, &host, &nodes_, options, &history_, &board_));
    planes_.back()->Start();
  }

  void MakeClients() {
    for (const ClusterPlan::ClientPlan& client_plan : plan_.clients) {
      Host& host = world_.AddHost(absl::StrCat("client ", client_plan.options.number), 1, 0);
      other_hosts_.push_back(&host);
      clients_.push_back(std::make_unique<ClusterClient>(&world_, &host, &nodes_,
                                                         client_plan.options, &history_, &board_));
      ClusterClient* const client = clients_.back().get();
      world_.At(client_plan.start_ns, [client] { client->Start(); });
    }
  }

  void MakeSubscribers() {
    for (int i = 0; i < static_cast<int>(plan_.subscriber_count); ++i) {
      Host& host = world_.AddHost(absl::StrCat("subscriber ", i), 1, 0);
      other_hosts_.push_back(&host);
      subscribers_.push_back(std::make_unique<ShardSubscriber>(
          &world_, &host, i, &nodes_, plan_.channel_count, &history_, &board_));
      subscribers_.back()->Start();
    }
  }

  void MakeQueueClients() {
    queues_.Make(
        plan_.queue_client_count,
        [this](int node) { return std::make_unique<ClusterQueuePlace>(node, &history_); },
        &other_hosts_);
    for (Fault fault :
         {Fault::kWorkerPause, Fault::kSlowWorker, Fault::kSmallBuffer, Fault::kShortWrite}) {
      if (world_.faults().drawn(fault)) return;
    }
    const int64_t pass_ns = plan_.knobs.pass_delay_max_ns + plan_.knobs.pass_cost_max_ns;
    history_.waiters.JudgeLateness(kLeavingNsMax + kLeavingPassesMax * pass_ns, [this](int node) {
      return nodes_[static_cast<size_t>(node)]->host().paused_until_ns();
    });
  }

  void MakeInspector() {
    inspector_host_ = &world_.AddHost("inspector", 1, 0);
    inspector_ = std::make_unique<NodeInspector>(&world_, inspector_host_, &nodes_,
                                                 ClusterClient::AllKeys(plan_.key_count), &history_,
                                                 &board_);
    for (size_t i = 0; i < plan_.nodes.size(); ++i) {
      inspector_->PlanLooks(static_cast<int>(i), plan_.nodes[i].look_count, 0,
                            plan_.fault_phase_ns + plan_.quiet_phase_ns);
    }
  }

  // Runs on until something has come about; false if it has not in time.
  bool RunUntilTrue(int64_t duration_max_ns, const std::function<bool()>& condition) {
    const int64_t end_ns = world_.now_ns() + duration_max_ns;
    while (!world_.stop_requested() && world_.now_ns() < end_ns && !condition())
      world_.RunUntil(world_.now_ns() + kStepNs);
    return world_.stop_requested() || condition();
  }

  void Settle() {
    if (world_.stop_requested()) return;
    for (const std::unique_ptr<ControlPlane>& plane : planes_) plane->Stop();
    const auto idle = [this] {
      return std::all_of(planes_.begin(), planes_.end(),
                         [](const auto& plane) { return plane->idle(); });
    };
    // With epochs the last word is the last word whenever it comes; without them nothing may come
    // after it.
    const auto last_word_counts = [this, &idle] {
      if (!plan_.control_plane.epochs) return idle();
      return std::all_of(planes_.begin(), planes_.end(),
                         [](const auto& plane) { return plane->pushes_without_epoch_open() == 0; });
    };
    bool in_time = RunUntilTrue(kSettleNsMax, last_word_counts);
    planes_[0]->Settle();
    queues_.BeginCalm();
    in_time = in_time &&
              RunUntilTrue(kSettleNsMax, [this, &idle] { return planes_[0]->settled() && idle(); });
    board_.CountCheck(Oracle::kControlPlane);
    if (!in_time)
      board_.Violate(Oracle::kControlPlane, "not every node has the last topology in time");
    history_.redirects.OnSettled(world_.now_ns());
  }

  void SayFarewell() {
    if (world_.stop_requested()) return;
    for (const std::unique_ptr<ClusterClient>& client : clients_) client->Finish();
    queues_.Finish();
    const bool in_time = RunUntilTrue(kFarewellNsMax, [this] {
      return queues_.finished() &&
             std::all_of(clients_.begin(), clients_.end(),
                         [](const auto& client) { return client->finished(); });
    });
    board_.CountCheck(Oracle::kNoStuckClient);
    if (!in_time)
      board_.Violate(Oracle::kNoStuckClient, "a client still waits long after the healing");
    if (world_.stop_requested() || subscribers_.empty()) return;
    // Whatever is on its way to a subscriber gets there, through buffers of one byte too.
    for (const auto& subscriber : subscribers_) subscriber->Stop();
    world_.RunUntil(world_.now_ns() +
                    (world_.faults().drawn(Fault::kSmallBuffer) ? 600 * kSecond : 2 * kSecond));
    for (const auto& subscriber : subscribers_) subscriber->Finish();
  }

  void Inspect() {
    if (world_.stop_requested()) return;
    const Topology& goal = planes_[0]->goal();
    inspector_->ReadAll(goal);
    for (size_t i = 0; i < nodes_.size(); ++i) inspector_->Look(static_cast<int>(i));
    inspector_->Probe(goal);
    world_.RunUntil(world_.now_ns() + kStepNs);
    if (!RunUntilTrue(kProbeNsMax, [this] { return !inspector_->probing(); }))
      board_.Violate(Oracle::kEverySlot, "the probing client still waits for an answer");
    CheckResidue();
    if (!world_.stop_requested()) CheckStores(nodes_, &AccountsVerdict, &board_);
  }

  // Connections that broke in silence are noticed by the nodes within a minute.
  void CheckResidue() {
    if (world_.stop_requested()) return;
    const bool silent =
        world_.faults().drawn(Fault::kSilence) || world_.faults().drawn(Fault::kHalfOpen);
    world_.RunUntil(world_.now_ns() + (silent ? 61 * kSecond : kSecond));
    CheckResidueOf(nodes_, inspector_host_, &world_, &board_);
  }

  RunResult Result() {
    RunResult result = ResultOf(seed_, world_, board_);
    result.node_count = nodes_.size();
    for (const std::unique_ptr<ClusterClient>& client : clients_) {
      result.reply_count += client->replies();
      history_.Count("requests executed", client->done());
    }
    result.reply_count += queues_.replies();
    result.counters = history_.counters;
    if (result.failed) result.plan = plan_.ToString();
    return result;
  }

  const uint64_t seed_;
  const std::unique_ptr<Decider> decider_;
  const ClusterPlan plan_;
  ClusterHistory history_;
  World world_;
  OracleBoard board_;
  ConfigCache config_cache_{kConfigTextsMax};
  uint64_t node_starts_ = 0;
  std::vector<std::unique_ptr<SimNode>> nodes_;
  std::vector<Host*> other_hosts_;
  Host* inspector_host_ = nullptr;
  std::vector<std::unique_ptr<ControlPlane>> planes_;
  std::vector<std::unique_ptr<ClusterClient>> clients_;
  std::vector<std::unique_ptr<ShardSubscriber>> subscribers_;
  QueueClients queues_{&world_, &nodes_, &board_};
  std::unique_ptr<NodeInspector> inspector_;
};

}  // namespace

RunResult RunClusterSeed(uint64_t seed, const scenario::ClusterScenario& scenario,
                         const RunOptions& options) {
  return ClusterRun(seed, scenario, options).Run();
}

void SweepClusters(const scenario::ClusterScenario& scenario, SweepOptions* options) {
  options->run_seed = [scenario](uint64_t seed, const RunOptions& run) {
    return RunClusterSeed(seed, scenario, run);
  };
  options->oracles = {Oracle::kOneOwner,       Oracle::kNoForeignKeys, Oracle::kTruthfulMoved,
                      Oracle::kRedirectsEnd,   Oracle::kConfigAtomic,  Oracle::kConfigOrder,
                      Oracle::kOneSlot,        Oracle::kIntrospection, Oracle::kUnconfigured,
                      Oracle::kNoResurrection, Oracle::kLinearizable,  Oracle::kAllOrNothing,
                      Oracle::kWatch,          Oracle::kShardChannels, Oracle::kNoResidue,
                      Oracle::kEverySlot,      Oracle::kNoStuckClient, Oracle::kControlPlane};
  for (const scenario::Expectation& expectation : scenario.expect())
    options->counters_min[expectation.counter()] = expectation.min();
}

}  // namespace damselfly::sim
