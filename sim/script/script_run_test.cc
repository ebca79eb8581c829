#include "sim/script/script_run.h"

#include <string>

#include "gtest/gtest.h"
#include "sim/script/script.h"

namespace damselfly::sim {
namespace {

RunResult RunScript(const std::string& text, uint64_t seed = 1) {
  const auto script = ParseScript(text, "x.textproto");
  EXPECT_TRUE(script.ok()) << script.status();
  return RunScriptSeed(seed, *script, RunOptions());
}

// What is wrong with a script of two nodes; "" if nothing is.
std::string Fault(const std::string& steps, uint64_t seed = 1) {
  const RunResult result = RunScript("node { name: \"a\" } node { name: \"b\" } " + steps, seed);
  if (result.failed) {
    EXPECT_EQ(result.first_oracle, Oracle::kScript) << result.message;
  }
  return result.message;
}

TEST(ScriptRun, StepsThatComeOutAsTheyShouldPass) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    EXPECT_EQ(Fault(R"script(
        step { at: "a" call: "SET k 1" reply: "OK" }
        step { at: "b" follow: "a" }
        step { in_step: "b" }
        step { at: "b" holds: "k" value: "1" }
        step { at: "b" call: "ROLE" has: "<a ip>" }
        step { same: "a b" }
        step { at: "a" write { keys: 20 bytes: 50 } }
        step { same: "a b" })script",
                    seed),
              "");
  }
}

TEST(ScriptRun, AFailureNamesTheStepAndWhatCameInstead) {
  EXPECT_EQ(Fault("step { wait_ms: 1 } step { at: \"a\" call: \"GET k\" reply: \"1\" }"),
            "step 2: at: \"a\" call: \"GET k\" reply: \"1\"\nexpected \"1\", came \"(nil)\"");
  EXPECT_EQ(Fault("step { at: \"a\" holds: \"k\" }"),
            "step 1: at: \"a\" holds: \"k\"\nit does not hold the key");
  EXPECT_EQ(Fault("step { exits: \"a\" within_ms: 10 }"),
            "step 1: within_ms: 10 exits: \"a\"\nit has not ended itself");
}

TEST(ScriptRun, WhatMustBecomeSoIsWaitedFor) {
  EXPECT_EQ(Fault(R"script(
      step { at: "a" call: "SET k 1 PX 2000" }
      step { at: "a" call: "GET k" reply: "(nil)" within_ms: 5000 })script"),
            "");
  EXPECT_NE(Fault(R"script(
      step { at: "a" call: "SET k 1 PX 200000" }
      step { at: "a" call: "GET k" reply: "(nil)" within_ms: 5000
  })script"),
            "");
}

TEST(ScriptRun, AnAnswerMayBeWantedWithinATime) {
  const std::string wait = "step { at: \"b\" follow: \"a\" } step { in_step: \"b\" } ";
  EXPECT_EQ(Fault(wait + R"(step { at: "a" call: "WAIT 1 3000" takes_ms_max: 2000 })"), "");
  // There is one replica, and another one is not waited for; but it stands still.
  EXPECT_NE(Fault(wait + R"(step { pause: "b" for_ms: 9000 } step { at: "a" call: "SET k 1" }
                            step { at: "a" call: "WAIT 1 3000" takes_ms_max: 2000 })"),
            "");
}

TEST(ScriptRun, ACutHoldsUntilItHeals) {
  EXPECT_EQ(Fault(R"script(
      step { at: "a" call: "PING" }
      step { cut: "a client" }
      step { at: "a" send: "PING" }
      step { at: "a" receive: true reply: "(nothing)" within_ms: 5000 }
      step { heal: "client a" }
      step { at: "a" receive: true reply: "PONG" within_ms: 1000 })script"),
            "");
}

TEST(ScriptRun, NodesDieAndComeBack) {
  EXPECT_EQ(Fault(R"script(
      step { at: "a" call: "SET k 1" }
      step { kill: "a" death: EXIT }
      step { at: "a" call: "GET k" reply: "(closed)" }
      step { start: "a" }
      step { at: "a" call: "GET k" reply: "(nil)" }
      step { kill: "b" }
      step { at: "a" call: "SHUTDOWN" reply: "(closed)" }
      step { exits: "a" })script"),
            "");
}

TEST(ScriptRun, ANodeThatEndsItselfUnaskedIsAFault) {
  const RunResult result =
      RunScript("node { name: \"a\" } step { at: \"a\" call: \"SHUTDOWN\" reply: \"(closed)\" }");
  EXPECT_TRUE(result.failed);
  EXPECT_EQ(result.first_oracle, Oracle::kCrashOnly);
}

TEST(ScriptRun, WhatIsAnsweredIsJudgedByTheConfigurationsPushed) {
  const char kScript[] = R"script(
      node { name: "a" cluster: true } node { name: "b" cluster: true }
      step { config { shard { master: "a" slots: "0-8191" } shard { master: "b" slots: "8192-16383" } } }
      step { at: "a" call: "SET hello 1" reply: "OK" }
      step { at: "a" call: "SET foo 1" error: "MOVED 12182 <b>" })script";
  const RunResult result = RunScript(kScript);
  EXPECT_FALSE(result.failed) << result.message;
  EXPECT_GT(result.checks[static_cast<size_t>(Oracle::kOneOwner)], 0u);
  EXPECT_GT(result.checks[static_cast<size_t>(Oracle::kTruthfulMoved)], 0u);
  EXPECT_GT(result.checks[static_cast<size_t>(Oracle::kNoForeignKeys)], 0u);
}

TEST(ScriptRun, ReplicasAreComparedWithTheirMastersJournalAllTheTime) {
  const RunResult result = RunScript(R"script(
      node { name: "a" } node { name: "b" }
      step { at: "b" follow: "a" }
      step { in_step: "b" }
      step { at: "a" call: "SET k 1" }
      step { in_step: "b" })script");
  EXPECT_FALSE(result.failed) << result.message;
  EXPECT_GT(result.checks[static_cast<size_t>(Oracle::kPrefix)], 0u);
}

TEST(ScriptRun, OneSeedIsOneRun) {
  const char kScript[] = R"script(
      node { name: "a" } node { name: "b" }
      step { at: "b" follow: "a" }
      step { at: "a" write { keys: 50 } }
      step { same: "a b" })script";
  EXPECT_EQ(RunScript(kScript, 3).hash, RunScript(kScript, 3).hash);
  EXPECT_NE(RunScript(kScript, 3).hash, RunScript(kScript, 4).hash);
}

}  // namespace
}  // namespace damselfly::sim
