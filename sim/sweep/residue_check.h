#ifndef DAMSELFLY_SIM_SWEEP_RESIDUE_CHECK_H_
#define DAMSELFLY_SIM_SWEEP_RESIDUE_CHECK_H_

#include <memory>
#include <string>
#include <vector>

#include "server/resp/reply_reader.h"
#include "server/runtime/network.h"
#include "sim/node/sim_node.h"
#include "sim/oracles/oracle_board.h"
#include "sim/world/host.h"
#include "sim/world/world.h"

namespace damselfly::sim {

// S40: asks a node, when all clients have gone, whether it knows of any client but the one who
// asks.
class ResidueCheck final : public StreamHandler {
 public:
  // Asks from `host`, which outlives the check.
  ResidueCheck(Host* host, const Endpoint& server, const std::string& password);
  ~ResidueCheck() override;

  // Once the world has run on for a while: empty when all is well.
  std::string verdict() const;

  void OnData(absl::string_view data) override;
  void OnWritable() override;
  void OnClosed(const absl::Status& reason) override;

 private:
  std::string unsent_;
  std::unique_ptr<Stream> stream_;
  ReplyReader reader_;
  std::string list_;
  std::string error_ = "no answer";
};

// Asks all nodes, which run and want no password, from `host`, and lets the world run on meanwhile.
void CheckResidueOf(const std::vector<std::unique_ptr<SimNode>>& nodes, Host* host, World* world,
                    OracleBoard* board);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SWEEP_RESIDUE_CHECK_H_
