#include "sim/clients/command_generator.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"

namespace damselfly::sim {
namespace {

void Append(Args words, Args* args) {
  for (std::string& word : words) args->push_back(std::move(word));
}

// Bytes that tell where in the value they belong.
std::string BigValue(DecisionStream* decisions) {
  const uint64_t size = static_cast<uint64_t>(decisions->Between(33'000, 100'000));
  const uint64_t shift = decisions->Below(26);
  std::string value(size, '\0');
  for (uint64_t i = 0; i < size; ++i)
    value[i] = static_cast<char>('a' + (i + i / 26 + i / 676 + shift) % 26);
  return value;
}

}  // namespace

std::string CommandGenerator::KeyName(uint64_t index) const {
  return absl::StrCat(prefix_, ":", index);
}

std::string CommandGenerator::Value() {
  if (big_values_ && decisions_->Chance(1, 60)) return BigValue(decisions_);
  const uint64_t kind = decisions_->Below(8);
  if (kind < 3) return Integer();
  if (kind == 3) return "";
  if (kind == 4) return std::string(decisions_->Below(2000), 'L');
  std::string value;
  const uint64_t size = 1 + decisions_->Below(40);
  for (uint64_t i = 0; i < size; ++i) value += static_cast<char>(decisions_->Below(256));
  return value;
}

std::string CommandGenerator::Integer() {
  const bool near_an_end = decisions_->Chance(1, 8);
  if (!near_an_end) return Number(-1000, 1000);
  const int64_t distance = decisions_->Between(0, 1000);
  return absl::StrCat(decisions_->Chance(1, 2) ? std::numeric_limits<int64_t>::max() - distance
                                               : std::numeric_limits<int64_t>::min() + distance);
}

int64_t CommandGenerator::TtlMs() {
  switch (decisions_->Below(4)) {
    case 0:
      return decisions_->Between(1, 20);
    case 1:
      return decisions_->Between(1, 300);
    case 2:
      return decisions_->Between(1, 3000);
    default:
      return decisions_->Between(1, 1000000);
  }
}

int64_t CommandGenerator::DeadlineMs() {
  if (decisions_->Chance(1, 4)) return WallMs() - decisions_->Between(0, 5000);
  return WallMs() + TtlMs();
}

void CommandGenerator::AppendDeadline(Args* args) {
  switch (decisions_->Below(4)) {
    case 0:
      Append({"PX", std::to_string(TtlMs())}, args);
      break;
    case 1:
      Append({"EX", Number(1, 3)}, args);
      break;
    case 2:
      Append({"PXAT", std::to_string(DeadlineMs())}, args);
      break;
    default:
      Append({"EXAT", std::to_string(DeadlineMs() / 1000)}, args);
  }
}

Args CommandGenerator::StringCommand() {
  const std::string key = Key();
  switch (decisions_->Below(22)) {
    case 0:
      return {"GET", key};
    case 1:
      return {"GET", key};
    case 2:
      return {"SET", key, Value()};
    case 3:
      return {"SET", key, Value()};
    case 4: {
      Args args = {"SET", key, Value(), decisions_->Chance(1, 2) ? "NX" : "XX"};
      if (decisions_->Chance(1, 2)) args.push_back("GET");
      return args;
    }
    case 5:
      return {"SET", key, Value(), "GET"};
    case 6:
      return {"SETNX", key, Value()};
    case 7:
      return {"GETSET", key, Value()};
    case 8:
      return {"GETDEL", key};
    case 9:
      return {"APPEND", key, Value()};
    case 10:
      return {"STRLEN", key};
    case 11:
      return {"INCR", key};
    case 12:
      return {"DECR", key};
    case 13:
      return {"INCRBY", key, Integer()};
    case 14:
      return {"DECRBY", key, Integer()};
    case 15: {
      std::string begin = Number(-10, 10);
      return {"GETRANGE", key, std::move(begin), Number(-10, 30)};
    }
    case 16: {
      std::string offset = Number(0, 60);
      return {"SETRANGE", key, std::move(offset), Value()};
    }
    case 17: {
      std::string second = Key();
      return {"MGET", key, std::move(second), Key()};
    }
    case 18: {
      std::string value = Value();
      std::string second = Key();
      return {"MSET", key, std::move(value), std::move(second), Value()};
    }
    case 19: {
      std::string value = Value();
      std::string second = Key();
      return {"MSETNX", key, std::move(value), std::move(second), Value()};
    }
    case 20:
      return {"ECHO", Value()};
    default:
      return {"PING"};
  }
}

Args CommandGenerator::BitmapCommand() {
  const std::string key = Key();
  switch (decisions_->Below(6)) {
    case 0:
      return {"GETBIT", key, Number(0, 200)};
    case 1:
      return {"BITCOUNT", key};
    case 2: {
      static constexpr const char* kOperations[] = {"AND", "OR", "XOR"};
      const char* operation = kOperations[decisions_->Below(3)];
      std::string source = Key();
      return {"BITOP", operation, key, std::move(source), Key()};
    }
    case 3:
      return {"BITOP", "NOT", key, Key()};
    default: {
      std::string offset = Number(0, 200);
      return {"SETBIT", key, std::move(offset), Number(0, 1)};
    }
  }
}

Args CommandGenerator::KeyCommand() {
  const std::string key = Key();
  switch (decisions_->Below(11)) {
    case 0:
      return {"DEL", key, Key()};
    case 1:
      return {"DEL", key};
    case 2:
      return {"UNLINK", key};
    case 3:
      return {"EXISTS", key, Key()};
    case 4:
      return {"TYPE", key};
    case 5:
      return {"RENAME", key, Key()};
    case 6:
      return {"RENAMENX", key, Key()};
    case 7: {
      // A key is not copied onto itself: that is an error of its own.
      Args args = {"COPY", key, Key()};
      if (args[2] == key) args[2] = key + "'";
      if (decisions_->Chance(1, 2)) args.push_back("REPLACE");
      return args;
    }
    case 8:
      return {"KEYS", prefix_ + ":*"};
    case 9:
      return {"TOUCH", key};
    default:
      return {"GET", key};
  }
}

Args CommandGenerator::ExpiryCommand() {
  const std::string key = Key();
  switch (decisions_->Below(20)) {
    case 0: {
      std::string value = Value();
      return {"SET", key, std::move(value), "PX", std::to_string(TtlMs())};
    }
    case 1:
      return {"SET", key, Value(), "EX", Number(1, 3)};
    case 2: {
      std::string value = Value();
      return {"SET", key, std::move(value), "PXAT", std::to_string(DeadlineMs())};
    }
    case 3:
      return {"SET", key, Value(), "KEEPTTL"};
    case 4:
      return {"SETEX", key, Number(1, 3), Value()};
    case 5:
      return {"PSETEX", key, std::to_string(TtlMs()), Value()};
    case 6: {
      Args args = {"GETEX", key};
      AppendDeadline(&args);
      return args;
    }
    case 7:
      return {"GETEX", key, "PERSIST"};
    case 8:
      return {"PEXPIRE", key, std::to_string(TtlMs())};
    case 9:
      return {"PEXPIRE", key, std::to_string(TtlMs()), Condition()};
    case 10:
      return {"EXPIRE", key, Number(0, 3)};
    case 11:
      return {"PEXPIREAT", key, std::to_string(DeadlineMs())};
    case 12:
      return {"TTL", key};
    case 13:
      return {"PTTL", key};
    case 14:
      return {"PEXPIRETIME", key};
    case 15:
      return {"PERSIST", key};
    case 16: {
      std::string time = std::to_string(DeadlineMs());
      return {"PEXPIREAT", key, std::move(time), Condition()};
    }
    case 17: {
      Args args = {"EXPIREAT", key, std::to_string(DeadlineMs() / 1000)};
      if (decisions_->Chance(1, 2)) args.push_back(Condition());
      return args;
    }
    case 18: {
      Args args = {"SET", key, Value()};
      if (decisions_->Chance(1, 2)) args.push_back(decisions_->Chance(1, 2) ? "NX" : "XX");
      if (decisions_->Chance(1, 2)) args.push_back("GET");
      AppendDeadline(&args);
      return args;
    }
    default:
      return {"GET", key};
  }
}

Args CommandGenerator::Single() {
  static constexpr uint32_t kSingle[] = {kStringFamily, kBitmapFamily,    kKeyFamily,
                                         kExpiryFamily, kListFamily,      kHashFamily,
                                         kSetFamily,    kSortedSetFamily, kStreamFamily};
  uint32_t families[std::size(kSingle)];
  uint64_t count = 0;
  for (uint32_t family : kSingle) {
    if ((families_ & family) != 0) families[count++] = family;
  }
  switch (count == 0 ? kStringFamily : families[decisions_->Below(count)]) {
    case kBitmapFamily:
      return BitmapCommand();
    case kKeyFamily:
      return KeyCommand();
    case kExpiryFamily:
      return ExpiryCommand();
    case kListFamily:
      return ListCommand();
    case kHashFamily:
      return HashCommand();
    case kSetFamily:
      return SetCommand();
    case kSortedSetFamily:
      return SortedSetCommand();
    case kStreamFamily:
      return StreamCommand();
    default:
      return StringCommand();
  }
}

std::string CommandGenerator::Condition() {
  static constexpr const char* kConditions[] = {"NX", "XX", "GT", "LT"};
  return kConditions[decisions_->Below(4)];
}

// What comes between WATCH and MULTI is as often about the watched key as about any other: it may
// be made, and be gone again.
void CommandGenerator::Watch(std::vector<Args>* calls) {
  const std::string key = Key();
  calls->push_back({"WATCH", key, Key()});
  if ((families_ & kDatabaseFamily) != 0 && decisions_->Chance(1, 4)) {
    calls->push_back({"SELECT", DatabaseNumber()});
    calls->push_back({"WATCH", key});
  }
  for (uint64_t i = decisions_->Below(5); i > 0; --i) {
    switch (decisions_->Below(10)) {
      case 0:
      case 1:
        calls->push_back({"SET", key, Value()});
        break;
      case 2:
      case 3:
        calls->push_back({"DEL", key});
        break;
      case 4:
        if (owns_databases_ && decisions_->Chance(1, 2)) {
          calls->push_back({"FLUSHDB"});
        } else {
          calls->push_back((families_ & kDatabaseFamily) != 0 ? DatabaseCommand() : Single());
        }
        break;
      default:
        calls->push_back(Single());
    }
  }
  if (decisions_->Chance(1, 8)) calls->push_back({"UNWATCH"});
}

void CommandGenerator::Transaction(std::vector<Args>* calls) {
  if (decisions_->Chance(1, 3)) Watch(calls);
  calls->push_back({"MULTI"});
  const uint64_t count = decisions_->Below(6);
  for (uint64_t i = 0; i < count; ++i) {
    if (decisions_->Chance(1, 40)) {
      calls->push_back({"NOSUCHCOMMAND"});
    } else if (owns_databases_ && decisions_->Chance(1, 60)) {
      calls->push_back({"FLUSHDB"});
    } else {
      calls->push_back(Single());
    }
  }
  calls->push_back({decisions_->Chance(1, 8) ? "DISCARD" : "EXEC"});
}

void CommandGenerator::BeginWatch(std::vector<Args>* calls) {
  const std::string key = Key();
  std::string value = Value();
  calls->push_back({"SET", key, std::move(value), "PX", Number(1, 20)});
  calls->push_back({"WATCH", key});
}

void CommandGenerator::EndWatch(std::vector<Args>* calls) {
  calls->push_back({"MULTI"});
  calls->push_back(Single());
  calls->push_back({"EXEC"});
}

Args CommandGenerator::DatabaseCommand() {
  // What locks all slots is rare: it is what costs a run most time.
  const uint64_t which = decisions_->Below(owns_databases_ ? 14 : 12);
  switch (which < 12 ? which % 3 : which) {
    case 0:
      return {"SELECT", DatabaseNumber()};
    case 1: {
      Args args = {"MOVE", Key(), DatabaseNumber()};
      return args;
    }
    case 2: {
      Args args = {"COPY", Key(), ""};
      args[2] = args[1] + "'";
      args.push_back("DB");
      args.push_back(DatabaseNumber());
      return args;
    }
    case 12: {
      static constexpr const char* kWays[] = {"SYNC", "ASYNC"};
      return {"FLUSHDB", kWays[decisions_->Below(2)]};
    }
    default:
      return {"SWAPDB", std::to_string(first_database_), std::to_string(first_database_ + 1)};
  }
}

// Requests that get no reply are followed by one that does.
void CommandGenerator::ConnectionCommands(std::vector<Args>* calls) {
  switch (decisions_->Below(6)) {
    case 0:
      calls->push_back({"CLIENT", "REPLY", "SKIP"});
      calls->push_back(Single());
      calls->push_back(Single());
      break;
    case 1:
      calls->push_back({"CLIENT", "REPLY", "OFF"});
      for (uint64_t i = decisions_->Below(4); i > 0; --i) calls->push_back(Single());
      calls->push_back({"CLIENT", "REPLY", "ON"});
      break;
    case 2:
      calls->push_back({"CLIENT", "SETNAME", absl::StrCat("n", decisions_->Below(100))});
      break;
    case 3:
    case 4:
      calls->push_back({"CLIENT", "GETNAME"});
      break;
    default:
      if (decisions_->Chance(1, 2)) {
        calls->push_back({"MULTI"});
        calls->push_back(Single());
      }
      calls->push_back({"RESET"});
      if (first_database_ != 0) calls->push_back({"SELECT", absl::StrCat(first_database_)});
  }
}

Args CommandGenerator::ManyKeys(const char* command, uint64_t first, uint64_t count) {
  Args args = {command};
  for (uint64_t i = first; i < std::min(first + count, key_count_); ++i) {
    args.push_back(KeyName(i));
    if (args[0] == "MSET") args.push_back(Integer());
  }
  return args;
}

void CommandGenerator::Next(std::vector<Args>* calls) {
  if ((families_ & kTransactionFamily) != 0 && decisions_->Chance(1, 8)) {
    Transaction(calls);
  } else if ((families_ & kDatabaseFamily) != 0 && decisions_->Chance(1, 10)) {
    calls->push_back(DatabaseCommand());
  } else if ((families_ & kConnectionFamily) != 0 && decisions_->Chance(1, 20)) {
    ConnectionCommands(calls);
  } else if (key_count_ > kFewKeys && decisions_->Chance(1, 3)) {
    const bool drops = decisions_->Chance(1, 6);
    if (drops && decisions_->Chance(1, 3)) {
      // Whatever comes then makes the table anew.
      calls->push_back(ManyKeys("UNLINK", 0, key_count_));
    } else {
      calls->push_back(
          ManyKeys(drops ? "DEL" : "MSET", decisions_->Below(key_count_), kKeysAtOnce));
    }
  } else {
    calls->push_back(Single());
  }
}

void CommandGenerator::BeginScan() {
  const bool elsewhere = (families_ & kDatabaseFamily) != 0 && decisions_->Chance(1, 2);
  scan_database_ = elsewhere ? DatabaseNumber() : std::to_string(first_database_);
  scan_options_ = {"MATCH", prefix_ + ":*"};
  // So few that a slot takes several steps.
  const int64_t count =
      key_count_ > kFewKeys ? decisions_->Between(8, 100) : decisions_->Between(1, 8);
  if (decisions_->Chance(3, 4)) Append({"COUNT", std::to_string(count)}, &scan_options_);
  if (decisions_->Chance(1, 6))
    Append({"TYPE", decisions_->Chance(1, 4) ? "list" : "string"}, &scan_options_);
}

// Whatever comes between two steps may have gone to another database.
void CommandGenerator::ScanFrom(const std::string& cursor, std::vector<Args>* calls) {
  calls->push_back({"SELECT", scan_database_});
  calls->push_back({"SCAN", cursor});
  Append(scan_options_, &calls->back());
}

void CommandGenerator::Audit(std::vector<Args>* calls) {
  calls->push_back({"KEYS", prefix_ + ":*"});
  for (uint64_t i = 0; i < kFewKeys; ++i) {
    calls->push_back({"GET", KeyName(i)});
    calls->push_back({"PTTL", KeyName(i)});
    AuditCollections(KeyName(i), calls);
  }
  for (uint64_t i = kFewKeys; i < key_count_; i += kKeysAtOnce)
    calls->push_back(ManyKeys("MGET", i, kKeysAtOnce));
}

}  // namespace damselfly::sim
