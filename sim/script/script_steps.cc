#include "sim/script/script_steps.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "sim/replication/convergence.h"
#include "sim/script/script.h"
#include "sim/world/sim_network.h"

namespace damselfly::sim {
namespace {

using scenario::Step;

constexpr int64_t kStepNs = kMillisecond;
// Nobody waits longer for an answer, or for replicas to be in step.
constexpr int64_t kPatienceNs = 60 * kSecond;
constexpr int64_t kRetryNs = 10 * kMillisecond;

// Different for each key, and of that length.
std::string ValueOf(int64_t key, int64_t bytes) {
  const std::string piece = absl::StrCat(key, ".");
  std::string value;
  while (static_cast<int64_t>(value.size()) < bytes) value += piece;
  value.resize(static_cast<size_t>(bytes));
  return value;
}

}  // namespace

bool ScriptSteps::RunUntilTrue(int64_t duration_max_ns, const std::function<bool()>& condition) {
  const int64_t end_ns = world_->now_ns() + duration_max_ns;
  while (!world_->stop_requested() && world_->now_ns() < end_ns && !condition())
    world_->RunUntil(std::min(end_ns, world_->now_ns() + kStepNs));
  return world_->stop_requested() || condition();
}

std::string ScriptSteps::Try(int64_t duration_ns, const std::function<std::string()>& attempt) {
  const int64_t end_ns = world_->now_ns() + duration_ns;
  for (;;) {
    std::string fault = attempt();
    if (fault.empty() || world_->stop_requested() || world_->now_ns() >= end_ns) return fault;
    world_->RunUntil(world_->now_ns() + kRetryNs);
  }
}

std::string ScriptSteps::Await(const Step& step, const std::function<std::string()>& look) {
  const bool waits = step.has_in_step() || step.has_same() || step.has_exits();
  const int64_t within_ns = step.has_within_ms() ? step.within_ms() * kMillisecond
                            : waits              ? kPatienceNs
                                                 : 0;
  return Try(within_ns, look);
}

Step ScriptSteps::Filled(const Step& step) const {
  Step filled = step;
  if (step.has_reply()) filled.set_reply(stage_.Fill(step.reply()));
  if (step.has_error()) filled.set_error(stage_.Fill(step.error()));
  for (std::string& part : *filled.mutable_has()) part = stage_.Fill(part);
  for (std::string& part : *filled.mutable_has_not()) part = stage_.Fill(part);
  return filled;
}

std::string ScriptSteps::Take(const Step& raw) {
  const Step step = Filled(raw);
  if (step.at_ms() * kMillisecond > world_->now_ns()) world_->RunUntil(step.at_ms() * kMillisecond);
  const int64_t within_ns = step.within_ms() * kMillisecond;
  std::string fault;
  switch (step.action_case()) {
    case Step::kCall:
      fault = Try(within_ns, [&] { return Ask(step, step.call()); });
      break;
    case Step::kFollow:
      fault = Try(within_ns, [&] {
        return Ask(step, absl::StrCat("REPLICAOF <", step.follow(), " ip> ", SimNode::kPort));
      });
      break;
    case Step::kSend: {
      const Args args = WordsOf(stage_.Fill(step.send()));
      stage_.client(step.by(), step.at()).Send({args});
      stage_.OnAsked(step.at(), args);
      sent_[{step.by(), step.at()}].push_back(args);
      break;
    }
    case Step::kReceive:
      fault = Receive(step);
      break;
    case Step::kHangUp:
      stage_.client(step.by(), step.at()).Close();
      sent_.erase({step.by(), step.at()});
      break;
    case Step::kStopReading:
      stage_.client(step.by(), step.at()).StopReading();
      break;
    case Step::kReadAgain:
      stage_.client(step.by(), step.at()).ReadAgain();
      break;
    case Step::kWrite:
      fault = WriteKeys(step);
      break;
    case Step::kConfig:
      fault = PushConfig(step);
      stage_.LookForForeignKeys();
      break;
    case Step::kStart:
    case Step::kKill:
    case Step::kPause:
    case Step::kClockStepMs:
      fault = Process(step);
      break;
    case Step::kCut:
    case Step::kHeal:
      fault = Network(step);
      break;
    case Step::kWaitMs:
      world_->RunUntil(world_->now_ns() + step.wait_ms() * kMillisecond);
      break;
    case Step::kExits:
    case Step::kInStep:
    case Step::kHolds:
    case Step::kLacks:
    case Step::kSame:
      fault = Await(step, [&] { return Look(step); });
      break;
    case Step::ACTION_NOT_SET:
      break;
  }
  return world_->stop_requested() ? "" : fault;
}

// ---- Clients ----

std::string ScriptSteps::Exchange(ScriptClient& client, const std::string& node, const Args& args,
                                  Answer* answer) {
  if (client.pending() > 0 || client.has_answers())
    return "the connection has answers that nobody has received";
  client.Send({args});
  stage_.OnAsked(node, args);
  RunUntilTrue(kPatienceNs, [&client] { return client.has_answers(); });
  if (client.Take(answer)) ++answer_count_;
  stage_.OnAnswered(node, args, *answer);
  return "";
}

std::string ScriptSteps::Ask(const Step& step, const std::string& text) {
  Answer answer;
  const int64_t begin_ns = world_->now_ns();
  std::string fault =
      Exchange(stage_.client(step.by(), step.at()), step.at(), WordsOf(stage_.Fill(text)), &answer);
  const int64_t took_ms = (world_->now_ns() - begin_ns) / kMillisecond;
  if (fault.empty()) fault = WhatIsWrong(step, answer);
  if (!fault.empty() || !step.has_takes_ms_max() || took_ms <= step.takes_ms_max()) return fault;
  return absl::StrCat("it came after ", took_ms, " ms");
}

std::string ScriptSteps::Receive(const Step& step) {
  ScriptClient& client = stage_.client(step.by(), step.at());
  const int64_t within_ns = step.has_within_ms() ? step.within_ms() * kMillisecond : kPatienceNs;
  RunUntilTrue(within_ns, [&client] { return client.has_answers(); });
  Answer answer;
  if (client.Take(&answer)) ++answer_count_;
  std::deque<Args>& sent = sent_[{step.by(), step.at()}];
  if (!sent.empty()) {
    stage_.OnAnswered(step.at(), sent.front(), answer);
    sent.pop_front();
  }
  return WhatIsWrong(step, answer);
}

std::string ScriptSteps::WriteKeys(const Step& step) {
  ScriptClient& client = stage_.client(step.by(), step.at());
  if (client.pending() > 0 || client.has_answers())
    return "the connection has answers that nobody has received";
  std::vector<Args> requests;
  for (int64_t i = 0; i < step.write().keys(); ++i) {
    requests.push_back(
        {"SET", absl::StrCat(step.write().prefix(), ":", i), ValueOf(i, step.write().bytes())});
  }
  client.Send(requests);
  for (const Args& request : requests) {
    RunUntilTrue(kPatienceNs, [&client] { return client.has_answers(); });
    Answer answer;
    if (client.Take(&answer)) ++answer_count_;
    stage_.OnAnswered(step.at(), request, answer);
    if (AnswerText(answer) != "OK")
      return absl::StrCat("SET ", request[1], " ...: came \"", AnswerText(answer), "\"");
  }
  return "";
}

std::string ScriptSteps::PushConfig(const Step& step) {
  std::vector<std::string> names(step.config().to().begin(), step.config().to().end());
  if (names.empty()) {
    for (const auto& node : stage_.nodes()) {
      if (node->running() && stage_.is_member(node->host().name()))
        names.push_back(node->host().name());
    }
  }
  Args args = {"DFLYCLUSTER", "CONFIG", stage_.JsonOf(step.config())};
  if (step.config().has_epoch()) {
    args.push_back("EPOCH");
    args.push_back(absl::StrCat(step.config().epoch()));
  }
  for (const std::string& name : names) {
    Answer answer;
    std::string fault = Exchange(stage_.control_plane(name), name, args, &answer);
    stage_.OnPushed(name, step.config(), answer);
    if (fault.empty()) fault = WhatIsWrong(step, answer);
    if (!fault.empty()) return absl::StrCat("at ", name, ": ", fault);
  }
  return "";
}

// ---- Machines and the network ----

std::string ScriptSteps::Process(const Step& step) {
  if (step.has_start()) {
    if (stage_.node(step.start()).running()) return "it runs";
    stage_.Restart(step.start());
  } else if (step.has_kill()) {
    SimNode& node = stage_.node(step.kill());
    if (!node.running()) return "it does not run";
    static constexpr Host::Death kDeaths[] = {Host::Death::kReset, Host::Death::kExit,
                                              Host::Death::kSilent};
    had_silence_ = had_silence_ || step.death() == Step::VANISH;
    node.Kill(kDeaths[step.death()]);
  } else if (step.has_pause()) {
    SimNode& node = stage_.node(step.pause());
    if (!node.running()) return "it does not run";
    node.host().PauseUntil(world_->now_ns() + step.for_ms() * kMillisecond);
  } else {
    stage_.node(step.at()).host().clock().StepWall(step.clock_step_ms() * 1000);
  }
  return "";
}

std::string ScriptSteps::Network(const Step& step) {
  const std::vector<std::string> names = WordsOf(step.has_cut() ? step.cut() : step.heal());
  const Host& from = stage_.host(names[0]);
  const Host& to = stage_.host(names[1]);
  if (step.has_heal()) {
    world_->network().Heal(from, to);
    return "";
  }
  had_silence_ = true;
  const int64_t until_ns = step.has_for_ms() ? world_->now_ns() + step.for_ms() * kMillisecond
                                             : SimNetwork::kUntilHealed;
  if (step.one_way()) {
    world_->network().Cut(from, to, until_ns, Fault::kOneWayPartition);
  } else {
    world_->network().Partition(from, to, until_ns);
  }
  return "";
}

// ---- What is so ----

std::string ScriptSteps::Look(const Step& step) {
  if (step.has_in_step()) return stage_.WhyNotInStep(step.in_step());
  if (step.has_same()) return Difference(step.same());
  if (!step.has_exits()) return KeyAt(step);
  int exit_code = 0;
  if (!stage_.TakeExit(step.exits(), &exit_code)) return "it has not ended itself";
  return exit_code == 0 ? "" : absl::StrCat("its exit code was ", exit_code);
}

std::string ScriptSteps::KeyAt(const Step& step) const {
  if (!stage_.node(step.at()).running()) return "it does not run";
  const Contents contents = stage_.ContentsOf(step.at());
  const auto found = contents.find({0, step.has_holds() ? step.holds() : step.lacks()});
  if (found == contents.end()) return step.has_holds() ? "it does not hold the key" : "";
  const std::string held = absl::StrCat("it holds \"", *found->second.data, "\"");
  if (step.has_lacks()) return held;
  return !step.has_value() || *found->second.data == step.value() ? "" : held;
}

std::string ScriptSteps::Difference(const std::string& text) const {
  const std::vector<std::string> names = WordsOf(text);
  for (const std::string& name : names) {
    if (!stage_.node(name).running()) return absl::StrCat(name, " does not run");
  }
  const Contents first = stage_.ContentsOf(names[0]);
  for (size_t i = 1; i < names.size(); ++i) {
    bool only_deadlines = false;
    const std::string difference = WhatDiffers(first, stage_.ContentsOf(names[i]), &only_deadlines);
    if (!difference.empty())
      return absl::StrCat(names[0], " (\"master\") and ", names[i], " differ: ", difference);
  }
  return "";
}

}  // namespace damselfly::sim
