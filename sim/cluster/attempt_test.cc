#include "sim/cluster/attempt.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/base/crc16.h"

namespace damselfly::sim {
namespace {

Reply Read(absl::string_view bytes) {
  ReplyReader reader;
  reader.Feed(bytes);
  Reply reply;
  EXPECT_EQ(reader.Next(&reply), ReplyReader::Result::kReply);
  return reply;
}

constexpr absl::string_view kCross = "-CROSSSLOT Keys in request don't hash to the same slot\r\n";

// Node 0 of two owns every slot from 5 on.
class AttemptTest : public testing::Test {
 protected:
  AttemptTest() {
    history_.nodes = {{"a", "10.0.0.1", 6379}, {"b", "10.0.0.2", 6379}};
    Push push;
    push.occasion = {0, 1, 5, 5};
    push.config = history_.ledger.AddConfig(Topology::Even(1));
    push.outcome = PushOutcome::kApplied;
    history_.ledger.Add(push);
  }

  Attempt Make(OperationKind kind, const std::string& key = "{t}a", const std::string& other = "") {
    return Attempt(Operation{kind, key, other}, 1, "v", &history_, &board_);
  }
  // The step was answered so.
  static StepResult Answered(std::vector<absl::string_view> replies) {
    StepResult result;
    for (absl::string_view bytes : replies) {
      const int64_t time_ns = 10 + static_cast<int64_t>(result.replies.size());
      result.replies.push_back(Read(bytes));
      result.occasions.push_back({0, 1, time_ns, time_ns});
    }
    result.complete = true;
    return result;
  }
  std::string Moved() { return absl::StrCat("-MOVED ", KeySlot("{t}a"), " 10.0.0.2:6379\r\n"); }
  // A later read of the key found the attempt's value: what the oracles say to that.
  Oracle FoundAfterRead() {
    history_.data.OnRead("{t}a", "v", {0, 1, 100, 101});
    history_.data.Check(history_.ledger, &board_);
    return board_.first_oracle();
  }

