#include "sim/script/script_run.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "sim/cluster/scenario.h"
#include "sim/script/script_steps.h"
#include "sim/script/stage.h"
#include "sim/sweep/residue_check.h"
#include "sim/world/sim_network.h"

namespace damselfly::sim {
namespace {

WorldKnobs KnobsOf(DecisionStream* draw, const scenario::Script& script) {
  if (script.usual_network()) return WorldKnobs();
  WorldKnobs knobs = DrawKnobs(*draw);
  // With less a full buffer takes seconds to be emptied, which is what a dead replica looks like.
  knobs.read_bytes_max = std::max<uint64_t>(knobs.read_bytes_max, 1024);
  return knobs;
}

// One seed's world, and the script in it.
class ScriptRun {
 public:
  ScriptRun(uint64_t seed, const scenario::Script& script, const RunOptions& options)
      : seed_(seed),
        script_(script),
        decider_(options.make_decider(seed)),
        draw_(decider_.get(), "script plan"),
        world_(decider_.get(), seed, KnobsOf(&draw_, script)),
        board_([this] { world_.RequestStop(); }) {
    world_.set_mutant(options.mutant);
    for (const scenario::Fault& listed : script.fault()) {
      Fault fault;
      if (ParseFault(listed.name(), &fault)) world_.faults().Draw(fault, listed.per_65536());
    }
    if (options.trace_sink) world_.trace().set_sink(options.trace_sink);
    if (options.keep_hashes) world_.trace().KeepHashes();
    if (options.observer != nullptr) world_.Observe(options.observer);
    stage_ = std::make_unique<Stage>(&world_, script, &draw_, &board_);
    steps_ = std::make_unique<ScriptSteps>(&world_, stage_.get());
    inspector_host_ = &world_.AddHost("inspector", 1, 0);
  }

  RunResult Run() {
    for (int i = 0; i < script_.step_size() && !world_.stop_requested(); ++i)
      TakeStep(i + 1, script_.step(i));
    End();
    if (world_.livelocked())
      board_.Violate(Oracle::kCrashOnly, "too many events at one instant: a livelock");
    if (world_.mutant() == Mutant::kCanary && DeriveSeed(seed_, "canary") % 100 == 0)
      board_.Violate(Oracle::kCanary, "the canary sings");
    return Result();
  }

 private:
  void TakeStep(int number, const scenario::Step& step) {
    const std::string text = absl::StrCat("step ", number, ": ", step.ShortDebugString());
    world_.AddLogLine(*inspector_host_, text);
    board_.CountCheck(Oracle::kScript);
    const std::string fault = steps_->Take(step);
    if (!fault.empty()) board_.Violate(Oracle::kScript, absl::StrCat(text, "\n", fault));
  }

  void End() {
    if (world_.stop_requested()) return;
    world_.faults().Heal();
    world_.network().HealAll();
    stage_->LookForForeignKeys();
    stage_->CloseClients();
    int64_t awake_ns = world_.now_ns();
    for (const auto& node : stage_->nodes())
      awake_ns = std::max(awake_ns, node->host().paused_until_ns());
    const bool silent = steps_->had_silence() || world_.faults().drawn(Fault::kSilence);
    world_.RunUntil(awake_ns + (silent ? 61 * kSecond : kSecond));
    CheckResidue();
    if (!world_.stop_requested()) stage_->Judge();
  }

  void CheckResidue() {
    std::vector<std::pair<std::string, std::unique_ptr<ResidueCheck>>> checks;
    for (const auto& node : stage_->nodes()) {
      if (!node->running()) continue;
      checks.emplace_back(node->host().name(),
                          std::make_unique<ResidueCheck>(inspector_host_, node->endpoint(), ""));
    }
    world_.RunUntil(world_.now_ns() + 2 * kSecond);
    for (const auto& [name, check] : checks) {
      board_.CountCheck(Oracle::kNoResidue);
      if (!check->verdict().empty())
        board_.Violate(Oracle::kNoResidue, absl::StrCat("node ", name, ": ", check->verdict()));
    }
  }

  RunResult Result() {
    ReplicationHistory& history = stage_->replication();
    history.Count("lanes compared with their journal", history.lineages.comparisons());
    history.Count("full syncs completed", history.lineages.full_syncs());
    RunResult result = ResultOf(seed_, world_, board_);
    result.reply_count = steps_->answers();
    result.counters = history.counters;
    if (result.failed) result.plan = KnobsText(world_.knobs());
    return result;
  }

  const uint64_t seed_;
  const scenario::Script& script_;
  const std::unique_ptr<Decider> decider_;
  DecisionStream draw_;
  World world_;
  OracleBoard board_;
  std::unique_ptr<Stage> stage_;
  std::unique_ptr<ScriptSteps> steps_;
  Host* inspector_host_ = nullptr;
};

}  // namespace

RunResult RunScriptSeed(uint64_t seed, const scenario::Script& script, const RunOptions& options) {
  return ScriptRun(seed, script, options).Run();
}

void SweepScript(const scenario::Script& script, SweepOptions* options) {
  options->run_seed = [script](uint64_t seed, const RunOptions& run) {
    return RunScriptSeed(seed, script, run);
  };
  options->oracles = {Oracle::kScript, Oracle::kNoResidue};
}

}  // namespace damselfly::sim
