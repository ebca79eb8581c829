#include "sim/sweep/seed_run.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sim/clients/client.h"
#include "sim/clients/exclusive_workload.h"
#include "sim/clients/queue_history.h"
#include "sim/clients/queue_workload.h"
#include "sim/clients/shared_history.h"
#include "sim/clients/shared_workload.h"
#include "sim/node/sim_node.h"
#include "sim/sweep/account_check.h"
#include "sim/sweep/cache_check.h"
#include "sim/sweep/fault_driver.h"
#include "sim/sweep/queue_check.h"
#include "sim/sweep/residue_check.h"
#include "sim/world/world.h"

namespace damselfly::sim {
namespace {

// All clients have said farewell so long after they were asked to. Silent connections are noticed
// within a minute, and a pipeline of large values takes longest through a buffer of one byte.
constexpr int64_t kFarewellNsMax = 3600 * kSecond;
// Of a worker, in a second: some times what background work a hundred times a second comes to.
constexpr uint64_t kIdleEventsMax = 2000;
constexpr int64_t kFarewellStepNs = 50 * kMillisecond;

// One seed's world and everything in it.
class SeedRun {
 public:
  SeedRun(uint64_t seed, const RunOptions& options)
      : seed_(seed),
        options_(options),
        decider_(options.make_decider(seed)),
        plan_(DrawPlan(decider_.get(), options.scenario)),
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
    MakeClients();
    FaultDriver faults(&world_, &nodes_, &client_hosts_, plan_.fault_phase_ns);
    faults.Start();
    world_.RunUntil(plan_.fault_phase_ns);
    Heal();
    world_.RunUntil(plan_.fault_phase_ns + plan_.quiet_phase_ns);
    SayFarewell();
    CheckResidue();
    CheckIdle();
    // Before the accounts, for which all is removed.
    for (size_t i = 0; i < nodes_.size(); ++i) NoteRemaining(nodes_[i].get(), &queues_[i]);
    if (!world_.stop_requested()) CheckStores(nodes_, &AccountsVerdict, &board_);
    for (const CachingClient& client : caching_) {
      if (client.workload->cache() != nullptr) client.workload->cache()->End();
    }
    for (size_t i = 0; i < queues_.size(); ++i)
      queues_[i].CheckAll(absl::StrCat("node ", i), &board_);
    for (const SharedHistory& history : histories_) history.CheckAll(&board_);
    if (world_.livelocked())
      board_.Violate(Oracle::kCrashOnly, "too many events at one instant: a livelock");
    if (world_.mutant() == Mutant::kCanary && DeriveSeed(seed_, "canary") % 100 == 0) {
      board_.Violate(Oracle::kCanary, "the canary sings");
    }
    return Result();
  }

 private:
  void MakeNodes() {
    histories_.resize(plan_.nodes.size());
    for (size_t i = 0; i < plan_.nodes.size(); ++i)
      histories_[i].set_flushed(plan_.nodes[i].flushed);
    queues_.resize(plan_.nodes.size());
    for (size_t i = 0; i < plan_.nodes.size(); ++i) {
      const Plan::NodePlan& node_plan = plan_.nodes[i];
      Host& host =
          world_.AddHost(absl::StrCat("node ", i), node_plan.worker_count, node_plan.clock_skew_us);
      if (node_plan.clock_skew_us != 0) world_.faults().CountEffect(Fault::kClockSkew);
      if (options_.mutant == Mutant::kNodeClockSlow) host.clock().set_lie_permille(-500);
      if (options_.mutant == Mutant::kNodeClockFast) host.clock().set_lie_permille(1000);
      host.set_exit_handler([this, i](int exit_code) {
        board_.Violate(Oracle::kCrashOnly, absl::StrCat("node ", i, " exited with ", exit_code));
      });
      nodes_.push_back(std::make_unique<SimNode>(&host, node_plan.parameters));
      nodes_.back()->Start();
    }
  }

  void MakeClients() {
    for (size_t i = 0; i < plan_.clients.size(); ++i) {
      const Plan::ClientPlan& client_plan = plan_.clients[i];
      const DecisionStream decisions(decider_.get(), "workload", i);
      if (client_plan.shared) {
        auto workload = std::make_unique<SharedWorkload>(absl::StrCat("c", i), decisions, &world_,
                                                         &histories_[client_plan.node],
                                                         client_plan.pipeline_max, &board_);
        if (client_plan.caches) {
          workload->KeepCache(DecisionStream(decider_.get(), "caching", i));
          caching_.push_back({workload.get(), nodes_[client_plan.node].get()});
        }
        workloads_.push_back(std::move(workload));
      } else {
        MakeExclusiveWorkload(i, decisions);
      }
      MakeClient(absl::StrCat("client ", i), client_plan);
    }
    for (size_t i = 0; i < plan_.queue_clients.size(); ++i) {
      const Plan::ClientPlan& client_plan = plan_.queue_clients[i];
      workloads_.push_back(std::make_unique<QueueWorkload>(
          absl::StrCat("q", i), DecisionStream(decider_.get(), "queue workload", i),
          &queues_[client_plan.node], client_plan.pipeline_max, &board_));
      MakeClient(absl::StrCat("queue client ", i), client_plan);
    }
  }

