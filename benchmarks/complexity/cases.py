"""The one table of cases: a command, what it is asked to do, the formula that Redis documents for that, and how to call it.

Words of a call are those of templates.py, keys those of states.py; the size N is what grows. Where the documented formula is
about what is asked for, and not about all there is, the case asks for the same at all sizes, and is held against a constant.
"""

import dataclasses

from complexity.formulas import LOG, N, N_LOG, ONE, SQUARE

# How often a call stands in a pipeline, at most: those that leave all as it was; those that change some of it; those that get a
# copy each.
READS_MAX, CHANGES_MAX, COPIES_MAX = 2048, 256, 4
ELEMENTS_A_CLIENT = 1024


@dataclasses.dataclass(frozen=True)
class Case:
    command: str
    what: str
    formula: str
    call: str
    # What is run before, uncounted: once for all calls of a pipeline, or for each of them.
    once: str = ""
    each: str = ""
    calls_max: int = READS_MAX
    # "<<" and ">>" in calls repeat for N over this.
    divisor: int = 16
    # Run before on other connections, which stay: on one, or on one for every ELEMENTS_A_CLIENT of N.
    neighbour: str = ""
    crowd: str = ""
    # What it drops is freed right after, in the background, which is not the caller's time.
    frees_later: bool = False

    @property
    def name(self):
        return f"{self.command} {self.what}"

    def templates(self):
        return (self.call, self.once, self.each)


def changes(key, command, what, formula, call, **more):
    """Works on x, a copy of the key that is made for each pipeline."""
    once = f"COPY {key} x REPLACE ; {more.pop('once', '')}"
    return Case(command, what, formula, call, once=once, calls_max=more.pop("calls_max", CHANGES_MAX), **more)


def consumes(key, command, what, formula, call, **more):
    """Works on x{c}, a copy of the key that is made for each call."""
    return Case(command, what, formula, call, each=f"COPY {key} x{{c}} REPLACE", calls_max=COPIES_MAX, **more)


def few(command, what, formula, call, **more):
    """Takes long, or leaves something for each call."""
    return Case(command, what, formula, call, calls_max=COPIES_MAX, **more)


# A copy of a string may share its bytes until it is written to.
OWN = "APPEND x 12345678"

STRINGS = (
    Case("get", "among N keys", ONE, "GET k{i}"),
    Case("set", "among N keys", ONE, "SET k{i} {c}"),
    Case("setnx", "key that is there", ONE, "SETNX k{i} {c}"),
    Case("setnx", "new key", ONE, "SETNX new{c} {c}", each="UNLINK new{c}", calls_max=CHANGES_MAX),
    Case("setex", "among N deadlines", ONE, "SETEX d{i} 1000000 value"),
    Case("psetex", "among N deadlines", ONE, "PSETEX d{i} 1000000000 value"),
    Case("getset", "among N keys", ONE, "GETSET k{i} {c}"),
    Case("getdel", "among N keys", ONE, "GETDEL new{c}", each="SET new{c} value", calls_max=CHANGES_MAX),
    Case("getex", "among N deadlines", ONE, "GETEX d{i} EX 1000000"),
    Case("incr", "among N keys", ONE, "INCR k{i}"),
    Case("incrby", "among N keys", ONE, "INCRBY k{i} 3"),
    Case("incrbyfloat", "among N keys", ONE, "INCRBYFLOAT k{i} 3"),
    Case("decr", "among N keys", ONE, "DECR k{i}"),
    Case("decrby", "among N keys", ONE, "DECRBY k{i} 3"),
    changes("string", "append", "8 to 64 N bytes", ONE, "APPEND x 12345678", once=OWN),
    Case("strlen", "64 N bytes", ONE, "STRLEN string"),
    changes("string", "setrange", "1 of 64 N bytes", ONE, "SETRANGE x {i} a", once=OWN, calls_max=READS_MAX),
    Case("getrange", "1 of 64 N bytes", ONE, "GETRANGE string {i} {i}"),
    few("getrange", "all 64 N bytes", N, "GETRANGE string 0 -1"),
    Case("substr", "1 of 64 N bytes", ONE, "SUBSTR string {i} {i}"),
    few("lcs", "N / 256 letters each", SQUARE, "LCS text1 text2"),
    few("lcs", "LEN of N / 256 letters", SQUARE, "LCS text1 text2 LEN"),
    few("mget", "N / 16 keys", N, "MGET << k{e} >>"),
    few("mset", "N / 16 keys", N, "MSET << k{e} {e} >>"),
    few("msetnx", "N / 16 new keys", N, "MSETNX << new{c}:{e} v >>", each="UNLINK << new{c}:{e} >>"),
)

