#include "sim/replication/reply_oracle.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace damselfly::sim {
namespace {

const Lineage::Version* LastAt(const std::vector<Lineage::Version>* versions, uint64_t position) {
  if (versions == nullptr) return nullptr;
  const auto after = std::upper_bound(
      versions->begin(), versions->end(), position,
      [](uint64_t wanted, const Lineage::Version& version) { return wanted < version.position; });
  return after == versions->begin() ? nullptr : &*std::prev(after);
}

std::string Shown(absl::string_view value) {
  return value.size() <= 40 ? absl::StrCat("\"", value, "\"")
                            : absl::StrCat("\"", value.substr(0, 40), "...\" of ", value.size());
}

}  // namespace

ReplyOracle::Service ReplyOracle::ServiceAt(const Occasion& occasion) const {
  Service service;
  log_->ForEach(occasion.node, occasion.incarnation, occasion.begin_ns, occasion.end_ns,
                [&service](const NodeView& view) {
                  service.master = service.master || view.serves_master();
                  service.replica = service.replica || view.serves_replica();
                  service.loading = service.loading || view.service == NodeView::Service::kLoading;
                  service.taken_over =
                      service.taken_over || view.service == NodeView::Service::kTakenOver;
                  if (service.first == nullptr) service.first = &view;
                  service.changed = service.changed || view.replica != service.first->replica ||
                                    view.service != service.first->service ||
                                    view.lineage != service.first->lineage;
                  service.journals = service.journals && !view.positions.empty();
                  service.last = &view;
                  return true;
                });
  service.journals = service.journals && service.last != nullptr;
  return service;
}

std::string ReplyOracle::LastText(const Service& service) {
  return service.last == nullptr ? "a process that was never seen" : ViewText(*service.last);
}

bool ReplyOracle::CheckServes(const Occasion& occasion, const Service& service,
                              const std::string& what) {
  board_->CountCheck(Oracle::kUnconfigured);
  if (service.master || service.replica || (!service.loading && !service.taken_over)) return true;
  board_->Violate(Oracle::kUnconfigured,
                  absl::StrCat(OccasionText(occasion), ": ", what, " by ", LastText(service)));
  return false;
}

bool ReplyOracle::Fits(const Effect& effect, const Held& held) const {
  if (effect.kind == Effect::Kind::kGone) return held.data == nullptr;
  if (held.data == nullptr) return false;
  if (effect.kind == Effect::Kind::kEndsWith) return absl::EndsWith(*held.data, effect.text);
  if (*held.data != effect.text) return false;
  if (effect.expiry_min_ms < 0) return true;
  return effect.expiry_min_ms <= held.expiry_ms && held.expiry_ms <= effect.expiry_max_ms;
}

bool ReplyOracle::Happened(const Effect& effect, const std::string& id, uint64_t begin,
                           uint64_t end, uint64_t* position) const {
  const KeyName key(0, effect.key);
  const int lane = lineages_->LaneOf(id, key.second);
  for (uint64_t at = begin + 1; at <= end; ++at) {
    const Lineage* const history = lineages_->Find(id, lane, at);
    if (history == nullptr) return true;
    const std::vector<Lineage::Version>* const versions = history->VersionsOf(key);
    const Lineage::Version* const version = LastAt(versions, at);
    if (version == nullptr || version->position != at || !Fits(effect, version->held)) continue;
    *position = at;
    return true;
  }
  return false;
}

void ReplyOracle::OnDone(const Occasion& occasion, const std::string& request,
                         const std::vector<Effect>& effects) {
  const Service service = ServiceAt(occasion);
  if (!service.master && service.taken_over) {
    board_->Violate(Oracle::kTakeoverLosesNothing,
                    absl::StrCat(OccasionText(occasion), ": ", request, " was acknowledged by ",
                                 LastText(service)));
    return;
  }
  if (!CheckServes(occasion, service, absl::StrCat(request, " was acknowledged"))) return;
  board_->CountCheck(Oracle::kReplicaPassive);
  if (!service.master && service.replica) {
    board_->Violate(Oracle::kReplicaPassive,
                    absl::StrCat(OccasionText(occasion), ": ", request, " was acknowledged by ",
                                 LastText(service)));
    return;
  }
  if (!service.journals || service.changed) return;
  ++judged_count_;
  for (const Effect& effect : effects) {
    const size_t lane = static_cast<size_t>(lineages_->LaneOf(service.last->lineage, effect.key));
    const uint64_t begin = service.first->positions[lane];
    const uint64_t end = service.last->positions[lane];
    uint64_t position = 0;
    const Oracle oracle =
        effect.kind == Effect::Kind::kEndsWith ? Oracle::kExactlyOnce : Oracle::kLinearizable;
    board_->CountCheck(oracle);
    if (Happened(effect, service.last->lineage, begin, end, &position)) continue;
    board_->Violate(oracle, absl::StrCat(OccasionText(occasion), ": ", request,
                                         " was acknowledged, and ", effect.key, " did not become ",
                                         Shown(effect.text), " between positions ", begin, " and ",
                                         end, " of lane ", lane, " of ", LastText(service)));
    return;
  }
}

