#include "sim/replication/replication_run.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/session/config.h"
#include "sim/oracles/key_slot.h"
#include "sim/replication/closed_watch.h"
#include "sim/replication/convergence.h"
#include "sim/replication/core_liveness.h"
#include "sim/replication/node_probe.h"
#include "sim/replication/node_watch.h"
#include "sim/replication/operator.h"
#include "sim/replication/queue_place.h"
#include "sim/replication/reconnect_watch.h"
#include "sim/replication/replication_client.h"
#include "sim/replication/replication_history.h"
#include "sim/replication/replication_plan.h"
#include "sim/replication/shard_probe.h"
#include "sim/replication/step_faults.h"
#include "sim/sweep/account_check.h"
#include "sim/sweep/fault_driver.h"
#include "sim/sweep/queue_clients.h"
#include "sim/sweep/residue_check.h"

namespace damselfly::sim {
namespace {

// So long after the healing every replica follows its master. Connections that broke in silence are
// noticed within a minute, tiny buffers take their time.
constexpr int64_t kSettleNsMax = 600 * kSecond;
// Under full load that long; then clients calm down: a run that fails would go on for minutes and
// remember gigabytes.
constexpr int64_t kLoadedNsMax = 60 * kSecond;
constexpr int64_t kCalmRestNs = 200 * kMillisecond;
constexpr int64_t kFarewellNsMax = 3600 * kSecond;
constexpr int64_t kStepNs = 20 * kMillisecond;
// So long after its deadline a key is gone at its master: background work is done once a second at
// least.
constexpr int64_t kExpiryNsMax = 4 * kSecond;
// So long after that a replica has applied something its master knows, when it has asked.
constexpr int64_t kAcknowledgeNsMax = 200 * kMillisecond;

// So long, and a few passes, after its node has closed, whoever waits is answered.
constexpr int64_t kClosingNsMax = 2 * kMillisecond;
constexpr int64_t kClosingPassesMax = 8;

// One seed's nodes and everything around them.
class ReplicationRun {
 public:
  ReplicationRun(uint64_t seed, const scenario::ReplicationScenario& scenario,
                 const RunOptions& options)
      : seed_(seed),
        decider_(options.make_decider(seed)),
        plan_(DrawReplicationPlan(decider_.get(), scenario)),
        world_(decider_.get(), seed, plan_.knobs),
        board_([this] { world_.RequestStop(); }),
        history_(&board_),
        reconnects_(&board_),
        slots_(plan_.keys.Slots()) {
    world_.set_mutant(options.mutant);
    for (const auto& [fault, rate] : plan_.faults) world_.faults().Draw(fault, rate);
    if (options.trace_sink) world_.trace().set_sink(options.trace_sink);
    if (options.keep_hashes) world_.trace().KeepHashes();
    if (options.observer != nullptr) world_.Observe(options.observer);
  }

  RunResult Run() {
    MakeNodes();
    MakeOperator();
    MakeClients();
    MakeQueueClients();
    JudgeClosing();
    FaultDriver faults(&world_, &nodes_, &other_hosts_, plan_.fault_phase_ns);
    faults.Start();
    world_.RunUntil(plan_.fault_phase_ns);
    world_.faults().Heal();
    world_.trace().Add(world_.now_ns(), 0, TraceKind::kFault, 0, "healed");
    operator_->Stop();
    Settle();
    queues_.BeginCalm();
    world_.RunUntil(world_.now_ns() + plan_.quiet_phase_ns);
    SayFarewell();
    queues_.NoteRemaining();
    Compare();
    CheckResidue();
    CompareWithMap();
    if (world_.livelocked())
      board_.Violate(Oracle::kCrashOnly, "too many events at one instant: a livelock");
    history_.replies.CheckEnd(plan_.keys.All());
    JudgeQueues();
    if (!world_.stop_requested()) CheckStores(nodes_, &CountsVerdict, &board_);
    FailAllButACore();
    if (!world_.stop_requested()) CheckStores(nodes_, &FlushedVerdict, &board_);
    if (world_.mutant() == Mutant::kCanary && DeriveSeed(seed_, "canary") % 100 == 0)
      board_.Violate(Oracle::kCanary, "the canary sings");
    return Result();
  }

