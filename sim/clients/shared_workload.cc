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

void SharedWorkload::OnConnected(int incarnation) {
  incarnation_ = incarnation;
  asked_.clear();
  overwrite_open_ = false;
}

// ---- Asking ----

void SharedWorkload::Ask(std::vector<Args>* calls, Args args, Asked asked) {
  calls->push_back(std::move(args));
  asked_.push_back(std::move(asked));
}

void SharedWorkload::NextCalls(std::vector<Args>* calls) {
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
    switch (decisions_.Below(6)) {
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
  if (decisions_.Chance(1, 2)) {
    Ask(calls, {"GET", key}, asked);
    return;
  }
  asked.purpose = Purpose::kRegisterWrite;
  asked.value = UniqueValue();
  Ask(calls, {"SET", key, asked.value}, asked);
}

void SharedWorkload::AskCounter(std::vector<Args>* calls) {
  Asked asked{Purpose::kCounterRead};
  asked.key = decisions_.Below(SharedHistory::kKeysOfAKind);
  const std::string key = SharedHistory::CounterKey(asked.key);
  if (decisions_.Chance(1, 3)) {
    Ask(calls, {"GET", key}, asked);
  } else {
    asked.purpose = Purpose::kCounterIncrement;
    Ask(calls, {"INCR", key}, asked);
  }
}

void SharedWorkload::AskBank(std::vector<Args>* calls) {
  const uint64_t choice = decisions_.Below(20);
  if (choice == 0) {
    Args open = {"MSET"};
    for (size_t i = 0; i < SharedHistory::kAccountCount; ++i) {
      open.push_back(SharedHistory::AccountKey(i));
      open.push_back(absl::StrCat(SharedHistory::kOpeningBalance));
    }
    history_->life(incarnation_).bank.OnOpenSent(world_->now_ns());
    Ask(calls, std::move(open), {Purpose::kBankOpen});
  } else if (choice < 10) {
    const std::string amount = absl::StrCat(1 + decisions_.Below(50));
    const std::string from =
        SharedHistory::AccountKey(decisions_.Below(SharedHistory::kAccountCount));
    const std::string to =
        SharedHistory::AccountKey(decisions_.Below(SharedHistory::kAccountCount));
    Ask(calls, {"MULTI"}, {Purpose::kPlain});
    Ask(calls, {"DECRBY", from, amount}, {Purpose::kPlain});
    Ask(calls, {"INCRBY", to, amount}, {Purpose::kPlain});
    Ask(calls, {"EXEC"}, {Purpose::kBankTransfer});
  } else if (choice < 15) {
    Args read = {"MGET"};
    for (size_t i = 0; i < SharedHistory::kAccountCount; ++i)
      read.push_back(SharedHistory::AccountKey(i));
    Ask(calls, std::move(read), {Purpose::kBankRead});
  } else {
    Ask(calls, {"MULTI"}, {Purpose::kPlain});
    for (size_t i = 0; i < SharedHistory::kAccountCount; ++i) {
      Ask(calls, {"GET", SharedHistory::AccountKey(i)}, {Purpose::kPlain});
    }
    Ask(calls, {"EXEC"}, {Purpose::kBankRead});
  }
}

void SharedWorkload::AskOverwrite(std::vector<Args>* calls) {
  Asked asked{Purpose::kOverwriteRead};
  asked.key = decisions_.Below(SharedHistory::kKeysOfAKind);
  const std::string key = SharedHistory::OverwriteKey(asked.key);
  Ask(calls, {"WATCH", key}, {Purpose::kPlain});
  Ask(calls, {"GET", key}, asked);
}

void SharedWorkload::FinishOverwrite(std::vector<Args>* calls) {
  overwrite_open_ = false;
  Asked asked = overwrite_;
  asked.purpose = Purpose::kOverwriteExec;
  asked.value = UniqueValue();
  Ask(calls, {"MULTI"}, {Purpose::kPlain});
  Ask(calls, {"SET", SharedHistory::OverwriteKey(asked.key), asked.value}, {Purpose::kPlain});
  Ask(calls, {"EXEC"}, asked);
}

void SharedWorkload::AskExpiring(std::vector<Args>* calls) {
  const std::vector<std::string>& keys = history_->expiring_keys();
  if (decisions_.Chance(2, 3)) {
    Asked read{Purpose::kExpiringRead};
    read.name = keys[decisions_.Below(keys.size())];
    Ask(calls, {"GET", read.name}, read);
    return;
  }
  Asked write{Purpose::kExpiringWrite};
  write.name = keys[expiring_index_];
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
      fits = reply.type == Reply::Type::kSimpleString;
      break;
    case Purpose::kEcho:
      fits = reply.type == Reply::Type::kBulk && reply.text == asked.value;
      break;
    case Purpose::kCounterIncrement:
      fits = reply.type == Reply::Type::kInteger;
      break;
    case Purpose::kBankTransfer:
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
  SharedHistory::Life& life = history_->life(incarnation_);
  switch (asked.purpose) {
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
    case Purpose::kOverwriteRead:
      overwrite_ = asked;
      overwrite_.old_value = TextOf(reply);
      overwrite_open_ = true;
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
      break;
  }
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
    if (asked.purpose == Purpose::kRegisterWrite) {
      life.registers[asked.key].OnUnknownWrite(asked.value, lost.moment.begin_ns);
    } else if (asked.purpose == Purpose::kCounterIncrement) {
      life.counters[asked.key].OnUnknownIncrement();
    }
  }
  asked_.clear();
  overwrite_open_ = false;
  TakeNewExpiringKey();
}

}  // namespace damselfly::sim
