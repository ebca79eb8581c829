#include "sim/clients/queue_workload.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "sim/world/world.h"

namespace damselfly::sim {
namespace {

// Seconds, as BLPOP wants them.
std::string TimeoutText(int64_t ms) {
  std::string fraction = absl::StrCat(1000 + ms % 1000);
  return absl::StrCat(ms / 1000, ".", fraction.substr(1));
}

}  // namespace

QueueWorkload::QueueWorkload(std::string name, DecisionStream decisions, QueueHistory* history,
                             uint64_t pipeline_max, OracleBoard* board)
    : name_(std::move(name)),
      decisions_(decisions),
      history_(history),
      pipeline_max_(pipeline_max),
      board_(board),
      number_(history->AddClient()) {}

void QueueWorkload::OnConnected(int incarnation) {
  incarnation_ = incarnation;
  knows_id_ = false;
  sent_away_ = false;
  asked_.clear();
  queued_.clear();
  refused_.fill(false);
}

// ---- Asking ----

void QueueWorkload::Ask(std::vector<Args>* calls, Args args, Asked asked) {
  calls->push_back(std::move(args));
  asked_.push_back(std::move(asked));
}

void QueueWorkload::NextCalls(std::vector<Args>* calls) {
  if (!knows_id_) {
    Ask(calls, {"CLIENT", "ID"}, {Purpose::kId});
    return;
  }
  const uint64_t units = ++batch_count_ << 8;
  decisions_.BeginUnit(units);
  if (!decisions_.Acts()) return;
  // Who serves nothing is asked now and then.
  const bool serves_none =
      std::all_of(refused_.begin(), refused_.end(), [](bool is) { return is; });
  if (serves_none && !decisions_.Chance(1, 8)) return;
  const uint64_t choice = decisions_.Below(16);
  if (choice < 9) {
    AskWait(calls);
    return;
  }
  if (choice == 9) {
    AskUnblock(calls);
    return;
  }
  const uint64_t count = 1 + decisions_.Below(std::min<uint64_t>(pipeline_max_, 3));
  for (uint64_t i = 0; i < count; ++i) {
    decisions_.BeginUnit(units + i + 1);
    if (!decisions_.Acts()) continue;
    if (choice < 13) {
      AskPush(calls, Purpose::kPush);
    } else if (choice < 15) {
      AskTransaction(calls);
    } else {
      AskPop(calls);
    }
  }
}

// What the node does not serve is asked for now and then, as it may have come.
uint64_t QueueWorkload::DrawGroup() {
  uint64_t group = 0;
  for (int i = 0; i < 3; ++i) {
    group = decisions_.Chance(1, 2) ? 0 : decisions_.Below(QueueHistory::kGroupCount);
    if (!refused_[group]) break;
  }
  return group;
}

void QueueWorkload::AskPush(std::vector<Args>* calls, Purpose purpose) {
  static constexpr char kQueues[] = {'a', 'a', 'b', 'c', 'z'};
  const char queue = kQueues[decisions_.Below(sizeof(kQueues))];
  Asked asked{purpose, QueueHistory::Key(DrawGroup(), queue)};
  const char* const command = queue == 'a' ? "RPUSH" : queue == 'z' ? "ZADD" : "LPUSH";
  Args args = {command, asked.key};
  const uint64_t count = decisions_.Chance(1, 3) ? 2 + decisions_.Below(3) : 1;
  for (uint64_t i = 0; i < count; ++i) {
    QueueOracle::Element element{absl::StrCat(name_, "-", ++value_count_), 0};
    if (queue == 'z') {
      element.score = static_cast<int64_t>(decisions_.Below(1'000'000));
      args.push_back(absl::StrCat(element.score));
    }
    args.push_back(element.value);
    asked.elements.push_back(std::move(element));
  }
  Ask(calls, std::move(args), std::move(asked));
}

void QueueWorkload::AskTransaction(std::vector<Args>* calls) {
  Asked frame{Purpose::kMulti};
  Ask(calls, {"MULTI"}, frame);
  const size_t first = asked_.size();
  for (uint64_t i = 1 + decisions_.Below(3); i > 0; --i) AskPush(calls, Purpose::kQueued);
  // All in one slot, so that it may be a transaction in a cluster too.
  const std::string group = asked_[first].key.substr(0, asked_[first].key.size() - 1);
  for (size_t i = first; i < asked_.size(); ++i) {
    asked_[i].key = group + asked_[i].key.back();
    (*calls)[calls->size() - asked_.size() + i][1] = asked_[i].key;
  }
  frame.purpose = Purpose::kExec;
  frame.key = asked_[first].key;
  Ask(calls, {"EXEC"}, frame);
}

void QueueWorkload::AskPop(std::vector<Args>* calls) {
  const uint64_t group = DrawGroup();
  const uint64_t choice = decisions_.Below(5);
  const size_t count = 1 + decisions_.Below(4);
  const auto key = [group](char queue) { return QueueHistory::Key(group, queue); };
  Asked asked{Purpose::kPop};
  Args args;
  if (choice == 0) {
    asked.pop.keys = {key("acd"[decisions_.Below(3)])};
    args = {"LPOP", asked.pop.keys[0]};
  } else if (choice == 1) {
    asked.pop.keys = {key('b')};
    asked.pop.count_max = count;
    asked.shape = Shape::kElements;
    args = {"RPOP", asked.pop.keys[0], absl::StrCat(count)};
  } else if (choice == 2) {
    asked.pop.keys = {key('d'), key('c'), key('a')};
    asked.pop.count_max = count;
    asked.shape = Shape::kKeyElements;
    args = {"LMPOP", "3", key('d'), key('c'), key('a'), "LEFT", "COUNT", absl::StrCat(count)};
  } else if (choice == 3) {
    asked.pop.keys = {key('a')};
    asked.pop.destination = key('d');
    args = {"LMOVE", key('a'), key('d'), "LEFT", "RIGHT"};
  } else {
    asked.pop.keys = {key('z')};
    asked.pop.count_max = count;
    asked.shape = Shape::kKeyElements;
    asked.scored = true;
    args = {"ZMPOP", "1", key('z'), "MIN", "COUNT", absl::StrCat(count)};
  }
  asked.key = asked.pop.keys[0];
  Ask(calls, std::move(args), std::move(asked));
}

void QueueWorkload::AskListWait(uint64_t group, const std::string& timeout, Args* args,
                                Asked* asked) {
  std::string queues = "acd";
  // Any of them, in any order.
  for (size_t i = queues.size(); i > 1; --i) std::swap(queues[i - 1], queues[decisions_.Below(i)]);
  queues.resize(1 + decisions_.Below(3));
  for (const char queue : queues) asked->pop.keys.push_back(QueueHistory::Key(group, queue));
  if (decisions_.Chance(2, 3)) {
    *args = {"BLPOP"};
    args->insert(args->end(), asked->pop.keys.begin(), asked->pop.keys.end());
    args->push_back(timeout);
    asked->shape = Shape::kKeyElement;
    return;
  }
  asked->pop.count_max = 1 + decisions_.Below(3);
  *args = {"BLMPOP", timeout, absl::StrCat(queues.size())};
  args->insert(args->end(), asked->pop.keys.begin(), asked->pop.keys.end());
  for (const std::string& arg :
       {std::string("LEFT"), std::string("COUNT"), absl::StrCat(asked->pop.count_max)})
    args->push_back(arg);
  asked->shape = Shape::kKeyElements;
}

void QueueWorkload::AskWait(std::vector<Args>* calls) {
  const uint64_t group = DrawGroup();
  static constexpr int64_t kTimeoutsMs[][2] = {{1, 20}, {20, 200}, {200, 1500}};
  const auto& range = kTimeoutsMs[decisions_.Below(3)];
  const int64_t timeout_ms = decisions_.Between(range[0], range[1]);
  const std::string timeout = TimeoutText(timeout_ms);
  const uint64_t choice = decisions_.Below(8);
  Asked asked{Purpose::kPop};
  Args args;
  if (choice < 3) {
    AskListWait(group, timeout, &args, &asked);
  } else if (choice == 3) {
    asked.pop.keys = {QueueHistory::Key(group, 'b')};
    asked.shape = Shape::kKeyElement;
    args = {"BRPOP", asked.pop.keys[0], timeout};
  } else if (choice < 6) {
    asked.pop.keys = {QueueHistory::Key(group, 'a')};
    asked.pop.destination = QueueHistory::Key(group, 'd');
    args = {"BLMOVE", asked.pop.keys[0], asked.pop.destination, "LEFT", "RIGHT", timeout};
  } else {
    asked.pop.keys = {QueueHistory::Key(group, 'z')};
    asked.scored = true;
    asked.shape = Shape::kKeyElement;
    args = {"BZPOPMIN", asked.pop.keys[0], timeout};
    if (choice == 7) {
      asked.pop.count_max = 1 + decisions_.Below(3);
      asked.shape = Shape::kKeyElements;
      args = {"BZMPOP",
              timeout,
              "1",
              asked.pop.keys[0],
              "MIN",
              "COUNT",
              absl::StrCat(asked.pop.count_max)};
    }
  }
  asked.key = asked.pop.keys[0];
  asked.pop.client = history_->connections()[number_].id;
  asked.pop.timeout_ns = timeout_ms * kMillisecond;
  Ask(calls, std::move(args), std::move(asked));
}

void QueueWorkload::AskUnblock(std::vector<Args>* calls) {
  const auto& connections = history_->connections();
  Asked asked{Purpose::kUnblock};
  const QueueHistory::ConnectionId chosen = connections[decisions_.Below(connections.size())];
  asked.client = chosen.id;
  asked.with_error = decisions_.Chance(1, 2);
  if (chosen.id == 0 || chosen.incarnation != incarnation_) return;
  Ask(calls,
      {"CLIENT", "UNBLOCK", absl::StrCat(asked.client), asked.with_error ? "ERROR" : "TIMEOUT"},
      std::move(asked));
}

// ---- Judging ----

void QueueWorkload::OnReply(const Args& args, Reply reply, const Moment& moment) {
  const Asked asked = std::move(asked_.front());
  asked_.pop_front();
  last_args_ = args;
  if (sent_away_) {
    board_->Violate(Oracle::kWaitersLeave,
                    absl::StrCat(name_, ": ", absl::StrJoin(args, " "), " was answered by ",
                                 DebugString(reply), " behind a wait that had been ended"));
  }
  Judge(asked, reply, {moment.begin_ns, moment.end_ns});
}

QueueRequest QueueWorkload::RequestOf(const Asked& asked, QueueOracle::Span span) const {
  return {incarnation_, asked.key, last_args_[0], asked.pop.client != 0, span};
}

void QueueWorkload::OnExecuted(const Asked& asked, QueueOracle::Span span) {
  // "{qN}a"
  refused_[static_cast<size_t>(asked.key[2] - '0')] = false;
  if (history_->place() != nullptr) history_->place()->OnExecuted(RequestOf(asked, span));
}

bool QueueWorkload::WasRefused(const Asked& asked, const Reply& reply, QueueOracle::Span span) {
  if (!reply.is_error() || history_->place() == nullptr) return false;
  if (!history_->place()->OnRefused(RequestOf(asked, span), reply.text)) return false;
  if (!asked.key.empty()) refused_[static_cast<size_t>(asked.key[2] - '0')] = true;
  return true;
}

void QueueWorkload::Unexpected(const Reply& reply) {
  board_->Violate(Oracle::kPairing, absl::StrCat(name_, ": ", absl::StrJoin(last_args_, " "),
                                                 " was answered by ", DebugString(reply)));
}

void QueueWorkload::Judge(const Asked& asked, const Reply& reply, QueueOracle::Span span) {
  const bool is_number = reply.type == Reply::Type::kInteger;
  switch (asked.purpose) {
    case Purpose::kId:
      if (WasRefused(asked, reply, span)) break;
      if (!is_number) return Unexpected(reply);
      history_->connections()[number_] = {static_cast<uint64_t>(reply.integer), incarnation_};
      knows_id_ = true;
      break;
    case Purpose::kMulti:
      queued_.clear();
      aborted_ = false;
      if (!reply.is_ok()) Unexpected(reply);
      break;
    case Purpose::kQueued:
      queued_.push_back(asked);
      if (reply.type == Reply::Type::kSimpleString) break;
      aborted_ = true;
      if (!WasRefused(asked, reply, span)) Unexpected(reply);
      break;
    case Purpose::kExec:
      if (reply.is_error() && aborted_ && absl::StartsWith(reply.text, "EXECABORT")) break;
      if (!WasRefused(asked, reply, span)) JudgeExec(reply, span);
      break;
    case Purpose::kPush:
      if (WasRefused(asked, reply, span)) break;
      if (!is_number) return Unexpected(reply);
      OnExecuted(asked, span);
      history_->life(incarnation_).OnPush(asked.key, asked.elements, span, true);
      break;
    case Purpose::kPop:
      JudgePop(asked, reply, span);
      break;
    case Purpose::kUnblock:
      if (WasRefused(asked, reply, span)) break;
      if (!is_number) return Unexpected(reply);
      if (reply.integer == 1)
        history_->life(incarnation_).OnUnblock(asked.client, span, asked.with_error);
      break;
  }
}

// What EXEC pushes to one key it pushes at once.
void QueueWorkload::JudgeExec(const Reply& reply, QueueOracle::Span span) {
  if (aborted_ || reply.type != Reply::Type::kArray || reply.elements.size() != queued_.size())
    return Unexpected(reply);
  std::map<std::string, Elements> pushed;
  for (size_t i = 0; i < queued_.size(); ++i) {
    if (WasRefused(queued_[i], reply.elements[i], span)) continue;
    if (reply.elements[i].type != Reply::Type::kInteger) return Unexpected(reply);
    OnExecuted(queued_[i], span);
    Elements& elements = pushed[queued_[i].key];
    elements.insert(elements.end(), queued_[i].elements.begin(), queued_[i].elements.end());
  }
  for (auto& [key, elements] : pushed)
    history_->life(incarnation_).OnPush(key, std::move(elements), span, true);
}

bool QueueWorkload::ReadPopped(const Asked& asked, const Reply& reply, std::string* key,
                               std::vector<std::string>* values) const {
  *key = asked.key;
  if (asked.shape == Shape::kElement) {
    values->push_back(reply.text);
    return reply.type == Reply::Type::kBulk;
  }
  if (reply.type != Reply::Type::kArray) return false;
  const std::vector<Reply>* elements = &reply.elements;
  if (asked.shape != Shape::kElements) {
    const size_t size = asked.shape == Shape::kKeyElement && asked.scored ? 3 : 2;
    if (elements->size() != size) return false;
    *key = (*elements)[0].text;
    if (asked.shape == Shape::kKeyElement) {
      values->push_back((*elements)[1].text);
      return true;
    }
    elements = &(*elements)[1].elements;
  }
  for (const Reply& element : *elements) {
    if (asked.scored && element.elements.size() != 2) return false;
    values->push_back(asked.scored ? element.elements[0].text : element.text);
  }
  return true;
}

void QueueWorkload::JudgePop(const Asked& asked, const Reply& reply, QueueOracle::Span span) {
  QueueOracle& oracle = history_->life(incarnation_);
  QueueOracle::Pop pop = asked.pop;
  pop.span = span;
  if (pop.client != 0 && reply.is_error() &&
      absl::StartsWith(reply.text, "UNBLOCKED client unblocked")) {
    OnExecuted(asked, span);
    oracle.OnSentAway(std::move(pop));
    return;
  }
  if (WasRefused(asked, reply, span)) {
    sent_away_ = absl::StartsWith(reply.text, "UNBLOCKED");
    return;
  }
  std::string key;
  std::vector<std::string> values;
  if (!reply.is_null() && !ReadPopped(asked, reply, &key, &values)) return Unexpected(reply);
  OnExecuted(asked, span);
  if (reply.is_null()) {
    oracle.OnNothing(std::move(pop));
  } else {
    oracle.OnPopped(std::move(pop), key, std::move(values));
  }
}

void QueueWorkload::OnLost(const LostCalls& lost) {
  QueueOracle& oracle = history_->life(incarnation_);
  const QueueOracle::Span span = {lost.moment.begin_ns, lost.fate == Fate::kFinished
                                                            ? lost.moment.end_ns
                                                            : QueueOracle::kNever};
  for (size_t i = 0; i < std::min(lost.executed_max, asked_.size()); ++i) {
    const Asked& asked = asked_[i];
    switch (asked.purpose) {
      case Purpose::kPush:
      case Purpose::kQueued:
        oracle.OnPush(asked.key, asked.elements, span, false);
        break;
      case Purpose::kExec:
        // Of which some were answered before.
        for (const Asked& queued : queued_) oracle.OnPush(queued.key, queued.elements, span, false);
        break;
      case Purpose::kPop: {
        QueueOracle::Pop pop = asked.pop;
        pop.span = span;
        oracle.OnLost(std::move(pop));
        break;
      }
      case Purpose::kUnblock:
        oracle.OnUnblock(asked.client, span, asked.with_error);
        break;
      case Purpose::kId:
      case Purpose::kMulti:
        break;
    }
    // Another one follows.
    if (asked.purpose == Purpose::kMulti || asked.purpose == Purpose::kExec) queued_.clear();
  }
  asked_.clear();
  history_->connections()[number_] = {};
}

}  // namespace damselfly::sim
