"""Measurements of one server beside another of its kind: with a second worker, and with a replica."""

import dataclasses

from compare.bench import turn
from compare.driver import Failed, cpu_ns
from compare.figures import median, paired
from compare.replicas import drain, wait_until_in_step
from compare.servers import with_threads

TOO_FEW_CORES = ("computed: 2 x CPU an operation of one worker : that of two, which share their cores with the generator; "
                 "too few cores here to measure throughput")
# Two workers and the driver on two cores: how the three come to lie differs from turn to turn, so that it takes more of them.
TURNS_TIMES_ON_TOO_FEW_CORES = 4


def measure_workers(bench, measurement, sheet):
    """With cores enough for the generator beside two workers by throughput, otherwise by CPU time an operation."""
    for subject in bench.ours:
        try:
            for repeat in bench.repetitions(f"{subject.name}, one worker and two"):
                _second_worker(bench, measurement, sheet, subject, repeat)
        except Failed as failure:
            sheet.note(str(failure))
    if not bench.layout.has_room_for_two_workers:
        sheet.note(TOO_FEW_CORES)


def _second_worker(bench, measurement, sheet, subject, repeat):
    """Each time with new servers, as measure_cpu_anew explains."""
    servers = {}
    try:
        for workers in (1, 2):
            servers[workers] = with_threads(subject, workers).start(bench.layout.cores_of_workers(workers))
            bench.write_state(servers[workers], measurement)
        results = _in_turns(bench, measurement, servers, repeat)
    finally:
        for server in servers.values():
            server.stop()
    name = servers[1].name
    if bench.layout.has_room_for_two_workers:
        rates = {workers: [result["operations_per_s"] for result in results[workers]] for workers in results}
        sheet.add("second_worker", name, median(paired(rates[2], rates[1])))
        sheet.add_rate(name, results[2])
    elif costs := paired(*([cpu_ns(result) for result in results[workers]] for workers in (1, 2))):
        sheet.add("second_worker", name, 2 * median(costs))


def _in_turns(bench, measurement, servers, repeat):
    """The driver's results with each number of workers, turn by turn."""
    results = {workers: [] for workers in servers}
    turns = bench.settings.turns
    if not bench.layout.has_room_for_two_workers:
        turns *= TURNS_TIMES_ON_TOO_FEW_CORES
    for number in range(turns):
        for workers in turn(list(servers), repeat + number):
            driver = bench.driver.on(bench.layout.generator_beside(workers))
            results[workers].append(driver.measure(servers[workers], measurement.commands, measurement.pipeline, measurement.keys,
                                                   **bench.settings.length()))
    return results


@dataclasses.dataclass(frozen=True)
class Masters:
    """Two masters of a kind that hold the same; one has a replica."""

    name: str
    alone: object
    attached: object


def measure_replica(bench, measurement, sheet):
    """The master's CPU time an operation with a replica : without one. The replica shares the generator's core."""
    subjects = bench.able(measurement, sheet)
    try:
        for repeat in bench.repetitions("a replica"):
            for subject in turn(subjects, repeat):
                _replica_of_new_masters(bench, measurement, sheet, subject, repeat)
    except Failed as failure:
        sheet.note(str(failure))


def _replica_of_new_masters(bench, measurement, sheet, subject, repeat):
    running = []
    try:
        masters = _start_masters(bench, measurement, subject, running)
        _cost_of_replica(bench, measurement, sheet, masters, repeat)
    finally:
        for server in running:
            server.stop()


def _start_masters(bench, measurement, subject, running):
    """All that is started is appended to `running`."""
    for _ in range(2):
        running.append(subject.start(bench.layout.servers))
        bench.write_state(running[-1], measurement)
    alone, attached = running[-2:]
    running.append(subject.start_replica(bench.layout.generator, attached))
    wait_until_in_step(running[-1])
    # Once more, by which a backlog that a replica is kept up with from is as full as it gets: what it grows by are new pages.
    for master in (alone, attached):
        bench.rewrite_state(master, measurement)
    drain(attached)
    return Masters(subject.name, alone, attached)


def _cost_of_replica(bench, measurement, sheet, masters, repeat):
    alone, attached = [], []
    for number in range(bench.settings.turns):
        for master, results in turn([(masters.alone, alone), (masters.attached, attached)], repeat + number):
            results.append(bench.driver.measure(master, measurement.commands, measurement.pipeline, measurement.keys,
                                                **bench.settings.length()))
            if master is masters.attached:
                # What the replica has not applied yet is not the next run's to pay.
                drain(master)
    for results in (alone, attached):
        sheet.add_rate(masters.name, results)
    costs = [cpu_ns(result) for result in alone], [cpu_ns(result) for result in attached]
    if shares := paired(costs[1], costs[0]):
        sheet.add("replica_cost", masters.name, median(shares))
    sheet.add("cpu_ns_alone", masters.name, median(costs[0]))
    sheet.add("cpu_ns_attached", masters.name, median(costs[1]))
