#ifndef DAMSELFLY_TESTING_COMPAT_COLLECTION_TEMPLATES_H_
#define DAMSELFLY_TESTING_COMPAT_COLLECTION_TEMPLATES_H_

#include "testing/compat/command_template.h"

// The shapes of commands of all types but strings; the others, and the list of all, are in
// templates.h. Keys of a type are mostly of that type ($hash, $list, ...), now and then of any.
// Choices at random are not spoilt: with a count of -2^31 Redis would reply with as many. What is
// as high is asked of a key that is never there.

namespace damselfly {

inline constexpr CommandTemplate kHyperLogLogTemplates[] = {
    {"pfadd $hll [$manymembers]", Comparison::kExact, 8},
    {"pfadd $hll {$member}", Comparison::kExact, 6},
    {"pfcount {$hll}", Comparison::kExact, 6},
    {"pfmerge $hll {$hll}"},
    {"get $hll"},
    {"pfdebug encoding|decode|todense|getreg|nosuch $hll", Comparison::kExact, 1},
};

inline constexpr CommandTemplate kHashTemplates[] = {
    {"hset $hash {$field $value}", Comparison::kExact, 14},
    {"hset $hash $manypairs", Comparison::kExact, 3},
    {"hmset $hash {$field $value}"},
    {"hsetnx $hash $field $value"},
    {"hget $hash $field", Comparison::kExact, 6},
    {"hmget $hash {$field}"},
    {"hgetall $hash", Comparison::kUnorderedPairs, 6},
    {"hkeys $hash", Comparison::kUnordered},
    {"hvals $hash", Comparison::kUnordered},
    {"hlen $hash"},
    {"hstrlen $hash $field"},
    {"hexists $hash $field"},
    {"hdel $hash {$field}", Comparison::kExact, 6},
    {"hincrby $hash $field $integer", Comparison::kExact, 6},
    {"hincrbyfloat $hash $field $float", Comparison::kExact, 6},
    {"hscan $hash 0 count 100000 [match $memberpattern]", Comparison::kAnyOrderPairsScan},
    {"hrandfield $hash", Comparison::kChosen, 2, false, "hkeys"},
    {"hrandfield $hash $count", Comparison::kChosen, 2, false, "hkeys"},
    {"hrandfield $hash $count withvalues", Comparison::kChosenPairs, 2, false, "hgetall"},
    {"hrandfield $hash x", Comparison::kExact, 1, false},
    {"hrandfield $hash 1 x", Comparison::kExact, 1, false},
    {"hrandfield $hash -9223372036854775808 withvalues", Comparison::kExact, 1, false},
    {"hrandfield nosuch $repetitions [withvalues]", Comparison::kExact, 1, false},
    {"hrandfield $hash -150000|-200000", Comparison::kChosen, 0, false, "hkeys"},
    {"del $hash", Comparison::kExact, 2},
};

inline constexpr CommandTemplate kSetTemplates[] = {
    {"sadd $set {$member}", Comparison::kExact, 10},
    {"sadd $set {$smallint}", Comparison::kExact, 10},
    {"sadd $set $manyints", Comparison::kExact, 2},
    {"sadd $set $manymembers", Comparison::kExact, 2},
    {"srem $set {$member}", Comparison::kExact, 5},
    {"srem $set {$smallint}", Comparison::kExact, 5},
    {"sismember $set $member"},
    {"smismember $set {$member}"},
    {"scard $set"},
    {"smembers $set", Comparison::kUnordered, 6},
    {"smove $set $set $member"},
    {"smove $set $set $smallint"},
    {"sinter {$set}", Comparison::kUnordered},
    {"sunion {$set}", Comparison::kUnordered},
    {"sdiff {$set}", Comparison::kUnordered},
    {"sinterstore $set {$set}"},
    {"sunionstore $set {$set}"},
    {"sdiffstore $set {$set}"},
    {"sintercard 1 $set [limit $count]"},
    {"sintercard 2 $set $set [limit $count]"},
    {"sscan $set 0 count 100000 [match $memberpattern]", Comparison::kAnyOrderScan},
    {"srandmember $set", Comparison::kChosen, 2, false, "smembers"},
    {"srandmember $set $count", Comparison::kChosen, 2, false, "smembers"},
    {"spop $set", Comparison::kChosen, 2, false, "smembers", true},
    {"spop $set $count", Comparison::kChosen, 2, false, "smembers", true},
    {"srandmember|spop $set x|-9223372036854775808|-9223372036854775809|9223372036854775808",
     Comparison::kExact, 1, false},
    {"srandmember|spop $set 1 1", Comparison::kExact, 1, false},
    {"srandmember nosuch $repetitions", Comparison::kExact, 1, false},
    {"srandmember $set -150000|-200000", Comparison::kChosen, 0, false, "smembers"},
    {"spop $set 100000", Comparison::kUnordered, 2, false},
};

inline constexpr CommandTemplate kListTemplates[] = {
    {"lpush $list {$value}", Comparison::kExact, 10},
    {"rpush $list {$value}", Comparison::kExact, 10},
    {"rpush $list {$member}", Comparison::kExact, 8},
    {"lpush $list $manymembers", Comparison::kExact, 2},
    {"rpush $list $manyints", Comparison::kExact, 2},
    {"lpushx|rpushx $list {$value}"},
    {"lpop|rpop $list", Comparison::kExact, 6},
    {"lpop|rpop $list $count", Comparison::kExact, 4},
    {"llen $list"},
    {"lrange $list $index $index", Comparison::kExact, 8},
    {"lrange $list 0 -1", Comparison::kExact, 4},
    {"lindex $list $index", Comparison::kExact, 6},
    {"lset $list $index $value", Comparison::kExact, 6},
    {"lrem $list $index $member", Comparison::kExact, 6},
    {"ltrim $list $index $index", Comparison::kExact, 2},
    {"linsert $list before|after $member $value", Comparison::kExact, 6},
    {"lpos $list $member [rank $index] [count $count] [maxlen $count]", Comparison::kExact, 6},
    {"rpoplpush $list $list"},
    {"lmove $list $list left|right left|right", Comparison::kExact, 6},
    {"lmpop 1 $list left|right [count $count]"},
    {"lmpop 2 $list $list left|right [count $count]"},
    {"blpop|brpop {$list} $timeout", Comparison::kExact, 1, false},
    {"blmove $list $list left|right left|right $timeout", Comparison::kExact, 1, false},
    {"brpoplpush $list $list $timeout", Comparison::kExact, 1, false},
    {"blmpop $timeout 2 $list $list left|right [count $count]", Comparison::kExact, 1, false},
};

// What ranges by member give is only said of sets whose scores are all the same ($lex).
inline constexpr CommandTemplate kSortedSetTemplates[] = {
    {"zadd $lex {0 $member}", Comparison::kExact, 6, false},
    {"zadd $lex $manyunscored", Comparison::kExact, 1, false},
    {"zrem $lex {$member}", Comparison::kExact, 2},
    {"zadd $zset {$score $member}", Comparison::kExact, 12},
    {"zadd $zset [nx|xx] [gt|lt] [ch] [incr] $score $member", Comparison::kExact, 8},
    {"zadd $zset [nx|xx|gt|lt] [ch] {$score $member}", Comparison::kExact, 8},
    {"zadd $zset $manyscored", Comparison::kExact, 2},
    {"zincrby $zset $score $member", Comparison::kExact, 6},
    {"zrem $zset {$member}", Comparison::kExact, 6},
    {"zcard $zset"},
    {"zscore $zset $member"},
    {"zmscore $zset {$member}"},
    {"zrank|zrevrank $zset $member", Comparison::kExact, 6},
    {"zcount $zset $scorebound $scorebound"},
    {"zlexcount $lex $lexbound $lexbound"},
    {"zrange $zset $index $index [rev] [withscores]", Comparison::kExact, 6},
    {"zrange $zset $scorebound $scorebound byscore [rev] [limit $index $index] [withscores]",
     Comparison::kExact, 6},
    {"zrange $lex $lexbound $lexbound bylex [rev] [limit $index $index]", Comparison::kExact, 4},
    {"zrangestore $zset $zset $index $index [rev]"},
    {"zrangestore $zset $zset $scorebound $scorebound byscore [rev] [limit $index $index]"},
    {"zrangestore $lex $lex $lexbound $lexbound bylex [rev] [limit $index $index]"},
    {"zrevrange $zset $index $index [withscores]"},
    {"zrangebyscore|zrevrangebyscore $zset $scorebound $scorebound [withscores] "
     "[limit $index $index]",
     Comparison::kExact, 6},
    {"zrangebylex|zrevrangebylex $lex $lexbound $lexbound [limit $index $index]"},
    {"zremrangebyrank $zset $index $index", Comparison::kExact, 2},
    {"zremrangebyscore $zset $scorebound $scorebound", Comparison::kExact, 2},
    {"zremrangebylex $lex $lexbound $lexbound", Comparison::kExact, 2},
    {"zpopmin|zpopmax $zset [$count]"},
    {"zmpop 1 $zset min|max [count $count]"},
    {"zmpop 2 $zset $zset min|max [count $count]"},
    {"bzpopmin|bzpopmax {$zset} $timeout", Comparison::kExact, 1, false},
    {"bzmpop $timeout 2 $zset $zset min|max [count $count]", Comparison::kExact, 1, false},
    {"zunion|zinter 2 $anyset $anyset [weights $score $score] [aggregate sum|min|max] "
     "[withscores]",
     Comparison::kExact, 6},
    {"zdiff 2 $anyset $anyset [withscores]"},
    {"zunionstore|zinterstore $zset 2 $anyset $anyset [weights $score $score] "
     "[aggregate sum|min|max]",
     Comparison::kExact, 6},
    {"zdiffstore $zset 2 $anyset $anyset"},
    {"zintercard 2 $anyset $anyset [limit $count]"},
    {"zscan $zset 0 count 100000 [match $memberpattern]", Comparison::kAnyOrderPairsScan},
    {"zrandmember $zset", Comparison::kChosen, 2, false, "zrange 0 -1"},
    {"zrandmember $zset $count", Comparison::kChosen, 2, false, "zrange 0 -1"},
    {"zrandmember $zset $count withscores", Comparison::kChosenPairs, 2, false,
     "zrange 0 -1 withscores"},
    {"zrandmember $zset x", Comparison::kExact, 1, false},
    {"zrandmember nosuch $repetitions [withscores]", Comparison::kExact, 1, false},
    {"zrandmember $zset -150000|-200000", Comparison::kChosen, 0, false, "zrange 0 -1"},
    {"zrandmember $zset 1 x", Comparison::kExact, 1, false},
    {"del $zset", Comparison::kExact, 2},
};

inline constexpr CommandTemplate kGeoTemplates[] = {
    {"geoadd $geo [nx|xx] [ch] {$longitude $latitude $member}", Comparison::kExact, 12},
    {"geopos $geo {$member}"},
    {"geohash $geo {$member}"},
    {"geodist $geo $member $member [m|km|ft|mi|x]", Comparison::kExact, 6},
    {"georadius|georadius_ro $geo $longitude $latitude $radius m|km|ft|mi [withcoord] [withdist] "
     "[withhash]",
     Comparison::kUnordered},
    {"georadius|georadius_ro $geo $longitude $latitude $radius km [withdist] "
     "asc|desc"},
    {"georadiusbymember|georadiusbymember_ro $geo $member $radius km [withdist] [withcoord] "
     "asc|desc"},
    {"georadius $geo $longitude $latitude $radius km store|storedist $geo"},
    {"geosearch $geo fromlonlat $longitude $latitude byradius $radius m|km|ft|mi [asc|desc] "
     "[withcoord] [withdist] [withhash]",
     Comparison::kUnordered},
    {"geosearch $geo fromlonlat $longitude $latitude bybox $radius $radius km "
     "asc|desc [withdist]",
     Comparison::kExact, 6},
    {"geosearch $geo frommember $member byradius $radius km asc|desc [withdist]",
     Comparison::kExact, 6},
    {"geosearchstore $geo $geo frommember $member bybox $radius $radius km [asc|desc] "
     "[storedist]"},
    // Of places at the same distance COUNT takes any.
    {"georadius|georadius_ro $geo $longitude $latitude $radius km withdist count $count asc|desc",
     Comparison::kDistances},
    {"georadiusbymember|georadiusbymember_ro $geo $member $radius km withdist count $count "
     "asc|desc",
     Comparison::kDistances},
    {"geosearch $geo fromlonlat $longitude $latitude bybox $radius $radius km count $count "
     "asc|desc withdist",
     Comparison::kDistances, 6},
    {"geosearch $geo frommember $member byradius $radius km count $count asc|desc withdist",
     Comparison::kDistances, 6},
};

inline constexpr CommandTemplate kStreamTemplates[] = {
    {"xadd $stream $newid {$field $value}", Comparison::kExact, 16},
    {"xadd $stream [nomkstream] [maxlen|minid [=|~] $streamsize] $newid {$field $value}",
     Comparison::kExact, 6},
    {"xadd $stream maxlen ~ $streamsize limit $count $newid $field $value", Comparison::kExact, 2},
    {"xlen $stream"},
    {"xrange $stream $idbound $idbound [count $count]", Comparison::kExact, 6},
    {"xrevrange $stream $idbound $idbound [count $count]", Comparison::kExact, 6},
    {"xdel $stream {$id}"},
    {"xtrim $stream maxlen|minid [=|~] $streamsize [limit $count]"},
    {"xread [count $count] streams $stream $id", Comparison::kExact, 6},
    {"xread [count $count] streams $stream $stream $id $id"},
    {"xread block 1 streams $stream $id", Comparison::kExact, 1, false},
    {"xgroup create $stream $group 0 mkstream", Comparison::kExact, 10},
    {"xgroup create $stream $group $groupid [mkstream] [entriesread $count]"},
    {"xgroup setid $stream $group $groupid [entriesread $count]", Comparison::kExact, 2},
    {"xgroup destroy $stream $group", Comparison::kExact, 0},
    {"xgroup createconsumer $stream $group $consumer", Comparison::kExact, 2},
    {"xgroup delconsumer $stream $group $consumer", Comparison::kExact, 2},
    {"xreadgroup group $group $consumer [count $count] [noack] streams $stream >|$id",
     Comparison::kExact, 10},
    {"xreadgroup group $group $consumer block 1 streams $stream >|$id", Comparison::kExact, 1,
     false},
    {"xack $stream $group {$id}", Comparison::kExact, 6},
    {"xpending $stream $group"},
    {"xreadgroup group $group $consumer streams $stream >", Comparison::kExact, 6},
    {"xpending $stream $group [idle 0|100000000] -|$idbound +|$idbound $count [$consumer]",
     Comparison::kTimes},
    {"xclaim $stream $group $consumer 0|100000000 {$id} [idle $count] [retrycount $count] "
     "[force] [justid] [lastid $id]",
     Comparison::kExact, 6},
    {"xautoclaim $stream $group $consumer 0|100000000 $id [count $count] [justid]",
     Comparison::kExact, 4},
    {"xsetid $stream $id [entriesadded $count] [maxdeletedid $id]", Comparison::kExact, 1},
    {"xinfo stream $stream", Comparison::kTimes, 3},
    {"xinfo stream $stream full [count $count]", Comparison::kTimes, 2},
    {"xinfo groups $stream", Comparison::kExact, 3},
    {"xinfo consumers $stream $group", Comparison::kTimes, 2},
    {"del $stream", Comparison::kExact, 0},
};

// Redis turns a small sorted set that it sorts into a big one; here it stays as it is. So what has
// been sorted is deleted.
inline constexpr CommandTemplate kSortTemplates[] = {
    {"sort|sort_ro $list|$set|$zset alpha [asc|desc] [limit $index $index] [get #] [get $getkey]",
     Comparison::kCollated,
     6,
     true,
     {},
     true},
    {"sort|sort_ro $list|$set|$zset [asc|desc] [limit $index $index] [get $getkey]",
     Comparison::kExact,
     4,
     true,
     {},
     true},
    {"sort|sort_ro $list|$set|$zset by $bykey [asc|desc] [limit $index $index]",
     Comparison::kExact,
     4,
     false,
     {},
     true},
    {"sort $list|$zset by nosort [get #]", Comparison::kUnordered, 2, false, {}, true},
    {"sort $list|$set|$zset alpha [asc|desc] [limit $index $index] store $list",
     Comparison::kExact,
     4,
     false,
     {},
     true},
};

}  // namespace damselfly

#endif  // DAMSELFLY_TESTING_COMPAT_COLLECTION_TEMPLATES_H_