 private:
  void MakeNodes() {
    for (size_t i = 0; i < plan_.nodes.size(); ++i) {
      const ReplicationPlan::NodePlan& node_plan = plan_.nodes[i];
      const std::string name = absl::StrCat("node ", i);
      Host& host = world_.AddHost(name, node_plan.worker_count, node_plan.clock_skew_us);
      if (node_plan.clock_skew_us != 0) world_.faults().CountEffect(Fault::kClockSkew);
      other_hosts_.push_back(&host);
      SimNode::Parameters parameters = node_plan.parameters;
      parameters.push_back(SimNode::PortOf(i));
      nodes_.push_back(std::make_unique<SimNode>(&host, std::move(parameters), &config_cache_));
      NodeWatch::Options options;
      options.number = static_cast<int>(i);
      options.output_bytes_max = plan_.output_bytes_max + ReplicationPlan::kSmallBacklogBytes;
      options.record_bytes_max = plan_.clients.empty() ? 0 : plan_.clients[0].options.big_bytes;
      watches_.push_back(
          std::make_unique<NodeWatch>(&world_, &nodes_, &slots_, options, &history_, &board_));
      host.set_exit_handler([this, i, name](int exit_code) {
        if (exit_code == 0 && watches_[i]->taken_over()) {
          operator_->OnExited(static_cast<int>(i));
        } else {
          board_.Violate(Oracle::kCrashOnly, absl::StrCat(name, " exited with ", exit_code));
        }
      });
      nodes_.back()->Start();
    }
  }

  void MakeOperator() {
    Host& host = world_.AddHost("operator", 1, 0);
    other_hosts_.push_back(&host);
    if (plan_.operation.cluster) history_.shards.set_nodes(Addresses());
    operator_ =
        std::make_unique<Operator>(&world_, &host, &nodes_, plan_.operation, &history_, &board_);
    step_faults_ = std::make_unique<StepFaults>(&world_, &nodes_, operator_.get(),
                                                plan_.step_faults, &history_);
    operator_->set_on_told([this](int node, int) { step_faults_->OnStep(node); });
    operator_->set_on_configured([this](const Occasion& occasion, const ShardMap& map) {
      LookForForeignKeys(occasion, map);
    });
    history_.lineages.set_on_promotion([this](const LineageOracle::Promotion& promotion) {
      history_.Count(promotion.takeover       ? "promotions by takeover"
                     : promotion.from.empty() ? "promotions of half-filled replicas"
                                              : "promotions without the master");
      history_.replies.OnPromotion(promotion);
    });
    closed_ = std::make_unique<ClosedWatch>(
        &world_, &nodes_, &history_.views, plan_.operation.cluster,
        [this](int master) { return operator_->takeovers().GivenNs(master); }, &board_);
    for (size_t i = 0; i < watches_.size(); ++i) {
      watches_[i]->set_on_step([this, i] {
        closed_->OnStep(static_cast<int>(i));
        step_faults_->OnStep(static_cast<int>(i));
      });
    }
    operator_->Start();
  }

  std::vector<NodeAddress> Addresses() const {
    std::vector<NodeAddress> addresses;
    for (size_t i = 0; i < nodes_.size(); ++i)
      addresses.push_back({absl::StrCat("n", i), nodes_[i]->host().address(), nodes_[i]->port()});
    return addresses;
  }

  // S2: a node has taken a configuration, and has been a master since before that. One that has
  // become one since keeps what it has until the next configuration.
  void LookForForeignKeys(const Occasion& occasion, const ShardMap& map) {
    SimNode& node = *nodes_[static_cast<size_t>(occasion.node)];
    if (!node.running() || node.host().incarnation() != occasion.incarnation) return;
    bool master = true;
    history_.views.ForEach(occasion.node, occasion.incarnation, occasion.begin_ns, world_.now_ns(),
                           [&master](const NodeView& view) {
                             master = master && view.serves_master();
                             return master;
                           });
    if (master) CheckForeignKeys(occasion.node, map);
  }

  void CheckForeignKeys(int node, const ShardMap& map) {
    board_.CountCheck(Oracle::kNoForeignKeys);
    const std::string found = ForeignKeysOf(*nodes_[static_cast<size_t>(node)], node, map);
    if (!found.empty()) board_.Violate(Oracle::kNoForeignKeys, found);
  }

