"""The load driver, run once for each figure; its command line and JSON are described in benchmarks/load."""

import json
import subprocess

from compare.servers import listed, on_cores

CONNECTIONS = 50
FILL_PIPELINE = 64
RUN_S_MAX = 1800
# With a fixed rate the driver rather polls than sleeps while it awaits replies, and for this share of the mean time between two
# groups before each.
SPIN_SHARE = 0.2


class Failed(Exception):
    """The driver could not do what it was asked; the text is its own."""


class Driver:
    """Runs the binary on the cores given (None: any), one run at a time."""

    def __init__(self, binary, cores=None, threads=1, realtime=False):
        self.binary = binary
        self.cores = cores
        self.threads = threads
        self.realtime = realtime

    def run(self, server, *flags):
        """The results, as the driver's JSON has them. Raises Failed."""
        words = [self.binary, f"--port={server.port}", f"--connections={CONNECTIONS}", f"--threads={self.threads}",
                 f"--server_pid={server.process.pid}", "--json=-", *flags]
        done = subprocess.run(on_cores(self.cores, words), capture_output=True, text=True, timeout=RUN_S_MAX, check=False)
        if done.returncode != 0:
            raise Failed(f"{server.name}: {first_line(done.stderr) or f'the driver ended with {done.returncode}'}")
        return json.loads(done.stdout)

    def on(self, cores):
        """The same driver on other cores, with a thread for each."""
        return Driver(self.binary, cores, max(self.threads, len(cores or ())), self.realtime)

    def measure(self, server, templates, pipeline, keys, *flags, value_bytes=32, duration_s=None, warmup_s=0, requests=None):
        """A closed loop for a duration or a number of requests."""
        return self.run(server, *_load(templates, pipeline, keys, value_bytes), *_length(duration_s, warmup_s, requests), *flags)

    def open_loop(self, server, templates, group, rate, keys, *flags, arrivals="even", spins=True, duration_s=None, requests=None):
        """At a fixed rate, `group` requests at once on a connection; latencies count from when each was due."""
        precedence = ["--realtime"] if self.realtime else []
        spin = f"--spin={spin_us(group, rate) if spins else 0}us"
        return self.run(server, *_load(templates, group, keys, 32), f"--rate={rate}", f"--arrivals={arrivals}", spin,
                        *_length(duration_s, 0, requests), *precedence, *flags)

    def watching(self, server_cores):
        """Flags that have the driver watch its own and the server's cores for what disturbs them; none where it cannot."""
        if not self.realtime or not self.cores or not server_cores:
            return []
        return [f"--cpus={listed(self.cores)}", f"--server_cpus={listed(server_cores)}"]

    def write_each_once(self, server, template, keys, value_bytes=32, rounds=1):
        """Runs the command for each of the keys exactly once, in order; and again, where there are several rounds."""
        return self.measure(server, [template], FILL_PIPELINE, keys, "--key_distribution=sequential", requests=keys * rounds,
                            value_bytes=value_bytes)

    def fill(self, server, keys):
        """Writes `keys` keys of 16 bytes with values of 32 bytes."""
        self.write_each_once(server, "SET __key__ __data__", keys)


def spin_us(group, rate):
    """How long to poll before each group of requests."""
    return round(SPIN_SHARE * group / rate * 1e6)


def _load(templates, pipeline, keys, value_bytes):
    return [*[f"--command={template}" for template in templates], f"--pipeline={pipeline}", f"--keys={keys}", f"--value_bytes={value_bytes}"]


def _length(duration_s, warmup_s, requests):
    if requests is not None:
        return [f"--requests={requests}"]
    return [f"--duration={round(duration_s * 1000)}ms", f"--warmup={round(warmup_s * 1000)}ms"]


def first_line(text):
    """The line that says what went wrong: the first that is no warning."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in lines if "warning" not in line.lower()), lines[0] if lines else "")


def cpu_ns(result):
    """The server's CPU time an operation."""
    return result["server"]["cpu_ns_per_operation"]
