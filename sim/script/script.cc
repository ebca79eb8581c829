#include "sim/script/script.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/crc16.h"
#include "server/session/config.h"
#include "sim/cluster/scenario_judge.h"

namespace damselfly::sim {
namespace {

using scenario::Script;
using scenario::ScriptNode;
using scenario::Step;

constexpr int64_t kDurationMaxMs = int64_t{400} * 24 * 3600 * 1000;

bool IsName(absl::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
  });
}

class ScriptJudge {
 public:
  ScriptJudge(const Script& script, ScenarioJudge* judge) : script_(script), judge_(*judge) {}

  void Run() {
    judge_.Expect(script_.node_size() > 0, "node", "there is none");
    judge_.Expect(script_.step_size() > 0, "step", "there is none");
    for (int i = 0; i < script_.node_size(); ++i) JudgeNode(script_.node(i), i);
    for (const Step& step : script_.step()) {
      if (!step.by().empty()) clients_.insert(step.by());
    }
    for (int i = 0; i < script_.step_size(); ++i) {
      path_ = absl::StrCat("step ", i + 1);
      JudgeStep(script_.step(i));
    }
  }

 private:
  void JudgeNode(const ScriptNode& node, int number) {
    const std::string path = absl::StrCat("node ", number + 1);
    judge_.Expect(IsName(node.name()), path, "a name is one word");
    judge_.Expect(nodes_.insert(node.name()).second, path,
                  absl::StrCat("\"", node.name(), "\" is there twice"));
    judge_.Expect(!node.has_workers() || (node.workers() >= 1 && node.workers() <= 16), path,
                  absl::StrCat(node.workers(), " workers are not within 1..16"));
    for (const std::string& flag : node.flag()) {
      const auto [name, value] = ParseFlag(flag);
      const ParameterSpec* const spec = Config::Find(name);
      Config config;
      const absl::Status status = spec == nullptr
                                      ? absl::NotFoundError("there is no such parameter")
                                      : config.Set(spec->id, value);
      judge_.Expect(status.ok(), path, absl::StrCat(flag, ": ", status.message()));
    }
  }

  void Expect(bool condition, absl::string_view reason) { judge_.Expect(condition, path_, reason); }
  void ExpectNode(absl::string_view name) {
    Expect(nodes_.count(std::string(name)) > 0, absl::StrCat("there is no node \"", name, "\""));
  }
  void ExpectDuration(int64_t ms) {
    Expect(ms >= 0 && ms <= kDurationMaxMs, absl::StrCat(ms, " ms is too little or too much"));
  }

  void JudgeStep(const Step& step) {
    Expect(step.action_case() != Step::ACTION_NOT_SET, "it says nothing of what to do");
    Expect(IsName(step.by()), "a client's name is one word");
    ExpectDuration(step.at_ms());
    ExpectDuration(step.within_ms());
    ExpectDuration(step.for_ms());
    ExpectDuration(step.takes_ms_max());
    JudgeExpectations(step);
    JudgeAction(step);
  }

  void JudgeExpectations(const Step& step) {
    const bool asks =
        step.has_call() || step.has_receive() || step.has_follow() || step.has_config();
    const bool expects =
        step.has_reply() || step.has_error() || step.has_size() > 0 || step.has_not_size() > 0;
    Expect(asks || !expects, "what is expected of an answer needs a question");
    Expect(!step.has_reply() || !step.has_error(), "an answer is a reply or an error");
    Expect(!step.has_value() || step.has_holds(), "`value` is for `holds`");
    Expect(!step.has_takes_ms_max() || step.has_call(), "`takes_ms_max` is for `call`");
    Expect(!step.one_way() || step.has_cut(), "`one_way` is for `cut`");
    Expect(!step.has_death() || step.has_kill(), "`death` is for `kill`");
  }