  void MakeClients() {
    for (const ReplicationPlan::ClientPlan& client_plan : plan_.clients) {
      Host& host = world_.AddHost(absl::StrCat("client ", client_plan.options.number), 1, 0);
      other_hosts_.push_back(&host);
      clients_.push_back(std::make_unique<ReplicationClient>(
          &world_, &host, &nodes_, client_plan.options, &history_, &board_));
      ReplicationClient* const client = clients_.back().get();
      world_.At(client_plan.start_ns, [client] { client->Start(); });
    }
  }

  void MakeQueueClients() {
    queues_.Make(
        plan_.queue_client_count,
        [this](int node) {
          return std::make_unique<ReplicationQueuePlace>(node, &history_, &board_);
        },
        &other_hosts_);
  }

  void JudgeQueues() {
    history_.waiters.Check(
        [this](const Occasion& occasion, int, int64_t late_ns) {
          return MastershipGoneNs(history_.views, occasion, late_ns);
        },
        &board_);
    queues_.ForEachNode([](int, QueuePlace* place, QueueHistory* history) {
      static_cast<ReplicationQueuePlace*>(place)->NoteBreaks(history);
    });
    queues_.Check();
  }

  // Where nothing but a machine that stands still may keep an answer from being written.
  void JudgeClosing() {
    for (Fault fault :
         {Fault::kWorkerPause, Fault::kSlowWorker, Fault::kSmallBuffer, Fault::kShortWrite}) {
      if (plan_.Has(fault)) return;
    }
    const int64_t pass_ns = plan_.knobs.pass_delay_max_ns + plan_.knobs.pass_cost_max_ns;
    const auto stands_until_ns = [this](int node) {
      return nodes_[static_cast<size_t>(node)]->host().paused_until_ns();
    };
    history_.waits.JudgeClosing(kClosingNsMax + kClosingPassesMax * pass_ns, stands_until_ns);
    history_.waiters.JudgeLateness(kClosingNsMax + kClosingPassesMax * pass_ns, stands_until_ns);
  }

  // Runs on until something has come about; false if it has not in time.
  bool RunUntilTrue(int64_t duration_max_ns, const std::function<bool()>& condition) {
    const int64_t end_ns = world_.now_ns() + duration_max_ns;
    while (!world_.stop_requested() && world_.now_ns() < end_ns && !condition())
      world_.RunUntil(world_.now_ns() + kStepNs);
    return world_.stop_requested() || condition();
  }

  // The same as long as that may take after the healing.
  bool RunUntilSettled(const std::function<bool()>& condition) {
    if (RunUntilTrue(kLoadedNsMax, condition)) return true;
    for (const std::unique_ptr<ReplicationClient>& client : clients_) client->CalmDown(kCalmRestNs);
    return RunUntilTrue(kSettleNsMax - kLoadedNsMax, condition);
  }

  // Whether a node seeks its master, and may find it.
  ReconnectWatch::Look LookAtLink(int number) {
    ReconnectWatch::Look look;
    look.node = number;
    look.master = operator_->master_of(number);
    if (look.master == Operator::kNone) return look;
    SimNode& replica = *nodes_[static_cast<size_t>(number)];
    SimNode& master = *nodes_[static_cast<size_t>(look.master)];
    if (!replica.running() || !master.running() || operator_->takeovers().GivenNs(look.master) > 0)
      return look;
    look.incarnation = replica.host().incarnation();
    const NodeView* const view = history_.views.Last(look.master, master.host().incarnation());
    const ReplicationFacts facts = NodeProbe(number, &replica, &slots_).Facts();
    look.seeks = facts.is_replica && facts.link_state == "connecting" &&
                 facts.master_host == master.host().address() && view != nullptr &&
                 view->service != NodeView::Service::kTakenOver;
    look.attempts = facts.reconnect_count;
    // To connect, and to be answered twice.
    look.attempt_ns_max =
        3 * kMillisecond * replica.node().config().integer(Parameter::master_reconnect_timeout_ms);
    return look;
  }

  void LookAtLinks() {
    for (size_t i = 0; i < nodes_.size(); ++i)
      reconnects_.Observe(LookAtLink(static_cast<int>(i)), world_.now_ns());
  }

