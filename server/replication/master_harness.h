#ifndef DAMSELFLY_SERVER_REPLICATION_MASTER_HARNESS_H_
#define DAMSELFLY_SERVER_REPLICATION_MASTER_HARNESS_H_

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "server/replication/flow_harness.h"
#include "server/replication/journal_owner.h"
#include "server/replication/master.h"
#include "server/replication/master_commands.h"
#include "server/session/session_harness.h"

namespace damselfly {

// A node that is a master, over fake streams: what class Replication does for it is here by hand.
class MasterHarness final : public MasterHost {
 public:
  static constexpr absl::string_view kLineageId = "0123456789abcdef0123456789abcdef01234567";

  explicit MasterHarness(int worker_count = 2, absl::string_view cluster_mode = "")
      : node_(worker_count, cluster_mode, ReplicationMasterCommands()) {
    lineage_.id = std::string(kLineageId);
    node_.server().set_replication(this);
    master_ = std::make_unique<Master>(&node_.server(), this);
  }
  ~MasterHarness() override {
    master_.reset();
    node_.store().set_change_sink(nullptr);
  }

  std::shared_ptr<Journal> journal() const override { return journal_; }
  std::shared_ptr<Journal> OpenJournal() override {
    if (journal_ == nullptr && !refuses_journal) {
      Journal::Options options;
      options.lane_count = options.worker_count = node_.runtime().worker_count();
      options.first = Positions(static_cast<size_t>(options.lane_count), 1);
      options.reader_lag_bytes_max = master_->ReaderLagBytesMax();
      journal_ = std::make_shared<Journal>(options, &node_.runtime().clock());
      node_.store().set_change_sink(journal_.get());
    }
    return journal_;
  }
  Lineage lineage() const override { return lineage_; }
  void OnFirstLink() override { ++first_links; }
  void OnLastLinkGone() override { ++last_links_gone; }
  ReplicationFacts Facts() const override {
    ReplicationFacts facts;
    facts.replicas = master_->Facts();
    return facts;
  }
  Master& master() override { return *master_; }

  SessionHarness& node() { return node_; }
  Store& store() { return node_.store(); }
  ServerState& server() { return node_.server(); }
  // How many of the node's log lines hold that.
  int LogCount(absl::string_view text) {
    return static_cast<int>(
        std::count_if(node_.runtime().log.begin(), node_.runtime().log.end(),
                      [&](const std::string& line) { return absl::StrContains(line, text); }));
  }

  bool refuses_journal = false;
  int first_links = 0;
  int last_links_gone = 0;

 private:
  SessionHarness node_;
  Lineage lineage_;
  std::shared_ptr<Journal> journal_;
  std::unique_ptr<Master> master_;
};

// A replica as its master sees it: the connections, and what it does with what comes.
class TestReplica {
 public:
  // `attempt`: how often its process has connected to a master. `name`: what it calls itself.
  explicit TestReplica(MasterHarness* master, absl::string_view port = "7001", int attempt = 0,
                       absl::string_view name = "")
      : master_(*master),
        control_(master->node().Connect()),
        node_id_(name.empty() ? absl::StrCat("node-", port) : std::string(name)),
        greeting_(control_->Call(absl::StrCat("REPLCONF listening-port ", port, " client-id ",
                                              node_id_, " capa damselfly version 1 run-id run-",
                                              name.empty() ? port : name, " attempt ", attempt))) {}

  // DFLY SYNC, and a flow a lane. Returns the reply to the former.
  std::string Sync(absl::string_view arguments = "?") {
    const std::string reply = control_->Call(absl::StrCat("DFLY SYNC ", arguments));
    const std::vector<std::string> lines = absl::StrSplit(reply, '|');
    if (lines.size() < 7) return reply;
    sync_id_ = lines[5].substr(1);
    const int lanes = std::stoi(lines[6].substr(1));
    model_ = std::make_unique<ReplicaModel>(lanes);
    for (int lane = 0; lane < lanes; ++lane) {
      flows_.push_back(master_.node().Connect(lane % master_.node().runtime().worker_count()));
      flow_replies_.push_back(flows_.back()->Call(absl::StrCat("DFLY FLOW ", sync_id_, " ", lane)));
    }
    return reply;
  }
  // DFLY START. Returns the reply.
  std::string Start() {
    const std::string reply = control_->Call(absl::StrCat("DFLY START ", sync_id_));
    positions_.clear();
    for (absl::string_view line : absl::StrSplit(reply, '|')) {
      if (absl::ConsumePrefix(&line, ":")) positions_.push_back(std::stoull(std::string(line)));
    }
    return reply;
  }
  // Sync and Start.
  void Follow() {
    Sync();
    Start();
    Apply();
    Acknowledge();
  }
  // Takes what has come on the flows.
  void Apply() {
    master_.node().runtime().RunReady();
    for (size_t lane = 0; lane < flows_.size(); ++lane) {
      std::string& output = flows_[lane]->wire().output;
      model_->Feed(static_cast<int>(lane), std::exchange(output, {}));
    }
  }
  Positions Applied() const {
    Positions applied = positions_;
    for (size_t lane = 0; lane < applied.size(); ++lane)
      applied[lane] += model_->records(static_cast<int>(lane));
    return applied;
  }
  void Acknowledge() {
    EXPECT_EQ(control_->Call(absl::StrCat("REPLCONF ACK ", absl::StrJoin(Applied(), " "))), "");
  }
  // As INFO has it; "none": there is no such replica.
  std::string state() const {
    for (const ReplicaFacts& facts : master_.master().Facts()) {
      if (facts.node_id == node_id_) return facts.state;
    }
    return "none";
  }
  // All of its connections have been closed.
  bool cut_off() const {
    return control_->closed() &&
           std::all_of(flows_.begin(), flows_.end(), [](auto* flow) { return flow->closed(); });
  }

  SessionHarness::Client* control() { return control_; }
  SessionHarness::Client* flow(size_t lane) { return flows_[lane]; }
  ReplicaModel& model() { return *model_; }
  const std::string& sync_id() const { return sync_id_; }
  const std::string& greeting() const { return greeting_; }
  const std::vector<std::string>& flow_replies() const { return flow_replies_; }

 private:
  MasterHarness& master_;
  SessionHarness::Client* control_;
  std::vector<SessionHarness::Client*> flows_;
  const std::string node_id_;
  const std::string greeting_;
  std::string sync_id_;
  std::vector<std::string> flow_replies_;
  Positions positions_;
  std::unique_ptr<ReplicaModel> model_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_MASTER_HARNESS_H_