BITMAPS = (
    changes("string", "setbit", "far in 64 N bytes", ONE, "SETBIT x {far} 1", once=OWN, calls_max=READS_MAX),
    Case("getbit", "far in 64 N bytes", ONE, "GETBIT string {far}"),
    Case("bitcount", "1 of 64 N bytes", ONE, "BITCOUNT string {i} {i}"),
    few("bitcount", "all 64 N bytes", N, "BITCOUNT string"),
    Case("bitpos", "1 of 64 N bytes", ONE, "BITPOS string 1 {i} {i}"),
    few("bitpos", "all 64 N bytes", N, "BITPOS string 1"),
    few("bitop", "NOT of 64 N bytes", N, "BITOP NOT y string"),
    few("bitop", "XOR of 64 N bytes", N, "BITOP XOR y string string"),
    changes("string", "bitfield", "far in 64 N bytes", ONE, "BITFIELD x GET u8 {far} INCRBY u8 {far} 1", once=OWN,
            calls_max=READS_MAX),
    changes("string", "bitfield", "N / 16 INCRBY", N, "BITFIELD x << INCRBY u8 {d} 1 >>", calls_max=COPIES_MAX),
    Case("bitfield_ro", "far in 64 N bytes", ONE, "BITFIELD_RO string GET u8 {far}"),
    few("bitfield_ro", "N / 16 GET", N, "BITFIELD_RO string << GET u8 {d} >>"),
)

SKETCHES = (
    changes("sketch", "pfadd", "1 to N", ONE, "PFADD x new{c}", calls_max=READS_MAX),
    changes("sketch", "pfadd", "N / 16", N, "PFADD x << new{c}:{e} >>", calls_max=COPIES_MAX),
    Case("pfcount", "N elements", ONE, "PFCOUNT sketch"),
    few("pfcount", "N / 1024 keys", N, "PFCOUNT << sketch{e} >>", divisor=1024),
    few("pfmerge", "N / 1024 keys", N, "PFMERGE merged << sketch{e} >>", divisor=1024),
)

KEYS = (
    few("keys", "no match among N", N, "KEYS nothing*"),
    few("keys", "all of N", N, "KEYS k*"),
    Case("scan", "a step among N", ONE, "SCAN 0"),
    few("scan", "COUNT N", N, "SCAN 0 COUNT {n}"),
    Case("randomkey", "among N keys", ONE, "RANDOMKEY"),
    Case("dbsize", "N keys", ONE, "DBSIZE"),
    Case("flushdb", "N / 16 keys", N, "FLUSHDB", once="SELECT 1 ; MSET << k{e} {e} >>", calls_max=1),
    Case("swapdb", "N keys", ONE, "SWAPDB 0 1 ; SWAPDB 0 1"),
    Case("type", "among N keys", ONE, "TYPE k{i}"),
    few("exists", "N / 16 keys", N, "EXISTS << k{e} >>"),
    few("touch", "N / 16 keys", N, "TOUCH << k{e} >>"),
    Case("expire", "among N deadlines", ONE, "EXPIRE d{i} 1{c:06}"),
    Case("pexpire", "among N deadlines", ONE, "PEXPIRE d{i} 1000{c:06}"),
    Case("expireat", "among N deadlines", ONE, "EXPIREAT d{i} 4{c:09}"),
    Case("pexpireat", "among N deadlines", ONE, "PEXPIREAT d{i} 4{c:012}"),
    Case("expiretime", "among N deadlines", ONE, "EXPIRETIME d{i}"),
    Case("pexpiretime", "among N deadlines", ONE, "PEXPIRETIME d{i}"),
    Case("ttl", "among N deadlines", ONE, "TTL d{i}"),
    Case("pttl", "among N deadlines", ONE, "PTTL d{i}"),
    Case("persist", "among N deadlines", ONE, "PERSIST d{i} ; EXPIRE d{i} 1000000"),
    few("copy", "hash of N", N, "COPY hash y REPLACE"),
    few("copy", "list of N", N, "COPY list y REPLACE"),
    few("copy", "set of N", N, "COPY set y REPLACE"),
    few("copy", "sorted set of N", N_LOG, "COPY zset y REPLACE"),
    few("copy", "stream of N", N, "COPY stream y REPLACE"),
    Case("copy", "short string", ONE, "COPY k{i} y REPLACE"),
    few("dump", "hash of N", N, "DUMP hash"),
    few("dump", "list of N", N, "DUMP list"),
    few("dump", "set of N", N, "DUMP set"),
    few("dump", "sorted set of N", N, "DUMP zset"),
    few("dump", "stream of N", N, "DUMP stream"),
    few("restore", "hash of N", N, "RESTORE y 0 @hash REPLACE"),
    few("restore", "list of N", N, "RESTORE y 0 @list REPLACE"),
    few("restore", "set of N", N, "RESTORE y 0 @set REPLACE"),
    few("restore", "sorted set of N", N_LOG, "RESTORE y 0 @zset REPLACE"),
    few("restore", "stream of N", N, "RESTORE y 0 @stream REPLACE"),
    consumes("string", "del", "string of 64 N bytes", ONE, "DEL x{c}", frees_later=True),
    few("del", "N / 16 keys", N, "DEL << new{c}:{e} >>", each="MSET << new{c}:{e} v >>"),
    consumes("hash", "del", "hash of N", N, "DEL x{c}", frees_later=True),
    consumes("stream", "del", "stream of N", N, "DEL x{c}", frees_later=True),
    few("unlink", "N / 16 keys", N, "UNLINK << new{c}:{e} >>", each="MSET << new{c}:{e} v >>"),
    consumes("string", "unlink", "string of 64 N bytes", ONE, "UNLINK x{c}", frees_later=True),
    consumes("hash", "unlink", "hash of N", ONE, "UNLINK x{c}", frees_later=True),
    consumes("list", "unlink", "list of N", ONE, "UNLINK x{c}", frees_later=True),
    consumes("set", "unlink", "set of N", ONE, "UNLINK x{c}", frees_later=True),
    consumes("zset", "unlink", "sorted set of N", ONE, "UNLINK x{c}", frees_later=True),
    consumes("stream", "unlink", "stream of N", ONE, "UNLINK x{c}", frees_later=True),
    Case("rename", "hash of N", ONE, "RENAME hash moved ; RENAME moved hash"),
    Case("renamenx", "stream of N", ONE, "RENAMENX stream moved ; RENAMENX moved stream"),
    Case("move", "sorted set of N", ONE, "MOVE zset 1 ; SELECT 1 ; MOVE zset 0 ; SELECT 0"),
    Case("object|encoding", "sorted set of N", ONE, "OBJECT ENCODING zset"),
    Case("object|refcount", "hash of N", ONE, "OBJECT REFCOUNT hash"),
    Case("object|idletime", "list of N", ONE, "OBJECT IDLETIME list"),
    Case("memory|usage", "hash of N", ONE, "MEMORY USAGE hash"),
    few("sort", "list of N", N_LOG, "SORT list ALPHA"),
    few("sort", "10 of a set of N", N, "SORT set ALPHA LIMIT 0 10"),
    few("sort", "10 of N by other keys", N_LOG, "SORT set BY nothing*:x ALPHA GET k* LIMIT 0 10"),
    few("sort", "10 of N, not sorted", N, "SORT list BY nosort LIMIT 0 10"),
    few("sort_ro", "list of N", N_LOG, "SORT_RO list ALPHA"),
)

