#include "testing/compat/generator.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "testing/compat/pools.h"
#include "testing/compat/templates.h"

namespace damselfly {
namespace {

template <size_t n>
std::string Pick(Random& random, const absl::string_view (&from)[n]) {
  return std::string(from[random.Below(n)]);
}

// Relative deadlines, in seconds or milliseconds: beyond the end of any run, and no two alike,
// since EXPIRE GT would tell servers apart that have looked at the clock at different milliseconds.
constexpr int64_t kRelativeMin = 10000000;
constexpr int64_t kRelativeMax = 1000000000;

// Words that name a deadline are only dangerous when it lies within the run.
bool TakesDeadline(absl::string_view name, size_t* first_deadline_argument) {
  if (name == "set") {
    *first_deadline_argument = 3;
    return true;
  }
  *first_deadline_argument = 2;
  return name == "expire" || name == "pexpire" || name == "expireat" || name == "pexpireat" ||
         name == "setex" || name == "psetex" || name == "getex";
}

// The first words of keys by type, and how many keys of each there are.
struct KeyPool {
  absl::string_view name;
  uint64_t keys;
};
constexpr KeyPool kTypedKeys[] = {{"hash", 6},   {"set", 8}, {"list", 6}, {"zset", 6},
                                  {"stream", 4}, {"geo", 3}, {"hll", 5}};

}  // namespace

CommandGenerator::CommandGenerator(uint64_t seed, const std::vector<std::string>& families)
    : random_(seed) {
  ChooseTemplates(families);
}

void CommandGenerator::ChooseTemplates(const std::vector<std::string>& families) {
  const bool all = random_.Chance(1, 2);
  const absl::string_view one = kFamilies[random_.Below(std::size(kFamilies))].name;
  const absl::string_view other = kFamilies[random_.Below(std::size(kFamilies))].name;
  for (const CommandFamily& family : kFamilies) {
    const bool wanted = families.empty() ? all || family.name == one || family.name == other ||
                                               family.name == "key" || family.name == "session"
                                         : std::find(families.begin(), families.end(),
                                                     family.name) != families.end();
    if (!wanted) continue;
    for (int i = 0; i < family.count; ++i) {
      const CommandTemplate& one_template = family.templates[i];
      const int tenths = one_template.weight == 0 ? 1 : one_template.weight * 10;
      weighted_.insert(weighted_.end(), static_cast<size_t>(tenths), &one_template);
    }
  }
}

GeneratedCommand CommandGenerator::Next() {
  if (pending_.empty()) AddFromTemplate(*weighted_[random_.Below(weighted_.size())]);
  GeneratedCommand command = std::move(pending_.front());
  pending_.pop_front();
  return command;
}

void CommandGenerator::AddFromTemplate(const CommandTemplate& chosen) {
  GeneratedCommand command;
  Expand(chosen.text, &command.args);
  command.comparison = chosen.comparison;
  if (chosen.may_be_spoilt && random_.Chance(1, 12)) {
    Spoil(&command.args);
    // What is no longer the scan that ends at once has replies that depend on the table's layout.
    if (chosen.comparison == Comparison::kAnyOrderScan ||
        chosen.comparison == Comparison::kAnyOrderPairsScan) {
      command = {{"scan", "x" + DrawInteger()}, Comparison::kExact};
    }
  }
  KeepDeadlinesFarAway(&command.args);

  const bool has_key = command.args.size() > 1;
  if (command.args == std::vector<std::string>{"dbsize"})
    pending_.push_back({{"scan", "0", "count", "100000"}, Comparison::kAnyOrderScan});
  if (!chosen.read_all.empty() && has_key) {
    std::vector<std::string> read = absl::StrSplit(chosen.read_all, ' ');
    read.insert(read.begin() + 1, command.args[1]);
    pending_.push_back({std::move(read), chosen.comparison == Comparison::kChosenPairs
                                             ? Comparison::kUnorderedPairs
                                             : Comparison::kUnordered});
  }
  const std::string key = has_key ? command.args[1] : "";
  if (random_.Chance(1, 8)) command.args[0] = absl::AsciiStrToUpper(command.args[0]);
  pending_.push_back(std::move(command));
  if (chosen.diverges && has_key) pending_.push_back({{"del", key}, Comparison::kExact});
}

void CommandGenerator::Expand(absl::string_view text, std::vector<std::string>* args) {
  while (!text.empty()) {
    if (text[0] == ' ') {
      text.remove_prefix(1);
      continue;
    }
    if (text[0] == '[' || text[0] == '{') {
      const char open = text[0];
      const char close = open == '[' ? ']' : '}';
      int depth = 0;
      size_t end = 0;
      for (; end < text.size(); ++end) {
        if (text[end] == open) ++depth;
        if (text[end] == close && --depth == 0) break;
      }
      const absl::string_view inside = text.substr(1, end - 1);
      const uint64_t times = open == '[' ? random_.Chance(1, 3) : random_.Between(1, 4);
      for (uint64_t i = 0; i < times; ++i) {
        // Alternatives of several words: "ex $seconds|px $millis".
        const bool nested = inside.find('[') != absl::string_view::npos ||
                            inside.find('{') != absl::string_view::npos;
        const std::vector<absl::string_view> ways =
            nested ? std::vector<absl::string_view>{inside} : absl::StrSplit(inside, '|');
        Expand(ways[random_.Below(ways.size())], args);
      }
      text.remove_prefix(end + 1);
      continue;
    }
    const absl::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    const std::vector<absl::string_view> ways = absl::StrSplit(word, '|');
    ExpandWord(ways[random_.Below(ways.size())], args);
  }
}

void CommandGenerator::ExpandWord(absl::string_view word, std::vector<std::string>* args) {
  if (word[0] != '$') {
    args->emplace_back(word);
  } else if (word == "$anycommand") {
    for (absl::string_view part : absl::StrSplit(Pick(random_, kCommands), ' '))
      args->emplace_back(part);
  } else if (absl::StartsWith(word, "$many")) {
    ExpandMany(word.substr(5), args);
  } else {
    args->push_back(Draw(word.substr(1)));
  }
}

void CommandGenerator::ExpandMany(absl::string_view pool, std::vector<std::string>* args) {
  const int64_t count = random_.Chance(1, 4) ? random_.Between(100, 700) : random_.Between(1, 30);
  const int64_t first = random_.Between(0, 1000);
  for (int64_t i = first; i < first + count; ++i) {
    if (pool == "pairs") {
      args->push_back(absl::StrCat("f", i));
      args->push_back(absl::StrCat(i * 7));
    } else if (pool == "unscored") {
      args->push_back("0");
      args->push_back(absl::StrCat("m", i));
    } else if (pool == "scored") {
      args->push_back(absl::StrCat(i % 50));
      args->push_back(absl::StrCat("m", i));
    } else {
      args->push_back(absl::StrCat(pool == "ints" ? "" : "m", i));
    }
  }
}

std::string CommandGenerator::DrawAnyKey() {
  if (random_.Chance(1, 4)) return DrawKey("key");
  return DrawKey(kTypedKeys[random_.Below(std::size(kTypedKeys))].name);
}

std::string CommandGenerator::DrawKey(absl::string_view pool) {
  if (pool == "anykey") return DrawAnyKey();
  if (pool == "anyset") return DrawKey(random_.Chance(1, 2) ? "zset" : "set");
  if (pool == "key") {
    if (random_.Chance(1, 40)) return "";
    if (random_.Chance(1, 40)) return std::string("bin\0\r\nkey", 9);
    if (random_.Chance(1, 10)) return absl::StrCat("{tag}", random_.Below(4));
    return absl::StrCat("key:", random_.Below(24));
  }
  // Nothing else is ever put there.
  if (pool == "lex") return absl::StrCat("lex:", random_.Below(3));
  for (const KeyPool& typed : kTypedKeys) {
    if (pool != typed.name) continue;
    if (random_.Chance(1, 25)) return DrawAnyKey();
    return absl::StrCat(pool, ":", random_.Below(typed.keys));
  }
  return "";
}

std::string CommandGenerator::DrawStreamId(absl::string_view pool) {
  const auto some = [&] {
    const uint64_t ms = random_.Between(1, static_cast<int64_t>(stream_ms_) + 1);
    return random_.Chance(1, 4) ? absl::StrCat(ms) : absl::StrCat(ms, "-", random_.Below(3));
  };
  if (pool == "newid") {
    if (random_.Chance(1, 3)) stream_ms_ += random_.Below(3);
    if (random_.Chance(1, 4)) return absl::StrCat(stream_ms_, "-*");
    if (random_.Chance(1, 15)) return some();
    if (random_.Chance(1, 40)) return Pick(random_, kIdTexts);
    return absl::StrCat(++stream_ms_, "-", random_.Below(3));
  }
  if (pool == "idbound" && random_.Chance(1, 2)) return random_.Chance(1, 2) ? "-" : "+";
  if (pool == "idbound" && random_.Chance(1, 4)) return absl::StrCat("(", some());
  if (pool == "groupid" && random_.Chance(1, 2)) return random_.Chance(1, 2) ? "0" : "$";
  return random_.Chance(1, 6) ? Pick(random_, kIdTexts) : some();
}

std::string CommandGenerator::DrawMember() {
  return random_.Chance(1, 12) ? DrawValue() : Pick(random_, kMembers);
}

std::string CommandGenerator::Draw(absl::string_view pool) {
  if (std::string key = DrawKey(pool); !key.empty() || pool == "key" || pool == "anykey")
    return key;
  if (pool == "value") return DrawValue();
  if (pool == "integer") return DrawInteger();
  if (pool == "member") return DrawMember();
  if (pool == "smallint") return absl::StrCat(random_.Between(-5, 30));
  if (pool == "newid" || pool == "id" || pool == "idbound" || pool == "groupid")
    return DrawStreamId(pool);
  // Legal, but each makes a string of 512 MiB: drawn rarely.
  if (pool == "offset" && random_.Chance(1, kHugeOneIn)) return std::string(kOffsetMax);
  if (pool == "bit" && random_.Chance(1, kHugeOneIn)) return std::string(kBitMax);
  for (const Pool& fixed : kPools) {
    if (pool == fixed.name) return std::string(fixed.values[random_.Below(fixed.values.size())]);
  }
  return absl::StrCat("no pool named ", pool);
}

std::string CommandGenerator::DrawInteger() {
  if (random_.Chance(1, 2)) return absl::StrCat(random_.Between(-1000, 1000));
  return Pick(random_, kIntegers);
}

std::string CommandGenerator::DrawValue() {
  switch (random_.Below(8)) {
    case 0:
      return DrawInteger();
    case 1:
      return Pick(random_, kFloats);
    case 2:
      return std::string(random_.Below(120), static_cast<char>('a' + random_.Below(26)));
    case 3: {
      std::string bytes(random_.Below(40), '\0');
      for (char& byte : bytes) byte = static_cast<char>(random_.Below(256));
      return bytes;
    }
    case 4:
      // Lengths around the encodings' and the buffers' limits.
      return std::string(static_cast<size_t>(random_.Between(40, 48)), 'x');
    case 5:
      if (random_.Chance(1, 20))
        return std::string(static_cast<size_t>(random_.Between(30000, 40000)), 'B');
      return std::string(static_cast<size_t>(random_.Between(1000, 1100)), 'y');
    default:
      return Pick(random_, kValues);
  }
}

void CommandGenerator::Spoil(std::vector<std::string>* args) {
  const size_t position = random_.Below(args->size());
  switch (random_.Below(4)) {
    case 0:
      if (args->size() > 1)
        args->erase(args->begin() + static_cast<int64_t>(std::max<size_t>(position, 1)));
      break;
    case 1:
      args->push_back(DrawValue());
      break;
    case 2:
      args->insert(args->begin() + static_cast<int64_t>(position) + 1, DrawInteger());
      break;
    default:
      if (position > 0) (*args)[position] = DrawValue();
  }
}

void CommandGenerator::KeepDeadlinesFarAway(std::vector<std::string>* args) {
  size_t first = 0;
  if (!TakesDeadline((*args)[0], &first)) return;
  for (size_t i = first; i < args->size(); ++i) {
    int64_t number = 0;
    if (!absl::SimpleAtoi((*args)[i], &number) || number <= 0 || number >= kRelativeMax) continue;
    (*args)[i] = absl::StrCat(random_.Between(kRelativeMin, kRelativeMax));
  }
}

}  // namespace damselfly
