#include "sim/clients/shared_workload.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace damselfly::sim {
namespace {

// A value as the oracles want it: "" for nil.
std::string TextOf(const Reply& reply) { return reply.is_null() ? "" : reply.text; }

bool IsValue(const Reply& reply) { return reply.is_null() || reply.type == Reply::Type::kBulk; }

int64_t NumberOf(const Reply& reply) {
  int64_t number = 0;
  const bool parsed = absl::SimpleAtoi(reply.text, &number);
  return parsed ? number : 0;
}

}  // namespace

SharedWorkload::SharedWorkload(std::string name, DecisionStream decisions, World* world,
                               SharedHistory* history, uint64_t pipeline_max, OracleBoard* board)
    : name_(std::move(name)),
      decisions_(decisions),
      world_(world),
      history_(history),
      pipeline_max_(pipeline_max),
      board_(board),
      expiring_index_(history->expiring_keys().size()) {
  history_->expiring_keys().emplace_back();
  TakeNewExpiringKey();
}

std::string SharedWorkload::UniqueValue() { return absl::StrCat(name_, "-", ++value_count_); }

void SharedWorkload::TakeNewExpiringKey() {
  history_->expiring_keys()[expiring_index_] =
      absl::StrCat("expiring:", name_, ".", ++expiring_count_);
}

void SharedWorkload::KeepCache(DecisionStream decisions) {
  cache_.emplace(name_, decisions, board_);
}

void SharedWorkload::Rest() {
  resting_ = true;
  overwrite_open_ = false;
}

void SharedWorkload::OnConnected(int incarnation) {
  incarnation_ = incarnation;
  answered_begin_ns_ = -1;
  if (cache_.has_value()) cache_->OnConnected(&history_->life(incarnation).caches);
  asked_.clear();
  overwrite_open_ = false;
}

// ---- Asking ----

void SharedWorkload::Ask(std::vector<Args>* calls, Args args, Asked asked) {
  calls->push_back(std::move(args));
  asked_.push_back(std::move(asked));
}

bool SharedWorkload::AskCaching(std::vector<Args>* calls) {
  if (!cache_.has_value()) return false;
  bool tracked = false;
  Args args = cache_->NextCaching(&decisions_, &tracked);
  if (!args.empty()) Ask(calls, std::move(args), {Purpose::kPlain});
  return tracked;
}

void SharedWorkload::NextCalls(std::vector<Args>* calls) {
  if (resting_) {
    Asked echo{Purpose::kEcho};
    echo.value = name_;
    Ask(calls, {"ECHO", name_}, echo);
    return;
  }
  if (cache_.has_value()) {
    Args tracking = cache_->NextTracking();
    if (!tracking.empty()) Ask(calls, std::move(tracking), {Purpose::kTracking});
  }
  if (overwrite_open_) {
    FinishOverwrite(calls);
    return;
  }
  const uint64_t units = ++batch_count_ << 8;
  decisions_.BeginUnit(units);
  const uint64_t count = 1 + decisions_.Below(pipeline_max_);
  for (uint64_t i = 0; i < count; ++i) {
    decisions_.BeginUnit(units + i + 1);
    if (!decisions_.Acts()) continue;
    switch (decisions_.Below(history_->flushed() ? 7 : 6)) {
      case 0:
        AskRegister(calls);
        break;
      case 1:
        AskCounter(calls);
        break;
      case 2:
        AskBank(calls);
        break;
      case 3:
        AskExpiring(calls);
        break;
      case 4: {
        Asked echo{Purpose::kEcho};
        echo.value = UniqueValue();
        Ask(calls, {"ECHO", echo.value}, echo);
        break;
      }
      case 6:
        AskFlush(calls);
        break;
      default:
        // Last in its pipeline: what follows depends on the reply.
        AskOverwrite(calls);
        return;
    }
  }
}

void SharedWorkload::AskRegister(std::vector<Args>* calls) {
  Asked asked{Purpose::kRegisterRead};
  asked.key = decisions_.Below(SharedHistory::kKeysOfAKind);
  const std::string key = SharedHistory::RegisterKey(asked.key);
  asked.keys = {key};
  if (decisions_.Chance(1, 2)) {
    asked.tracked = AskCaching(calls);
    Ask(calls, {"GET", key}, asked);
    return;
  }
  if (cache_.has_value() && decisions_.Chance(1, 4)) return AskRegisterSwap(calls);
  asked.purpose = Purpose::kRegisterWrite;
  asked.value = UniqueValue();
  Ask(calls, {"SET", key, asked.value}, asked);
}