HASHES = (
    Case("hset", "field of N", ONE, "HSET hash f{i} {c}"),
    changes("hash", "hset", "new field", ONE, "HSET x new{c} value"),
    changes("hash", "hset", "N / 16 new fields", N, "HSET x << new{c}:{e} v >>", calls_max=COPIES_MAX),
    Case("hsetnx", "field of N", ONE, "HSETNX hash f{i} {c}"),
    few("hmset", "N / 16 fields", N, "HMSET hash << f{e} {e} >>"),
    Case("hget", "field of N", ONE, "HGET hash f{i}"),
    few("hmget", "N / 16 fields", N, "HMGET hash << f{e} >>"),
    Case("hexists", "field of N", ONE, "HEXISTS hash f{i}"),
    Case("hlen", "N fields", ONE, "HLEN hash"),
    Case("hstrlen", "field of N", ONE, "HSTRLEN hash f{i}"),
    Case("hincrby", "field of N", ONE, "HINCRBY hash f{i} 3"),
    Case("hincrbyfloat", "field of N", ONE, "HINCRBYFLOAT hash f{i} 3"),
    changes("hash", "hdel", "field of N", ONE, "HDEL x f{i}"),
    consumes("hash", "hdel", "N / 16 fields", N, "HDEL x{c} << f{e} >>"),
    few("hgetall", "N fields", N, "HGETALL hash"),
    few("hkeys", "N fields", N, "HKEYS hash"),
    few("hvals", "N fields", N, "HVALS hash"),
    Case("hscan", "a step of N", ONE, "HSCAN hash 0"),
    few("hscan", "COUNT N", N, "HSCAN hash 0 COUNT {n}"),
    Case("hrandfield", "1 of N", ONE, "HRANDFIELD hash"),
    Case("hrandfield", "10 of N", ONE, "HRANDFIELD hash 10 WITHVALUES"),
    Case("hrandfield", "10 of N, repeated", ONE, "HRANDFIELD hash -10"),
    few("hrandfield", "half of N", N, "HRANDFIELD hash {half}"),
    few("hrandfield", "N, repeated", N, "HRANDFIELD hash -{n}"),
)

