#include "sim/sweep/residue_check.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/resp/request_writer.h"
#include "sim/world/sim_network.h"

namespace damselfly::sim {

ResidueCheck::ResidueCheck(Host* host, const Endpoint& server, const std::string& password) {
  if (!password.empty()) unsent_ = MakeCommand({"AUTH", password});
  unsent_ += MakeCommand({"CLIENT", "LIST"});
  SimRuntime& runtime = host->runtime();
  runtime.loop(0).Post([this, &runtime, server] {
    runtime.network().Connect(runtime.loop(0), server,
                              [this](absl::StatusOr<std::unique_ptr<Stream>> stream) {
                                if (!stream.ok()) {
                                  error_ = stream.status().ToString();
                                  return;
                                }
                                stream_ = *std::move(stream);
                                stream_->Start(this);
                                OnWritable();
                              });
  });
}

ResidueCheck::~ResidueCheck() = default;

void ResidueCheck::OnWritable() {
  const absl::string_view piece = unsent_;
  unsent_.erase(0, stream_->Write({&piece, 1}));
}

void ResidueCheck::OnData(absl::string_view data) {
  reader_.Feed(data);
  Reply reply;
  while (reader_.Next(&reply) == ReplyReader::Result::kReply) {
    if (reply.type != Reply::Type::kBulk && reply.type != Reply::Type::kVerbatim) continue;
    list_ = reply.text;
    error_.clear();
  }
}

void ResidueCheck::OnClosed(const absl::Status& reason) { error_ = reason.ToString(); }

std::string ResidueCheck::verdict() const {
  if (!error_.empty()) return error_;
  int client_count = 0;
  for (absl::string_view line : absl::StrSplit(list_, '\n', absl::SkipEmpty())) {
    // Links between nodes are no clients.
    if (!absl::StrContains(line, " flags=S ") && !absl::StrContains(line, " flags=M "))
      ++client_count;
  }
  if (client_count == 1) return "";
  return absl::StrCat("clients that have gone are still there:\n", list_);
}

void CheckResidueOf(const std::vector<std::unique_ptr<SimNode>>& nodes, Host* host, World* world,
                    OracleBoard* board) {
  std::vector<std::unique_ptr<ResidueCheck>> checks;
  for (const std::unique_ptr<SimNode>& node : nodes)
    checks.push_back(std::make_unique<ResidueCheck>(host, node->endpoint(), ""));
  world->RunUntil(world->now_ns() + kSecond);
  for (size_t i = 0; i < checks.size(); ++i) {
    board->CountCheck(Oracle::kNoResidue);
    if (!checks[i]->verdict().empty())
      board->Violate(Oracle::kNoResidue, absl::StrCat("node ", i, ": ", checks[i]->verdict()));
  }
}

}  // namespace damselfly::sim
