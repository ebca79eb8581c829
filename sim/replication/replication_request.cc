#include "sim/replication/replication_request.h"

#include <cstring>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "sim/clients/queue_history.h"
#include "sim/oracles/key_slot.h"

namespace damselfly::sim {
namespace {

using Kind = ReplicationRequest::Kind;

// EXEC says why it has not been judged at all.
absl::string_view WithoutAbort(absl::string_view text) {
  absl::ConsumePrefix(&text, "EXECABORT Transaction discarded because of: ");
  return text;
}

// Judges the answers to one request.
class Judge {
 public:
  Judge(const ReplicationRequest& request, const StepResult& result, const SimClock& clock,
        ReplicationHistory* history, OracleBoard* board)
      : request_(request), result_(result), clock_(clock), history_(history), board_(board) {}

  void Run() {
    if (!result_.complete) {
      OnIncomplete();
      return;
    }
    for (size_t i = 0; i < result_.replies.size(); ++i) {
      if (!result_.replies[i].is_error() || !IsRefusal(result_.replies[i], result_.occasions[i]))
        continue;
      OnRefused(i);
      return;
    }
    OnAnswered();
  }

 private:
  // The connection broke. What may have been executed, may have been.
  void OnIncomplete() {
    history_->Count("requests that lost their connection");
    const size_t reached = result_.replies.size() + result_.executed_max;
    const bool in_doubt =
        request_.is_transaction() ? reached == request_.Calls().size() : reached > 0;
    if (!in_doubt && request_.writes()) history_->replies.OnRefused(request_.value);
  }

  bool IsRefusal(const Reply& reply, const Occasion& occasion) {
    const absl::string_view text = WithoutAbort(reply.text);
    if (absl::StartsWith(text, "READONLY")) {
      history_->Count("requests refused by replicas");
      history_->replies.OnReadOnly(occasion);
    } else if (absl::StartsWith(text, "LOADING")) {
      history_->Count("requests refused while loading");
      history_->replies.OnLoading(occasion);
    } else if (absl::StartsWith(text, "MOVED ")) {
      history_->Count("requests redirected");
      OnMoved(text, occasion);
    } else if (absl::StripPrefix(text, "ERR ") == "Cluster is not yet configured") {
      history_->Count("requests refused by a node without configuration");
      history_->shards.OnUnconfigured(occasion);
    } else if (absl::StartsWith(reply.text, "ERR WAIT cannot be used with replica")) {
      history_->Count("requests refused by replicas");
      history_->replies.OnReadOnly(occasion);
    } else {
      return false;
    }
    return true;
  }

  // "MOVED slot address". What is no such text names no slot, which is never right.
  void OnMoved(absl::string_view text, const Occasion& occasion) {
    const std::vector<absl::string_view> words = absl::StrSplit(text, ' ');
    int slot = -1;
    if (words.size() != 3 || !absl::SimpleAtoi(words[1], &slot)) slot = -1;
    history_->shards.OnMoved(occasion, request_.slot(), slot, words.back());
  }

  void OnRefused(size_t which) {
    // What follows a MULTI that is refused runs alone as soon as the node serves again.
    if (request_.is_transaction() && which == 0)
      return Violate(Oracle::kAllOrNothing, result_.replies[0]);
    if (request_.is_transaction() && which + 1 < result_.replies.size()) {
      board_->CountCheck(Oracle::kAllOrNothing);
      const Reply& exec = result_.replies.back();
      if (!exec.is_error() ||
          (!absl::StartsWith(exec.text, "EXECABORT") && !IsRefusal(exec, result_.occasions.back())))
        return Unexpected(exec);
    }
    // WAIT may be refused where its SET was not.
    if (request_.writes() && !(request_.kind == Kind::kWait && which > 0))
      history_->replies.OnRefused(request_.value);
  }