LISTS = (
    changes("list", "lpush", "1 to N", ONE, "LPUSH x value"),
    changes("list", "lpush", "N / 16", N, "LPUSH x << value >>", calls_max=COPIES_MAX),
    changes("list", "lpush", "1, while N / 1024 wait elsewhere", ONE, "LPUSH x value", crowd="BLPOP nowhere 0"),
    changes("list", "lpushx", "1 to N", ONE, "LPUSHX x value"),
    changes("list", "rpush", "1 to N", ONE, "RPUSH x value"),
    changes("list", "rpushx", "1 to N", ONE, "RPUSHX x value"),
    changes("list", "rpushx", "N / 16", N, "RPUSHX x << value >>", calls_max=COPIES_MAX),
    changes("list", "lpop", "1 of N", ONE, "LPOP x"),
    consumes("list", "lpop", "half of N", N, "LPOP x{c} {half}"),
    changes("list", "rpop", "1 of N", ONE, "RPOP x"),
    consumes("list", "rpop", "half of N", N, "RPOP x{c} {half}"),
    changes("list", "lmpop", "10 of N", ONE, "LMPOP 2 nothing x LEFT COUNT 10", calls_max=32),
    few("lmpop", "N / 16 keys without lists", N, "LMPOP {some} << nothing{e} >> LEFT"),
    changes("list", "blpop", "1 of N", ONE, "BLPOP x 0"),
    changes("list", "blpop", "N / 16 keys without lists", N, "BLPOP << nothing{e} >> x 0", calls_max=COPIES_MAX),
    changes("list", "brpop", "1 of N", ONE, "BRPOP x 0"),
    changes("list", "blmpop", "10 of N", ONE, "BLMPOP 0 1 x RIGHT COUNT 10", calls_max=32),
    changes("list", "lmove", "round a list of N", ONE, "LMOVE x x LEFT RIGHT", calls_max=READS_MAX),
    changes("list", "blmove", "round a list of N", ONE, "BLMOVE x x LEFT RIGHT 0", calls_max=READS_MAX),
    changes("list", "rpoplpush", "round a list of N", ONE, "RPOPLPUSH x x", calls_max=READS_MAX),
    changes("list", "brpoplpush", "round a list of N", ONE, "BRPOPLPUSH x x 0", calls_max=READS_MAX),
    Case("llen", "N elements", ONE, "LLEN list"),
    Case("lindex", "near the head", ONE, "LINDEX list 5"),
    Case("lindex", "near the tail", ONE, "LINDEX list -5"),
    Case("lindex", "in the middle", N, "LINDEX list {half}"),
    Case("lrange", "10 at the head", ONE, "LRANGE list 0 9"),
    Case("lrange", "10 at the tail", ONE, "LRANGE list -10 -1"),
    Case("lrange", "1 in the middle", N, "LRANGE list {half} {half}"),
    few("lrange", "all N", N, "LRANGE list 0 -1"),
    changes("list", "lset", "near the head", ONE, "LSET x 5 value{c}"),
    changes("list", "lset", "near the tail", ONE, "LSET x -5 value{c}"),
    changes("list", "lset", "in the middle", N, "LSET x {half} value{c}"),
    changes("list", "linsert", "near the head", ONE, "LINSERT x BEFORE e3 value"),
    changes("list", "linsert", "in the middle", N, "LINSERT x AFTER e{half} value", calls_max=16),
    changes("list", "linsert", "no such element", N, "LINSERT x AFTER nothing value", calls_max=16),
    Case("lpos", "near the head", ONE, "LPOS list e5"),
    Case("lpos", "near the tail", ONE, "LPOS list e{last} RANK -1"),
    Case("lpos", "MAXLEN 10", ONE, "LPOS list nothing MAXLEN 10"),
    few("lpos", "no such element", N, "LPOS list nothing"),
    few("lrem", "no such element", N, "LREM list 0 nothing"),
    changes("list", "lrem", "1 near the head", N, "LREM x 1 e{c}", calls_max=16),
    changes("list", "lrem", "1 anywhere", N, "LREM x 1 e{i}", calls_max=16),
    changes("list", "ltrim", "1 of N", ONE, "LTRIM x 0 -2"),
    consumes("list", "ltrim", "half of N", N, "LTRIM x{c} 0 {half}"),
)

