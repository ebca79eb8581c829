#include "sim/oracles/sequential_oracle.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace damselfly::sim {
namespace {

class PlainWall final : public WallHistory {
 public:
  int64_t WallMinMs(int64_t begin_ns, int64_t) const override { return begin_ns / 1000000; }
  int64_t WallMaxMs(int64_t, int64_t end_ns) const override { return end_ns / 1000000; }
};

using ReplyType = Reply::Type;

class SequentialOracleTest : public testing::Test {
 protected:
  Moment At(int64_t begin_ms, int64_t end_ms) {
    return {begin_ms * 1000000, end_ms * 1000000, &wall_};
  }
  void Answer(const Args& args, ReplyType type, const std::string& text, int64_t at_ms = 1) {
    Reply reply;
    reply.type = type;
    if (type == ReplyType::kInteger) {
      reply.integer = std::stoll(text);
    } else {
      reply.text = text;
    }
    oracle_.OnReply(args, reply, At(at_ms, at_ms));
  }
  void Ok(const Args& args, int64_t at_ms = 1) {
    Answer(args, ReplyType::kSimpleString, "OK", at_ms);
  }
  void Queued(const Args& args) { Answer(args, ReplyType::kSimpleString, "QUEUED"); }
  void Bulk(const Args& args, const std::string& text, int64_t at_ms = 1) {
    Answer(args, ReplyType::kBulk, text, at_ms);
  }
  void Nil(const Args& args, int64_t at_ms = 1) { Answer(args, ReplyType::kNull, "", at_ms); }