void SharedWorkload::AskRegisterSwap(std::vector<Args>* calls) {
  Asked asked{Purpose::kRegisterSwap};
  asked.key = decisions_.Below(SharedHistory::kKeysOfAKind);
  const std::string key = SharedHistory::RegisterKey(asked.key);
  asked.keys = {key};
  asked.value = UniqueValue();
  asked.tracked = AskCaching(calls);
  Ask(calls, {"MULTI"}, {Purpose::kPlain});
  Ask(calls, {"GET", key}, {Purpose::kPlain});
  Ask(calls, {"SET", key, asked.value}, {Purpose::kPlain});
  Ask(calls, {"EXEC"}, asked);
}

void SharedWorkload::AskFlush(std::vector<Args>* calls) {
  if (decisions_.Chance(1, 4)) {
    Ask(calls, decisions_.Chance(1, 2) ? Args{"FLUSHALL"} : Args{"FLUSHDB", "ASYNC"},
        {Purpose::kFlush});
    return;
  }
  Asked asked{Purpose::kDelete};
  asked.keys = {SharedHistory::RegisterKey(decisions_.Below(SharedHistory::kKeysOfAKind))};
  Ask(calls, {"DEL", asked.keys[0]}, asked);
}

void SharedWorkload::AskCounter(std::vector<Args>* calls) {
  Asked asked{Purpose::kCounterRead};
  asked.key = decisions_.Below(SharedHistory::kKeysOfAKind);
  const std::string key = SharedHistory::CounterKey(asked.key);
  asked.keys = {key};
  if (decisions_.Chance(1, 3)) {
    asked.tracked = AskCaching(calls);
    Ask(calls, {"GET", key}, asked);
  } else {
    asked.purpose = Purpose::kCounterIncrement;
    Ask(calls, {"INCR", key}, asked);
  }
}

void SharedWorkload::AskBank(std::vector<Args>* calls) {
  const uint64_t choice = decisions_.Below(20);
  Asked asked{Purpose::kBankRead};
  for (size_t i = 0; i < SharedHistory::kAccountCount; ++i)
    asked.keys.push_back(SharedHistory::AccountKey(i));
  if (choice == 0) {
    asked.purpose = Purpose::kBankOpen;
    Args open = {"MSET"};
    for (const std::string& account : asked.keys) {
      open.push_back(account);
      open.push_back(absl::StrCat(SharedHistory::kOpeningBalance));
    }
    history_->life(incarnation_).bank.OnOpenSent(world_->now_ns());
    Ask(calls, std::move(open), asked);
  } else if (choice < 10) {
    asked.purpose = Purpose::kBankTransfer;
    const std::string amount = absl::StrCat(1 + decisions_.Below(50));
    const std::string from =
        SharedHistory::AccountKey(decisions_.Below(SharedHistory::kAccountCount));
    const std::string to =
        SharedHistory::AccountKey(decisions_.Below(SharedHistory::kAccountCount));
    asked.keys = {from, to};
    Ask(calls, {"MULTI"}, {Purpose::kPlain});
    Ask(calls, {"DECRBY", from, amount}, {Purpose::kPlain});
    Ask(calls, {"INCRBY", to, amount}, {Purpose::kPlain});
    Ask(calls, {"EXEC"}, asked);
  } else if (choice < 15) {
    asked.tracked = AskCaching(calls);
    Args read = {"MGET"};
    read.insert(read.end(), asked.keys.begin(), asked.keys.end());
    Ask(calls, std::move(read), asked);
  } else {
    asked.tracked = AskCaching(calls);
    Ask(calls, {"MULTI"}, {Purpose::kPlain});
    for (const std::string& account : asked.keys) Ask(calls, {"GET", account}, {Purpose::kPlain});
    Ask(calls, {"EXEC"}, asked);
  }
}

void SharedWorkload::AskOverwrite(std::vector<Args>* calls) {
  Asked asked{Purpose::kOverwriteRead};
  asked.key = decisions_.Below(SharedHistory::kKeysOfAKind);
  const std::string key = SharedHistory::OverwriteKey(asked.key);
  asked.keys = {key};
  Ask(calls, {"WATCH", key}, {Purpose::kPlain});
  asked.tracked = AskCaching(calls);
  Ask(calls, {"GET", key}, asked);
}