SETS = (
    changes("set", "sadd", "1 to N", ONE, "SADD x new{c}"),
    Case("sadd", "member of N", ONE, "SADD set e{i}"),
    changes("set", "sadd", "N / 16", N, "SADD x << new{c}:{e} >>", calls_max=COPIES_MAX),
    changes("set", "srem", "1 of N", ONE, "SREM x e{i}"),
    consumes("set", "srem", "N / 16", N, "SREM x{c} << e{e} >>"),
    changes("set", "smove", "1 of N", ONE, "SMOVE x y e{i}", once="DEL y"),
    Case("sismember", "1 of N", ONE, "SISMEMBER set e{i}"),
    few("smismember", "N / 16", N, "SMISMEMBER set << e{e} >>"),
    Case("scard", "N members", ONE, "SCARD set"),
    few("smembers", "N members", N, "SMEMBERS set"),
    Case("sscan", "a step of N", ONE, "SSCAN set 0"),
    few("sscan", "COUNT N", N, "SSCAN set 0 COUNT {n}"),
    Case("srandmember", "1 of N", ONE, "SRANDMEMBER set"),
    Case("srandmember", "10 of N", ONE, "SRANDMEMBER set 10"),
    Case("srandmember", "10 of N, repeated", ONE, "SRANDMEMBER set -10"),
    changes("set", "srandmember", "1 of what is left of N", ONE, "SRANDMEMBER x", once="SPOP x {most}"),
    few("srandmember", "half of N", N, "SRANDMEMBER set {half}"),
    few("srandmember", "N, repeated", N, "SRANDMEMBER set -{n}"),
    changes("set", "spop", "1 of N", ONE, "SPOP x"),
    changes("set", "spop", "10 of N", ONE, "SPOP x 10", calls_max=32),
    consumes("set", "spop", "half of N", N, "SPOP x{c} {half}"),
    consumes("set", "spop", "15/16 of N", N, "SPOP x{c} {most}"),
    few("sdiff", "N and N", N, "SDIFF set half"),
    Case("sdiff", "8 and N", N, "SDIFF few set"),
    few("sdiffstore", "N and N", N, "SDIFFSTORE y set half"),
    few("sinter", "N and N", N, "SINTER set half"),
    Case("sinter", "8 and N", ONE, "SINTER set few"),
    few("sinterstore", "N and N", N, "SINTERSTORE y set half"),
    few("sintercard", "N and N", N, "SINTERCARD 2 set half"),
    Case("sintercard", "LIMIT 10 of N and N", ONE, "SINTERCARD 2 half set LIMIT 10"),
    few("sunion", "N and N", N, "SUNION set half"),
    few("sunionstore", "N and N", N, "SUNIONSTORE y set half"),
)

