#ifndef DAMSELFLY_TESTING_COMPAT_TEMPLATES_H_
#define DAMSELFLY_TESTING_COMPAT_TEMPLATES_H_

#include "absl/strings/string_view.h"

namespace damselfly {

// How two replies to one command are compared.
enum class Comparison {
  kExact,         // byte for byte
  kUnordered,     // an array whose order is not promised
  kAboutNow,      // integers that depend on when the command ran: equal within five seconds
  kAnyOrderScan,  // SCAN from cursor 0 with a COUNT that covers everything: the cursor 0, and the
                  // keys in any order
};

// One shape of command that the differential test plays. Words separated by spaces; a word that
// begins with '$' is drawn from a pool (ArgumentPool says which), "a|b" is one of both, "[x y]" is
// there in a third of the cases, and
// "{x y}" one to four times.
struct CommandTemplate {
  absl::string_view text;
  Comparison comparison = Comparison::kExact;
  int weight = 4;
};

inline constexpr CommandTemplate kTemplates[] = {
    // Strings.
    {"get $key", Comparison::kExact, 10},
    {"set $key $value", Comparison::kExact, 14},
    {"set $key $value [nx|xx] [get] [ex $seconds|px $millis|exat $at|pxat $atms|keepttl]",
     Comparison::kExact, 10},
    {"setnx $key $value"},
    {"setex $key $seconds $value"},
    {"psetex $key $millis $value"},
    {"getset $key $value"},
    {"getdel $key"},
    {"getex $key [ex $seconds|px $millis|exat $at|pxat $atms|persist]"},
    {"append $key $value", Comparison::kExact, 6},
    {"strlen $key"},
    {"getrange $key $index $index", Comparison::kExact, 6},
    {"substr $key $index $index"},
    {"setrange $key $offset $value", Comparison::kExact, 6},
    {"incr $key", Comparison::kExact, 6},
    {"decr $key"},
    {"incrby $key $integer", Comparison::kExact, 6},
    {"decrby $key $integer"},
    {"incrbyfloat $key $float", Comparison::kExact, 6},
    {"mget {$key}"},
    {"mset {$key $value}"},
    {"msetnx {$key $value}"},
    {"lcs $key $key [len] [idx] [minmatchlen $small] [withmatchlen]"},
    // Bitmaps.
    {"setbit $key $bit $binary", Comparison::kExact, 6},
    {"getbit $key $bit"},
    {"bitcount $key [$index $index [byte|bit]]", Comparison::kExact, 6},
    {"bitpos $key $binary [$index [$index [byte|bit]]]", Comparison::kExact, 6},
    {"bitop and|or|xor|not $key {$key}", Comparison::kExact, 6},
    {"bitfield $key {get $bittype $bitoffset}"},
    {"bitfield $key {set $bittype $bitoffset $integer}"},
    {"bitfield $key [overflow wrap|sat|fail] {incrby $bittype $bitoffset $integer} [get $bittype "
     "$bitoffset]",
     Comparison::kExact, 6},
    {"bitfield_ro $key {get $bittype $bitoffset}"},
    // Keys.
    {"del {$key}", Comparison::kExact, 6},
    {"unlink {$key}"},
    {"exists {$key}"},
    {"touch {$key}"},
    {"type $key"},
    {"rename $key $key"},
    {"renamenx $key $key"},
    {"copy $key $key [db $database] [replace]"},
    {"move $key $database"},
    {"object encoding $key", Comparison::kExact, 6},
    {"object refcount $key", Comparison::kExact, 1},
    {"expire $key $seconds [nx|xx|gt|lt] [xx|gt|lt]", Comparison::kExact, 6},
    {"pexpire $key $millis [nx|xx|gt|lt]"},
    {"expireat $key $at [nx|xx|gt|lt]"},
    {"pexpireat $key $atms [nx|xx|gt|lt]"},
    {"persist $key"},
    {"ttl $key", Comparison::kAboutNow},
    {"pttl $key", Comparison::kAboutNow},
    {"expiretime $key", Comparison::kAboutNow},
    {"pexpiretime $key", Comparison::kAboutNow},
    {"keys $pattern", Comparison::kUnordered},
    {"scan 0 count 100000 [match $pattern] [type string|hash|nothing]", Comparison::kAnyOrderScan},
    {"dbsize"},
    {"flushdb [async|sync]", Comparison::kExact, 1},
    {"flushall [async|sync]", Comparison::kExact, 1},
    {"swapdb $database $database", Comparison::kExact, 1},
    {"select $database", Comparison::kExact, 2},
    // Transactions.
    {"multi", Comparison::kExact, 5},
    {"exec", Comparison::kExact, 10},
    {"discard", Comparison::kExact, 1},
    {"watch {$key}", Comparison::kExact, 3},
    {"unwatch", Comparison::kExact, 1},
    // Publish/subscribe without subscribers: every command here has one reply.
    {"publish $key $value", Comparison::kExact, 2},
    {"spublish $key $value", Comparison::kExact, 1},
    {"pubsub numsub {$key}", Comparison::kExact, 1},
    {"pubsub channels [$pattern]", Comparison::kExact, 1},
    // Connection and others.
    {"ping [$value]", Comparison::kExact, 2},
    {"echo $value", Comparison::kExact, 2},
    {"hello 2|3", Comparison::kExact,
     0},  // played at the beginning of each round; its reply names versions and ids
    {"command getkeys $anycommand", Comparison::kExact, 2},
    {"command getkeysandflags $anycommand", Comparison::kExact, 2},
    {"client getname", Comparison::kExact, 1},
    {"client setname $value", Comparison::kExact, 1},
    {"nosuchcommand $value $value", Comparison::kExact, 1},
    {"object nosuchsubcommand $key", Comparison::kExact, 1},
};

}  // namespace damselfly

#endif  // DAMSELFLY_TESTING_COMPAT_TEMPLATES_H_