  void Settle() {
    if (world_.stop_requested()) return;
    std::string reason = "the operator still talks to somebody";
    bool in_time = RunUntilSettled([this] {
      LookAtLinks();
      return operator_->settled();
    });
    for (const auto& watch : watches_) watch->BeginCountingSyncs();
    in_time = in_time && RunUntilSettled([this, &reason] {
                LookAtLinks();
                reason = WhyNotFollowing(nodes_, *operator_);
                return reason.empty() && operator_->settled();
              });
    board_.CountCheck(Oracle::kConvergence);
    if (!in_time)
      board_.Violate(Oracle::kConvergence, absl::StrCat("long after the healing ", reason));
    if (!MayBreakInSilence()) history_.waits.BeginCalm(world_.now_ns(), kAcknowledgeNsMax);
  }

  // Connections may be there of which one end has gone unheard. What breaks before that is noticed
  // breaks once more.
  bool MayBreakInSilence() const {
    return plan_.Has(Fault::kSilence) || plan_.Has(Fault::kHalfOpen) ||
           plan_.Has(Fault::kMachineCrash) ||
           history_.counters.count("struck at a step: crash") > 0;
  }

  void SayFarewell() {
    if (world_.stop_requested()) return;
    for (const std::unique_ptr<ReplicationClient>& client : clients_) client->Finish();
    queues_.Finish();
    const bool in_time = RunUntilTrue(kFarewellNsMax, [this] {
      return queues_.finished() &&
             std::all_of(clients_.begin(), clients_.end(),
                         [](const auto& client) { return client->finished(); });
    });
    board_.CountCheck(Oracle::kNoStuckClient);
    if (!in_time)
      board_.Violate(Oracle::kNoStuckClient, "a client still waits long after the healing");
  }

  // Everybody has said all there is to say: replicas become what their masters are.
  void Compare() {
    if (world_.stop_requested()) return;
    std::string reason;
    const bool in_time = RunUntilTrue(kSettleNsMax, [this, &reason] {
      reason = WhyNotEqual(nodes_, *operator_);
      return reason.empty();
    });
    if (world_.stop_requested()) return;
    board_.CountCheck(Oracle::kConvergence);
    if (!in_time) {
      board_.Violate(Oracle::kConvergence, absl::StrCat("nobody writes any more, and ", reason));
      return;
    }
    CompareContents(nodes_, *operator_, &board_);
    world_.RunUntil(world_.now_ns() + kExpiryNsMax);
    CheckExpired(nodes_, *operator_, kExpiryNsMax, &board_);
    const uint64_t syncs_max = MayBreakInSilence() ? 2 : 1;
    for (size_t i = 0; i < watches_.size(); ++i) {
      board_.CountCheck(Oracle::kNoStorm);
      const uint64_t syncs = watches_[i]->syncs_counted();
      if (syncs <= syncs_max) continue;
      board_.Violate(Oracle::kNoStorm, absl::StrCat("node ", i, " has been filled ", syncs,
                                                    " times since the healing"));
    }
  }

  // Connections that broke in silence are noticed by the nodes within a minute, which with replicas
  // is as much work as all the rest of a run: other runs do without such faults.
  void CheckResidue() {
    if (world_.stop_requested() || MayBreakInSilence()) return;
    world_.RunUntil(world_.now_ns() + kSecond);
    CheckResidueOf(nodes_, other_hosts_.back(), &world_, &board_);
  }

  // In a cluster: nobody holds what belongs to another shard, and everybody knows where it is.
  void CompareWithMap() {
    if (history_.map == nullptr || world_.stop_requested()) return;
    for (size_t i = 0; i < nodes_.size(); ++i) CheckForeignKeys(static_cast<int>(i), *history_.map);
    probe_ =
        std::make_unique<ShardProbe>(&world_, other_hosts_.back(), &nodes_, &history_, &board_);
    probe_->Begin(history_.map, slots_);
    if (!RunUntilTrue(kSettleNsMax, [this] { return probe_->done(); }))
      board_.Violate(Oracle::kEverySlot, "a node that was asked for its slots does not answer");
    operator_->Close();
    history_.shards.Check(&board_);
  }

  // Of each node: something that it serves if it is a master.
  std::vector<std::string> KeysToServe() const {
    std::vector<std::string> keys(nodes_.size());
    for (const std::string& key : plan_.keys.All()) {
      for (size_t i = 0; i < keys.size(); ++i) {
        const bool serves =
            history_.map == nullptr || history_.map->Serves(static_cast<int>(i), KeySlot(key));
        if (keys[i].empty() && serves) keys[i] = key;
      }
    }
    return keys;
  }

