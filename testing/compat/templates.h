#ifndef DAMSELFLY_TESTING_COMPAT_TEMPLATES_H_
#define DAMSELFLY_TESTING_COMPAT_TEMPLATES_H_

#include <iterator>

#include "testing/compat/collection_templates.h"
#include "testing/compat/command_template.h"

namespace damselfly {

inline constexpr CommandTemplate kStringTemplates[] = {
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
};

inline constexpr CommandTemplate kKeyTemplates[] = {
    {"del {$anykey}", Comparison::kExact, 6},
    {"unlink {$anykey}"},
    {"exists {$anykey}"},
    {"touch {$anykey}"},
    {"type $anykey"},
    {"rename $anykey $anykey"},
    {"renamenx $anykey $anykey"},
    {"copy $anykey $anykey [db $database] [replace]"},
    {"move $anykey $database"},
    {"object encoding $anykey", Comparison::kExact, 6},
    {"object refcount $anykey", Comparison::kExact, 1},
    {"randomkey", Comparison::kShape, 1},
    {"dump $anykey", Comparison::kDump, 2},
    {"expire $anykey $seconds [nx|xx|gt|lt] [xx|gt|lt]", Comparison::kExact, 6},
    {"pexpire $anykey $millis [nx|xx|gt|lt]"},
    {"expireat $anykey $at [nx|xx|gt|lt]"},
    {"pexpireat $anykey $atms [nx|xx|gt|lt]"},
    {"persist $anykey"},
    {"ttl $anykey", Comparison::kAboutNow},
    {"pttl $anykey", Comparison::kAboutNow},
    {"expiretime $anykey", Comparison::kAboutNow},
    {"pexpiretime $anykey", Comparison::kAboutNow},
    {"keys $pattern", Comparison::kUnordered},
    {"scan 0 count 100000 [match $pattern] [type string|hash|set|list|zset|stream|nothing]",
     Comparison::kAnyOrderScan},
    {"dbsize"},
    {"flushdb [async|sync]", Comparison::kExact, 0},
    {"flushall [async|sync]", Comparison::kExact, 0},
    {"swapdb $database $database", Comparison::kExact, 0},
    {"select $database", Comparison::kExact, 1},
};

inline constexpr CommandTemplate kSessionTemplates[] = {
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
    // Not spoilt: Redis finds keys in some calls that no command would take ("zunion '1 ' a").
    {"command getkeys|getkeysandflags $anycommand", Comparison::kExact, 4, false},
    {"client getname", Comparison::kExact, 1},
    {"client setname $value", Comparison::kExact, 1},
    {"nosuchcommand $value $value", Comparison::kExact, 1},
    {"object nosuchsubcommand $key", Comparison::kExact, 1},
};

// All of them.
inline constexpr CommandFamily kFamilies[] = {
    {"string", kStringTemplates, std::size(kStringTemplates)},
    {"key", kKeyTemplates, std::size(kKeyTemplates)},
    {"session", kSessionTemplates, std::size(kSessionTemplates)},
    {"hyperloglog", kHyperLogLogTemplates, std::size(kHyperLogLogTemplates)},
    {"hash", kHashTemplates, std::size(kHashTemplates)},
    {"set", kSetTemplates, std::size(kSetTemplates)},
    {"list", kListTemplates, std::size(kListTemplates)},
    {"zset", kSortedSetTemplates, std::size(kSortedSetTemplates)},
    {"geo", kGeoTemplates, std::size(kGeoTemplates)},
    {"stream", kStreamTemplates, std::size(kStreamTemplates)},
    {"sort", kSortTemplates, std::size(kSortTemplates)},
};

}  // namespace damselfly

#endif  // DAMSELFLY_TESTING_COMPAT_TEMPLATES_H_