SORTED_SETS = (
    changes("zset", "zadd", "1 to N", LOG, "ZADD x {i} new{c}"),
    changes("zset", "zadd", "member of N", LOG, "ZADD x {c} e{i}", calls_max=READS_MAX),
    changes("zset", "zadd", "N / 16", N_LOG, "ZADD x << {d} new{c}:{e} >>", calls_max=COPIES_MAX),
    changes("zset", "zincrby", "member of N", LOG, "ZINCRBY x 1000 e{i}", calls_max=READS_MAX),
    changes("zset", "zrem", "1 of N", LOG, "ZREM x e{i}"),
    consumes("zset", "zrem", "N / 16", N_LOG, "ZREM x{c} << e{d} >>"),
    Case("zcard", "N members", ONE, "ZCARD zset"),
    Case("zscore", "1 of N", ONE, "ZSCORE zset e{i}"),
    few("zmscore", "N / 16", N, "ZMSCORE zset << e{e} >>"),
    Case("zrank", "1 of N", LOG, "ZRANK zset e{i}"),
    Case("zrevrank", "1 of N", LOG, "ZREVRANK zset e{i}"),
    Case("zcount", "half of N", LOG, "ZCOUNT zset 5 {half}"),
    Case("zlexcount", "half of N", LOG, "ZLEXCOUNT lex - [e{half:07}"),
    Case("zrange", "1 in the middle", LOG, "ZRANGE zset {half} {half}"),
    Case("zrange", "1 in the middle, REV", LOG, "ZRANGE zset {half} {half} REV WITHSCORES"),
    Case("zrange", "BYSCORE, LIMIT at 0", LOG, "ZRANGE zset {half} +inf BYSCORE LIMIT 0 10"),
    Case("zrange", "BYSCORE, LIMIT at N / 2", LOG, "ZRANGE zset -inf +inf BYSCORE LIMIT {half} 10"),
    Case("zrange", "BYLEX, LIMIT at N / 2", LOG, "ZRANGE lex - + BYLEX LIMIT {half} 10"),
    few("zrange", "all N", N, "ZRANGE zset 0 -1"),
    Case("zrevrange", "1 in the middle", LOG, "ZREVRANGE zset {half} {half}"),
    Case("zrangebyscore", "LIMIT at 0", LOG, "ZRANGEBYSCORE zset {half} +inf LIMIT 0 10"),
    Case("zrangebyscore", "LIMIT at N / 2", LOG, "ZRANGEBYSCORE zset -inf +inf LIMIT {half} 10"),
    few("zrangebyscore", "all N", N, "ZRANGEBYSCORE zset -inf +inf"),
    Case("zrevrangebyscore", "LIMIT at 0", LOG, "ZREVRANGEBYSCORE zset {half} -inf LIMIT 0 10"),
    Case("zrevrangebyscore", "LIMIT at N / 2", LOG, "ZREVRANGEBYSCORE zset +inf -inf LIMIT {half} 10"),
    Case("zrangebylex", "LIMIT at 0", LOG, "ZRANGEBYLEX lex [e{half:07} + LIMIT 0 10"),
    Case("zrangebylex", "LIMIT at N / 2", LOG, "ZRANGEBYLEX lex - + LIMIT {half} 10"),
    Case("zrevrangebylex", "LIMIT at 0", LOG, "ZREVRANGEBYLEX lex [e{half:07} - LIMIT 0 10"),
    Case("zrevrangebylex", "LIMIT at N / 2", LOG, "ZREVRANGEBYLEX lex + - LIMIT {half} 10"),
    Case("zrangestore", "10 in the middle", LOG, "ZRANGESTORE y zset {half} (1000000 BYSCORE LIMIT 0 10"),
    few("zrangestore", "all N", N_LOG, "ZRANGESTORE y zset 0 -1"),
    changes("zset", "zremrangebyrank", "1 of N", LOG, "ZREMRANGEBYRANK x {half} {half}", calls_max=32),
    consumes("zset", "zremrangebyrank", "half of N", N, "ZREMRANGEBYRANK x{c} 0 {half}"),
    changes("zset", "zremrangebyscore", "1 of N", LOG, "ZREMRANGEBYSCORE x {i} {i}"),
    consumes("zset", "zremrangebyscore", "half of N", N, "ZREMRANGEBYSCORE x{c} 0 {half}"),
    changes("lex", "zremrangebylex", "1 of N", LOG, "ZREMRANGEBYLEX x [e{i:07} [e{i:07}"),
    consumes("lex", "zremrangebylex", "half of N", N, "ZREMRANGEBYLEX x{c} - [e{half:07}"),
    changes("zset", "zpopmin", "1 of N", LOG, "ZPOPMIN x"),
    consumes("zset", "zpopmin", "half of N", N_LOG, "ZPOPMIN x{c} {half}"),
    changes("zset", "zpopmax", "1 of N", LOG, "ZPOPMAX x"),
    consumes("zset", "zpopmax", "half of N", N_LOG, "ZPOPMAX x{c} {half}"),
    changes("zset", "zmpop", "10 of N", LOG, "ZMPOP 2 nothing x MIN COUNT 10", calls_max=32),
    changes("zset", "bzpopmin", "1 of N", LOG, "BZPOPMIN x 0"),
    changes("zset", "bzpopmax", "1 of N", LOG, "BZPOPMAX x 0"),
    changes("zset", "bzmpop", "10 of N", LOG, "BZMPOP 0 1 x MAX COUNT 10", calls_max=32),
    Case("zrandmember", "1 of N", ONE, "ZRANDMEMBER zset"),
    Case("zrandmember", "10 of N", ONE, "ZRANDMEMBER zset 10 WITHSCORES"),
    Case("zrandmember", "10 of N, repeated", ONE, "ZRANDMEMBER zset -10"),
    few("zrandmember", "half of N", N, "ZRANDMEMBER zset {half}"),
    few("zrandmember", "N, repeated", N, "ZRANDMEMBER zset -{n}"),
    Case("zscan", "a step of N", ONE, "ZSCAN zset 0"),
    few("zscan", "COUNT N", N, "ZSCAN zset 0 COUNT {n}"),
    few("zdiff", "N and N", N_LOG, "ZDIFF 2 zset zhalf"),
    few("zdiff", "8 and N", N, "ZDIFF 2 zfew zset"),
    few("zdiffstore", "N and N", N_LOG, "ZDIFFSTORE y 2 zset zhalf"),
    few("zinter", "N and N", N_LOG, "ZINTER 2 zset zhalf"),
    Case("zinter", "8 and N", ONE, "ZINTER 2 zset zfew"),
    few("zinterstore", "N and N", N_LOG, "ZINTERSTORE y 2 zset zhalf"),
    few("zintercard", "N and N", N, "ZINTERCARD 2 zset zhalf"),
    Case("zintercard", "LIMIT 10 of N and N", ONE, "ZINTERCARD 2 zset zhalf LIMIT 10"),
    few("zunion", "N and N", N_LOG, "ZUNION 2 zset zhalf"),
    few("zunionstore", "N and N", N_LOG, "ZUNIONSTORE y 2 zset zhalf"),
)