  void FailAllButACore() {
    if (world_.stop_requested()) return;
    std::vector<int> master_of;
    for (size_t i = 0; i < nodes_.size(); ++i)
      master_of.push_back(operator_->master_of(static_cast<int>(i)));
    core_ = std::make_unique<CoreLiveness>(&world_, other_hosts_.back(), &nodes_,
                                           std::move(master_of), &board_);
    const bool any = core_->Begin(KeysToServe());
    history_.Count("nodes failed for good", core_->failed_count());
    if (any && !RunUntilTrue(CoreLiveness::kPatienceNs, [this] { return core_->done(); }))
      board_.Violate(Oracle::kCoreLiveness, absl::StrCat(core_->CoreText(), " does not answer"));
  }

  RunResult Result() {
    history_.Count("lanes compared with their journal", history_.lineages.comparisons());
    history_.Count("positions that the journal had dropped", history_.lineages.gaps());
    history_.Count("full syncs completed", history_.lineages.full_syncs());
    history_.Count("histories continued under another name",
                   history_.lineages.partial_syncs_after_promotion());
    history_.Count("answers judged by the journal", history_.replies.judged());
    RunResult result = ResultOf(seed_, world_, board_);
    result.node_count = nodes_.size();
    for (const std::unique_ptr<ReplicationClient>& client : clients_)
      result.reply_count += client->replies();
    result.reply_count += queues_.replies();
    result.counters = history_.counters;
    if (result.failed) result.plan = plan_.ToString();
    return result;
  }

  const uint64_t seed_;
  const std::unique_ptr<Decider> decider_;
  const ReplicationPlan plan_;
  World world_;
  OracleBoard board_;
  ReplicationHistory history_;
  ReconnectWatch reconnects_;
  const std::vector<uint16_t> slots_;
  ConfigCache config_cache_{kConfigTextsMax};
  std::vector<std::unique_ptr<SimNode>> nodes_;
  std::vector<std::unique_ptr<NodeWatch>> watches_;
  std::vector<Host*> other_hosts_;
  std::unique_ptr<Operator> operator_;
  std::unique_ptr<ClosedWatch> closed_;
  std::unique_ptr<StepFaults> step_faults_;
  std::vector<std::unique_ptr<ReplicationClient>> clients_;
  QueueClients queues_{&world_, &nodes_, &board_};
  std::unique_ptr<ShardProbe> probe_;
  std::unique_ptr<CoreLiveness> core_;
};

}  // namespace

RunResult RunReplicationSeed(uint64_t seed, const scenario::ReplicationScenario& scenario,
                             const RunOptions& options) {
  return ReplicationRun(seed, scenario, options).Run();
}

void SweepReplication(const scenario::ReplicationScenario& scenario, SweepOptions* options) {
  options->run_seed = [scenario](uint64_t seed, const RunOptions& run) {
    return RunReplicationSeed(seed, scenario, run);
  };
  options->oracles = {Oracle::kUnconfigured,
                      Oracle::kPrefix,
                      Oracle::kExactlyOnce,
                      Oracle::kCutConsistency,
                      Oracle::kResumeHonesty,
                      Oracle::kLineageFork,
                      Oracle::kReplicaPassive,
                      Oracle::kAckedPosition,
                      Oracle::kWait,
                      Oracle::kTakeoverLosesNothing,
                      Oracle::kCrashLossIsSuffix,
                      Oracle::kLinearizable,
                      Oracle::kReplicaReads,
                      Oracle::kAllOrNothing,
                      Oracle::kAtomicOnReplica,
                      Oracle::kDeadlineIdentity,
                      Oracle::kDeleteByStream,
                      Oracle::kBoundedMemory,
                      Oracle::kNoResidue,
                      Oracle::kConvergence,
                      Oracle::kNoStuckClient,
                      Oracle::kTakeoverEnds,
                      Oracle::kCoreLiveness,
                      Oracle::kExpiryCompletes,
                      Oracle::kNoStorm};
  if (scenario.cluster()) {
    for (Oracle oracle :
         {Oracle::kOneOwner, Oracle::kNoForeignKeys, Oracle::kTruthfulMoved, Oracle::kEverySlot})
      options->oracles.push_back(oracle);
  }
  for (const scenario::Expectation& expectation : scenario.expect())
    options->counters_min[expectation.counter()] = expectation.min();
}

}  // namespace damselfly::sim
