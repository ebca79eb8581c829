#include "testing/compat/generator.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace damselfly {
namespace {

constexpr absl::string_view kIntegers[] = {"0",
                                           "1",
                                           "-1",
                                           "2",
                                           "3",
                                           "7",
                                           "10",
                                           "100",
                                           "-100",
                                           "12345678",
                                           "2147483647",
                                           "2147483648",
                                           "-2147483649",
                                           "4294967296",
                                           "9223372036854775807",
                                           "-9223372036854775808",
                                           "9223372036854775808",
                                           "-9223372036854775809",
                                           "18446744073709551616",
                                           "99999999999999999999999",
                                           "+1",
                                           " 1",
                                           "1 ",
                                           "01",
                                           "-0",
                                           "0x10",
                                           "1.0",
                                           "",
                                           "abc",
                                           "1e3"};
constexpr absl::string_view kFloats[] = {"0",
                                         "1.5",
                                         "-1.5",
                                         "0.1",
                                         "3.0e3",
                                         "1e308",
                                         "-1e308",
                                         "1e-300",
                                         "inf",
                                         "-inf",
                                         "nan",
                                         "1e5000",
                                         "",
                                         " 1",
                                         "1 ",
                                         "abc",
                                         "0x1p3",
                                         "10.00000000000000001",
                                         "5.0e-3",
                                         "123456789.987654321",
                                         "9007199254740993",
                                         "-0"};
constexpr absl::string_view kSeconds[] = {"1000",
                                          "100000",
                                          "123456789",
                                          "0",
                                          "-1",
                                          "-1000",
                                          "9223372036854775807",
                                          "9223372036854775",
                                          "9223372036854776",
                                          "-9223372036854775808",
                                          "abc",
                                          "1.5",
                                          ""};
constexpr absl::string_view kMillis[] = {"1000000", "100000000",           "0",
                                         "-1",      "9223372036854775807", "-9223372036854775808",
                                         "x",       "10000000.5"};
constexpr absl::string_view kAt[] = {
    "4102444800",       "5000000000",       "1", "0", "-5", "100000", "9223372036854775807",
    "9223372036854775", "9223372036854776", "q"};
constexpr absl::string_view kAtMs[] = {
    "4102444800000",       "5000000000123",        "1", "0", "-5", "100000",
    "9223372036854775807", "-9223372036854775808", "q"};
constexpr absl::string_view kIndexes[] = {"0",
                                          "1",
                                          "-1",
                                          "2",
                                          "3",
                                          "-2",
                                          "5",
                                          "-5",
                                          "10",
                                          "-100",
                                          "100",
                                          "1000000",
                                          "9223372036854775807",
                                          "-9223372036854775808",
                                          "9223372036854775808",
                                          "x"};
constexpr absl::string_view kOffsets[] = {
    "0",          "1", "2", "5", "10", "100", "5000", "-1", "536870912", "9223372036854775807",
    "4294967296", "x", ""};
constexpr absl::string_view kBits[] = {
    "0", "1", "7", "8", "9", "100", "10000", "-1", "4294967296", "9223372036854775807", "x"};
// Legal, but each makes a string of 512 MiB: drawn rarely.
constexpr absl::string_view kOffsetMax = "536870911";
constexpr absl::string_view kBitMax = "4294967295";
constexpr uint64_t kHugeOneIn = 20000;
constexpr absl::string_view kBinary[] = {"0", "1", "0", "1", "0", "1", "2", "-1", "x"};
constexpr absl::string_view kBitTypes[] = {"u1",  "u8",  "i8",  "i16", "u16", "u32", "i32",
                                           "u63", "i64", "u64", "i65", "u0",  "i0",  "i1",
                                           "i5",  "u7",  "8",   "x8",  "",    "I8",  "u8x"};
constexpr absl::string_view kBitOffsets[] = {
    "0",   "1",  "7",   "8",          "100",
    "#0",  "#1", "#10", "#100",       "-1",
    "#-1", "x",  "#",   "4294967296", "#9223372036854775807"};
constexpr absl::string_view kSmall[] = {"0", "1", "2", "3", "4", "10", "-1", "x"};
constexpr absl::string_view kDatabases[] = {
    "0", "0", "0", "1", "1", "2", "15", "16", "-1", "x", "9223372036854775808"};
constexpr absl::string_view kPatterns[] = {"*",     "key:*",     "k?y:1",  "key:[0-9]", "key:[^1]*",
                                           "[k]*",  "*1*",       "{tag}*", "",          "key\\:1",
                                           "*[*",   "key:[",     "k[a-",   "[^",        "\\",
                                           "*{*}*", "key:[9-0]", "???*",   "KEY:*"};
constexpr absl::string_view kCommands[] = {"get a",
                                           "mset a 1 b 2 c 3",
                                           "bitop and x y z",
                                           "mget a b",
                                           "set a b",
                                           "ping",
                                           "nosuch a",
                                           "get",
                                           "object encoding x",
                                           "lcs a b",
                                           "rename a b",
                                           "copy a b",
                                           "getex a ex 100",
                                           "bitfield a get u8 0",
                                           "set a b get",
                                           "multi"};

// Values that are interesting in themselves.
constexpr absl::string_view kValues[] = {
    "hello",      "a",  "",     "foobar", "ohmytext",     "mynewtext",
    "12",         "-7", "3.14", "\r\n",   "*3\r\n$3\r\n", "with space",
    "\"quoted\"", "0",  "00",   "1e10"};

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

}  // namespace