  // For the last workload.
  void MakeClient(const std::string& name, const Plan::ClientPlan& client_plan) {
    Host& host = world_.AddHost(name, 1, 0);
    client_hosts_.push_back(&host);
    SimNode& node = *nodes_[client_plan.node];
    ClientOptions options;
    options.server = node.endpoint();
    options.password = plan_.nodes[client_plan.node].password;
    options.protocol = client_plan.protocol;
    options.think_max_ns = client_plan.think_max_ns;
    clients_.push_back(std::make_unique<Client>(&world_, &host, &node.host(), options,
                                                workloads_.back().get(), &board_));
    Client* const client = clients_.back().get();
    world_.At(client_plan.start_ns, [client] { client->Start(); });
  }

  void MakeExclusiveWorkload(size_t i, const DecisionStream& decisions) {
    const Plan::ClientPlan& client_plan = plan_.clients[i];
    auto workload = std::make_unique<ExclusiveWorkload>(
        absl::StrCat("c", i), decisions, &nodes_[client_plan.node]->host().clock(),
        client_plan.families, client_plan.pipeline_max, &board_);
    // Through buffers of a few bytes they would take hours.
    if (client_plan.big_values && !world_.faults().drawn(Fault::kSmallBuffer))
      workload->AllowBigValues();
    if (client_plan.own_databases != 0) workload->OwnDatabases(client_plan.own_databases);
    workloads_.push_back(std::move(workload));
  }

  void Heal() {
    world_.faults().Heal();
    world_.trace().Add(world_.now_ns(), 0, TraceKind::kFault, 0, "healed");
    for (size_t i = 0; i < nodes_.size(); ++i) {
      const int64_t calm_ns = std::max(world_.now_ns(), nodes_[i]->host().paused_until_ns());
      queues_[i].BeginCalm(calm_ns, AnswerNsMax(world_.faults()));
    }
  }

  // Whoever has been dismissed already stays so.
  void Dismiss(const std::vector<Client*>& clients) {
    for (Client* client : clients) client->Finish();
    const int64_t end_ns = world_.now_ns() + kFarewellNsMax;
    const auto finished = [](const Client* client) { return client->finished(); };
    while (!world_.stop_requested() && world_.now_ns() < end_ns &&
           !std::all_of(clients.begin(), clients.end(), finished)) {
      world_.RunUntil(world_.now_ns() + kFarewellStepNs);
    }
  }

  void SayFarewell() {
    if (world_.stop_requested()) return;
    std::vector<Client*> leaving;
    for (size_t i = 0; i < clients_.size(); ++i) {
      // Behind the plan's own are those of queues.
      const bool caches = i < plan_.clients.size() && plan_.clients[i].caches;
      if (!caches) leaving.push_back(clients_[i].get());
    }
    Dismiss(leaving);
    CheckCachesAtRest(caching_, &world_, &board_);
    for (const std::unique_ptr<Client>& client : clients_) leaving.push_back(client.get());
    Dismiss(leaving);
    for (const std::unique_ptr<Client>& client : clients_) {
      board_.CountCheck(Oracle::kNoStuckClient);
      if (!world_.stop_requested() && !client->finished()) {
        board_.Violate(Oracle::kNoStuckClient, "a client still waits long after the healing");
      }
    }
  }

  // Connections that broke in silence are noticed by the nodes within a minute.
  void CheckResidue() {
    if (world_.stop_requested()) return;
    if (world_.faults().drawn(Fault::kSilence) || world_.faults().drawn(Fault::kHalfOpen)) {
      world_.RunUntil(world_.now_ns() + 61 * kSecond);
    } else {
      world_.RunUntil(world_.now_ns() + kSecond);
    }
    Host& host = world_.AddHost("inspector", 1, 0);
    for (size_t i = 0; i < nodes_.size() && !world_.stop_requested(); ++i) {
      ResidueCheck check(&host, nodes_[i]->endpoint(), plan_.nodes[i].password);
      world_.RunUntil(world_.now_ns() + kSecond);
      board_.CountCheck(Oracle::kNoResidue);
      if (!check.verdict().empty())
        board_.Violate(Oracle::kNoResidue, absl::StrCat("node ", i, ": ", check.verdict()));
    }
  }

  // Nodes that nobody talks to do next to nothing: whatever is always to be done once more burns a
  // worker without end, although time goes on.
  void CheckIdle() {
    if (world_.stop_requested()) return;
    uint64_t workers = 0;
    for (const Plan::NodePlan& node : plan_.nodes)
      workers += static_cast<uint64_t>(node.worker_count);
    const uint64_t before = world_.trace().event_count();
    world_.RunUntil(world_.now_ns() + kSecond);
    const uint64_t events = world_.trace().event_count() - before;
    board_.CountCheck(Oracle::kCrashOnly);
    if (events <= workers * kIdleEventsMax) return;
    board_.Violate(Oracle::kCrashOnly,
                   absl::StrCat(events, " events in a second in which nobody asked for anything"));
  }

  RunResult Result() {
    RunResult result = ResultOf(seed_, world_, board_);
    result.node_count = nodes_.size();
    for (const std::unique_ptr<Client>& client : clients_) result.reply_count += client->replies();
    if (result.failed) result.plan = plan_.ToString();
    return result;
  }

  const uint64_t seed_;
  const RunOptions& options_;
  const std::unique_ptr<Decider> decider_;
  const Plan plan_;
  World world_;
  OracleBoard board_;
  std::vector<SharedHistory> histories_;
  std::deque<QueueHistory> queues_;
  std::vector<std::unique_ptr<Workload>> workloads_;
  std::vector<CachingClient> caching_;
  std::vector<std::unique_ptr<SimNode>> nodes_;
  std::vector<Host*> client_hosts_;
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace

RunResult RunSeed(uint64_t seed, const RunOptions& options) { return SeedRun(seed, options).Run(); }

}  // namespace damselfly::sim