  void OnAnswered() {
    const Reply& reply = result_.replies.back();
    NoteExecuted();
    switch (request_.kind) {
      case Kind::kGet:
      case Kind::kPairRead:
        OnRead(reply);
        break;
      case Kind::kSet:
      case Kind::kBig:
      case Kind::kPairWrite:
      case Kind::kSetExpiring:
        if (request_.is_transaction()) return OnExec(reply);
        reply.is_ok() ? OnWritten() : Unexpected(reply);
        break;
      case Kind::kTransaction:
        OnExec(reply);
        break;
      case Kind::kDel:
        if (reply.type != Reply::Type::kInteger) return Unexpected(reply);
        if (reply.integer == 1) Done({{request_.key, Effect::Kind::kGone, ""}});
        break;
      case Kind::kIncrement:
        if (reply.type != Reply::Type::kInteger) return Unexpected(reply);
        Done({{request_.key, Effect::Kind::kEquals, absl::StrCat(reply.integer)}});
        break;
      case Kind::kAppend:
        if (reply.type != Reply::Type::kInteger) return Unexpected(reply);
        Done({{request_.key, Effect::Kind::kEndsWith, request_.value}});
        break;
      case Kind::kFlush:
        if (request_.is_transaction()) return OnExec(reply);
        if (!reply.is_ok()) return Unexpected(reply);
        history_->Count("key spaces flushed");
        break;
      case Kind::kWait:
        OnWaited(result_.replies[1]);
        if (request_.with_neighbours) OnRead(reply);
        break;
      case Kind::kRole:
        OnRole(reply);
        break;
      case Kind::kOther:
        history_->Count("other commands");
        break;
    }
  }

  // In a cluster: of a transaction EXEC, of a write and WAIT the write. Of other commands nobody
  // here knows which have a key.
  void NoteExecuted() {
    if (history_->map == nullptr || request_.slot() < 0 || request_.kind == Kind::kOther) return;
    const bool waits = request_.kind == Kind::kWait;
    const Reply& reply = waits ? result_.replies.front() : result_.replies.back();
    const bool refused =
        reply.is_error() ||
        (request_.is_transaction() && !reply.elements.empty() && reply.elements[0].is_error());
    if (refused) return;
    history_->shards.OnExecuted(waits ? result_.occasions.front() : result_.occasions.back(),
                                request_.slot(), request_.Calls()[0][0]);
  }

  void OnWritten() {
    std::vector<Effect> effects;
    effects.push_back({request_.key, Effect::Kind::kEquals, request_.value});
    if (!request_.other_key.empty() && request_.kind != Kind::kFlush)
      effects.push_back({request_.other_key, Effect::Kind::kEquals, request_.value});
    if (request_.number > 0) {
      const SimClock::Range wall = Wall(result_.occasions.back());
      effects[0].expiry_min_ms = wall.min_us / 1000 + request_.number;
      effects[0].expiry_max_ms = wall.max_us / 1000 + request_.number;
    }
    Done(effects);
  }

  void OnExec(const Reply& reply) {
    board_->CountCheck(Oracle::kAllOrNothing);
    const size_t count = result_.replies.size() - 2;
    if (reply.type != Reply::Type::kArray || reply.elements.size() != count)
      return Unexpected(reply);
    const int64_t size = static_cast<int64_t>(request_.value.size());
    size_t done = 0;
    for (const Reply& element : reply.elements) {
      const bool appended = request_.kind == Kind::kBig && element.type == Reply::Type::kInteger;
      done += element.is_ok() || (appended && element.integer == size) ? 1 : 0;
    }
    if (done == count) {
      if (request_.kind == Kind::kFlush) history_->Count("key spaces flushed in transactions");
      return OnWritten();
    }
    // Its node has become a replica meanwhile.
    if (done > 0 || !IsRefusal(reply.elements[0], result_.occasions.back()))
      return Violate(Oracle::kAllOrNothing, reply);
    history_->replies.OnRefused(request_.value);
  }

