"""What server and simulator code may not do, so that one seed always gives one run (ARCHITECTURE, the seam)."""

import re

from cpp_scopes import mutable_statics
from layers import may_include
from source_tree import Finding

# A call by its bare or global name, or std::; never a member or another namespace's function of that name, nor,
# behind a type, the declaration of one.
_CALL = (r"(?<![\w.>:])(?<!\w[&*>]\s)(?:(?<=\breturn\s)|(?<=\belse\s)|(?<=\bdo\s)|(?<!\w\s))"
         r"(?P<scope>::|std::)?(?P<name>{names})\s*\(")


def _call(*names):
    return re.compile(_CALL.format(names="|".join(names)))


# A function or variable of a name that the C library has too: a bare use of the name means this one.
_OWN_NAME = re.compile(r"\w(?:[&*>]\s|\s[&*]?)([a-z]\w*)\s*[(,);={]")


# (rule, pattern over masked code, reason)
_PATTERNS = (
    ("clock", re.compile(r"\b(?:steady_clock|system_clock|high_resolution_clock|file_clock|utc_clock)\b"),
     "reads a clock: take runtime's Clock"),
    ("clock", _call("time", "clock", "gettimeofday", "clock_gettime", "clock_getres", "ftime", "localtime",
                    "localtime_r", "timerfd_create"), "reads a clock: take runtime's Clock"),
    ("clock", re.compile(r"\babsl::(?:Now|GetCurrentTimeNanos|LocalTimeZone)\b|__rdtscp?\b|__builtin_ia32_rdtsc"),
     "reads a clock: take runtime's Clock"),
    ("random", re.compile(r"\bstd::(?:random_device|default_random_engine)\b|\babsl::(?:InsecureBitGen|BitGen|BitGenRef)\b"),
     "draws randomness of its own: take runtime's Random"),
    ("random", _call("rand", "srand", "rand_r", "random", "srandom", "drand48", "lrand48", "mrand48", "getrandom",
                     "getentropy", "arc4random"), "draws randomness of its own: take runtime's Random"),
    ("thread", re.compile(r"\bstd::(?:thread|jthread|this_thread|async|condition_variable(?:_any)?|counting_semaphore|"
                          r"barrier|latch|promise|packaged_task)\b"), "starts or blocks a thread"),
    ("thread", re.compile(r"\bpthread_\w+\s*\(|(?<![\w.>:])(?:::)?(?:fork|vfork|clone|execv\w*|system|popen|sched_yield)\s*\("),
     "starts or blocks a thread or a process"),
    ("thread", re.compile(r"\bthread_local\b|\b__thread\b"), "thread_local state: hold it in what owns the work"),
    ("sleep", _call("sleep", "usleep", "nanosleep", "clock_nanosleep"), "sleeps: set a timer on the event loop"),
    ("sleep", re.compile(r"\babsl::SleepFor\b"), "sleeps: set a timer on the event loop"),
    ("environment", _call("getenv", "secure_getenv", "setenv", "putenv", "unsetenv"),
     "reads the environment: take an option"),
    ("system-call", _call("socket", "socketpair", "connect", "bind", "listen", "accept4?", "setsockopt", "getsockopt",
                          "sendto", "sendmsg", "recv", "recvfrom", "recvmsg", "epoll_\\w+", "poll", "select", "eventfd",
                          "pipe2?", "signal", "sigaction", "getaddrinfo", "gethostname", "syscall", "mmap", "io_uring_\\w+"),
     "calls the operating system: go through runtime's Network"),
    ("system-call", _call("open", "openat", "creat", "fopen", "freopen", "fdopen", "read", "pread", "write", "pwrite",
                          "readv", "writev", "fsync", "fdatasync", "ftruncate", "rename", "unlink", "mkdir", "opendir",
                          "stat", "fstat", "mkstemp", "tmpfile"), "touches files: go through runtime's Files"),
    ("system-call", re.compile(r"\bstd::(?:filesystem|[io]?fstream|cin|cout|cerr|clog)\b"),
     "touches files: go through runtime's Files"),
    ("address-order", re.compile(r"\babsl::(?:HashOf\b|Hash\s*<)|\bstd::hash\s*<[^<>]*\*\s*>"),
     "uses a hash that differs from process to process: take server/base/hash.h"),
    ("address-order", re.compile(r"\b(?:std::(?:multi)?(?:map|set)|absl::btree_(?:multi)?(?:map|set)|std::less|std::greater)"
                                 r"\s*<\s*(?:const\s+)?(?:struct\s+|class\s+)?[\w:]+(?:<[^<>]*>)?\s*(?:const\s*)?\*"),
     "orders by address: key by something that is the same in every run"),
)

_BANNED_HEADERS = re.compile(
    r"^(thread|chrono|random|fstream|iostream|filesystem|future|condition_variable|semaphore|barrier|latch|stop_token|"
    r"ctime|time\.h|csignal|signal\.h|pthread\.h|unistd\.h|fcntl\.h|poll\.h|netdb\.h|dirent\.h|"
    r"sys/(?!types\.h|uio\.h).*|netinet/.*|arpa/.*|linux/.*|liburing\.h)$")
_BANNED_PROJECT_HEADERS = re.compile(r"^absl/(random/|time/clock\.h|synchronization/)")


