"""How each kind of measurement of cases.py is taken. All servers take turns within each repetition, so that what changes on the
machine meanwhile changes for all of them.
"""

import collections

from compare import cases
from compare.bench import turn
from compare.driver import Failed, cpu_ns
from compare.figures import median
from compare.footprint import measure_memory, measure_stall
from compare.scaling import measure_replica, measure_workers
from compare.servers import Server

# The kernel adds a running thread's time to its account a few hundred times a second.
TOO_SHORT = "a run too short to be seen in the CPU time"


def measure_cpu(bench, measurement, sheet):
    """A closed loop: the server's own CPU time for each operation."""
    subjects = bench.able(measurement, sheet)
    for repeat in range(bench.settings.repeats):
        _repetition(bench, measurement, sheet, subjects, repeat)
    if measurement.effect != cases.KEEPS:
        for subject in subjects:
            bench.spoil(subject)


def measure_cpu_anew(bench, batch):
    """The same of [(measurement, sheet)], with new servers for each repetition of all of them.

    One and the same server is faster or slower by a tenth from start to start, by where its memory lies.
    """
    able = [bench.able(measurement, sheet) for measurement, sheet in batch]
    for repeat in bench.repetitions(batch[0][0].stage):
        bench.renew()
        for (measurement, sheet), subjects in zip(batch, able):
            _repetition(bench, measurement, sheet, subjects, repeat)


def _repetition(bench, measurement, sheet, subjects, repeat):
    results = collections.defaultdict(list)
    for number in range(bench.settings.turns if measurement.effect == cases.KEEPS else 1):
        for subject in turn(subjects, repeat + number):
            try:
                results[subject.name].append(_closed_loop(bench, measurement, subject))
            except Failed as failure:
                sheet.note(str(failure))
    for name, of_one in results.items():
        _add_repetition(sheet, name, of_one)


def _add_repetition(sheet, name, results):
    sheet.add_rate(name, results)
    for result in results:
        sheet.add("cpu_ns_turn", name, cpu_ns(result))
    if seen := [cpu_ns(result) for result in results if cpu_ns(result) > 0]:
        sheet.add("cpu_ns", name, median(seen))
    else:
        sheet.note(f"{TOO_SHORT} of {name}")


def _closed_loop(bench, measurement, subject):
    consumes = measurement.effect == cases.CONSUMES
    server = bench.prepare(subject, measurement, anew=consumes)
    flags, length = [], bench.settings.length()
    if consumes:
        flags, length = ["--key_distribution=sequential"], {"requests": measurement.keys}
    elif measurement.effect == cases.CHANGES:
        length = {"requests": bench.settings.changing_requests}
    return bench.driver.measure(server, measurement.commands, measurement.pipeline, measurement.keys, *flags,
                                value_bytes=cases.STATES[measurement.state].value_bytes, **length)


def measure_latency(bench, measurement, sheet):
    """An open loop at a fixed rate, beside a responder that stores nothing."""
    subjects = bench.able(measurement, sheet)
    with bench.control() as controls:
        for subject in subjects:
            server = bench.prepare(subject, measurement)
            if bench.settings.realtime:
                server.go_first()
        for subject in bench.turns([*subjects, *controls]):
            server = subject if isinstance(subject, Server) else bench.server(subject)
            try:
                result = bench.driver.open_loop(server, measurement.commands, measurement.pipeline, measurement.rate, measurement.keys,
                                                *bench.driver.watching(bench.layout.servers), arrivals=measurement.arrivals,
                                                duration_s=2 * bench.settings.seconds)
            except Failed as failure:
                sheet.note(str(failure))
                continue
            latency_us = sheet.undisturbed_us(subject.name, result)
            for name in ("p50", "p99"):
                if latency_us:
                    sheet.add(f"{name}_us", subject.name, latency_us[name])
            sheet.add("late_share", subject.name, result["missed_sends"] / max(1, result["operations"]))
            sheet.add_rate(subject.name, [result])


KINDS = {"cpu": measure_cpu, "latency": measure_latency, "memory": measure_memory, "stall": measure_stall,
         "workers": measure_workers, "replica": measure_replica}


def measure(bench, batch):
    """Takes [(measurement, sheet)], one of cases.batches; figures are missing, with a note, for what could not be asked."""
    batch = [(cases.smaller(measurement, bench.settings.keys_divisor), sheet) for measurement, sheet in batch]
    bench.enter(batch[0][0].stage)
    if batch[0][0].anew:
        measure_cpu_anew(bench, batch)
        return
    for measurement, sheet in batch:
        KINDS[measurement.kind](bench, measurement, sheet)