void SharedWorkload::FinishOverwrite(std::vector<Args>* calls) {
  overwrite_open_ = false;
  Asked asked = overwrite_;
  asked.purpose = Purpose::kOverwriteExec;
  asked.value = UniqueValue();
  Ask(calls, {"MULTI"}, {Purpose::kPlain});
  Ask(calls, {"SET", SharedHistory::OverwriteKey(asked.key), asked.value}, {Purpose::kPlain});
  asked.tracked = false;
  Ask(calls, {"EXEC"}, asked);
}

void SharedWorkload::AskExpiring(std::vector<Args>* calls) {
  const std::vector<std::string>& keys = history_->expiring_keys();
  if (decisions_.Chance(2, 3)) {
    Asked read{Purpose::kExpiringRead};
    read.name = keys[decisions_.Below(keys.size())];
    read.keys = {read.name};
    read.tracked = AskCaching(calls);
    Ask(calls, {"GET", read.name}, read);
    return;
  }
  Asked write{Purpose::kExpiringWrite};
  write.name = keys[expiring_index_];
  write.keys = {write.name};
  write.value = UniqueValue();
  const int64_t ttl_ms = decisions_.Between(1, 500);
  write.write_number = history_->life(incarnation_)
                           .expiring[write.name]
                           .OnWriteSent(write.value, ttl_ms, world_->now_ns());
  Ask(calls, {"SET", write.name, write.value, "PX", absl::StrCat(ttl_ms)}, write);
}

// ---- Judging ----

void SharedWorkload::OnReply(const Args& args, Reply reply, const Moment& moment) {
  const Asked asked = std::move(asked_.front());
  asked_.pop_front();
  bool fits = true;
  switch (asked.purpose) {
    case Purpose::kPlain:
    case Purpose::kRegisterWrite:
    case Purpose::kBankOpen:
    case Purpose::kExpiringWrite:
    case Purpose::kTracking:
    case Purpose::kFlush:
      fits = reply.type == Reply::Type::kSimpleString;
      break;
    case Purpose::kEcho:
      fits = reply.type == Reply::Type::kBulk && reply.text == asked.value;
      break;
    case Purpose::kCounterIncrement:
    case Purpose::kDelete:
      fits = reply.type == Reply::Type::kInteger;
      break;
    case Purpose::kBankTransfer:
    case Purpose::kRegisterSwap:
      fits = reply.type == Reply::Type::kArray && reply.elements.size() == 2;
      break;
    case Purpose::kBankRead:
      fits = reply.type == Reply::Type::kArray &&
             reply.elements.size() == SharedHistory::kAccountCount;
      break;
    case Purpose::kOverwriteExec:
      fits = reply.is_null() || reply.type == Reply::Type::kArray;
      break;
    case Purpose::kRegisterRead:
    case Purpose::kCounterRead:
    case Purpose::kOverwriteRead:
    case Purpose::kExpiringRead:
      fits = IsValue(reply);
      break;
  }
  if (fits) {
    answered_begin_ns_ = moment.begin_ns;
    JudgeCache(asked, reply, moment);
    Judge(asked, reply, moment);
  } else {
    Unexpected(args, reply);
  }
}

void SharedWorkload::Unexpected(const Args& args, const Reply& reply) {
  board_->Violate(Oracle::kPairing, absl::StrCat(name_, ": ", absl::StrJoin(args, " "),
                                                 " was answered by ", DebugString(reply)));
}

