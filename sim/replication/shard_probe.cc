#include "sim/replication/shard_probe.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/crc16.h"
#include "server/store/store.h"
#include "sim/oracles/key_slot.h"
#include "sim/replication/view_asker.h"

namespace damselfly::sim {
namespace {

constexpr int64_t kProbeTimeoutNs = 60 * kSecond;
// A node is asked for so many of the slots that clients use.
constexpr int kUsedSlotsAsked = 6;

}  // namespace

std::string ForeignKeysOf(SimNode& node, int number, const ShardMap& map) {
  const Store& store = node.node().store();
  for (int slot = store.NextUsedSlot(0); slot < kSlotCount; slot = store.NextUsedSlot(slot + 1)) {
    const uint64_t count = store.KeyCountInSlot(0, static_cast<uint16_t>(slot));
    if (count == 0 || map.Serves(number, slot)) continue;
    return absl::StrCat("node ", number, " holds ", count, " keys of slot ", slot,
                        ", which its configuration gives to another shard");
  }
  return "";
}

ShardProbe::ShardProbe(World* world, Host* host, const std::vector<std::unique_ptr<SimNode>>* nodes,
                       ReplicationHistory* history, OracleBoard* board)
    : host_(host),
      nodes_(nodes),
      history_(history),
      board_(board),
      decisions_(&world->decider(), "shard probe") {}

ShardProbe::~ShardProbe() = default;

void ShardProbe::Begin(std::shared_ptr<const ShardMap> map,
                       const std::vector<uint16_t>& used_slots) {
  map_ = std::move(map);
  used_slots_ = used_slots;
  key_of_slot_ = KeysOfSlots();
  open_count_ = nodes_->size();
  host_->runtime().loop(0).Post([this] {
    for (size_t i = 0; i < nodes_->size(); ++i) tasks_.Spawn(ProbeNode(static_cast<int>(i)));
  });
}

bool ShardProbe::Fits(int node, int slot, const Reply& reply) const {
  if (map_->Serves(node, slot)) return !reply.is_error();
  return reply.is_error() &&
         reply.text == absl::StrCat("MOVED ", slot, " ",
                                    map_->AddressOf(map_->ShardOf(slot), history_->shards.nodes()));
}

Task<void> ShardProbe::ProbeNode(int node) {
  std::vector<int> slots;
  // Where one is off by one, if at all: both sides of each end of a range.
  for (const SlotRange& range : map_->slots.Ranges()) {
    slots.push_back(range.first);
    slots.push_back(range.last);
  }
  for (int i = 0; i < kUsedSlotsAsked; ++i)
    slots.push_back(used_slots_[decisions_.Below(used_slots_.size())]);
  absl::StatusOr<std::unique_ptr<AdminLink>> link =
      co_await AdminLink::Open(host_, (*nodes_)[static_cast<size_t>(node)]->endpoint(), node);
  std::string fault = link.ok() ? "" : std::string(link.status().message());
  for (size_t i = 0; i < slots.size() && fault.empty(); ++i) {
    const int slot = slots[i];
    Args get = {"GET", key_of_slot_[static_cast<size_t>(slot)]};
    const absl::StatusOr<AdminLink::Answer> answer =
        co_await (*link)->Ask(std::move(get), kProbeTimeoutNs);
    board_->CountCheck(Oracle::kEverySlot);
    if (answer.ok() && Fits(node, slot, answer->reply)) continue;
    fault = absl::StrCat(
        "was asked for a key of slot ", slot, ": ",
        answer.ok() ? DebugString(answer->reply) : std::string(answer.status().message()));
  }
  std::string lie;
  if (fault.empty()) {
    board_->CountCheck(Oracle::kIntrospection);
    lie = co_await ViewAsker::AskWhatIsWrong(host_, (*nodes_)[static_cast<size_t>(node)].get(),
                                             node, map_.get(), history_->shards.nodes());
  }
  --open_count_;
  if (!lie.empty()) {
    board_->Violate(Oracle::kIntrospection,
                    absl::StrCat("when all was over node ", node, ": ", lie));
  }
  if (fault.empty()) co_return;
  board_->Violate(Oracle::kEverySlot, absl::StrCat("node ", node, " ", fault,
                                                   "; the last configuration: ", map_->ToString()));
}

}  // namespace damselfly::sim
