#include "server/replication/replication.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "server/replication/replication_commands.h"
#include "server/session/session_harness.h"

namespace damselfly {
namespace {

// A node with its replication and a client, and no network to reach others by.
class LoneNode {
 public:
  LoneNode() : node_(2, "", ReplicationCommands()) {
    replication_ = std::make_unique<Replication>(&node_.server());
    client_ = node_.Connect();
  }
  ~LoneNode() { node_.server().CloseSessions(); }

  std::string Call(absl::string_view lines) { return client_->Call(lines); }
  SessionHarness& node() { return node_; }
  Replication& replication() { return *replication_; }

 private:
  SessionHarness node_;
  std::unique_ptr<Replication> replication_;
  SessionHarness::Client* client_;
};

TEST(Replication, ANodeBeginsAsAMasterInItsOwnLineage) {
  LoneNode lone;
  EXPECT_EQ(lone.Call("ROLE"), "*2|$6|master|*0|");
  const ReplicationFacts facts = lone.replication().Facts();
  EXPECT_FALSE(facts.is_replica);
  EXPECT_EQ(facts.lineage_id, lone.node().server().run_id());
  EXPECT_EQ(lone.replication().journal(), nullptr);
  EXPECT_EQ(lone.Call("REPLICAOF NO ONE"), "+OK|");
  EXPECT_EQ(lone.Call("REPLTAKEOVER 5"), "+OK|");
  EXPECT_EQ(lone.replication().Facts().lineage_id, lone.node().server().run_id());
}

TEST(Replication, AJournalSeesChangesOnceItIsAskedFor) {
  LoneNode lone;
  EXPECT_EQ(lone.Call("SET a 1"), "+OK|");
  const std::shared_ptr<Journal> journal = lone.replication().OpenJournal();
  ASSERT_NE(journal, nullptr);
  EXPECT_EQ(journal->lane_count(), 2);
  EXPECT_EQ(journal->record_count(), 0u);
  EXPECT_EQ(lone.Call("SET a 2"), "+OK|");
  EXPECT_EQ(journal->record_count(), 1u);
  EXPECT_EQ(lone.replication().OpenJournal(), journal);
  EXPECT_EQ(lone.replication().Facts().journal_records, 1u);
}

TEST(Replication, AJournalThatNobodyWantsIsClosedAndNobodyResumesOverTheGap) {
  LoneNode lone;
  lone.node().Set(Parameter::repl_backlog_ttl, "10");
  EXPECT_NE(lone.replication().OpenJournal(), nullptr);
  EXPECT_EQ(lone.Call("SET a 1"), "+OK|");
  const Positions before = lone.replication().journal()->Ends();
  lone.node().AdvanceMs(5'000);
  EXPECT_NE(lone.replication().journal(), nullptr);
  lone.replication().OnLastLinkGone();
  lone.node().AdvanceMs(8'000);
  EXPECT_NE(lone.replication().journal(), nullptr);
  lone.node().AdvanceMs(4'000);
  EXPECT_EQ(lone.replication().journal(), nullptr);
  EXPECT_EQ(lone.node().store().change_sink(), nullptr);
  EXPECT_EQ(lone.Call("SET a 2"), "+OK|");
  const Positions after = lone.replication().OpenJournal()->Ends();
  ASSERT_EQ(after.size(), before.size());
  for (size_t lane = 0; lane < after.size(); ++lane) EXPECT_EQ(after[lane], before[lane] + 1);
}

TEST(Replication, WithoutATtlAJournalStays) {
  LoneNode lone;
  lone.node().Set(Parameter::repl_backlog_ttl, "0");
  EXPECT_NE(lone.replication().OpenJournal(), nullptr);
  lone.node().AdvanceMs(100'000'000);
  EXPECT_NE(lone.replication().journal(), nullptr);
}

TEST(Replication, AMasterFromTheParametersMustBeAnAddress) {
  LoneNode lone;
  lone.node().Set(Parameter::replicaof, "nowhere");
  EXPECT_EQ(lone.replication().Start().message(),
            "--replicaof 'nowhere': is not host:port or [IPv6 address]:port");
  EXPECT_EQ(lone.Call("SET a 1"), "+OK|");
}

TEST(Replication, AddressesOfMasters) {
  EXPECT_EQ(ParseMasterAddress("host:6379")->ToString(), "host:6379");
  EXPECT_EQ(ParseMasterAddress("10.0.0.1:1")->ToString(), "10.0.0.1:1");
  EXPECT_EQ(ParseMasterAddress("[::1]:65535")->ToString(), "[::1]:65535");
  for (const char* text : {"", ":", "host", ":6379", "[]:6379", "::1:6379"}) {
    EXPECT_EQ(ParseMasterAddress(text).status().message(),
              "is not host:port or [IPv6 address]:port")
        << text;
  }
  for (const char* text : {"host:", "host:0", "host:65536", "host:x"}) {
    EXPECT_EQ(ParseMasterAddress(text).status().message(), "the port is out of range") << text;
  }
}

}  // namespace
}  // namespace damselfly