def check_seam(tree):
    """Calls and headers that only the real side of the seam may use."""
    own_names = {file.path: _own_names(file.code) for file in tree.cpp_under("server/", "sim/")}
    for file in _sealed(tree):
        known = own_names[file.path].union(*(own_names.get(included, ()) for _, included in file.includes))
        for rule, pattern, reason in _PATTERNS:
            for match in pattern.finditer(file.code):
                groups = match.groupdict()
                if groups and not groups["scope"] and groups["name"] in known:
                    continue
                yield Finding(file.path, file.line_of(match.start()), rule, f"'{match.group(0).strip()}' {reason}")
        for line, header in file.system_includes:
            if _BANNED_HEADERS.match(header):
                yield Finding(file.path, line, "header", f"<{header}> belongs to the real side of the seam")
        for line, header in file.includes:
            if _BANNED_PROJECT_HEADERS.match(header):
                yield Finding(file.path, line, "header", f'"{header}" belongs to the real side of the seam')


def check_mutable_statics(tree):
    """A process may hold a thousand nodes: nothing outside a node may remember anything."""
    for file in tree.cpp_under("server/", "sim/"):
        if file.is_test_code:
            continue
        for offset, what in mutable_statics(file.code):
            # The one simulator of a process may make a table on first use; a thousand nodes may not share one.
            if file.path.startswith("sim/") and re.match(r"static\s+const\b", file.code[offset:]):
                continue
            yield Finding(file.path, file.line_of(offset), "static", f"{what}: give it an owner, or make it constexpr")


def check_hash_order(tree):
    """Iteration order of a hash container differs from process to process."""
    names_of = {path: _hash_names(file.code) for path, file in tree.files.items() if file.is_cpp}
    for file in _sealed(tree):
        names = set(names_of[file.path])
        for _, included in file.includes:
            names |= names_of.get(included, set())
        if not names:
            continue
        for offset, name in _uses_of_order(file.code, names):
            line = file.line_of(offset)
            if not any(re.search(r"//\s*order-free:\s*\S", text) for text in file.lines[max(0, line - 2):line]):
                yield Finding(file.path, line, "hash-order", f"walks the hash container '{name}' in an order that differs "
                              "from process to process: sort, or say '// order-free: why' if nothing can tell")


def _own_names(code):
    names = {match.group(1) for match in _OWN_NAME.finditer(code)
             if not re.search(r"\b(?:return|else|do|co_return|co_await|co_yield|throw|case)\s$", code[:match.start(1)][-12:])}
    for bindings in re.findall(r"\bauto\s*&{0,2}\s*\[([\w\s,]+)\]", code):
        names.update(name.strip() for name in bindings.split(","))
    return names


def _sealed(tree):
    """Product code that does not see the real side of the seam."""
    return [file for file in tree.cpp_under("server/", "sim/")
            if not file.is_test_code and not may_include(file.path, "server/posix/")]


_HASH_TYPE = re.compile(r"\b(?:absl::)?(?:flat_hash_|node_hash_)(?:map|set)\s*<|\bstd::unordered_(?:multi)?(?:map|set)\s*<")


def _hash_names(code):
    """Names of variables, members and functions whose type is a hash container, or an alias of one."""
    names, aliases = set(), set()
    for match in _HASH_TYPE.finditer(code):
        before = code[max(0, match.start() - 80):match.start()]
        if alias := re.search(r"\busing\s+(\w+)\s*=\s*(?:\w+::)*$", before):
            aliases.add(alias.group(1))
            continue
        end = _matching(code, match.end() - 1, "<", ">")
        if name := re.match(r"\s*(?:const\b)?[\s&*]*(\w+)\s*(?:[;={(,)\[:]|DFLY_|ABSL_)", code[end:end + 200]):
            names.add(name.group(1))
    for alias in aliases:
        names.update(re.findall(rf"\b{alias}\b\s*(?:const\b)?[\s&*]*(\w+)\s*[;={{(,)]", code))
    return names


def _uses_of_order(code, names):
    """Yields (offset, name) where a range-for, begin() or an absl::c_ algorithm runs over one of the names."""
    for match in re.finditer(r"\bfor\s*\(", code):
        inside = code[match.end():_matching(code, match.end() - 1, "(", ")") - 1]
        parts = re.split(r"(?<!:):(?!:)", inside, maxsplit=1)
        if len(parts) == 2 and "?" not in parts[0]:
            if (name := re.search(r"(\w+)\s*(?:\(\s*\))?\s*\)?\s*$", parts[1])) and name.group(1) in names:
                yield match.start(), name.group(1)
    for match in re.finditer(r"\b(\w+)\s*(?:\(\s*\))?\s*(?:\.|->)\s*c?begin\s*\(", code):
        if match.group(1) in names:
            yield match.start(), match.group(1)
    for match in re.finditer(r"\babsl::c_\w+\s*\(\s*\*?([\w.>-]+)", code):
        if (name := re.split(r"\.|->", match.group(1))[-1]) in names:
            yield match.start(), name


def _matching(code, start, opening, closing):
    """The offset behind the bracket that closes the one at `start`; the end of the text when there is none."""
    depth = 0
    for offset in range(start, len(code)):
        if code[offset] == opening:
            depth += 1
        elif code[offset] == closing and code[offset - 1:offset + 1] != "->":
            depth -= 1
            if depth == 0:
                return offset + 1
    return len(code)
