#include "sim/replication/replication_request.h"

#include <algorithm>
#include <map>
#include <memory>

#include "gtest/gtest.h"
#include "sim/oracles/key_slot.h"
#include "sim/world/world.h"

namespace damselfly::sim {
namespace {

using Kind = ReplicationRequest::Kind;

Reply Ok() {
  Reply reply;
  reply.type = Reply::Type::kSimpleString;
  reply.text = "OK";
  return reply;
}
Reply Error(const std::string& text) {
  Reply reply;
  reply.type = Reply::Type::kError;
  reply.text = text;
  return reply;
}
Reply Bulk(const std::string& text) {
  Reply reply;
  reply.type = Reply::Type::kBulk;
  reply.text = text;
  return reply;
}
Reply Integer(int64_t integer) {
  Reply reply;
  reply.type = Reply::Type::kInteger;
  reply.integer = integer;
  return reply;
}
Reply Array(std::vector<Reply> elements) {
  Reply reply;
  reply.type = Reply::Type::kArray;
  reply.elements = std::move(elements);
  return reply;
}

ReplicationRequest Of(Kind kind, const std::string& key, const std::string& other_key) {
  ReplicationRequest request;
  request.kind = kind;
  request.key = key;
  request.other_key = other_key;
  request.value = "v";
  return request;
}

// Answers from a node that is a master without a journal: only what the answers say by themselves
// is judged.
class ReplicationRequestTest : public testing::Test {
 protected:
  ReplicationRequestTest() : history_(&board_) {
    NodeView view;
    view.incarnation = 1;
    history_.views.Add(view, 0);
  }
  void Judge(const ReplicationRequest& request, std::vector<Reply> replies) {
    StepResult result;
    for (Reply& reply : replies) {
      result.replies.push_back(std::move(reply));
      result.occasions.push_back({0, 1, 10, 10});
    }
    result.complete = true;
    JudgeRequest(request, result, clock_, &history_, &board_);
  }
  void ExpectFinds(Oracle oracle) {
    ASSERT_TRUE(board_.violated());
    EXPECT_EQ(OracleName(board_.first_oracle()), OracleName(oracle)) << board_.first_message();
  }