  void OnRead(const Reply& reply) {
    std::vector<ReplyOracle::Read> reads;
    const bool pair = request_.kind == Kind::kPairRead;
    const absl::Span<const Reply> values =
        pair ? absl::MakeConstSpan(reply.elements) : absl::MakeConstSpan(&reply, 1);
    const std::string* const keys[] = {&request_.key, &request_.other_key};
    if (values.size() != (pair ? 2u : 1u)) return Unexpected(reply);
    for (size_t i = 0; i < values.size(); ++i) {
      if (!values[i].is_null() && values[i].type != Reply::Type::kBulk) return Unexpected(reply);
      reads.push_back({*keys[i], values[i].is_null(),
                       values[i].is_null() ? absl::string_view() : values[i].text});
    }
    const SimClock::Range wall = Wall(result_.occasions.back());
    history_->replies.OnRead(result_.occasions.back(), reads, wall.min_us / 1000,
                             wall.max_us / 1000, pair);
  }

  void OnWaited(const Reply& reply) {
    if (!result_.replies[0].is_ok()) return Unexpected(result_.replies[0]);
    // Who waits when its node becomes a replica is sent away without a count.
    const bool sent_away = reply.is_error() && absl::StartsWith(reply.text, "UNBLOCKED force ");
    if (reply.type != Reply::Type::kInteger && !sent_away) return Unexpected(reply);
    history_->replies.OnDone(result_.occasions[0], "SET",
                             {{request_.key, Effect::Kind::kEquals, request_.value}});
    if (sent_away) return;
    history_->replies.OnWait(result_.occasions[1], request_.key, request_.value, reply.integer);
    history_->waits.OnAnswer(
        {result_.occasions[1], request_.replicas, request_.number, reply.integer});
    if (reply.integer > 0) history_->Count("waits that replicas confirmed");
  }

  // ROLE, and INFO REPLICATION behind it.
  void OnRole(const Reply& info) {
    const Reply& role = result_.replies[0];
    if (role.type != Reply::Type::kArray || role.elements.empty()) return Unexpected(role);
    if (info.type != Reply::Type::kBulk && info.type != Reply::Type::kVerbatim)
      return Unexpected(info);
    const bool is_master = role.elements[0].text == "master";
    Compare(result_.occasions[0], is_master, "");
    std::string id;
    for (absl::string_view line : absl::StrSplit(info.text, '\n')) {
      if (absl::StartsWith(line, "master_replid:")) id = std::string(line.substr(14, 40));
    }
    Compare(result_.occasions[1], absl::StrContains(info.text, "role:master"), id);
  }

  void Compare(const Occasion& occasion, bool is_master, const std::string& lineage) {
    bool fits = false;
    std::string text;
    history_->views.ForEach(occasion.node, occasion.incarnation, occasion.begin_ns, occasion.end_ns,
                            [&](const NodeView& view) {
                              fits = fits || (view.replica != is_master &&
                                              (lineage.empty() || view.lineage == lineage));
                              text = ViewText(view);
                              return true;
                            });
    board_->CountCheck(Oracle::kIntrospection);
    // Nothing has been seen of a process that has just begun.
    if (fits || text.empty()) return;
    board_->Violate(
        Oracle::kIntrospection,
        absl::StrCat(OccasionText(occasion), ": says that it is a ",
                     is_master ? "master" : "replica", " of lineage ", lineage, " and is ", text));
  }

  void Done(const std::vector<Effect>& effects) {
    history_->replies.OnDone(result_.occasions.back(), request_.Name(), effects);
  }
  SimClock::Range Wall(const Occasion& occasion) const {
    return clock_.WallRangeUs(occasion.begin_ns, occasion.end_ns);
  }
  void Unexpected(const Reply& reply) { Violate(Oracle::kPairing, reply); }
  void Violate(Oracle oracle, const Reply& reply) {
    std::string text;
    for (const Args& args : request_.Calls()) {
      for (const std::string& arg : args) absl::StrAppend(&text, arg.substr(0, 40), " ");
    }
    board_->Violate(oracle, absl::StrCat(OccasionText(result_.occasions.back()), ": ", text,
                                         "was answered by ", DebugString(reply)));
  }

