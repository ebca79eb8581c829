// Commands that wait for lists, without a session: what they ask for, and how they are served.

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/commands/blocker.h"
#include "server/commands/list_commands.h"
#include "server/commands/string_commands.h"
#include "server/commands/testing/word_bench.h"

namespace damselfly {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class KeptRequests : public Blocker {
 public:
  void Block(BlockRequest request) override { requests.push_back(std::move(request)); }
  std::vector<BlockRequest> requests;
};

class ListBlockingTest : public testing::Test {
 protected:
  ListBlockingTest() { bench_.blocker = &blocker_; }

  std::string Do(absl::string_view words) { return bench_.Do(words); }
  // What the command asks for, when it has to wait.
  BlockRequest Wait(absl::string_view words) {
    blocker_.requests.clear();
    EXPECT_EQ(Do(words), "") << words;
    EXPECT_EQ(blocker_.requests.size(), 1u) << words;
    return blocker_.requests.empty() ? BlockRequest() : blocker_.requests[0];
  }
  std::string Serve(const BlockRequest& request, size_t key_index) {
    return WordBench::InOneLine(bench_.Serve(request, key_index));
  }

  WordBench bench_{{ListCommands(), StringCommands()}};
  KeptRequests blocker_;
};

TEST_F(ListBlockingTest, WhatIsThereIsTakenAtOnce) {
  Do("RPUSH l a b 3 d e");
  EXPECT_EQ(Do("BLPOP nil l 0"), "*2 $1 l $1 a");
  EXPECT_EQ(Do("BRPOP l nil 0"), "*2 $1 l $1 e");
  EXPECT_EQ(Do("BLMPOP 0 2 nil l RIGHT COUNT 2"), "*2 $1 l *2 $1 d $1 3");
  EXPECT_EQ(Do("BLMOVE l m LEFT LEFT 0"), "$1 b");
  EXPECT_EQ(Do("BRPOPLPUSH m l 0"), "$1 b");
  EXPECT_THAT(blocker_.requests, IsEmpty());
}

TEST_F(ListBlockingTest, AsksToWaitForAllKeys) {
  const BlockRequest pop = Wait("BLPOP a b 1.5");
  EXPECT_THAT(pop.args, ElementsAre("BLPOP", "a", "b", "1.5"));
  EXPECT_THAT(pop.key_indices, ElementsAre(1, 2));
  EXPECT_EQ(pop.timeout_ms, 1500);
  EXPECT_EQ(pop.timeout_reply, BlockRequest::TimeoutReply::kNullArray);
  EXPECT_THAT(Wait("BLMPOP 0 2 a b LEFT COUNT 3").key_indices, ElementsAre(3, 4));
  EXPECT_THAT(Wait("BLMOVE a b LEFT RIGHT 0").key_indices, ElementsAre(1));
  EXPECT_THAT(Wait("BRPOPLPUSH a b 0.001").key_indices, ElementsAre(1));
}

TEST_F(ListBlockingTest, IsServedFromTheKeyThatHasChanged) {
  const BlockRequest left = Wait("BLPOP a b 0");
  const BlockRequest right = Wait("BRPOP a b 0");
  const BlockRequest several = Wait("BLMPOP 0 2 a b RIGHT COUNT 2");
  EXPECT_EQ(Serve(left, 2), "");
  Do("RPUSH b 1 2 3 4 5 6");
  bench_.TakeEvents();
  EXPECT_EQ(Serve(left, 1), "");
  EXPECT_EQ(Serve(left, 2), "*2 $1 b $1 1");
  EXPECT_EQ(Serve(right, 2), "*2 $1 b $1 6");
  EXPECT_EQ(Serve(several, 4), "*2 $1 b *2 $1 5 $1 4");
  EXPECT_EQ(Serve(several, 4), "*2 $1 b *2 $1 3 $1 2");
  EXPECT_EQ(Serve(several, 4), "");
  EXPECT_THAT(bench_.TakeEvents(), ElementsAre("lpop b", "rpop b", "rpop b", "rpop b", "del b"));
}

TEST_F(ListBlockingTest, MoveIsServedWithItsDestination) {
  const BlockRequest move = Wait("BLMOVE a b LEFT RIGHT 0");
  const BlockRequest turn = Wait("BRPOPLPUSH a a 0");
  Do("RPUSH b 0");
  Do("RPUSH a 1 2 3");
  bench_.TakeEvents();
  EXPECT_EQ(Serve(move, 1), "$1 1");
  EXPECT_EQ(Do("LRANGE b 0 -1"), "*2 $1 0 $1 1");
  EXPECT_EQ(Serve(turn, 1), "$1 3");
  EXPECT_EQ(Do("LRANGE a 0 -1"), "*2 $1 3 $1 2");
  EXPECT_THAT(bench_.TakeEvents(), ElementsAre("rpush b", "lpop a", "lpush a", "rpop a"));
}

TEST_F(ListBlockingTest, DestinationOfAnotherTypeIsAnError) {
  const BlockRequest move = Wait("BLMOVE a s LEFT RIGHT 0");
  Do("SET s 1");
  Do("RPUSH a 1");
  EXPECT_EQ(Serve(move, 1), "-WRONGTYPE Operation against a key holding the wrong kind of value");
  EXPECT_EQ(Do("LLEN a"), ":1");
}

TEST_F(ListBlockingTest, KeyOfAnotherTypeIsWaitedOn) {
  const BlockRequest pop = Wait("BLPOP a 0");
  const BlockRequest move = Wait("BLMOVE a b LEFT RIGHT 0");
  Do("SET a 1");
  EXPECT_EQ(Serve(pop, 1), "");
  EXPECT_EQ(Serve(move, 1), "");
}

TEST_F(ListBlockingTest, WhereNothingMayWaitTheReplyIsThatOfATimeout) {
  bench_.blocker = nullptr;
  EXPECT_EQ(Do("BLPOP a 0"), "*-1");
  EXPECT_EQ(Do("BRPOP a b 0"), "*-1");
  EXPECT_EQ(Do("BLMPOP 0 1 a LEFT"), "*-1");
  EXPECT_EQ(Do("BLMOVE a b LEFT RIGHT 0"), "$-1");
  EXPECT_EQ(Do("BRPOPLPUSH a b 0"), "$-1");
}

TEST_F(ListBlockingTest, TimeoutsAreCheckedFirst) {
  EXPECT_EQ(Do("BLPOP a -1"), "-ERR timeout is negative");
  EXPECT_EQ(Do("BRPOP a x"), "-ERR timeout is not a float or out of range");
  EXPECT_EQ(Do("BLMOVE a b LEFT RIGHT -1"), "-ERR timeout is negative");
  EXPECT_EQ(Do("BLMOVE a b UP RIGHT -1"), "-ERR syntax error");
  EXPECT_EQ(Do("BRPOPLPUSH a b x"), "-ERR timeout is not a float or out of range");
  EXPECT_THAT(blocker_.requests, IsEmpty());
}

}  // namespace
}  // namespace damselfly