  const int64_t now_ns_ = 10;
  SimClock clock_{&now_ns_, 0};
  OracleBoard board_;
  ReplicationHistory history_;
};

TEST_F(ReplicationRequestTest, APairOfOneValueIsWhole) {
  const ReplicationRequest request = Of(Kind::kPairRead, "a", "b");
  Judge(request, {Array({Bulk("1"), Bulk("1")})});
  EXPECT_FALSE(board_.violated()) << board_.first_message();
  Judge(request, {Array({Bulk("1"), Bulk("2")})});
  ExpectFinds(Oracle::kAllOrNothing);
}

TEST_F(ReplicationRequestTest, ExecDoesAllOrNothing) {
  const ReplicationRequest request = Of(Kind::kTransaction, "a", "b");
  Reply queued = Ok();
  queued.text = "QUEUED";
  Judge(request, {Ok(), queued, queued, Array({Ok(), Ok()})});
  EXPECT_FALSE(board_.violated()) << board_.first_message();
  Judge(request, {Ok(), queued, queued, Array({Ok(), Error("READONLY no")})});
  ExpectFinds(Oracle::kAllOrNothing);
}

TEST_F(ReplicationRequestTest, AQueueThatWasRefusedIsNotExecuted) {
  const ReplicationRequest request = Of(Kind::kTransaction, "a", "b");
  NodeView view;
  view.incarnation = 1;
  view.replica = true;
  history_.views.Add(view, 5);
  Judge(request, {Ok(), Error("READONLY x"), Error("READONLY x"), Error("EXECABORT y")});
  EXPECT_FALSE(board_.violated()) << board_.first_message();
  Judge(request, {Ok(), Error("READONLY x"), Error("READONLY x"), Array({Ok(), Ok()})});
  ExpectFinds(Oracle::kPairing);
}

TEST_F(ReplicationRequestTest, WhatComesBehindWaitIsAnsweredBehindIt) {
  ReplicationRequest request = Of(Kind::kWait, "w", "");
  request.with_neighbours = true;
  EXPECT_EQ(request.Calls().back(), Args({"GET", "w"}));
  Judge(request, {Ok(), Integer(0), Bulk("v")});
  EXPECT_FALSE(board_.violated()) << board_.first_message();
  Judge(request, {Ok(), Bulk("v"), Integer(0)});
  ExpectFinds(Oracle::kPairing);
}

TEST_F(ReplicationRequestTest, AFlushBetweenTwoWritesIsPartOfTheirTransaction) {
  ReplicationRequest request = Of(Kind::kFlush, "a", "b");
  EXPECT_FALSE(request.writes());
  request.with_neighbours = true;
  EXPECT_TRUE(request.writes());
  EXPECT_TRUE(request.is_transaction());
  Reply queued = Ok();
  queued.text = "QUEUED";
  Judge(request, {Ok(), queued, queued, queued, Array({Ok(), Ok(), Ok()})});
  EXPECT_FALSE(board_.violated()) << board_.first_message();
  Judge(request, {Ok(), queued, queued, queued, Array({Ok(), Ok(), Error("READONLY no")})});
  ExpectFinds(Oracle::kAllOrNothing);
}

TEST_F(ReplicationRequestTest, ABigValueMayBeMadeOfTwoParts) {
  ReplicationRequest request = Of(Kind::kBig, "b", "");
  request.value = "0123456789";
  request.number = 70;
  request.with_neighbours = true;
  EXPECT_EQ(request.Calls(),
            (std::vector<Args>{
                {"MULTI"}, {"SET", "b", "01", "PX", "70"}, {"APPEND", "b", "23456789"}, {"EXEC"}}));
  Reply queued = Ok();
  queued.text = "QUEUED";
  Judge(request, {Ok(), queued, queued, Array({Ok(), Integer(10)})});
  EXPECT_FALSE(board_.violated()) << board_.first_message();
  Judge(request, {Ok(), queued, queued, Array({Ok(), Integer(8)})});
  ExpectFinds(Oracle::kAllOrNothing);
}

TEST_F(ReplicationRequestTest, ATransactionThatMayNotBeginIsFound) {
  NodeView view;
  view.incarnation = 1;
  view.service = NodeView::Service::kTakenOver;
  history_.views.Add(view, 5);
  const Reply loading = Error("LOADING x");
  Judge(Of(Kind::kTransaction, "a", "b"), {Ok(), loading, loading, Error("EXECABORT y")});
  EXPECT_FALSE(board_.violated()) << board_.first_message();
  Judge(Of(Kind::kTransaction, "a", "b"), {loading, loading, loading, loading});
  ExpectFinds(Oracle::kAllOrNothing);
}

TEST_F(ReplicationRequestTest, AnAnswerOfAnotherKindIsFound) {
  Judge(Of(Kind::kIncrement, "n", ""), {Ok()});
  ExpectFinds(Oracle::kPairing);
}

TEST_F(ReplicationRequestTest, ARefusalAsReplicaByAMasterIsFound) {
  Judge(Of(Kind::kSet, "a", ""), {Error("READONLY x")});
  ExpectFinds(Oracle::kIntrospection);
}

TEST_F(ReplicationRequestTest, InAClusterTheOracleOfShardsHearsWhoAnsweredForWhichSlot) {
  history_.shards.set_nodes({{"n0", "10.0.0.1", 6379}, {"n1", "10.0.0.2", 6379}});
  auto map = std::make_shared<ShardMap>();
  map->master_of = {1};
  map->shard_of = {ShardMap::kNone, 0};
  history_.map = map;
  history_.shards.OnPush({0, 1, 1, 2}, history_.shards.AddMap(map), true);
  Judge(Of(Kind::kSet, "a", ""), {Error("MOVED 15495 10.0.0.2:6379")});
  history_.shards.Check(&board_);
  EXPECT_FALSE(board_.violated()) << board_.first_message();
  Judge(Of(Kind::kWait, "a", ""), {Ok(), Error("ERR WAIT cannot be used with replica x")});
  EXPECT_EQ(board_.checks(Oracle::kOneOwner), 0u) << "the answer as a whole is a refusal";
}

TEST_F(ReplicationRequestTest, AnAnswerForAForeignSlotIsFound) {
  auto map = std::make_shared<ShardMap>();
  map->master_of = {1};
  map->shard_of = {ShardMap::kNone, 0};
  history_.map = map;
  history_.shards.OnPush({0, 1, 1, 2}, history_.shards.AddMap(map), true);
  Judge(Of(Kind::kGet, "a", ""), {Bulk("1")});
  history_.shards.Check(&board_);
  ExpectFinds(Oracle::kOneOwner);
}

TEST_F(ReplicationRequestTest, ARedirectionThatIsCutOffIsFound) {
  Judge(Of(Kind::kGet, "a", ""), {Error("MOVED 15495")});
  history_.shards.Check(&board_);
  ExpectFinds(Oracle::kTruthfulMoved);
}

TEST(MovedTo, TellsWhereARequestBelongs) {
  StepResult result;
  EXPECT_EQ(MovedTo(result), "");
  result.replies = {Ok(), Error("MOVED 5 10.0.0.2:6379"), Error("EXECABORT x")};
  EXPECT_EQ(MovedTo(result), "10.0.0.2:6379");
  result.replies = {Error("READONLY You can't write against a read only replica.")};
  EXPECT_EQ(MovedTo(result), "");
}

TEST(Renew, GivesAnotherValueOfTheSameKind) {
  ReplicationRequest request = Of(Kind::kAppend, "t", "");
  Renew("x-2", 100, &request);
  EXPECT_EQ(request.value, "x-2;");
  request.kind = Kind::kBig;
  Renew("x-3", 100, &request);
  EXPECT_EQ(request.value.size(), 100u);
  EXPECT_EQ(request.value.substr(0, 4), "x-3:");
  request.kind = Kind::kFlush;
  Renew("x-4", 100, &request);
  EXPECT_EQ(request.value, "x-4");
  request.key = KeyFamilies::Big(1);
  Renew("x-5", 100, &request);
  EXPECT_EQ(request.value.size(), 100u);
}

TEST(KeyFamilies, SlotsAreThoseOfAllKeysThatClientsUse) {
  KeyFamilies keys;
  keys.one_slot = true;
  keys.client_count = 2;
  const std::vector<uint16_t> slots = keys.Slots();
  EXPECT_TRUE(std::is_sorted(slots.begin(), slots.end()));
  for (const std::string& key : {KeyFamilies::Register(0), keys.Pair(0, 1),
                                 KeyFamilies::OfClient(1), KeyFamilies::OtherPrefix(1) + "x"})
    EXPECT_TRUE(std::binary_search(slots.begin(), slots.end(), KeySlot(key))) << key;
}

TEST(DrawRequest, DrawsEveryKindAndNeverAValueTwice) {
  SeededDecider decider(1);
  DecisionStream decisions(&decider, "test");
  scenario::ReplicationMix mix;
  mix.set_flush(5);
  KeyFamilies keys;
  keys.count = 3;
  std::map<Kind, int> counts;
  for (int i = 0; i < 2000; ++i)
    ++counts[DrawRequest(&decisions, mix, keys, 0, std::to_string(i), 100).kind];
  EXPECT_EQ(counts.size(), 14u);
}

}  // namespace
}  // namespace damselfly::sim
