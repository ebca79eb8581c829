#include "sim/replication/node_probe.h"

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/base/check.h"
#include "server/replication/frame.h"
#include "server/replication/journal.h"
#include "server/replication/replication.h"
#include "server/resp/output_buffer.h"
#include "server/store/entry_content.h"
#include "server/store/store.h"

namespace damselfly::sim {
namespace {

// Whoever reads at once needs no call.
class NoWaker final : public Journal::Waker {
 public:
  void OnAppended() override {}
};

void FeedAll(OutputBuffer* buffer, FrameParser* parser) {
  while (!buffer->empty()) {
    absl::string_view pieces[OutputBuffer::kPiecesMax];
    const size_t count = buffer->Gather(absl::MakeSpan(pieces));
    size_t taken = 0;
    for (size_t i = 0; i < count; ++i) {
      parser->Append(pieces[i]);
      taken += pieces[i].size();
    }
    buffer->Consume(taken);
  }
}

Held HeldBy(const Entry& entry) {
  std::string scratch;
  return {std::make_shared<const std::string>(ContentOf(entry, &scratch)), entry.expiry_ms()};
}

NodeView::Service ServiceOf(const ServerState& server) {
  switch (server.service_state.load()) {
    case ServiceState::kActive:
      return NodeView::Service::kActive;
    case ServiceState::kLoading:
      return NodeView::Service::kLoading;
    case ServiceState::kTakenOver:
      return NodeView::Service::kTakenOver;
  }
  DFLY_UNREACHABLE();
}

}  // namespace

NodeView NodeProbe::View() const {
  ServerState& server = node_->node().server();
  const Replication& replication = ReplicationOf(server);
  NodeView view;
  view.node = number_;
  view.incarnation = node_->host().incarnation();
  view.replica = server.is_replica.load();
  view.service = ServiceOf(server);
  view.lineage = replication.lineage().id;
  const std::shared_ptr<Journal> journal = replication.journal();
  if (journal != nullptr) view.positions = journal->Ends();
  return view;
}

bool NodeProbe::IsStill(const NodeView& view) const {
  ServerState& server = node_->node().server();
  if (view.node != number_ || view.incarnation != node_->host().incarnation() ||
      view.replica != server.is_replica.load() || view.service != ServiceOf(server))
    return false;
  const Replication& replication = ReplicationOf(server);
  if (!replication.IsInLineage(view.lineage)) return false;
  const std::shared_ptr<Journal> journal = replication.journal();
  if (journal == nullptr) return view.positions.empty();
  if (static_cast<size_t>(journal->lane_count()) != view.positions.size()) return false;
  for (int lane = 0; lane < journal->lane_count(); ++lane) {
    if (journal->End(lane) != view.positions[static_cast<size_t>(lane)]) return false;
  }
  return true;
}

ReplicationFacts NodeProbe::Facts() const { return ReplicationOf(node_->node().server()).Facts(); }

template <typename Visit>
void NodeProbe::ForEachInSlot(uint16_t slot, const Visit& visit) const {
  store().Lock(slot);
  const int database_count = store().HasOtherDatabases(slot) ? kDatabaseCount : 1;
  for (int database = 0; database < database_count; ++database) {
    store().ForEachInSlot(database, slot,
                          [&visit, database](Entry& entry) { visit(database, entry); });
  }
  store().Unlock(slot);
}

uint64_t NodeProbe::SlotDigest(uint16_t slot) const {
  uint64_t digest = 0;
  ForEachInSlot(slot, [&digest](int database, Entry& entry) {
    std::string scratch;
    digest += HeldDigest(database, entry.key(), ContentOf(entry, &scratch), entry.expiry_ms());
  });
  return digest;
}

void NodeProbe::LaneDigests(int lane, int lane_count, SlotDigests* digests) const {
  digests->clear();
  for (uint16_t slot : *slots_) {
    if (slot % lane_count == lane) digests->emplace_back(slot, SlotDigest(slot));
  }
}

Contents NodeProbe::LaneContents(int lane, int lane_count) const {
  Contents contents;
  for (uint16_t slot : *slots_) {
    if (slot % lane_count != lane) continue;
    ForEachInSlot(slot, [&contents](int database, Entry& entry) {
      contents[{database, std::string(entry.key())}] = HeldBy(entry);
    });
  }
  return contents;
}

Contents NodeProbe::AllContents() const {
  Contents contents;
  for (int database = 0; database < Store::kDatabaseCount; ++database) {
    uint64_t cursor = 0;
    do {
      cursor = store().Scan(database, cursor, 1000, false, [&contents, database](Entry& entry) {
        contents[{database, std::string(entry.key())}] = HeldBy(entry);
      });
    } while (cursor != 0);
  }
  return contents;
}

uint64_t NodeProbe::KeyCount() const { return store().KeyCountOfAllDatabases(); }

bool NodeProbe::ReadRecords(int lane, uint64_t position, std::vector<std::string>* records) const {
  const std::shared_ptr<Journal> journal = ReplicationOf(node_->node().server()).journal();
  if (journal == nullptr) return false;
  NoWaker waker;
  const std::unique_ptr<Journal::Reader> reader = journal->OpenReader(lane, position, &waker);
  if (reader == nullptr) return false;
  const uint64_t end = journal->End(lane);
  FrameParser parser;
  while (reader->position() < end) {
    OutputBuffer buffer;
    if (!reader->Read(&buffer, 1 << 20, end)) return false;
    FeedAll(&buffer, &parser);
    Frame frame;
    for (absl::StatusOr<bool> more = parser.Next(&frame); more.ok() && *more;
         more = parser.Next(&frame))
      records->push_back(std::string(frame.payload));
  }
  return parser.pending_bytes() == 0;
}

}  // namespace damselfly::sim
