#include "sim/node/sim_node.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "sim/node/node_state.h"

namespace damselfly::sim {
namespace {

int PortIn(const SimNode::Parameters& parameters) {
  int port = SimNode::kPort;
  for (const auto& [name, value] : parameters) {
    if (name == "port") DFLY_CHECK(absl::SimpleAtoi(value, &port));
  }
  return port;
}

}  // namespace

std::pair<std::string, std::string> SimNode::PortOf(size_t number) {
  // Between them lie ports of administration.
  return {"port", absl::StrCat(kPort + 10 * number)};
}

SimNode::SimNode(Host* host, Parameters parameters, ConfigCache* config_cache)
    : host_(host),
      parameters_(std::move(parameters)),
      port_(PortIn(parameters_)),
      config_cache_(config_cache) {}

SimNode::~SimNode() {
  if (running()) Kill(Host::Death::kExit);
}

void SimNode::Start() {
  DFLY_CHECK(!running());
  if (starts_ != nullptr) ++*starts_;
  if (!host_->running()) host_->StartProcess();
  config_ = std::make_unique<Config>();
  const auto set = [this](const std::string& name, const std::string& value) {
    const ParameterSpec* spec = Config::Find(name);
    DFLY_CHECK(spec != nullptr);
    const absl::Status status = config_->Set(spec->id, value);
    DFLY_CHECK(status.ok());
  };
  ReadParameterFile();
  set("port", absl::StrCat(port_));
  set("bind", host_->address());
  set("protected_mode", "no");
  for (const auto& [name, value] : parameters_) set(name, value);
  node_ = std::make_unique<Node>(&host_->runtime(), config_.get(), config_cache_);
  state_ = std::make_unique<NodeStateProbe>(node_.get());
  host_->set_state_probe([this] { return state_->Text(); });
  const absl::Status status = node_->Start();
  DFLY_CHECK(status.ok());
}

void SimNode::ReadParameterFile() {
  for (const auto& [name, value] : parameters_) {
    if (name != "config_file") continue;
    const absl::StatusOr<std::string> text = host_->disk().ReadAll(value);
    if (!text.ok()) continue;
    const absl::Status status = config_->Parse(*text);
    DFLY_CHECK(status.ok());
  }
}

void SimNode::Kill(Host::Death death) {
  DFLY_CHECK(running());
  host_->StopProcess(death);
  host_->set_state_probe(nullptr);
  state_ = nullptr;
  node_ = nullptr;
  config_ = nullptr;
}

Endpoint SimNode::endpoint() const {
  Endpoint endpoint;
  endpoint.host = host_->address();
  endpoint.port = port_;
  return endpoint;
}

}  // namespace damselfly::sim
