#include "sim/script/script.h"

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

std::string ErrorOf(const std::string& text) {
  return std::string(ParseScript(text, "x.textproto").status().message());
}

std::string WithStep(const std::string& step) {
  return "node { name: \"a\" } node { name: \"b\" } step { " + step + " }";
}

TEST(Script, IsTheFileThatSaysSo) {
  EXPECT_TRUE(IsScript("# proto-file: x\n# proto-message: Script\nnode {}\n"));
  EXPECT_FALSE(IsScript("# proto-message: ClusterScenario\n"));
}

TEST(Script, TakesWhatMakesSense) {
  for (const char* step :
       {"at: \"a\" call: \"GET k\" reply: \"1\"", "kill: \"b\" death: VANISH", "cut: \"a client\"",
        "pause: \"a\" for_ms: 5", "same: \"a b\"", "at: \"b\" follow: \"a\" error: \"ERR\"",
        "config { shard { master: \"a\" slots: \"0-16383\" replica: \"b\" } }",
        "at: \"a\" call: \"WAIT 1 500\" takes_ms_max: 100",
        "at: \"a\" holds: \"k\" value: \"v\" within_ms: 10"}) {
    EXPECT_EQ(ErrorOf(WithStep(step)), "") << step;
  }
}

TEST(Script, AMisspeltFieldIsNamedWithItsLine) {
  EXPECT_EQ(ErrorOf("node { name: \"a\" }\nstep { cal: \"PING\" }\n").substr(0, 16),
            "x.textproto:2:11");
}

TEST(Script, NodesThatThereAreNotAreNamedWithTheirStep) {
  EXPECT_EQ(ErrorOf(WithStep("at: \"c\" call: \"PING\"")),
            "x.textproto: step 1: there is no node \"c\"");
  EXPECT_EQ(ErrorOf(WithStep("same: \"a c\"")), "x.textproto: step 1: there is no node \"c\"");
  EXPECT_EQ(ErrorOf(WithStep("cut: \"a nobody\"")),
            "x.textproto: step 1: there is no node and no client \"nobody\"");
  EXPECT_EQ(ErrorOf(WithStep("config { shard { master: \"c\" } }")),
            "x.textproto: step 1: there is no node \"c\"");
}

TEST(Script, StepsThatSayNothingAreRefused) {
  EXPECT_EQ(ErrorOf(WithStep("at: \"a\"")), "x.textproto: step 1: it says nothing of what to do");
  EXPECT_EQ(ErrorOf(WithStep("at: \"a\" call: \" \"")), "x.textproto: step 1: no word is said");
  EXPECT_EQ(ErrorOf(WithStep("pause: \"a\"")), "x.textproto: step 1: a pause has for_ms");
  EXPECT_EQ(ErrorOf(WithStep("kill: \"a\" reply: \"OK\"")),
            "x.textproto: step 1: what is expected of an answer needs a question");
  EXPECT_EQ(ErrorOf(WithStep("kill: \"a\" takes_ms_max: 5")),
            "x.textproto: step 1: `takes_ms_max` is for `call`");
  EXPECT_EQ(ErrorOf(WithStep("config { shard { master: \"a\" slots: \"5-3\" } }")),
            "x.textproto: step 1: \"5-3\": no slots");
}

TEST(Script, NodesAreJudged) {
  EXPECT_EQ(ErrorOf("node { name: \"a\" } node { name: \"a\" } step { wait_ms: 1 }"),
            "x.textproto: node 2: \"a\" is there twice");
  EXPECT_EQ(ErrorOf("node { name: \"a\" flag: \"nonsense=1\" } step { wait_ms: 1 }"),
            "x.textproto: node 1: nonsense=1: there is no such parameter");
  EXPECT_NE(ErrorOf("node { name: \"a\" flag: \"hz=fast\" } step { wait_ms: 1 }"), "");
}

TEST(Script, SlotsAreRangesAndSingleOnes) {
  std::vector<std::pair<int, int>> ranges;
  ASSERT_TRUE(ParseSlots("0-5  7 16383", &ranges));
  EXPECT_EQ(ranges, (std::vector<std::pair<int, int>>{{0, 5}, {7, 7}, {16383, 16383}}));
  EXPECT_FALSE(ParseSlots("0-16384", &ranges));
  EXPECT_FALSE(ParseSlots("-5", &ranges));
  EXPECT_FALSE(ParseSlots("1-2-3", &ranges));
}

}  // namespace
}  // namespace damselfly::sim
