#ifndef DAMSELFLY_SIM_SCRIPT_SCRIPT_STEPS_H_
#define DAMSELFLY_SIM_SCRIPT_SCRIPT_STEPS_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "sim/script/script.pb.h"
#include "sim/script/stage.h"
#include "sim/world/world.h"

namespace damselfly::sim {

// Takes the steps of a script on a stage, one after the other, from outside of every call-back:
// each lets the world run until it has come out as it should, or has not.
class ScriptSteps {
 public:
  // Both outlive this.
  ScriptSteps(World* world, Stage* stage) : world_(world), stage_(*stage) {}

  // Returns what is wrong; "" if the step came out as it should, or the world has been stopped.
  std::string Take(const scenario::Step& step);

  // Something was cut, or a machine has gone without a word: it may take a minute until all have
  // heard of it.
  bool had_silence() const { return had_silence_; }
  uint64_t answers() const { return answer_count_; }

 private:
  // Runs on until something has come about; false if it has not in time.
  bool RunUntilTrue(int64_t duration_max_ns, const std::function<bool()>& condition);
  // Tries again and again for so long; the last attempt's fault. A negative one is one attempt.
  std::string Try(int64_t duration_ns, const std::function<std::string()>& attempt);
  // As Try, of something that only has to be looked at.
  std::string Await(const scenario::Step& step, const std::function<std::string()>& look);

  std::string Ask(const scenario::Step& step, const std::string& text);
  std::string Receive(const scenario::Step& step);
  std::string WriteKeys(const scenario::Step& step);
  std::string PushConfig(const scenario::Step& step);
  std::string Process(const scenario::Step& step);
  std::string Network(const scenario::Step& step);
  std::string Look(const scenario::Step& step);
  std::string KeyAt(const scenario::Step& step) const;
  std::string Difference(const std::string& names) const;
  // Sends one request on a connection where nothing is due, and waits for its answer.
  std::string Exchange(ScriptClient& client, const std::string& node, const Args& args,
                       Answer* answer);
  scenario::Step Filled(const scenario::Step& step) const;

  World* const world_;
  Stage& stage_;
  // What was sent and not yet received, by client and node.
  std::map<std::pair<std::string, std::string>, std::deque<Args>> sent_;
  bool had_silence_ = false;
  uint64_t answer_count_ = 0;
};

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SCRIPT_SCRIPT_STEPS_H_
