#include "sim/clients/mutant_filter.h"

#include "gtest/gtest.h"
#include "sim/world/world.h"

namespace damselfly::sim {
namespace {

Reply Simple(const std::string& text) {
  Reply reply;
  reply.type = Reply::Type::kSimpleString;
  reply.text = text;
  return reply;
}

class MutantFilterTest : public testing::Test {
 protected:
  // What the client sees when the server answers each request on the wire with +PONG for PING, else
  // +OK.
  Reply Call(const Args& args) {
    wire_ = filter_.Outgoing(args);
    std::vector<Reply> replies;
    for (const Args& call : wire_) replies.push_back(Simple(call[0] == "PING" ? "PONG" : "OK"));
    return filter_.Incoming(args, replies);
  }

  SeededDecider decider_{1};
  World world_{&decider_, 1, WorldKnobs()};
  MutantFilter filter_{&world_};
  std::vector<Args> wire_;
};

TEST_F(MutantFilterTest, WithoutAMutantEverythingPasses) {
  for (const Args& args :
       {Args{"SET", "k", "v"}, Args{"MULTI"}, Args{"WATCH", "k"}, Args{"INCR", "n"}}) {
    EXPECT_EQ(Call(args).text, "OK");
    EXPECT_EQ(wire_, (std::vector<Args>{args}));
  }
  EXPECT_EQ(Call({"PING"}).text, "PONG");
}

TEST_F(MutantFilterTest, ATornTransactionRunsItsCommandsOneByOneAndLooksWhole) {
  world_.set_mutant(Mutant::kTransactionTorn);
  EXPECT_EQ(Call({"MULTI"}).text, "OK");
  EXPECT_EQ(wire_, (std::vector<Args>{{"PING"}}));
  EXPECT_EQ(Call({"SET", "k", "v"}).text, "QUEUED");
  EXPECT_EQ(wire_, (std::vector<Args>{{"SET", "k", "v"}}));
  const Reply reply = Call({"EXEC"});
  ASSERT_EQ(reply.elements.size(), 1u);
  EXPECT_EQ(reply.elements[0].text, "OK");
}

TEST_F(MutantFilterTest, AnIgnoredWatchLooksDone) {
  world_.set_mutant(Mutant::kWatchIgnored);
  EXPECT_EQ(Call({"WATCH", "k"}).text, "OK");
  EXPECT_EQ(wire_, (std::vector<Args>{{"PING"}}));
}

TEST_F(MutantFilterTest, AWatchThatAlwaysFailsDiscardsItsTransactionAndAnswersNull) {
  world_.set_mutant(Mutant::kWatchAlwaysFails);
  Call({"EXEC"});
  EXPECT_EQ(wire_, (std::vector<Args>{{"EXEC"}}));
  Call({"WATCH", "k"});
  Call({"MULTI"});
  EXPECT_TRUE(Call({"EXEC"}).is_null());
  EXPECT_EQ(wire_, (std::vector<Args>{{"DISCARD"}}));
}

TEST_F(MutantFilterTest, ATransactionThatIsAnsweredByNullWritesAllTheSame) {
  world_.set_mutant(Mutant::kNullExecRuns);
  Call({"WATCH", "k"});
  Call({"MULTI"});
  Call({"SET", "k", "1"});
  EXPECT_EQ(filter_.Outgoing({"EXEC"}), (std::vector<Args>{{"EXEC"}, {"SET", "k", "1"}}));
  Reply null;
  EXPECT_TRUE(filter_.Incoming({"EXEC"}, {null, Simple("OK")}).is_null());
  Call({"MULTI"});
  Call({"SET", "k", "1"});
  EXPECT_EQ(filter_.Outgoing({"EXEC"}), (std::vector<Args>{{"EXEC"}}));
}

TEST_F(MutantFilterTest, SomeWritesAreLostAndSomeAreDoneTwice) {
  world_.set_mutant(Mutant::kWriteLost);
  int lost = 0;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(Call({"SET", "k", "v"}).text, "OK");
    lost += wire_[0][0] == "PING";
  }
  EXPECT_GT(lost, 20);
  EXPECT_LT(lost, 200);
  world_.set_mutant(Mutant::kWriteTwice);
  int twice = 0;
  for (int i = 0; i < 1000; ++i) {
    Call({"INCR", "n"});
    twice += wire_.size() == 2;
  }
  EXPECT_GT(twice, 20);
}

TEST_F(MutantFilterTest, ACommandThatTheServerGetsWrongGoesOverTheWireAsWhatItDoes) {
  struct Case {
    Mutant mutant;
    Args asked;
    std::vector<Args> wire;
  };
  const std::vector<Case> cases = {
      {Mutant::kDiscardExecutes, {"DISCARD"}, {{"EXEC"}}},
      {Mutant::kConditionIgnored, {"SET", "k", "v", "NX"}, {{"SET", "k", "v"}}},
      {Mutant::kConditionIgnored, {"PEXPIRE", "k", "5", "XX"}, {{"PEXPIRE", "k", "5"}}},
      {Mutant::kConditionIgnored, {"SET", "k", "v", "GET"}, {{"SET", "k", "v", "GET"}}},
      {Mutant::kGetDelKeeps, {"GETDEL", "k"}, {{"GET", "k"}}},
      {Mutant::kKeepTtlIgnored, {"SET", "k", "v", "KEEPTTL"}, {{"SET", "k", "v"}}},
      {Mutant::kUnwatchIgnored, {"UNWATCH"}, {{"PING"}}},
      {Mutant::kRunsBehindQuit, {"QUIT"}, {{"PING"}}},
      {Mutant::kRangeEndExclusive, {"GETRANGE", "k", "0", "7"}, {{"GETRANGE", "k", "0", "6"}}},
      {Mutant::kRenameLosesDeadline,
       {"RENAME", "a", "b"},
       {{"RENAME", "a", "b"}, {"PERSIST", "b"}}},
      {Mutant::kMsetnxHalfDone,
       {"MSETNX", "a", "1", "b", "2"},
       {{"MSETNX", "a", "1", "b", "2"}, {"SET", "a", "1", "NX"}}},
  };
  for (const Case& each : cases) {
    world_.set_mutant(each.mutant);
    EXPECT_EQ(Call(each.asked).text, "OK");
    EXPECT_EQ(wire_, each.wire) << MutantName(each.mutant);
  }
}

TEST_F(MutantFilterTest, SelectIsLostOnASecondConnectionOnly) {
  world_.set_mutant(Mutant::kSelectLost);
  filter_.OnNewConnection("1.2.3.4:1");
  Call({"SELECT", "1"});
  EXPECT_EQ(wire_, (std::vector<Args>{{"SELECT", "1"}}));
  filter_.OnNewConnection("1.2.3.4:1");
  EXPECT_EQ(Call({"SELECT", "1"}).text, "OK");
  EXPECT_EQ(wire_, (std::vector<Args>{{"PING"}}));
}

TEST_F(MutantFilterTest, RepliesAreSwappedShortenedAndWished) {
  Reply array;
  array.type = Reply::Type::kArray;
  array.elements = {Simple("one"), Simple("two")};
  world_.set_mutant(Mutant::kExecRepliesSwapped);
  EXPECT_EQ(filter_.Incoming({"EXEC"}, {array}).elements[0].text, "two");
  world_.set_mutant(Mutant::kKeysMissOne);
  EXPECT_EQ(filter_.Incoming({"KEYS", "*"}, {array}).elements.size(), 1u);
  world_.set_mutant(Mutant::kWaitWishful);
  Reply count;
  count.type = Reply::Type::kInteger;
  EXPECT_EQ(filter_.Incoming({"WAIT", "2", "10"}, {count}).integer, 2);
  world_.set_mutant(Mutant::kEmptyTagCounts);
  Reply moved;
  moved.type = Reply::Type::kError;
  moved.text = "MOVED 77 1.2.3.4:5";
  EXPECT_EQ(filter_.Incoming({"GET", "{}a"}, {moved}).text, "MOVED 0 1.2.3.4:5");
}

}  // namespace
}  // namespace damselfly::sim
