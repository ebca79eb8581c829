#include "server/replication/sync_replies.h"

#include "absl/strings/str_cat.h"
#include "server/replication/lineage.h"

namespace damselfly {
namespace {

absl::Status Unexpected(const Reply& reply, absl::string_view request) {
  if (reply.is_error()) return absl::AbortedError(reply.text);
  return absl::DataLossError(absl::StrCat("unexpected reply to ", request));
}

}  // namespace

absl::StatusOr<SyncAgreement> ParseSyncReply(const Reply& reply) {
  constexpr absl::string_view kRequest = "DFLY SYNC";
  if (reply.type != Reply::Type::kArray || reply.elements.size() != 4)
    return Unexpected(reply, kRequest);
  const Reply& kind = reply.elements[0];
  const Reply& sync_id = reply.elements[2];
  const Reply& lanes = reply.elements[3];
  SyncAgreement agreement;
  agreement.is_partial = kind.text == "PARTIAL";
  agreement.lineage_id = reply.elements[1].text;
  agreement.sync_id = sync_id.integer;
  const bool fits = (agreement.is_partial || kind.text == "FULL") &&
                    IsLineageId(agreement.lineage_id) && sync_id.type == Reply::Type::kInteger &&
                    lanes.type == Reply::Type::kInteger && lanes.integer >= 1 &&
                    lanes.integer <= Journal::kLaneCountMax;
  if (!fits) return Unexpected(reply, kRequest);
  agreement.lane_count = static_cast<int>(lanes.integer);
  return agreement;
}

absl::StatusOr<Positions> ParseStartReply(const Reply& reply, int lane_count) {
  constexpr absl::string_view kRequest = "DFLY START";
  if (reply.type != Reply::Type::kArray ||
      reply.elements.size() != static_cast<size_t>(lane_count)) {
    return Unexpected(reply, kRequest);
  }
  Positions positions;
  for (const Reply& position : reply.elements) {
    if (position.type != Reply::Type::kInteger || position.integer < 0)
      return Unexpected(reply, kRequest);
    positions.push_back(static_cast<uint64_t>(position.integer));
  }
  return positions;
}

}  // namespace damselfly