  ClusterHistory history_;
  OracleBoard board_;
};

TEST_F(AttemptTest, AnAcknowledgedWriteIsDone) {
  Attempt attempt = Make(OperationKind::kSet);
  EXPECT_EQ(attempt.NextStep(), (std::vector<Args>{{"SET", "{t}a", "v"}}));
  EXPECT_EQ(attempt.OnStep(Answered({"+OK\r\n"})), Attempt::Verdict::kDone);
  EXPECT_EQ(FoundAfterRead(), Oracle::kCanary);
}

TEST_F(AttemptTest, ARedirectedWriteIsNotDone) {
  Attempt attempt = Make(OperationKind::kSet);
  EXPECT_EQ(attempt.OnStep(Answered({Moved()})), Attempt::Verdict::kMoved);
  EXPECT_EQ(attempt.moved_to(), 1);
  EXPECT_EQ(FoundAfterRead(), Oracle::kConfigAtomic);
}

TEST_F(AttemptTest, AWriteWithoutAnAnswerIsInDoubtIfTheNodeHadIt) {
  Attempt attempt = Make(OperationKind::kSet);
  StepResult lost;
  lost.executed_max = 1;
  lost.doubt = {0, 1, 10, 20};
  EXPECT_EQ(attempt.OnStep(lost), Attempt::Verdict::kLost);
  EXPECT_EQ(FoundAfterRead(), Oracle::kCanary);
}

TEST_F(AttemptTest, AWriteThatTheNodeNeverHadIsNotDone) {
  Attempt attempt = Make(OperationKind::kSet);
  EXPECT_EQ(attempt.OnStep(StepResult()), Attempt::Verdict::kLost);
  EXPECT_EQ(FoundAfterRead(), Oracle::kConfigAtomic);
}

TEST_F(AttemptTest, AnUnconfiguredNodeIsNoted) {
  Attempt attempt = Make(OperationKind::kGet);
  EXPECT_EQ(attempt.OnStep(Answered({"-ERR Cluster is not yet configured\r\n"})),
            Attempt::Verdict::kUnconfigured);
  history_.ownership.Check(history_.ledger, history_.nodes, &board_);
  EXPECT_EQ(board_.first_oracle(), Oracle::kUnconfigured);
}

TEST_F(AttemptTest, TwoSlotsAreRefusedOrElse) {
  Attempt refused = Make(OperationKind::kCrossWrite, "a", "b");
  EXPECT_EQ(refused.OnStep(Answered({kCross})), Attempt::Verdict::kDone);
  EXPECT_FALSE(board_.violated());
  Attempt executed = Make(OperationKind::kCrossWrite, "a", "b");
  executed.OnStep(Answered({"+OK\r\n"}));
  EXPECT_EQ(board_.first_oracle(), Oracle::kOneSlot);
}

TEST_F(AttemptTest, OneSlotIsNotRefusedForTwo) {
  Attempt attempt = Make(OperationKind::kGet);
  attempt.OnStep(Answered({kCross}));
  EXPECT_EQ(board_.first_oracle(), Oracle::kPairing);
}

TEST_F(AttemptTest, ATransactionGoesInTwoSteps) {
  Attempt attempt = Make(OperationKind::kTransaction, "{t}a", "{t}b");
  EXPECT_EQ(attempt.NextStep().size(), 3u);
  EXPECT_EQ(attempt.OnStep(Answered({"+OK\r\n", "+QUEUED\r\n", "+QUEUED\r\n"})),
            Attempt::Verdict::kGoOn);
  EXPECT_EQ(attempt.NextStep(), (std::vector<Args>{{"EXEC"}}));
  EXPECT_EQ(attempt.OnStep(Answered({"*2\r\n+OK\r\n+OK\r\n"})), Attempt::Verdict::kDone);
  EXPECT_EQ(FoundAfterRead(), Oracle::kCanary);
}

TEST_F(AttemptTest, ATransactionRefusedByExecIsNotDone) {
  Attempt attempt = Make(OperationKind::kTransaction, "{t}a", "{t}b");
  attempt.OnStep(Answered({"+OK\r\n", "+QUEUED\r\n", "+QUEUED\r\n"}));
  EXPECT_EQ(attempt.OnStep(Answered({Moved()})), Attempt::Verdict::kMoved);
  EXPECT_EQ(FoundAfterRead(), Oracle::kConfigAtomic);
}

TEST_F(AttemptTest, AfterARefusalInTheQueueExecMustAbort) {
  Attempt aborted = Make(OperationKind::kTransaction, "{t}a", "{t}b");
  aborted.OnStep(Answered({"+OK\r\n", Moved(), "+QUEUED\r\n"}));
  EXPECT_EQ(aborted.OnStep(Answered({"-EXECABORT Transaction discarded\r\n"})),
            Attempt::Verdict::kMoved);
  EXPECT_EQ(aborted.decided().begin_ns, 11);
  EXPECT_FALSE(board_.violated());
  Attempt executed = Make(OperationKind::kTransaction, "{t}a", "{t}b");
  executed.OnStep(Answered({"+OK\r\n", Moved(), "+QUEUED\r\n"}));
  executed.OnStep(Answered({"*1\r\n+OK\r\n"}));
  EXPECT_EQ(board_.first_oracle(), Oracle::kAllOrNothing);
}

TEST_F(AttemptTest, AWatchedTransactionMayFail) {
  Attempt attempt = Make(OperationKind::kWatch);
  EXPECT_EQ(attempt.OnStep(Answered({"+OK\r\n", "$-1\r\n"})), Attempt::Verdict::kGoOn);
  EXPECT_EQ(attempt.NextStep().size(), 3u);
  EXPECT_EQ(attempt.OnStep(Answered({"+OK\r\n", "+QUEUED\r\n", "*-1\r\n"})),
            Attempt::Verdict::kDone);
  EXPECT_EQ(FoundAfterRead(), Oracle::kConfigAtomic);
}

TEST_F(AttemptTest, AWatchedTransactionDoesNotFailForNothing) {
  // Watched at 10, and null at 12.
  const auto fail = [this] {
    Attempt attempt = Make(OperationKind::kWatch);
    attempt.OnStep(Answered({"+OK\r\n", "$-1\r\n"}));
    attempt.OnStep(Answered({"+OK\r\n", "+QUEUED\r\n", "*-1\r\n"}));
    history_.data.Check(history_.ledger, &board_);
  };
  history_.data.OnWrite("{t}a", "w", {0, 1, 12, 15}, WriteOutcome::kUnknown);
  fail();
  EXPECT_FALSE(board_.violated());
  history_.data = DataOracle();
  history_.data.OnWrite("{t}a", "w", {0, 1, 13, 15}, WriteOutcome::kDone);
  fail();
  EXPECT_EQ(board_.first_oracle(), Oracle::kWatch);
}

TEST_F(AttemptTest, AWatchIsGivenUpWhenItsReadIsRedirected) {
  Attempt attempt = Make(OperationKind::kWatch);
  EXPECT_EQ(attempt.OnStep(Answered({"+OK\r\n", Moved()})), Attempt::Verdict::kGoOn);
  EXPECT_EQ(attempt.NextStep(), (std::vector<Args>{{"UNWATCH"}}));
  EXPECT_EQ(attempt.OnStep(Answered({"+OK\r\n"})), Attempt::Verdict::kMoved);
}

TEST_F(AttemptTest, AViewThatMakesNoSenseIsFound) {
  Attempt attempt = Make(OperationKind::kView, "");
  attempt.OnStep(Answered({"*0\r\n", "*0\r\n", "$0\r\n\r\n", "$0\r\n\r\n"}));
  EXPECT_EQ(board_.first_oracle(), Oracle::kIntrospection);
}

}  // namespace
}  // namespace damselfly::sim
