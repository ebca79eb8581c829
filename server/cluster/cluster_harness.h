#ifndef DAMSELFLY_SERVER_CLUSTER_CLUSTER_HARNESS_H_
#define DAMSELFLY_SERVER_CLUSTER_CLUSTER_HARNESS_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/cluster/cluster.h"
#include "server/cluster/cluster_commands.h"
#include "server/session/session_harness.h"

namespace damselfly {

// A node with its part in a cluster, and one client of it, over fake streams.
class ClusterHarness {
 public:
  explicit ClusterHarness(absl::string_view mode = "yes", absl::string_view node_id = "me",
                          int worker_count = 1)
      : node_(worker_count, mode, ClusterCommands()) {
    if (mode == "yes") node_.Set(Parameter::cluster_node_id, node_id);
    node_.server().bound_port = 6379;
    cluster_ = std::make_unique<Cluster>(&node_.server(), &config_cache_);
    client_ = node_.Connect();
  }

  // As SessionHarness::Client::Call.
  std::string Call(absl::string_view lines) { return client_->Call(lines); }

  // DFLYCLUSTER CONFIG with this text, and EPOCH if it is not empty.
  std::string Push(absl::string_view json, absl::string_view epoch = "") {
    const std::string option =
        epoch.empty() ? "" : absl::StrCat("$5\r\nEPOCH\r\n$", epoch.size(), "\r\n", epoch, "\r\n");
    return client_->SendRaw(absl::StrCat("*", epoch.empty() ? 3 : 5,
                                         "\r\n$11\r\nDFLYCLUSTER\r\n$6\r\nCONFIG\r\n$", json.size(),
                                         "\r\n", json, "\r\n", option));
  }

  SessionHarness& node() { return node_; }
  Cluster& cluster() { return *cluster_; }
  Store& store() { return node_.store(); }
  SessionHarness::Client* client() { return client_; }

 private:
  SessionHarness node_;
  ConfigCache config_cache_{1};
  std::unique_ptr<Cluster> cluster_;
  SessionHarness::Client* client_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_CLUSTER_CLUSTER_HARNESS_H_