void ReplyOracle::OnReadOnly(const Occasion& occasion) {
  const Service service = ServiceAt(occasion);
  bool replica = false;
  log_->ForEach(occasion.node, occasion.incarnation, occasion.begin_ns, occasion.end_ns,
                [&replica](const NodeView& view) {
                  replica = replica || view.replica;
                  return true;
                });
  board_->CountCheck(Oracle::kIntrospection);
  if (replica) return;
  board_->Violate(Oracle::kIntrospection,
                  absl::StrCat(OccasionText(occasion), ": READONLY from ", LastText(service)));
}

void ReplyOracle::OnLoading(const Occasion& occasion) {
  const Service service = ServiceAt(occasion);
  board_->CountCheck(Oracle::kIntrospection);
  if (service.loading || service.taken_over) return;
  board_->Violate(Oracle::kIntrospection,
                  absl::StrCat(OccasionText(occasion), ": LOADING from ", LastText(service)));
}

bool ReplyOracle::MayRead(const Read& read, const Span& span, int64_t wall_min_ms,
                          int64_t wall_max_ms) const {
  const KeyName key(0, read.key);
  const int lane = lineages_->LaneOf(span.lineage, key.second);
  for (uint64_t at = span.begin; at <= span.end; ++at) {
    const Lineage* const history = lineages_->Find(span.lineage, lane, at);
    if (history == nullptr) return true;
    const Held& held = history->HeldAt(key, at);
    const bool has_deadline = held.data != nullptr && held.expiry_ms >= 0;
    if (read.nil) {
      if (held.data == nullptr || (has_deadline && held.expiry_ms <= wall_max_ms)) return true;
    } else if (held.data != nullptr && *held.data == read.value) {
      if (!has_deadline || held.expiry_ms > wall_min_ms) return true;
    }
  }
  return false;
}

void ReplyOracle::OnRead(const Occasion& occasion, const std::vector<Read>& reads,
                         int64_t wall_min_ms, int64_t wall_max_ms, bool together) {
  const Service service = ServiceAt(occasion);
  if (!CheckServes(occasion, service, absl::StrCat(reads[0].key, " was read"))) return;
  const bool replica = service.replica && !service.master;
  if (together) {
    const Oracle oracle = replica ? Oracle::kAtomicOnReplica : Oracle::kAllOrNothing;
    board_->CountCheck(oracle);
    for (const Read& read : reads) {
      if (read.nil == reads[0].nil && read.value == reads[0].value) continue;
      board_->Violate(oracle, absl::StrCat(OccasionText(occasion), ": ", reads[0].key, " held ",
                                           Shown(reads[0].value), " and ", read.key, " ",
                                           Shown(read.value), " at ", LastText(service)));
      return;
    }
  }
  if (!service.journals || service.changed) return;
  ++judged_count_;
  for (const Read& read : reads) {
    const size_t lane = static_cast<size_t>(lineages_->LaneOf(service.last->lineage, read.key));
    const Span span{service.last->lineage, service.first->positions[lane],
                    service.last->positions[lane]};
    const Oracle oracle = replica ? Oracle::kReplicaReads : Oracle::kLinearizable;
    board_->CountCheck(oracle);
    if (MayRead(read, span, wall_min_ms, wall_max_ms)) continue;
    board_->Violate(
        oracle,
        absl::StrCat(OccasionText(occasion), ": ", read.key, " was read as ",
                     read.nil ? "nil" : Shown(read.value), ", which it was not between positions ",
                     span.begin, " and ", span.end, " of lane ", lane, " of ", LastText(service)));
    return;
  }
}

