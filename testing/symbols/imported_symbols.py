"""What a node's own code asks of the C and C++ libraries: nothing through which the machine could be seen.

    imported_symbols.py ARCHIVE...    prints `archive(object): symbol` for each that is not allowed
"""

import re
import subprocess
import sys

# Of C, all that may be called. Each is a function of its arguments and of memory, or only waits; the last line
# is what a failed DFLY_CHECK says before it ends the process.
ALLOWED_C = frozenset("""
    aligned_alloc calloc free malloc realloc
    memchr memcmp memcpy memmove memset strcmp strlen
    __memcpy_chk __memmove_chk __memset_chk __snprintf_chk snprintf
    ceil exp floor fmod frexp ldexp llround log log10 log2 lround pow sqrt sin cos tan asin acos atan atan2
    strtod strtold strtoll strtoull strtol strtoul
    __errno_location __stack_chk_fail __libc_single_threaded _Unwind_Resume __dso_handle _GLOBAL_OFFSET_TABLE_
    __tls_get_addr __cxa_atexit
    pthread_mutex_lock pthread_mutex_trylock pthread_mutex_unlock
    pthread_rwlock_rdlock pthread_rwlock_unlock pthread_rwlock_wrlock
    abort fprintf fflush stderr
""".split())

# Where a little more is: the reason stands beside it.
ALLOWED_IN = {
    # Who waits for a lock for long gives the core away: sched_yield, and the futex call.
    "server/base/libspinlock": frozenset(["sched_yield", "syscall"]),
    # The JSON library asks for the decimal point; no process of ours sets a locale, and no number of a
    # configuration has a fraction.
    "server/cluster/libcluster_config": frozenset(["localeconv"]),
}

# Of C++, what may not: clocks, entropy, threads, files, the environment.
FORBIDDEN_CPP = [
    re.compile(pattern)
    for pattern in (
        r"^std::chrono::.*::now\(",
        r"^std::random_device\b",
        r"^std::thread\b|^std::jthread\b|^std::this_thread\b",
        r"^std::condition_variable\b",
        r"^std::(__cxx11::)?basic_[io]?fstream\b|^std::basic_filebuf\b|^std::filesystem\b",
        r"^std::c(in|out|err|log)\b",
        r"^absl::[^:]*(::)?(Now|SleepFor|GetCurrentTimeNanos)\(",
    )
]


def is_cpp(symbol):
    return "::" in symbol or "(" in symbol or symbol.startswith(("operator ", "vtable ", "typeinfo ", "VTT "))


def is_runtime_of_cpp(symbol):
    """The C++ ABI's own, such as __cxa_throw, and std's in their mangled form (data that nm cannot demangle)."""
    return symbol.startswith(("__cxa_", "__gxx_", "__dynamic_cast", "_ZT", "_ZN", "_ZS"))


def is_allowed(archive, symbol):
    if is_cpp(symbol):
        return not any(pattern.search(symbol) for pattern in FORBIDDEN_CPP)
    if is_runtime_of_cpp(symbol) or symbol in ALLOWED_C:
        return True
    return any(place in archive and symbol in symbols for place, symbols in ALLOWED_IN.items())


def undefined(archive):
    """Pairs of (object, symbol) that `archive` wants from elsewhere."""
    listed = subprocess.run(["nm", "--undefined-only", "--demangle", archive],
                            check=True, capture_output=True, text=True).stdout
    member = "?"
    for line in listed.splitlines():
        if line.endswith(".o:"):
            member = line[:-1]
        elif line.strip():
            kind, symbol = line.split(None, 1)
            if kind in ("U", "w"):
                yield member, symbol


def main(archives):
    if not archives:
        sys.exit("no archives to look at")
    findings = [
        f"{archive}({member}): {symbol}"
        for archive in archives
        for member, symbol in undefined(archive)
        if not is_allowed(archive, symbol)
    ]
    for finding in sorted(set(findings)):
        print(finding)
    print(f"{len(archives)} archives, {len(set(findings))} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