CommandGenerator::CommandGenerator(uint64_t seed) : random_(seed) {
  for (size_t i = 0; i < std::size(kTemplates); ++i) {
    weighted_.insert(weighted_.end(), static_cast<size_t>(kTemplates[i].weight),
                     static_cast<int>(i));
  }
}

GeneratedCommand CommandGenerator::Next() {
  if (!pending_.empty()) {
    GeneratedCommand command = std::move(pending_.front());
    pending_.pop_front();
    return command;
  }
  const CommandTemplate& chosen =
      kTemplates[static_cast<size_t>(weighted_[random_.Below(weighted_.size())])];
  GeneratedCommand command;
  Expand(chosen.text, &command.args);
  command.comparison = chosen.comparison;
  if (random_.Chance(1, 12)) {
    const size_t count_before = command.args.size();
    Spoil(&command.args);
    // What is no longer the scan that ends at once has replies that depend on the table's layout.
    if (chosen.comparison == Comparison::kAnyOrderScan && count_before != 0)
      command.args = {"scan", "x" + DrawInteger()};
    if (chosen.comparison == Comparison::kAnyOrderScan) command.comparison = Comparison::kExact;
  }
  KeepDeadlinesFarAway(&command.args);
  if (command.args == std::vector<std::string>{"dbsize"}) {
    pending_.push_back(std::move(command));
    return {{"scan", "0", "count", "100000"}, Comparison::kAnyOrderScan};
  }
  if (random_.Chance(1, 8)) command.args[0] = absl::AsciiStrToUpper(command.args[0]);
  return command;
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
    if (word[0] == '$') {
      if (word == "$anycommand") {
        for (absl::string_view part : absl::StrSplit(Pick(random_, kCommands), ' '))
          args->emplace_back(part);
      } else {
        args->push_back(Draw(word.substr(1)));
      }
      continue;
    }
    const std::vector<absl::string_view> ways = absl::StrSplit(word, '|');
    args->emplace_back(ways[random_.Below(ways.size())]);
  }
}

std::string CommandGenerator::Draw(absl::string_view pool) {
  if (pool == "key") {
    if (random_.Chance(1, 40)) return "";
    if (random_.Chance(1, 40)) return std::string("bin\0\r\nkey", 9);
    if (random_.Chance(1, 10)) return absl::StrCat("{tag}", random_.Below(4));
    return absl::StrCat("key:", random_.Below(24));
  }
  if (pool == "value") return DrawValue();
  if (pool == "integer") return DrawInteger();
  if (pool == "float") return Pick(random_, kFloats);
  if (pool == "seconds") return Pick(random_, kSeconds);
  if (pool == "millis") return Pick(random_, kMillis);
  if (pool == "at") return Pick(random_, kAt);
  if (pool == "atms") return Pick(random_, kAtMs);
  if (pool == "index") return Pick(random_, kIndexes);
  if (pool == "offset")
    return random_.Chance(1, kHugeOneIn) ? std::string(kOffsetMax) : Pick(random_, kOffsets);
  if (pool == "bit")
    return random_.Chance(1, kHugeOneIn) ? std::string(kBitMax) : Pick(random_, kBits);
  if (pool == "binary") return Pick(random_, kBinary);
  if (pool == "bittype") return Pick(random_, kBitTypes);
  if (pool == "bitoffset") return Pick(random_, kBitOffsets);
  if (pool == "small") return Pick(random_, kSmall);
  if (pool == "database") return Pick(random_, kDatabases);
  if (pool == "pattern") return Pick(random_, kPatterns);
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