  void JudgeAction(const Step& step) {
    switch (step.action_case()) {
      case Step::kCall:
      case Step::kSend:
        Expect(!WordsOf(step.has_call() ? step.call() : step.send()).empty(), "no word is said");
        ExpectNode(step.at());
        break;
      case Step::kWrite:
        Expect(step.write().keys() >= 1 && step.write().keys() <= 100'000, "too few or many keys");
        Expect(step.write().bytes() >= 1 && step.write().bytes() <= 1'000'000,
               "too few or many bytes");
        ExpectNode(step.at());
        break;
      case Step::kFollow:
        ExpectNode(step.follow());
        ExpectNode(step.at());
        break;
      case Step::kReceive:
      case Step::kHangUp:
      case Step::kStopReading:
      case Step::kReadAgain:
      case Step::kHolds:
      case Step::kLacks:
      case Step::kClockStepMs:
        ExpectNode(step.at());
        break;
      case Step::kStart:
        return ExpectNode(step.start());
      case Step::kKill:
        return ExpectNode(step.kill());
      case Step::kExits:
        return ExpectNode(step.exits());
      case Step::kInStep:
        return ExpectNode(step.in_step());
      case Step::kPause:
        Expect(step.for_ms() > 0, "a pause has for_ms");
        return ExpectNode(step.pause());
      case Step::kCut:
        return JudgePair(step.cut());
      case Step::kHeal:
        return JudgePair(step.heal());
      case Step::kConfig:
        return JudgeConfig(step.config());
      case Step::kSame:
        Expect(WordsOf(step.same()).size() >= 2, "two nodes or more are compared");
        for (const std::string& name : WordsOf(step.same())) ExpectNode(name);
        return;
      case Step::kWaitMs:
        return ExpectDuration(step.wait_ms());
      case Step::ACTION_NOT_SET:
        break;
    }
  }

  void JudgePair(const std::string& pair) {
    const std::vector<std::string> names = WordsOf(pair);
    Expect(names.size() == 2 && names[0] != names[1], "it takes two machines");
    for (const std::string& name : names) {
      Expect(nodes_.count(name) + clients_.count(name) > 0,
             absl::StrCat("there is no node and no client \"", name, "\""));
    }
  }

  void JudgeConfig(const scenario::ScriptConfig& config) {
    for (const scenario::Shard& shard : config.shard()) {
      std::vector<std::pair<int, int>> ranges;
      Expect(ParseSlots(shard.slots(), &ranges), absl::StrCat("\"", shard.slots(), "\": no slots"));
      ExpectNode(shard.master());
      for (const std::string& name : shard.replica()) ExpectNode(name);
    }
    for (const std::string& name : config.to()) ExpectNode(name);
  }

  const Script& script_;
  ScenarioJudge& judge_;
  std::set<std::string> nodes_;
  std::set<std::string> clients_;
  std::string path_;
};

}  // namespace

bool IsScript(absl::string_view text) {
  return absl::StrContains(text, "# proto-message: Script\n");
}

std::vector<std::string> WordsOf(absl::string_view text) {
  return absl::StrSplit(text, ' ', absl::SkipEmpty());
}

bool ParseSlots(absl::string_view text, std::vector<std::pair<int, int>>* out) {
  for (const std::string& word : WordsOf(text)) {
    const std::vector<std::string> ends = absl::StrSplit(word, '-');
    int first = -1;
    int last = -1;
    if (ends.size() > 2 || !absl::SimpleAtoi(ends.front(), &first) ||
        !absl::SimpleAtoi(ends.back(), &last) || first < 0 || last < first || last >= kSlotCount)
      return false;
    out->emplace_back(first, last);
  }
  return true;
}

std::pair<std::string, std::string> ParseFlag(absl::string_view text) {
  return absl::StrSplit(text, absl::MaxSplits('=', 1));
}

absl::StatusOr<scenario::Script> ParseScript(absl::string_view text, absl::string_view name) {
  scenario::Script script;
  const absl::Status parsed = ParseScenarioText(text, name, &script);
  if (!parsed.ok()) return parsed;
  ScenarioJudge judge(name);
  ScriptJudge(script, &judge).Run();
  scenario::Faults faults;
  faults.set_mode(scenario::Faults::LISTED);
  *faults.mutable_listed() = script.fault();
  judge.Faults(faults);
  if (!judge.status().ok()) return judge.status();
  return script;
}

}  // namespace damselfly::sim