  const ReplicationRequest& request_;
  const StepResult& result_;
  const SimClock& clock_;
  ReplicationHistory* const history_;
  OracleBoard* const board_;
};

// Every eight bytes say where they are.
std::string BigValue(const std::string& begin, size_t size) {
  std::string value = absl::StrCat(begin, ":");
  char digits[8];
  for (size_t place = value.size(), i = 8; i-- > 0; place /= 10)
    digits[i] = static_cast<char>('0' + place % 10);
  const size_t begin_bytes = value.size();
  value.resize(begin_bytes + (size + 7) / 8 * 8);
  for (size_t at = begin_bytes; at < size; at += sizeof(digits)) {
    std::memcpy(&value[at], digits, sizeof(digits));
    // The next place is 8 further on.
    digits[7] = static_cast<char>(digits[7] + 8);
    for (size_t i = 7; i > 0 && digits[i] > '9'; --i) {
      digits[i] = static_cast<char>(digits[i] - 10);
      ++digits[i - 1];
    }
  }
  value.resize(size);
  return value;
}

// How a big value is made: by a SET of its own, by an MSET of two of them (of two slots, so not in
// a cluster), or in a transaction.
void DrawBig(DecisionStream* decisions, const KeyFamilies& keys, uint64_t other,
             ReplicationRequest* request) {
  const uint64_t way = decisions->Below(10);
  if (way == 1 && !keys.one_slot) request->other_key = KeyFamilies::Big(other % keys.count);
  if (request->other_key == request->key) request->other_key.clear();
  request->with_neighbours = way == 2;
  if (request->other_key.empty() && decisions->Chance(1, 2))
    request->number = decisions->Between(1, 4000);
}

// Values may be big: none is copied twice.
template <typename... Each>
std::vector<Args> Pipeline(Each... each) {
  std::vector<Args> calls;
  calls.reserve(sizeof...(each));
  (calls.push_back(std::move(each)), ...);
  return calls;
}

template <typename... Words>
Args Call(const Words&... words) {
  Args args;
  args.reserve(sizeof...(words));
  (args.emplace_back(words), ...);
  return args;
}

}  // namespace

std::vector<std::string> KeyFamilies::All() const {
  std::vector<std::string> keys;
  for (uint64_t i = 0; i < count; ++i) {
    for (std::string key :
         {Register(i), Expiring(i), Counter(i), Text(i), Big(i), Pair(i, 0), Pair(i, 1)})
      keys.push_back(std::move(key));
  }
  for (uint64_t i = 0; i < client_count; ++i) keys.push_back(OfClient(i));
  return keys;
}

std::vector<uint16_t> KeyFamilies::Slots() const {
  std::set<uint16_t> slots;
  for (const std::string& key : All()) slots.insert(KeySlot(key));
  for (uint64_t i = 0; i < client_count; ++i) slots.insert(KeySlot(OtherPrefix(i)));
  if (queues) {
    for (const std::string& key : QueueHistory::AllKeys()) slots.insert(KeySlot(key));
  }
  return std::vector<uint16_t>(slots.begin(), slots.end());
}

int ReplicationRequest::slot() const {
  const bool has_key = kind != Kind::kFlush && kind != Kind::kRole;
  return has_key || is_transaction() ? KeySlot(key) : -1;
}

bool ReplicationRequest::writes() const {
  switch (kind) {
    case Kind::kGet:
    case Kind::kDel:
    case Kind::kPairRead:
    case Kind::kIncrement:
    case Kind::kRole:
    case Kind::kOther:
      return false;
    case Kind::kFlush:
      return with_neighbours;
    default:
      return true;
  }
}

bool ReplicationRequest::is_transaction() const {
  return kind == Kind::kTransaction ||
         ((kind == Kind::kFlush || kind == Kind::kBig) && with_neighbours);
}

std::string ReplicationRequest::Name() const {
  switch (kind) {
    case Kind::kGet:
      return "GET";
    case Kind::kSet:
    case Kind::kSetExpiring:
    case Kind::kWait:
      return "SET";
    case Kind::kBig:
      return with_neighbours ? "MULTI" : other_key.empty() ? "SET" : "MSET";
    case Kind::kDel:
      return "DEL";
    case Kind::kPairWrite:
      return "MSET";
    case Kind::kTransaction:
      return "MULTI";
    case Kind::kPairRead:
      return "MGET";
    case Kind::kIncrement:
      return "INCR";
    case Kind::kAppend:
      return "APPEND";
    case Kind::kFlush:
      return with_neighbours ? "MULTI" : "FLUSHALL";
    case Kind::kRole:
      return "ROLE";
    case Kind::kOther:
      return other_calls[0][0];
  }
  return "";
}

// With a deadline, if it has one.
Args ReplicationRequest::SetTo(absl::string_view text) const {
  return number > 0 ? Call("SET", key, text, "PX", absl::StrCat(number)) : Call("SET", key, text);
}

std::vector<Args> ReplicationRequest::BigCalls() const {
  if (!other_key.empty()) return Pipeline(Call("MSET", key, value, other_key, value));
  if (!with_neighbours) return Pipeline(SetTo(value));
  const absl::string_view text = value;
  const size_t begin = text.size() / 5;
  return Pipeline(Call("MULTI"), SetTo(text.substr(0, begin)),
                  Call("APPEND", key, text.substr(begin)), Call("EXEC"));
}

std::vector<Args> ReplicationRequest::Calls() const {
  switch (kind) {
    case Kind::kGet:
      return Pipeline(Call("GET", key));
    case Kind::kSet:
    case Kind::kSetExpiring:
      return Pipeline(SetTo(value));
    case Kind::kBig:
      return BigCalls();
    case Kind::kDel:
      return Pipeline(Call("DEL", key));
    case Kind::kPairWrite:
      return Pipeline(Call("MSET", key, value, other_key, value));
    case Kind::kTransaction:
      return Pipeline(Call("MULTI"), Call("SET", key, value), Call("SET", other_key, value),
                      Call("EXEC"));
    case Kind::kPairRead:
      return Pipeline(Call("MGET", key, other_key));
    case Kind::kIncrement:
      return Pipeline(Call("INCR", key));
    case Kind::kAppend:
      return Pipeline(Call("APPEND", key, value));
    case Kind::kFlush:
      if (!with_neighbours) return Pipeline(Call("FLUSHALL"));
      return Pipeline(Call("MULTI"), Call("SET", other_key, value), Call("FLUSHALL"),
                      Call("SET", key, value), Call("EXEC"));
    case Kind::kWait: {
      std::vector<Args> calls = Pipeline(
          Call("SET", key, value), Call("WAIT", absl::StrCat(replicas), absl::StrCat(number)));
      if (with_neighbours) calls.push_back(Call("GET", key));
      return calls;
    }
    case Kind::kRole:
      return Pipeline(Call("ROLE"), Call("INFO", "REPLICATION"));
    case Kind::kOther:
      return other_calls;
  }
  return {};
}

ReplicationRequest DrawRequest(DecisionStream* decisions, const scenario::ReplicationMix& mix,
                               const KeyFamilies& keys, uint64_t client, const std::string& value,
                               int64_t big_bytes) {
  const std::pair<uint32_t, Kind> weights[] = {
      {mix.get(), Kind::kGet},
      {mix.set(), Kind::kSet},
      {mix.set_expiring(), Kind::kSetExpiring},
      {mix.del(), Kind::kDel},
      {mix.pair_write(), Kind::kPairWrite},
      {mix.transaction(), Kind::kTransaction},
      {mix.pair_read(), Kind::kPairRead},
      {mix.increment(), Kind::kIncrement},
      {mix.append(), Kind::kAppend},
      {mix.big(), Kind::kBig},
      {mix.flush(), Kind::kFlush},
      {mix.wait(), Kind::kWait},
      {mix.role(), Kind::kRole},
      {mix.other(), Kind::kOther},
  };
  uint64_t sum = 0;
  for (const auto& [weight, kind] : weights) sum += weight;
  uint64_t choice = decisions->Below(sum);
  ReplicationRequest request;
  for (const auto& [weight, kind] : weights) {
    if (choice < weight) {
      request.kind = kind;
      break;
    }
    choice -= weight;
  }
  const uint64_t i = decisions->Below(keys.count);
  const uint64_t family = decisions->Below(5);
  request.key = KeyFamilies::Register(i);
  switch (request.kind) {
    case Kind::kGet:
      request.key = family == 0   ? KeyFamilies::Register(i)
                    : family == 1 ? KeyFamilies::Expiring(i)
                    : family == 2 ? KeyFamilies::Counter(i)
                    : family == 3 ? KeyFamilies::Text(i)
                                  : KeyFamilies::Big(i);
      break;
    case Kind::kSetExpiring:
      request.key = KeyFamilies::Expiring(i);
      request.number = decisions->Between(1, 400);
      break;
    case Kind::kDel:
      if (family == 0) request.key = KeyFamilies::Text(i);
      if (family == 1) request.key = KeyFamilies::Big(i);
      break;
    case Kind::kPairWrite:
    case Kind::kTransaction:
    case Kind::kPairRead:
      request.key = keys.Pair(i, 0);
      request.other_key = keys.Pair(i, 1);
      break;
    case Kind::kIncrement:
      request.key = KeyFamilies::Counter(i);
      break;
    case Kind::kAppend:
      request.key = KeyFamilies::Text(i);
      break;
    case Kind::kBig:
      request.key = KeyFamilies::Big(i);
      DrawBig(decisions, keys, family, &request);
      break;
    case Kind::kFlush:
      // In a cluster all keys of a transaction are in one slot.
      request.with_neighbours = decisions->Chance(1, 2);
      if (request.with_neighbours && decisions->Chance(1, 4)) {
        request.key = KeyFamilies::Big(i);
        request.other_key = keys.one_slot ? request.key : KeyFamilies::Big(family % keys.count);
      } else {
        request.other_key =
            keys.one_slot ? request.key : KeyFamilies::Register(family % keys.count);
      }
      break;
    case Kind::kWait:
      request.key = KeyFamilies::OfClient(client);
      request.replicas = decisions->Between(1, 3);
      request.number = decisions->Between(1, 300);
      request.with_neighbours = decisions->Chance(1, 2);
      break;
    case Kind::kOther:
      request.key = KeyFamilies::OtherPrefix(client);
      break;
    default:
      break;
  }
  Renew(value, big_bytes, &request);
  return request;
}

void Renew(const std::string& value, int64_t big_bytes, ReplicationRequest* request) {
  request->value = value;
  if (request->kind == Kind::kAppend) request->value = absl::StrCat(value, ";");
  const bool is_big =
      request->kind == Kind::kFlush && absl::StartsWith(request->key, KeyFamilies::kBigPrefix);
  if (is_big || request->kind == Kind::kBig)
    request->value = BigValue(value, static_cast<size_t>(big_bytes));
}

std::string MovedTo(const StepResult& result) {
  for (const Reply& reply : result.replies) {
    if (!reply.is_error()) continue;
    const std::vector<std::string> words = absl::StrSplit(WithoutAbort(reply.text), ' ');
    if (words.size() == 3 && words[0] == "MOVED") return words[2];
  }
  return "";
}

void JudgeRequest(const ReplicationRequest& request, const StepResult& result,
                  const SimClock& clock, ReplicationHistory* history, OracleBoard* board) {
  Judge(request, result, clock, history, board).Run();
}

}  // namespace damselfly::sim
