#include "benchmarks/instructions/counted_node.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/check.h"
#include "server/resp/request_writer.h"

namespace damselfly {

class CountedWire::End final : public Stream {
 public:
  explicit End(CountedWire* wire) : wire_(*wire) {
    local_.host = peer_.host = "127.0.0.1";
    local_.port = 6379;
    peer_.port = 50000;
  }

  void Start(StreamHandler* handler) override { wire_.handler_ = handler; }
  size_t Write(absl::Span<const absl::string_view> pieces) override {
    size_t bytes = 0;
    for (const absl::string_view piece : pieces) {
      bytes += piece.size();
      if (wire_.keeps_) wire_.received_.append(piece.data(), piece.size());
    }
    wire_.received_bytes_ += bytes;
    return bytes;
  }
  void PauseReading() override { DFLY_CHECK(false); }
  void ResumeReading() override {}
  void Close() override {}
  const Endpoint& local() const override { return local_; }
  const Endpoint& peer() const override { return peer_; }
  int descriptor() const override { return 7; }

 private:
  CountedWire& wire_;
  Endpoint local_;
  Endpoint peer_;
};

std::unique_ptr<Stream> CountedWire::MakeStream() { return std::make_unique<End>(this); }

CountedNode::CountedNode(Setting setting)
    : has_replica_(setting == Setting::kReplicaAttached),
      runtime_(setting == Setting::kTwoWorkers ? 2 : 1) {
  DFLY_CHECK(config_.Set(Parameter::bind, "127.0.0.1").ok());
  if (setting == Setting::kEmulated)
    DFLY_CHECK(config_.Set(Parameter::cluster_mode, "emulated").ok());
  if (setting == Setting::kCluster) {
    DFLY_CHECK(config_.Set(Parameter::cluster_mode, "yes").ok());
    DFLY_CHECK(config_.Set(Parameter::cluster_node_id, "me").ok());
  }
  node_ = std::make_unique<Node>(&runtime_, &config_);
  DFLY_CHECK(node_->Start().ok());
  runtime_.RunReady();
  client_ = Connect();
  if (setting == Setting::kCluster) OwnAllSlots();
  if (has_replica_) AttachReplica();
}

CountedNode::~CountedNode() = default;

CountedWire* CountedNode::Connect() {
  wires_.emplace_back();
  runtime_.Connect(wires_.back().MakeStream());
  runtime_.RunReady();
  return &wires_.back();
}

std::string CountedNode::CallOn(CountedWire* wire, absl::string_view requests) {
  wire->set_keeps(true);
  wire->Deliver(requests);
  runtime_.RunReady();
  wire->set_keeps(false);
  return wire->TakeReceived();
}

void CountedNode::OwnAllSlots() {
  const std::string reply = Call(MakeCommand(
      {"DFLYCLUSTER", "CONFIG",
       R"([{"slot_ranges":[{"start":0,"end":16383}],"master":{"id":"me","ip":"127.0.0.1",)"
       R"("port":6379},"replicas":[]}])"}));
  DFLY_CHECK(reply == "+OK\r\n");
}

// As a replica does it, before there are keys.
void CountedNode::AttachReplica() {
  CountedWire* const control = Connect();
  CallOn(control,
         "REPLCONF listening-port 7001 client-id replica capa damselfly version 1 run-id replica "
         "attempt 0\r\n");
  const std::vector<std::string> sync = absl::StrSplit(CallOn(control, "DFLY SYNC ?\r\n"), "\r\n");
  DFLY_CHECK(sync.size() >= 7);
  const std::string id = sync[5].substr(1);
  DFLY_CHECK(sync[6] == ":1");  // lanes
  CallOn(Connect(), absl::StrCat("DFLY FLOW ", id, " 0\r\n"));
  const std::string started = CallOn(control, absl::StrCat("DFLY START ", id, "\r\n"));
  DFLY_CHECK(!started.empty() && started[0] != '-');
  runtime_.RunReady();
  DFLY_CHECK(node_->replication().journal() != nullptr);
}

}  // namespace damselfly