  PlainWall wall_;
  OracleBoard board_;
  SequentialOracle oracle_{&board_};
};

TEST_F(SequentialOracleTest, ExactRepliesPass) {
  Ok({"SET", "k", "v"});
  Bulk({"GET", "k"}, "v");
  Nil({"GET", "other"});
  EXPECT_FALSE(board_.violated());
  EXPECT_EQ(board_.checks(Oracle::kSession), 3u);
}

TEST_F(SequentialOracleTest, WhatGetsNoReplyIsDoneAllTheSame) {
  oracle_.OnMuted({"SET", "k", "v"}, At(1, 1));
  Bulk({"GET", "k"}, "v");
  EXPECT_FALSE(board_.violated());
  oracle_.OnMuted({"DEL", "k"}, At(1, 1));
  Bulk({"GET", "k"}, "v");
  EXPECT_TRUE(board_.violated());
}

TEST_F(SequentialOracleTest, AWrongValueFails) {
  Ok({"SET", "k", "v"});
  Bulk({"GET", "k"}, "w");
  EXPECT_TRUE(board_.violated());
  EXPECT_EQ(board_.first_oracle(), Oracle::kSession);
}

// A step of SCAN over all keys that begin with "k:".
class ScanOracleTest : public SequentialOracleTest {
 protected:
  void Scan(const std::string& cursor, const std::string& next,
            const std::vector<std::string>& keys, const Args& options = {}) {
    Reply reply;
    reply.type = ReplyType::kArray;
    reply.elements.resize(2);
    reply.elements[0].type = ReplyType::kBulk;
    reply.elements[0].text = next;
    reply.elements[1].type = ReplyType::kArray;
    for (const std::string& key : keys) {
      reply.elements[1].elements.emplace_back();
      reply.elements[1].elements.back().type = ReplyType::kBulk;
      reply.elements[1].elements.back().text = key;
    }
    Args args = {"SCAN", cursor, "MATCH", "k:*"};
    args.insert(args.end(), options.begin(), options.end());
    oracle_.OnReply(args, reply, At(1, 1));
  }
};

TEST_F(ScanOracleTest, ARoundShowsAllThatIsThereThroughoutAndMayShowTheRest) {
  Ok({"MSET", "k:1", "a", "k:2", "b", "k:3", "c", "other", "d"});
  Scan("0", "17", {"k:2", "k:2"});
  Ok({"SET", "k:4", "e"});
  Answer({"DEL", "k:1"}, ReplyType::kInteger, "1");
  Scan("17", "99", {"k:3"});
  Scan("99", "0", {});
  EXPECT_FALSE(board_.violated()) << board_.first_message();
  Scan("0", "5", {"k:4"});
  Scan("5", "0", {"k:3", "k:2"});
  EXPECT_FALSE(board_.violated()) << board_.first_message();
}

TEST_F(ScanOracleTest, ARoundThatLeavesOutAKeyFails) {
  Ok({"MSET", "k:1", "a", "k:2", "b"});
  Scan("0", "17", {"k:1"});
  EXPECT_FALSE(board_.violated());
  Scan("17", "0", {});
  EXPECT_TRUE(board_.violated());
  EXPECT_EQ(board_.first_oracle(), Oracle::kSession);
}

TEST_F(ScanOracleTest, AKeyThatGoesAndComesNeedNotBeShown) {
  Ok({"MSET", "k:1", "a", "k:2", "b"});
  Scan("0", "17", {"k:1"});
  Answer({"DEL", "k:2"}, ReplyType::kInteger, "1");
  Ok({"SET", "k:2", "again"});
  Scan("17", "0", {});
  EXPECT_FALSE(board_.violated()) << board_.first_message();
}

TEST_F(ScanOracleTest, AKeyThatIsNotThereFails) {
  Ok({"SET", "k:1", "a"});
  Scan("0", "17", {"k:1"});
  Answer({"DEL", "k:1"}, ReplyType::kInteger, "1");
  Scan("17", "0", {"k:1"});
  EXPECT_TRUE(board_.violated());
}

TEST_F(ScanOracleTest, OnlyKeysOfTheTypeAreShown) {
  Ok({"SET", "k:1", "a"});
  Scan("0", "0", {}, {"TYPE", "list"});
  Scan("0", "0", {"k:1"}, {"TYPE", "string"});
  EXPECT_FALSE(board_.violated()) << board_.first_message();
  Scan("0", "0", {"k:1"}, {"TYPE", "list"});
  EXPECT_TRUE(board_.violated());
}

TEST_F(ScanOracleTest, ACursorThatIsGivenBackFails) {
  Ok({"SET", "k:1", "a"});
  Scan("0", "17", {});
  EXPECT_FALSE(board_.violated());
  Scan("17", "17", {"k:1"});
  EXPECT_TRUE(board_.violated());
}

TEST_F(ScanOracleTest, ANewConnectionBeginsWithoutARound) {
  Ok({"MSET", "k:1", "a", "k:2", "b"});
  Scan("0", "17", {"k:1"});
  oracle_.OnConnectionLost({}, 0, At(1, 2));
  Scan("17", "0", {});
  EXPECT_FALSE(board_.violated()) << board_.first_message();
}

TEST_F(SequentialOracleTest, AfterALostConnectionEveryPrefixIsPossibleAndTheNextReplyDecides) {
  Ok({"SET", "k", "0"});
  oracle_.OnConnectionLost(
      std::vector<Args>{{"SET", "k", "1"}, {"SET", "k", "2"}, {"SET", "k", "3"}}, 2, At(1, 2));
  EXPECT_EQ(oracle_.state_count(), 3u);
  Bulk({"GET", "k"}, "1", 3);
  EXPECT_EQ(oracle_.state_count(), 1u);
  EXPECT_FALSE(board_.violated());
  Bulk({"GET", "k"}, "0", 4);
  EXPECT_TRUE(board_.violated());
}

TEST_F(SequentialOracleTest, WhatTheNodeWasNeverGivenWasNotExecuted) {
  Ok({"SET", "k", "0"});
  oracle_.OnConnectionLost(std::vector<Args>{{"SET", "k", "1"}, {"SET", "k", "2"}}, 1, At(1, 2));
  Bulk({"GET", "k"}, "2", 3);
  EXPECT_TRUE(board_.violated());
}

TEST_F(SequentialOracleTest, ALostTransactionIsWholeOrNot) {
  Ok({"MSET", "a", "0", "b", "0"});
  oracle_.OnConnectionLost(
      std::vector<Args>{{"MULTI"}, {"SET", "a", "1"}, {"SET", "b", "1"}, {"EXEC"}}, 4, At(1, 2));
  EXPECT_EQ(oracle_.state_count(), 2u);
  Bulk({"GET", "a"}, "1", 3);
  Bulk({"GET", "b"}, "0", 3);
  EXPECT_TRUE(board_.violated());
}

TEST_F(SequentialOracleTest, AKeyIsReadUntilItsDeadlineOnly) {
  Ok({"SET", "k", "v", "PX", "100"}, 1000);
  Bulk({"GET", "k"}, "v", 1050);
  EXPECT_FALSE(board_.violated());
  Bulk({"GET", "k"}, "v", 1200);
  EXPECT_TRUE(board_.violated());
  EXPECT_EQ(board_.first_oracle(), Oracle::kNoLateRead);
}

TEST_F(SequentialOracleTest, AKeyDoesNotDieEarly) {
  Ok({"SET", "k", "v", "PX", "100"}, 1000);
  Nil({"GET", "k"}, 1050);
  EXPECT_TRUE(board_.violated());
  EXPECT_EQ(board_.first_oracle(), Oracle::kNoEarlyDeath);
}

TEST_F(SequentialOracleTest, WhenTheMomentIsInDoubtBothAreAllowedAndTheReplyDecides) {
  Reply ok;
  ok.type = ReplyType::kSimpleString;
  ok.text = "OK";
  oracle_.OnReply({"SET", "k", "v", "PX", "100"}, ok, At(1000, 1050));
  Nil({"GET", "k"}, 1120);
  EXPECT_FALSE(board_.violated());
  Bulk({"GET", "k"}, "v", 1121);
  EXPECT_TRUE(board_.violated());
}

TEST_F(SequentialOracleTest, AKeyMayExpireBetweenTwoCommandsThatLookLikeOneMoment) {
  Ok({"SET", "k", "v", "PX", "100"}, 1000);
  Reply ok;
  ok.type = ReplyType::kSimpleString;
  ok.text = "OK";
  oracle_.OnReply({"WATCH", "k"}, ok, At(1090, 1110));
  oracle_.OnReply({"MULTI"}, ok, At(1090, 1110));
  oracle_.OnReply({"EXEC"}, Reply(), At(1105, 1110));
  EXPECT_FALSE(board_.violated());
}

TEST_F(SequentialOracleTest, ExecMustFailExactlyWhenAWatchedKeyHasChanged) {
  Ok({"WATCH", "k"});
  Ok({"SET", "k", "v"});
  Ok({"MULTI"});
  Queued({"GET", "k"});
  Nil({"EXEC"});
  EXPECT_FALSE(board_.violated());
  Ok({"WATCH", "k"});
  Ok({"MULTI"});
  Queued({"GET", "k"});
  Nil({"EXEC"});
  EXPECT_TRUE(board_.violated());
  EXPECT_EQ(board_.first_oracle(), Oracle::kWatch);
}

TEST_F(SequentialOracleTest, ANodeThatDiedHasForgottenAll) {
  Ok({"SET", "k", "v"});
  oracle_.OnNodeLost();
  Nil({"GET", "k"});
  EXPECT_FALSE(board_.violated());
}

}  // namespace
}  // namespace damselfly::sim
