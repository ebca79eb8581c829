"""What all measurements share: the servers that run, what they hold, and the sheet that figures are written on."""

import collections
import contextlib
import dataclasses
import sys

from compare import cases
from compare.client import Refused
from compare.figures import median
from compare.servers import Subject

# Above this the driver, not the server, may be what limits a rate.
DRIVER_SHARE_MAX = 0.9
# Before each closed loop, uncounted: caches of the machine, and memory of connections.
WARM_UP_SHARE = 0.1
CONTROL = "null responder"
NOT_YET = "not yet"


@dataclasses.dataclass(frozen=True)
class Settings:
    """How much is measured."""

    repeats: int
    # A repetition of a closed loop that leaves the data as it is gives each server so many turns, and takes the median of
    # them: what happens on the machine for a moment, or for some seconds, happens to all.
    turns: int
    seconds: float
    # Instead of `seconds`, if not 0.
    requests: int
    # For rows that change what they work on: a number of requests is the same work for all servers, a duration is not.
    changing_requests: int
    # Every number of keys is divided by this.
    keys_divisor: int
    # How long memory has to stay the same before it is written down.
    steady_s: float
    # Whether servers and driver go before all else where latencies are measured.
    realtime: bool

    def length(self):
        """How long one turn of a closed loop is, as arguments of Driver.measure."""
        if self.requests:
            return {"requests": max(1, self.requests // self.turns)}
        seconds = self.seconds / self.turns
        return {"duration_s": seconds, "warmup_s": WARM_UP_SHARE * seconds}


# Of its requests so many have to be undisturbed if these are to say anything.
UNDISTURBED_SHARE_MIN = 0.5
DISTURBED = "the machine was disturbed too much"


class Sheet:
    """Figures of one measurement, repetition by repetition, and what is to be said about them."""

    def __init__(self):
        self.figures = collections.defaultdict(lambda: collections.defaultdict(list))
        self.notes = []

    def add(self, metric, name, figure):
        self.figures[metric][name].append(figure)

    def note(self, text):
        if text not in self.notes:
            self.notes.append(text)

    def of(self, metric):
        return {name: list(values) for name, values in self.figures[metric].items()}

    def add_rate(self, name, results):
        """What a reader of any closed loop's figure has to know of it; `results` are those of a repetition's turns."""
        self.add("rate", name, median([result["operations_per_s"] for result in results]))
        self.add("driver_share", name, median([result["driver"]["cpu_share_max"] for result in results]))

    def undisturbed_us(self, name, result):
        """Latencies of requests that felt nothing of what disturbed the machine, which is told; None if these are too few.

        All are, where disturbances are not watched for.
        """
        disturbed, undisturbed = result["disturbed"], result["undisturbed"]
        if not disturbed:
            return result["latency_us"]
        self.add("disturbed_share", name, disturbed["total_us"] / 1e6 / result["duration_s"])
        self.add("stopped_ms", name, disturbed["longest_stop_us"] / 1000)
        self.add("slowness", name, disturbed["greatest_slowness"])
        share = undisturbed["operations"] / result["operations"]
        if share >= UNDISTURBED_SHARE_MIN:
            return undisturbed["latency_us"]
        self.note(f"{DISTURBED}: of the requests to {name} only {share:.0%} felt nothing of it once")
        return None


class Bench:
    """Owns the servers of the stage that is measured. Measurements of another stage get fresh ones."""

    def __init__(self, ours, peers, driver, layout, responder, settings):
        self.ours, self.peers = ours, peers
        self.driver, self.layout, self.responder, self.settings = driver, layout, responder, settings
        self.stage = ""
        self.running = {}  # by the subject's name
        self.holding = {}  # (state, keys) by the subject's name
        self.missing = {subject.name: self._missing(subject) for subject in self.subjects()}

    def subjects(self):
        return [*self.ours, *self.peers]

    def _missing(self, subject):
        """Commands of any row that it does not have."""
        words = sorted({word for case in cases.CASES for word in case.measurement.words()})
        server = subject.start(self.layout.servers)
        try:
            return set(server.lacks(words))
        except Refused:
            return set()  # It does not say: each row will show.
        finally:
            server.stop()

    def able(self, measurement, sheet):
        """The subjects that can be asked for this, and a note for each that cannot; none if none of ours can."""
        found = []
        for subject in self.subjects():
            missing = sorted(self.missing[subject.name].intersection(measurement.words()))
            if missing:
                text = ", ".join(word.upper() for word in missing)
                sheet.note(f"{NOT_YET} ({text})" if subject.is_ours else f"{subject.name} has no {text}")
            elif measurement.crosses_slots and subject.mode == "yes":
                sheet.note(f"{subject.name}: keys of several slots, which a member of a cluster refuses")
            else:
                found.append(subject)
        return found if any(subject.is_ours for subject in found) else []

    def repetitions(self, what):
        """The number of each repetition, with a line that says so: for those that take long."""
        for repeat in range(self.settings.repeats):
            print(f"{what}: repetition {repeat + 1} of {self.settings.repeats}", file=sys.stderr, flush=True)
            yield repeat

    def turns(self, subjects, repeats_max=1000):
        """Each subject once for each repetition; each goes first as often as the others."""
        for repeat in range(min(self.settings.repeats, repeats_max)):
            yield from turn(subjects, repeat)

    def enter(self, stage):
        if stage != self.stage:
            self.stop()
            self.stage = stage

    def server(self, subject):
        """The stage's server of this kind; started when it is first asked for."""
        if subject.name not in self.running:
            self.running[subject.name] = subject.start(self.layout.servers)
            self.holding[subject.name] = ("nothing", 0)
        return self.running[subject.name]

    def prepare(self, subject, measurement, anew=False):
        """The stage's server, which holds the measurement's state from now on."""
        wanted = (measurement.state, measurement.keys if measurement.state != "nothing" else 0)
        server = self.server(subject)
        if self.holding[subject.name] != wanted or anew:
            server.call("FLUSHALL")
            self.write_state(server, measurement)
            self.holding[subject.name] = wanted
        return server

    def spoil(self, subject):
        """Whatever it holds is no known state any more."""
        self.holding[subject.name] = ("spoilt", 0)

    def write_state(self, server, measurement):
        """Writes the state's keys to an empty server, and makes sure that they, and no others, are there."""
        state = cases.STATES[measurement.state]
        if not state.template:
            return
        self.rewrite_state(server, measurement)
        there, wanted = server.call("DBSIZE"), state.keys_there(measurement.keys)
        if there != wanted:
            raise SystemExit(f"{server.name} has {there} keys and not {wanted} after {measurement.keys} were written")

    def rewrite_state(self, server, measurement):
        """Writes the state's keys, which may be there."""
        state = cases.STATES[measurement.state]
        for template in state.templates():
            self.driver.write_each_once(server, template, measurement.keys, state.value_bytes, state.rounds)

    @contextlib.contextmanager
    def control(self):
        """[the responder that stores nothing], on the servers' core: what it shows is the machine's and the driver's."""
        if self.responder is None:
            yield []
            return
        server = Subject(CONTROL, (self.responder, "--port={port}")).start(self.layout.servers)
        try:
            if self.settings.realtime:
                server.go_first()
            yield [server]
        finally:
            server.stop()

    def stop(self):
        self.renew()
        self.stage = ""

    def renew(self):
        """The stage goes on with servers that are yet to be started."""
        for server in self.running.values():
            server.stop()
        self.running.clear()
        self.holding.clear()


def turn(subjects, repeat):
    """The order of one repetition."""
    begin = repeat % len(subjects) if subjects else 0
    return [*subjects[begin:], *subjects[:begin]]