PLACES = (
    changes("places", "geoadd", "1 to N", LOG, "GEOADD x 13.361389 38.115556 new{c}"),
    Case("geodist", "2 of N", LOG, "GEODIST places e{i} e{half}"),
    Case("geohash", "1 of N", LOG, "GEOHASH places e{i}"),
    few("geohash", "N / 16", N_LOG, "GEOHASH places << e{e} >>"),
    Case("geopos", "1 of N", ONE, "GEOPOS places e{i}"),
    few("geopos", "N / 16", N, "GEOPOS places << e{e} >>"),
    Case("geosearch", "some 60 of N", LOG, "GEOSEARCH places FROMLONLAT 1.5 1.5 BYRADIUS 50 km"),
    Case("geosearch", "some 60 of N in a box", LOG, "GEOSEARCH places FROMMEMBER e0 BYBOX 180 180 km ASC WITHDIST"),
    few("geosearch", "all N", N, "GEOSEARCH places FROMLONLAT 1.5 1.5 BYRADIUS 9000 km"),
    few("geosearch", "10 of all N", N, "GEOSEARCH places FROMLONLAT 1.5 1.5 BYRADIUS 9000 km COUNT 10"),
    few("geosearch", "any 10 of N", N, "GEOSEARCH places FROMLONLAT 1.5 1.5 BYRADIUS 9000 km COUNT 10 ANY"),
    Case("geosearchstore", "some 60 of N", LOG, "GEOSEARCHSTORE y places FROMLONLAT 1.5 1.5 BYRADIUS 50 km"),
    few("geosearchstore", "all N", N_LOG, "GEOSEARCHSTORE y places FROMLONLAT 1.5 1.5 BYRADIUS 9000 km"),
    Case("georadius", "some 60 of N", LOG, "GEORADIUS places 1.5 1.5 50 km"),
    Case("georadius_ro", "some 60 of N", LOG, "GEORADIUS_RO places 1.5 1.5 50 km"),
    Case("georadiusbymember", "some 20 of N", LOG, "GEORADIUSBYMEMBER places e0 50 km"),
    Case("georadiusbymember_ro", "some 20 of N", LOG, "GEORADIUSBYMEMBER_RO places e0 50 km"),
)

STREAMS = (
    changes("stream", "xadd", "1 to N", ONE, "XADD x * field value"),
    changes("stream", "xadd", "1 for 1 of N", ONE, "XADD x MAXLEN = {n} * field value"),
    changes("stream", "xadd", "1 for some of N", ONE, "XADD x MAXLEN ~ {n} * field value"),
    consumes("stream", "xadd", "1 for half of N", N, "XADD x{c} MAXLEN {half} * field value"),
    Case("xlen", "N entries", ONE, "XLEN stream"),
    Case("xrange", "10 in the middle", ONE, "XRANGE stream {i1}-0 + COUNT 10"),
    changes("stream", "xrange", "first of what is left of N", ONE, "XRANGE x - + COUNT 1", once="XTRIM x MINID {half}-0"),
    few("xrange", "all N", N, "XRANGE stream - +"),
    Case("xrevrange", "10 in the middle", ONE, "XREVRANGE stream {i1}-1 - COUNT 10"),
    few("xrevrange", "all N", N, "XREVRANGE stream + -"),
    Case("xread", "10 in the middle", ONE, "XREAD COUNT 10 STREAMS stream {i}-1"),
    few("xread", "all N", N, "XREAD STREAMS stream 0"),
    changes("stream", "xreadgroup", "10 of N new", ONE, "XREADGROUP GROUP fresh me COUNT 10 STREAMS x >",
            once="XGROUP CREATE x fresh 0", calls_max=32),
    Case("xreadgroup", "10 of N pending", ONE, "XREADGROUP GROUP group busy COUNT 10 STREAMS stream {i}-1"),
    changes("stream", "xdel", "1 of N", ONE, "XDEL x {i1}-1"),
    consumes("stream", "xdel", "N / 16", N, "XDEL x{c} << {e1}-1 >>"),
    Case("xtrim", "none of N", ONE, "XTRIM stream MAXLEN {n}"),
    consumes("stream", "xtrim", "half of N", N, "XTRIM x{c} MAXLEN {half}"),
    consumes("stream", "xtrim", "half of N by id", N, "XTRIM x{c} MINID {half}-0"),
    Case("xsetid", "N entries", ONE, "XSETID stream {n}-1"),
    changes("stream", "xack", "1 of N pending", ONE, "XACK x group {i1}-1"),
    consumes("stream", "xack", "N / 16", N, "XACK x{c} group << {e1}-1 >>"),
    Case("xpending", "summary of N", ONE, "XPENDING stream group"),
    Case("xpending", "10 in the middle", ONE, "XPENDING stream group {half}-0 + 10"),
    Case("xpending", "10 of an idle consumer", ONE, "XPENDING stream group - + 10 idle"),
    few("xpending", "10 of N by IDLE", N, "XPENDING stream group IDLE 100000000 - + 10"),
    changes("stream", "xclaim", "1 of N pending", LOG, "XCLAIM x group other 0 {i1}-1"),
    consumes("stream", "xclaim", "N / 16", N_LOG, "XCLAIM x{c} group other 0 << {e1}-1 >>"),
    Case("xautoclaim", "none of 100 in the middle", ONE, "XAUTOCLAIM stream group other 100000000 {half}-0 COUNT 10"),
    changes("stream", "xautoclaim", "10 of N pending", ONE, "XAUTOCLAIM x group other 0 {half}-0 COUNT 10", calls_max=32),
    changes("stream", "xgroup|create", "N entries", ONE, "XGROUP CREATE x new{c} $"),
    changes("stream", "xgroup|createconsumer", "N pending", ONE, "XGROUP CREATECONSUMER x group new{c}"),
    consumes("stream", "xgroup|delconsumer", "with N pending", ONE, "XGROUP DELCONSUMER x{c} group busy"),
    consumes("stream", "xgroup|destroy", "with N pending", N, "XGROUP DESTROY x{c} group"),
    changes("stream", "xgroup|setid", "N entries", ONE, "XGROUP SETID x group {half}-0"),
    Case("xinfo|stream", "N entries", ONE, "XINFO STREAM stream"),
    Case("xinfo|stream", "FULL, 10 of N", ONE, "XINFO STREAM stream FULL COUNT 10"),
    Case("xinfo|groups", "N pending", ONE, "XINFO GROUPS stream"),
    Case("xinfo|consumers", "N pending", ONE, "XINFO CONSUMERS stream group"),
)

