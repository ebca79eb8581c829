#ifndef DAMSELFLY_TESTING_COMPAT_POOLS_H_
#define DAMSELFLY_TESTING_COMPAT_POOLS_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

// What the arguments of generated commands are drawn from: usual values, and those at the edges.
namespace damselfly {

inline constexpr absl::string_view kIntegers[] = {"0",
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
inline constexpr absl::string_view kFloats[] = {"0",
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
inline constexpr absl::string_view kSeconds[] = {"1000",
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
inline constexpr absl::string_view kMillis[] = {
    "1000000", "100000000", "0", "-1", "9223372036854775807", "-9223372036854775808",
    "x",       "10000000.5"};
inline constexpr absl::string_view kAt[] = {
    "4102444800",       "5000000000",       "1", "0", "-5", "100000", "9223372036854775807",
    "9223372036854775", "9223372036854776", "q"};
inline constexpr absl::string_view kAtMs[] = {
    "4102444800000",       "5000000000123",        "1", "0", "-5", "100000",
    "9223372036854775807", "-9223372036854775808", "q"};
inline constexpr absl::string_view kIndexes[] = {"0",
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
inline constexpr absl::string_view kOffsets[] = {
    "0",          "1", "2", "5", "10", "100", "5000", "-1", "536870912", "9223372036854775807",
    "4294967296", "x", ""};
inline constexpr absl::string_view kBits[] = {
    "0", "1", "7", "8", "9", "100", "10000", "-1", "4294967296", "9223372036854775807", "x"};
// Legal, but each makes a string of 512 MiB: drawn rarely.
inline constexpr absl::string_view kOffsetMax = "536870911";
inline constexpr absl::string_view kBitMax = "4294967295";
inline constexpr uint64_t kHugeOneIn = 20000;
inline constexpr absl::string_view kBinary[] = {"0", "1", "0", "1", "0", "1", "2", "-1", "x"};
inline constexpr absl::string_view kBitTypes[] = {"u1",  "u8",  "i8",  "i16", "u16", "u32", "i32",
                                                  "u63", "i64", "u64", "i65", "u0",  "i0",  "i1",
                                                  "i5",  "u7",  "8",   "x8",  "",    "I8",  "u8x"};
inline constexpr absl::string_view kBitOffsets[] = {
    "0",   "1",  "7",   "8",          "100",
    "#0",  "#1", "#10", "#100",       "-1",
    "#-1", "x",  "#",   "4294967296", "#9223372036854775807"};
inline constexpr absl::string_view kSmall[] = {"0", "1", "2", "3", "4", "10", "-1", "x"};
inline constexpr absl::string_view kDatabases[] = {
    "0", "0", "0", "1", "1", "2", "15", "16", "-1", "x", "9223372036854775808"};
inline constexpr absl::string_view kPatterns[] = {
    "*",      "key:*", "k?y:1",     "key:[0-9]", "key:[^1]*", "[k]*", "*1*",
    "{tag}*", "",      "key\\:1",   "*[*",       "key:[",     "k[a-", "[^",
    "\\",     "*{*}*", "key:[9-0]", "???*",      "KEY:*"};
inline constexpr absl::string_view kCommands[] = {"get a",
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
                                                  "multi",
                                                  "hset a f v",
                                                  "sinterstore a b c",
                                                  "smove a b m",
                                                  "lmove a b left left",
                                                  "lmpop 2 a b left",
                                                  "blpop a b 0",
                                                  "zunionstore a 2 b c weights 1 2",
                                                  "zunion 1 a",
                                                  "zunionstore a x b",
                                                  "georadius a 1 2 3 km store b storedist c",
                                                  "xread count 1 streams a b 0 0",
                                                  "xreadgroup group g c streams a 0",
                                                  "sort a by b get c store d",
                                                  "sort_ro a by b",
                                                  "pfmerge a b c",
                                                  "object encoding",
                                                  "restore a 0 x"};

// Values that are interesting in themselves.
inline constexpr absl::string_view kValues[] = {
    "hello",      "a",  "",     "foobar", "ohmytext",     "mynewtext",
    "12",         "-7", "3.14", "\r\n",   "*3\r\n$3\r\n", "with space",
    "\"quoted\"", "0",  "00",   "1e10"};

// Fields and members.
inline constexpr absl::string_view kMembers[] = {
    "m0",
    "m1",
    "m2",
    "m3",
    "m4",
    "m5",
    "m6",
    "m7",
    "a",
    "b",
    "ab",
    "z",
    "",
    "1",
    "2",
    "12",
    "a member that is longer than the sixty-four bytes up to which a listpack keeps one"};
inline constexpr absl::string_view kFields[] = {
    "f0",
    "f1",
    "f2",
    "f3",
    "f4",
    "f5",
    "f6",
    "f7",
    "",
    "1",
    "a field that is longer than the sixty-four bytes up to which a listpack keeps one"};
inline constexpr absl::string_view kScores[] = {"0",
                                                "1",
                                                "2",
                                                "3",
                                                "-1",
                                                "1.5",
                                                "-2.5",
                                                "10",
                                                "100",
                                                "0.1",
                                                "1e10",
                                                "inf",
                                                "-inf",
                                                "+inf",
                                                "1e308",
                                                "3.0e5",
                                                "17179869184.125",
                                                "nan",
                                                "abc",
                                                "",
                                                "0x10"};
inline constexpr absl::string_view kScoreBounds[] = {"-inf", "+inf", "inf", "0",   "1",   "(1",
                                                     "2",    "(2",   "5",   "(-1", "100", "2.5",
                                                     "(",    "abc",  "((1", "nan", "1e10"};
inline constexpr absl::string_view kLexBounds[] = {"-",   "+",   "[a", "(a", "[b", "(ab",
                                                   "[m1", "(m5", "[m", "(z", "[z", "[1",
                                                   "(",   "[",   "a",  "",   "(-", "[+"};
inline constexpr absl::string_view kCounts[] = {
    "0", "1", "2", "3", "5", "10", "100", "-1", "-3", "-10", "1", "2", "x", "9223372036854775807"};
// Counts of elements with repetitions that no reply could hold, at both ends of what Redis takes.
inline constexpr absl::string_view kRepetitions[] = {
    "-2147483648",          "-2147483649",          "-4294967297",          "-4611686018427387903",
    "-4611686018427387904", "-9223372036854775807", "-9223372036854775808", "-9223372036854775809"};
inline constexpr absl::string_view kMemberPatterns[] = {"*",   "m*", "m[0-3]", "f*",
                                                        "*1*", "?",  "",       "[^m]*"};
inline constexpr absl::string_view kTimeouts[] = {"0.01", "0.001", "0.01", "-1",
                                                  "x",    "1e400", "inf"};
inline constexpr absl::string_view kLongitudes[] = {
    "13.361389", "15.087269", "2.349014", "-122.4194", "0", "180", "-180", "181", "13.5", "abc"};
inline constexpr absl::string_view kLatitudes[] = {
    "38.115556",   "37.502669",    "48.864716", "37.7749", "0",
    "85.05112878", "-85.05112878", "86",        "38",      ""};
inline constexpr absl::string_view kRadii[] = {"0",    "1",     "100", "200", "500",
                                               "2000", "20000", "-1",  "x"};
inline constexpr absl::string_view kIdTexts[] = {
    "0", "0-0", "0-1", "$",  "-", "+",
    "x", "1-1", "5-",  "-5", "7", "18446744073709551615-18446744073709551615"};
inline constexpr absl::string_view kGroups[] = {"g1", "g1", "g2"};
inline constexpr absl::string_view kConsumers[] = {"c1", "c2", "c3"};
inline constexpr absl::string_view kStreamSizes[] = {"0",   "1",   "5",    "20", "50",
                                                     "100", "150", "1000", "-1", "x"};
inline constexpr absl::string_view kByKeys[] = {"key:*", "hash:*->f1", "w_*"};
inline constexpr absl::string_view kGetKeys[] = {"#",        "key:*", "hash:*->f1",
                                                 "hash:*->", "*",     "set:*"};

// By the names that templates use.
struct Pool {
  absl::string_view name;
  absl::Span<const absl::string_view> values;
};
inline constexpr Pool kPools[] = {
    {"float", kFloats},
    {"seconds", kSeconds},
    {"millis", kMillis},
    {"at", kAt},
    {"atms", kAtMs},
    {"index", kIndexes},
    {"offset", kOffsets},
    {"bit", kBits},
    {"binary", kBinary},
    {"bittype", kBitTypes},
    {"bitoffset", kBitOffsets},
    {"small", kSmall},
    {"database", kDatabases},
    {"pattern", kPatterns},
    {"field", kFields},
    {"score", kScores},
    {"scorebound", kScoreBounds},
    {"lexbound", kLexBounds},
    {"count", kCounts},
    {"repetitions", kRepetitions},
    {"memberpattern", kMemberPatterns},
    {"timeout", kTimeouts},
    {"longitude", kLongitudes},
    {"latitude", kLatitudes},
    {"radius", kRadii},
    {"group", kGroups},
    {"consumer", kConsumers},
    {"streamsize", kStreamSizes},
    {"bykey", kByKeys},
    {"getkey", kGetKeys},
};

}  // namespace damselfly

#endif  // DAMSELFLY_TESTING_COMPAT_POOLS_H_