void SharedWorkload::Judge(const Asked& asked, const Reply& reply, const Moment& moment) {
  // For the next request, whatever is judged.
  if (asked.purpose == Purpose::kOverwriteRead) {
    overwrite_ = asked;
    overwrite_.old_value = TextOf(reply);
    overwrite_open_ = !resting_;
  }
  if (history_->flushed()) return;
  SharedHistory::Life& life = history_->life(incarnation_);
  switch (asked.purpose) {
    case Purpose::kRegisterSwap:
      life.registers[asked.key].OnRead(TextOf(reply.elements[0]), moment.begin_ns, moment.end_ns);
      life.registers[asked.key].OnWrite(asked.value, moment.begin_ns, moment.end_ns);
      break;
    case Purpose::kRegisterWrite:
      life.registers[asked.key].OnWrite(asked.value, moment.begin_ns, moment.end_ns);
      break;
    case Purpose::kRegisterRead:
      life.registers[asked.key].OnRead(TextOf(reply), moment.begin_ns, moment.end_ns);
      break;
    case Purpose::kCounterIncrement:
      life.counters[asked.key].OnIncrement(reply.integer, moment.begin_ns, moment.end_ns);
      break;
    case Purpose::kCounterRead:
      life.counters[asked.key].OnRead(NumberOf(reply), moment.begin_ns, moment.end_ns);
      break;
    case Purpose::kBankOpen:
      life.bank.OnOpenDone(moment.end_ns);
      break;
    case Purpose::kBankRead:
      JudgeBankRead(reply, moment);
      break;
    case Purpose::kOverwriteExec:
      if (!reply.is_null()) {
        life.overwrites[asked.key].OnOverwrite(SharedHistory::OverwriteKey(asked.key),
                                               asked.old_value, asked.value, board_);
      }
      break;
    case Purpose::kExpiringWrite:
      life.expiring[asked.name].OnWriteDone(asked.write_number, moment);
      break;
    case Purpose::kExpiringRead:
      life.expiring[asked.name].OnRead(asked.name, TextOf(reply), moment, board_);
      break;
    case Purpose::kPlain:
    case Purpose::kEcho:
    case Purpose::kBankTransfer:
    case Purpose::kOverwriteRead:
    case Purpose::kTracking:
    case Purpose::kDelete:
    case Purpose::kFlush:
      break;
  }
}

void SharedWorkload::JudgeCache(const Asked& asked, const Reply& reply, const Moment& moment) {
  CacheOracle& oracle = history_->life(incarnation_).caches;
  ClientCache* const kept = cache();
  if (kept != nullptr && asked.purpose != Purpose::kPlain) kept->OnReply(moment);
  bool reads = false;
  bool writes = false;
  switch (asked.purpose) {
    case Purpose::kRegisterRead:
    case Purpose::kCounterRead:
    case Purpose::kOverwriteRead:
    case Purpose::kExpiringRead:
    case Purpose::kBankRead:
      reads = true;
      break;
    case Purpose::kRegisterWrite:
    case Purpose::kCounterIncrement:
    case Purpose::kExpiringWrite:
    case Purpose::kBankOpen:
    case Purpose::kBankTransfer:
      writes = true;
      break;
    case Purpose::kRegisterSwap:
      reads = writes = true;
      break;
    case Purpose::kOverwriteExec:
      writes = !reply.is_null();
      break;
    case Purpose::kDelete:
      writes = reply.integer > 0;
      break;
    case Purpose::kFlush:
      oracle.OnFlush(moment);
      if (kept != nullptr) kept->OnOwnFlush();
      break;
    case Purpose::kTracking:
      cache_->OnTracking();
      break;
    case Purpose::kPlain:
    case Purpose::kEcho:
      break;
  }
  for (size_t i = 0; i < asked.keys.size(); ++i) {
    const std::string& key = asked.keys[i];
    const Reply& read = reply.elements.empty() ? reply : reply.elements[i];
    if (reads && kept != nullptr) kept->OnRead(key, TextOf(read), asked.tracked, moment);
    if (!writes) continue;
    oracle.OnWrite(key, moment);
    if (kept != nullptr) kept->OnOwnWrite(key);
  }
}

bool SharedWorkload::OnPush(const Reply& push) {
  return cache_.has_value() && cache_->OnPush(push);
}

void SharedWorkload::JudgeBankRead(const Reply& reply, const Moment& moment) {
  std::vector<int64_t> balances;
  for (const Reply& element : reply.elements) balances.push_back(NumberOf(element));
  history_->life(incarnation_)
      .bank.OnRead("bank", balances, moment.begin_ns, moment.end_ns, board_);
}

void SharedWorkload::OnLost(const LostCalls& lost) {
  SharedHistory::Life& life = history_->life(incarnation_);
  for (size_t i = 0; i < std::min(lost.executed_max, asked_.size()); ++i) {
    const Asked& asked = asked_[i];
    if (asked.purpose == Purpose::kRegisterWrite || asked.purpose == Purpose::kRegisterSwap) {
      life.registers[asked.key].OnUnknownWrite(asked.value, lost.moment.begin_ns);
    } else if (asked.purpose == Purpose::kCounterIncrement) {
      life.counters[asked.key].OnUnknownIncrement();
    }
  }
  asked_.clear();
  overwrite_open_ = false;
  answered_begin_ns_ = -1;
  if (cache_.has_value()) cache_->OnLost();
  TakeNewExpiringKey();
}

}  // namespace damselfly::sim
