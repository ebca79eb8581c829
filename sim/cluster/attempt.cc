#include "sim/cluster/attempt.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "sim/cluster/introspection.h"
#include "sim/oracles/key_slot.h"

namespace damselfly::sim {
namespace {

constexpr absl::string_view kUnconfiguredError = "ERR Cluster is not yet configured";
constexpr absl::string_view kCrossSlotError =
    "CROSSSLOT Keys in request don't hash to the same slot";

std::string TextOf(const Reply& reply) { return reply.is_null() ? "" : reply.text; }

bool IsValue(const Reply& reply) { return reply.is_null() || reply.type == Reply::Type::kBulk; }

bool IsQueued(const Reply& reply) {
  return reply.type == Reply::Type::kSimpleString && reply.text == "QUEUED";
}

}  // namespace

Attempt::Attempt(const Operation& operation, int client, const std::string& value,
                 ClusterHistory* history, OracleBoard* board)
    : operation_(operation), client_(client), value_(value), history_(history), board_(board) {}

bool Attempt::crosses() const {
  return operation_.kind == OperationKind::kCrossWrite ||
         operation_.kind == OperationKind::kCrossDelete ||
         operation_.kind == OperationKind::kCrossTransaction;
}

bool Attempt::writes() const {
  switch (operation_.kind) {
    case OperationKind::kGet:
    case OperationKind::kDel:
    case OperationKind::kPairRead:
    case OperationKind::kCrossDelete:
    case OperationKind::kView:
      return false;
    default:
      return true;
  }
}

std::vector<Args> Attempt::NextStep() const {
  const std::string& key = operation_.key;
  const std::string& other = operation_.other_key;
  switch (operation_.kind) {
    case OperationKind::kGet:
      return {{"GET", key}};
    case OperationKind::kSet:
      return {{"SET", key, value_}};
    case OperationKind::kDel:
      return {{"DEL", key}};
    case OperationKind::kPairWrite:
      return {{"MSET", key, value_, other, value_}};
    case OperationKind::kCrossWrite:
      return {{"MSET", key, value_, key, value_, other, value_}};
    case OperationKind::kPairRead:
      return {{"MGET", key, other}};
    case OperationKind::kCrossDelete:
      return {{"DEL", key, key, other}};
    case OperationKind::kTransaction:
    case OperationKind::kCrossTransaction:
      if (step_ == 0) return {{"MULTI"}, {"SET", key, value_}, {"SET", other, value_}};
      return {{"EXEC"}};
    case OperationKind::kWatch:
      if (step_ == 0) return {{"WATCH", key}, {"GET", key}};
      if (poisoned_) return {{"UNWATCH"}};
      return {{"MULTI"}, {"SET", key, value_}, {"EXEC"}};
    case OperationKind::kPublish:
      return {{"SPUBLISH", key, value_}};
    case OperationKind::kView:
      return {
          {"CLUSTER", "SLOTS"}, {"CLUSTER", "SHARDS"}, {"CLUSTER", "NODES"}, {"CLUSTER", "INFO"}};
  }
  return {};
}

Attempt::Verdict Attempt::OnStep(const StepResult& result) {
  switch (operation_.kind) {
    case OperationKind::kTransaction:
    case OperationKind::kCrossTransaction:
      return step_ == 0 ? OnQueued(result) : OnExec(result);
    case OperationKind::kWatch:
      return step_ == 0 ? OnWatched(result) : OnExec(result);
    case OperationKind::kView:
      return OnView(result);
    default:
      return OnSingle(result);
  }
}

void Attempt::OnGone() { NoteWrites(decided_, WriteOutcome::kRefused); }

// ---- One command ----

Attempt::Verdict Attempt::OnSingle(const StepResult& result) {
  if (!result.complete) {
    const bool in_doubt = result.executed_max > 0;
    NoteWrites(result.doubt, !in_doubt   ? WriteOutcome::kRefused
                             : crosses() ? WriteOutcome::kRefusedSlots
                                         : WriteOutcome::kUnknown);
    if (in_doubt && operation_.kind == OperationKind::kDel)
      history_->data.OnDelete(operation_.key, result.doubt, false);
    return Verdict::kLost;
  }
  const Reply& reply = result.replies[0];
  decided_ = result.occasions[0];
  if (crosses()) {
    NoteWrites(decided_, WriteOutcome::kRefusedSlots);
    board_->CountCheck(Oracle::kOneSlot);
    if (reply.is_error() && reply.text == kCrossSlotError) {
      history_->Count("requests of two slots refused");
    } else {
      Unexpected(Oracle::kOneSlot, reply, decided_);
    }
    return Verdict::kDone;
  }
  Verdict refused;
  if (IsRefusal(reply, decided_, operation_.key, &refused)) {
    NoteWrites(decided_, WriteOutcome::kRefused);
    return refused;
  }
  return OnSingleDone(reply, result.occasions[0]);
}

Attempt::Verdict Attempt::OnSingleDone(const Reply& reply, const Occasion& occasion) {
  DataOracle& data = history_->data;
  bool fits = false;
  switch (operation_.kind) {
    case OperationKind::kGet:
      fits = IsValue(reply);
      if (fits) data.OnRead(operation_.key, TextOf(reply), occasion);
      break;
    case OperationKind::kDel:
      fits = reply.type == Reply::Type::kInteger;
      if (fits) data.OnDelete(operation_.key, occasion, true);
      break;
    case OperationKind::kPairRead:
      fits = reply.type == Reply::Type::kArray && reply.elements.size() == 2 &&
             IsValue(reply.elements[0]) && IsValue(reply.elements[1]);
      if (fits) {
        data.OnPairRead(operation_.key, operation_.other_key, TextOf(reply.elements[0]),
                        TextOf(reply.elements[1]), occasion);
      }
      break;
    case OperationKind::kPublish:
      fits = reply.type == Reply::Type::kInteger;
      if (fits) NoteWrites(occasion, WriteOutcome::kDone);
      break;
    default:
      fits = reply.is_ok();
      if (fits) NoteWrites(occasion, WriteOutcome::kDone);
      break;
  }
  if (!fits) Unexpected(Oracle::kPairing, reply, occasion);
  history_->ownership.OnExecuted(occasion, KeySlot(operation_.key), NextStep()[0][0]);
  return Verdict::kDone;
}

// ---- Several commands ----

Attempt::Verdict Attempt::OnQueued(const StepResult& result) {
  if (!result.complete) {
    NoteWrites(result.doubt, WriteOutcome::kRefused);
    return Verdict::kLost;
  }
  decided_ = result.occasions[0];
  if (!result.replies[0].is_ok())
    Unexpected(Oracle::kPairing, result.replies[0], result.occasions[0]);
  for (size_t i = 1; i < result.replies.size(); ++i) {
    const std::string& key = i == 1 ? operation_.key : operation_.other_key;
    Verdict refused;
    if (IsRefusal(result.replies[i], result.occasions[i], key, &refused)) {
      if (!poisoned_) {
        poison_ = refused;
        poisoned_at_ = result.occasions[i];
      }
      poisoned_ = true;
    } else if (IsQueued(result.replies[i])) {
      history_->ownership.OnExecuted(result.occasions[i], KeySlot(key), "SET, queued,");
    } else {
      Unexpected(Oracle::kPairing, result.replies[i], result.occasions[i]);
    }
  }
  ++step_;
  return Verdict::kGoOn;
}

Attempt::Verdict Attempt::OnWatched(const StepResult& result) {
  if (!result.complete) {
    NoteWrites(result.doubt, WriteOutcome::kRefused);
    return Verdict::kLost;
  }
  for (size_t i = 0; i < 2; ++i) {
    decided_ = result.occasions[i];
    Verdict refused;
    if (!IsRefusal(result.replies[i], result.occasions[i], operation_.key, &refused)) continue;
    // What was watched before has to be given up where it was watched.
    poison_ = refused;
    poisoned_ = true;
    if (i == 1 && !result.replies[0].is_error()) {
      ++step_;
      return Verdict::kGoOn;
    }
  }
  if (poisoned_) {
    NoteWrites(decided_, WriteOutcome::kRefused);
    return poison_;
  }
  if (!result.replies[0].is_ok() || !IsValue(result.replies[1])) {
    Unexpected(Oracle::kPairing, result.replies[1], decided_);
    return Verdict::kDone;
  }
  watch_ = result.occasions[0];
  read_ = result.occasions[1];
  old_value_ = TextOf(result.replies[1]);
  history_->ownership.OnExecuted(read_, KeySlot(operation_.key), "GET");
  history_->data.OnRead(operation_.key, old_value_, read_);
  ++step_;
  return Verdict::kGoOn;
}

Attempt::Verdict Attempt::OnExec(const StepResult& result) {
  if (operation_.kind == OperationKind::kWatch && poisoned_) {
    NoteWrites(decided_, WriteOutcome::kRefused);
    return result.complete ? poison_ : Verdict::kLost;
  }
  const size_t count = NextStep().size();
  if (!result.complete) {
    // Only what reaches EXEC changes anything.
    const bool in_doubt = !poisoned_ && result.replies.size() + result.executed_max == count &&
                          result.executed_max > 0;
    NoteWrites(result.doubt, !in_doubt   ? WriteOutcome::kRefused
                             : crosses() ? WriteOutcome::kRefusedSlots
                                         : WriteOutcome::kUnknown);
    return Verdict::kLost;
  }
  for (size_t i = 1; i + 1 < count; ++i) {
    Verdict refused;
    if (!IsRefusal(result.replies[i], result.occasions[i], operation_.key, &refused)) continue;
    poison_ = refused;
    poisoned_at_ = result.occasions[i];
    poisoned_ = true;
  }
  decided_ = result.occasions.back();
  return OnExecDone(result.replies.back(), result.occasions.back());
}

Attempt::Verdict Attempt::OnExecDone(const Reply& reply, const Occasion& occasion) {
  const WriteOutcome not_done = crosses() ? WriteOutcome::kRefusedSlots : WriteOutcome::kRefused;
  if (poisoned_) {
    board_->CountCheck(Oracle::kAllOrNothing);
    history_->Count("transactions refused when queued");
    NoteWrites(occasion, not_done);
    if (!reply.is_error() || !absl::StartsWith(reply.text, "EXECABORT "))
      Unexpected(Oracle::kAllOrNothing, reply, occasion);
    decided_ = poisoned_at_;
    return crosses() ? Verdict::kDone : poison_;
  }
  Verdict refused;
  if (crosses()) {
    board_->CountCheck(Oracle::kOneSlot);
    NoteWrites(occasion, not_done);
    if (reply.is_error() && reply.text == kCrossSlotError) {
      history_->Count("transactions of two slots refused");
    } else {
      Unexpected(Oracle::kOneSlot, reply, occasion);
    }
    return Verdict::kDone;
  }
  if (IsRefusal(reply, occasion, operation_.key, &refused)) {
    history_->Count("transactions refused by EXEC");
    NoteWrites(occasion, WriteOutcome::kRefused);
    return refused;
  }
  if (reply.is_null() && operation_.kind == OperationKind::kWatch) {
    history_->Count("transactions whose watched key had changed");
    NoteWrites(occasion, WriteOutcome::kRefused);
    history_->data.OnWatchFailed(operation_.key, watch_, occasion);
    return Verdict::kDone;
  }
  const size_t count = operation_.kind == OperationKind::kWatch ? 1 : 2;
  bool fits = reply.type == Reply::Type::kArray && reply.elements.size() == count;
  for (const Reply& element : reply.elements) fits = fits && element.is_ok();
  NoteWrites(occasion, WriteOutcome::kDone);
  if (!fits) Unexpected(Oracle::kAllOrNothing, reply, occasion);
  history_->ownership.OnExecuted(occasion, KeySlot(operation_.key), "EXEC");
  if (operation_.kind == OperationKind::kWatch)
    history_->data.OnWatched(operation_.key, old_value_, read_, occasion);
  return Verdict::kDone;
}

// ---- The cluster itself ----

Attempt::Verdict Attempt::OnView(const StepResult& result) {
  if (!result.complete) return Verdict::kLost;
  decided_ = result.occasions[0];
  Verdict refused = Verdict::kDone;
  for (size_t i = 0; i < 3; ++i) {
    const Reply& reply = result.replies[i];
    const Occasion& occasion = result.occasions[i];
    if (reply.is_error() && reply.text == kUnconfiguredError) {
      history_->ownership.OnUnconfigured(occasion);
      refused = Verdict::kUnconfigured;
      continue;
    }
    absl::StatusOr<std::vector<SlotRange>> ranges =
        i == 0   ? ParseClusterSlots(reply, history_->node_index())
        : i == 1 ? ParseClusterShards(reply, history_->node_index())
                 : ParseClusterNodes(reply, history_->node_index());
    if (!ranges.ok()) {
      board_->Violate(Oracle::kIntrospection,
                      absl::StrCat(OccasionText(occasion), ": CLUSTER ", NextStep()[i][1], ": ",
                                   ranges.status().message()));
      return Verdict::kDone;
    }
    if (i == 0) view_ = *ranges;
    history_->views.OnView(occasion, absl::StrCat("CLUSTER ", NextStep()[i][1]),
                           *std::move(ranges));
  }
  const absl::StatusOr<int64_t> epoch =
      ParseClusterInfo(result.replies[3], "cluster_current_epoch");
  if (!epoch.ok()) {
    board_->Violate(Oracle::kIntrospection, std::string(epoch.status().message()));
  } else {
    history_->views.OnEpoch(result.occasions[3], *epoch);
  }
  return view_.empty() ? Verdict::kUnconfigured : refused;
}

// ---- What refusals and writes mean ----

bool Attempt::IsRefusal(const Reply& reply, const Occasion& occasion, const std::string& key,
                        Verdict* verdict) {
  if (!reply.is_error()) return false;
  if (reply.text == kUnconfiguredError) {
    history_->Count("requests refused by a node without configuration");
    history_->ownership.OnUnconfigured(occasion);
    *verdict = Verdict::kUnconfigured;
    return true;
  }
  const std::vector<absl::string_view> words = absl::StrSplit(reply.text, ' ');
  int slot = -1;
  if (words.size() != 3 || words[0] != "MOVED" || !absl::SimpleAtoi(words[1], &slot)) return false;
  history_->Count("requests redirected");
  history_->ownership.OnMoved(occasion, KeySlot(key), slot, words[2]);
  moved_to_ = NodeAt(history_->nodes, words[2]);
  *verdict = moved_to_ < 0 ? Verdict::kDone : Verdict::kMoved;
  return true;
}

void Attempt::NoteWrites(const Occasion& occasion, WriteOutcome outcome) {
  if (operation_.kind == OperationKind::kPublish) {
    history_->subscriptions.OnPublished(operation_.key, value_, client_, occasion, outcome);
    return;
  }
  if (!writes()) return;
  history_->data.OnWrite(operation_.key, value_, occasion, outcome);
  if (!operation_.other_key.empty())
    history_->data.OnWrite(operation_.other_key, value_, occasion, outcome);
}

void Attempt::Unexpected(Oracle oracle, const Reply& reply, const Occasion& occasion) {
  std::string request;
  for (const Args& args : NextStep())
    for (const std::string& arg : args) absl::StrAppend(&request, arg, " ");
  board_->Violate(oracle, absl::StrCat(OccasionText(occasion), ": ", request, "was answered by ",
                                       DebugString(reply)));
}

}  // namespace damselfly::sim