void ReplyOracle::OnWait(const Occasion& occasion, const std::string& key, const std::string& value,
                         int64_t count) {
  const Service service = ServiceAt(occasion);
  if (!service.journals || service.changed || !service.master) return;
  const std::string& id = service.last->lineage;
  const int lane = lineages_->LaneOf(id, key);
  const uint64_t end = service.last->positions[static_cast<size_t>(lane)];
  const Lineage* const history = lineages_->Find(id, lane, end);
  if (history == nullptr) return;
  const std::vector<Lineage::Version>* const versions = history->VersionsOf({0, key});
  uint64_t position = 0;
  if (versions != nullptr) {
    // Backwards: it was just written.
    for (auto version = versions->rbegin(); version != versions->rend() && position == 0; ++version)
      if (version->held.data != nullptr && *version->held.data == value)
        position = version->position;
  }
  // Written before there was a journal: every replica has it.
  if (position == 0) return;
  Confirmed confirmed{
      absl::StrCat(OccasionText(occasion), ": WAIT answered ", count, " after ", key,
                   " had become ", value, " at position ", position, " of lane ", lane),
      id,
      lane,
      position,
      {}};
  for (int node : log_->NodesThatApplied(id, lane, position, occasion.end_ns)) {
    if (node != occasion.node) confirmed.nodes.insert(node);
  }
  board_->CountCheck(Oracle::kWait);
  if (count > static_cast<int64_t>(confirmed.nodes.size())) {
    board_->Violate(Oracle::kWait, absl::StrCat(confirmed.text, ", which ", confirmed.nodes.size(),
                                                " replicas had applied"));
    return;
  }
  if (count == 0) return;
  ++confirmed_count_;
  confirmed_.push_back(std::move(confirmed));
}

void ReplyOracle::OnPromotion(const LineageOracle::Promotion& promotion) {
  if (promotion.from.empty()) return;
  for (const Confirmed& confirmed : confirmed_) {
    if (confirmed.lineage != promotion.from || confirmed.nodes.count(promotion.node) == 0) continue;
    board_->CountCheck(Oracle::kWait);
    if (promotion.fork[static_cast<size_t>(confirmed.lane)] >= confirmed.position) continue;
    board_->Violate(Oracle::kWait,
                    absl::StrCat(confirmed.text, "; node ", promotion.node,
                                 ", which had it, was promoted at position ",
                                 promotion.fork[static_cast<size_t>(confirmed.lane)]));
    return;
  }
}

// Texts are made of tokens that nobody appends twice. Each text is looked at where it was longest.
void ReplyOracle::CheckTokens(const std::string& key,
                              const std::vector<Lineage::Version>& versions) {
  for (size_t i = 0; i < versions.size(); ++i) {
    const bool ends = i + 1 == versions.size() || versions[i + 1].held.data == nullptr;
    if (!ends || versions[i].held.data == nullptr || !absl::EndsWith(*versions[i].held.data, ";"))
      continue;
    board_->CountCheck(Oracle::kExactlyOnce);
    std::set<absl::string_view> seen;
    for (absl::string_view token : absl::StrSplit(*versions[i].held.data, ';')) {
      if (token.empty() || seen.insert(token).second) continue;
      board_->Violate(Oracle::kExactlyOnce,
                      absl::StrCat(key, " holds ", std::string(token), " twice, at position ",
                                   versions[i].position));
      return;
    }
  }
}

void ReplyOracle::CheckEnd(const std::vector<std::string>& keys) {
  for (const std::string& id : lineages_->Ids()) {
    for (const std::string& key : keys) {
      const std::vector<Lineage::Version>* const versions = lineages_->Own(id).VersionsOf({0, key});
      if (versions == nullptr) continue;
      CheckTokens(key, *versions);
      for (const Lineage::Version& version : *versions) {
        if (version.held.data == nullptr || refused_.count(*version.held.data) == 0) continue;
        board_->Violate(Oracle::kReplicaPassive,
                        absl::StrCat(key, " became ", Shown(*version.held.data), " in lineage ",
                                     id.substr(0, 8), ", which was refused"));
        return;
      }
    }
  }
}

}  // namespace damselfly::sim