CHANNELS = (
    Case("publish", "to N / 1024 clients", N, "PUBLISH channel hello", crowd="SUBSCRIBE channel", calls_max=32),
    Case("publish", "beside N / 16 channels", ONE, "PUBLISH channel hello", neighbour="SUBSCRIBE << other{e} >>"),
    Case("publish", "N / 16 patterns", N, "PUBLISH channel hello", neighbour="PSUBSCRIBE << other{e}* >>", calls_max=16),
    Case("spublish", "to N / 1024 clients", N, "SPUBLISH channel hello", crowd="SSUBSCRIBE channel", calls_max=32),
    Case("subscribe", "N / 16 channels", N, "SUBSCRIBE << other{e} >>", calls_max=1),
    Case("ssubscribe", "N / 16 channels", N, "SSUBSCRIBE << other{e} >>", calls_max=1),
    Case("psubscribe", "1 more than N / 16", N, "PSUBSCRIBE new{c}", once="PSUBSCRIBE << other{e}* >>", calls_max=CHANGES_MAX),
    Case("unsubscribe", "1 of N / 16", N, "UNSUBSCRIBE other{c}", once="SUBSCRIBE << other{e} >>", calls_max=16),
    Case("sunsubscribe", "1 of N / 16", N, "SUNSUBSCRIBE other{c}", once="SSUBSCRIBE << other{e} >>", calls_max=16),
    Case("punsubscribe", "1 of N / 16", N, "PUNSUBSCRIBE other{c}*", once="PSUBSCRIBE << other{e}* >>", calls_max=16),
    few("pubsub|channels", "N / 16", N, "PUBSUB CHANNELS", neighbour="SUBSCRIBE << other{e} >>"),
    Case("pubsub|numpat", "N / 16 patterns", ONE, "PUBSUB NUMPAT", neighbour="PSUBSCRIBE << other{e}* >>"),
    few("pubsub|numsub", "N / 16", N, "PUBSUB NUMSUB << other{e} >>"),
)

TRANSACTIONS = (
    Case("watch", "N / 16 keys", N, "WATCH << k{e} >>", calls_max=1),
    Case("unwatch", "N / 16 keys", ONE, "UNWATCH", once="WATCH << k{e} >>", calls_max=1),
    Case("set", "a key that N / 1024 watch", ONE, "SET y {c}", crowd="WATCH y", calls_max=32),
    Case("multi", "and DISCARD", ONE, "MULTI ; DISCARD"),
    few("exec", "N / 16 commands", N, "MULTI ; << SET k{e} {e} ; >> EXEC"),
    few("discard", "N / 16 commands", N, "MULTI ; << GET k{e} ; >> DISCARD"),
)

# What the server keeps as it is until it is filled anew: comes behind all others.
LAST = (Case("object|freq", "set of N", ONE, "OBJECT FREQ set", once="CONFIG SET maxmemory-policy allkeys-lfu"),)

CASES = (*KEYS, *STRINGS, *BITMAPS, *SKETCHES, *HASHES, *LISTS, *SETS, *SORTED_SETS, *PLACES, *STREAMS, *CHANNELS, *TRANSACTIONS, *LAST)

# Groups of COMMAND DOCS whose commands all have a case, or stand below.
GROUPS = ("bitmap", "generic", "geo", "hash", "hyperloglog", "list", "pubsub", "set", "sorted-set", "stream", "string", "transactions")

WITHOUT_A_CASE = {
    "migrate": "a client of other servers: what it does there are DUMP, RESTORE and DEL, which have cases",
    "pfdebug": "documented for developers, without a formula",
    "pfselftest": "documented for developers, without a formula",
    "pubsub|shardchannels": "of a cluster only; a handler with PUBSUB CHANNELS",
    "pubsub|shardnumsub": "of a cluster only; a handler with PUBSUB NUMSUB",
    "wait": "waits for replicas, and looks at no data",
    "object|help": "text", "pubsub|help": "text", "xgroup|help": "text", "xinfo|help": "text",
}
