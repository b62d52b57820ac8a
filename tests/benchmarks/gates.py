"""What speed and memory are promised, as ratios within one set of interleaved runs."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from tests.benchmarks.measuring import Cost, medians
from tests.benchmarks.runs import Bench, Run

GIB_MB = 1024.0


class Limit(NamedTuple):
    """A bound: at least, or at most, so much."""

    bound: Literal["at least", "at most"]
    value: float

    def is_met(self, measured: float) -> bool:
        """Whether the measured value keeps the bound."""
        return measured >= self.value if self.bound == "at least" else measured <= self.value

    def __str__(self) -> str:
        return f"{'>=' if self.bound == 'at least' else '<='} {self.value:g}"


Costs = Mapping[str, Cost]


class Gate(NamedTuple):
    """One promise: the runs that it needs, the figure that it makes of them, what is asked now and in the end."""

    name: str
    title: str
    needs: tuple[str, ...]
    figure: Callable[[Bench, Costs], float]
    asked: Limit
    in_the_end: Limit


def at_least(now: float, in_the_end: float) -> tuple[Limit, Limit]:
    """Bounds from below."""
    return Limit("at least", now), Limit("at least", in_the_end)


def at_most(now: float, in_the_end: float) -> tuple[Limit, Limit]:
    """Bounds from above."""
    return Limit("at most", now), Limit("at most", in_the_end)


def _cpu(ours: str, other: str) -> Callable[[Bench, Costs], float]:
    """How many times the CPU seconds of ours the other takes."""
    return lambda _, costs: costs[other].cpu_s / costs[ours].cpu_s


def _wall(ours: str, other: str) -> Callable[[Bench, Costs], float]:
    return lambda _, costs: costs[other].wall_s / costs[ours].wall_s


GATES = (
    Gate(
        "log-cpu",
        "log: CPU of the naive reader / ours, one process",
        ("log", "log, naive"),
        _cpu("log", "log, naive"),
        *at_least(3, 10),
    ),
    Gate(
        "log-wall",
        "log: wall of the naive reader / ours, two processes",
        ("log, naive", "log, 2 jobs"),
        _wall("log, 2 jobs", "log, naive"),
        *at_least(4, 12),
    ),
    Gate(
        "log-duckdb",
        "log: CPU of DuckDB alone / ours",
        ("log", "log, DuckDB"),
        _cpu("log", "log, DuckDB"),
        *at_least(3, 6),
    ),
    Gate(
        "ndjson-auto",
        "ndjson: CPU of read_json_auto / ours",
        ("ndjson", "ndjson, DuckDB auto"),
        _cpu("ndjson", "ndjson, DuckDB auto"),
        *at_least(0.6, 1.2),
    ),
    Gate(
        "ndjson-lossless",
        "ndjson: CPU of DuckDB typed and leftover / ours",
        ("ndjson", "ndjson, DuckDB lossless"),
        _cpu("ndjson", "ndjson, DuckDB lossless"),
        *at_least(1.2, 2),
    ),
    Gate(
        "write",
        "log: our CPU / CPU of writing the same Arrow tables",
        ("log", "write"),
        lambda _, costs: costs["log"].cpu_s / costs["write"].cpu_s,
        *at_most(14, 4),
    ),
    Gate(
        "memory",
        "log: peak MB at four times the size, largest process",
        ("4 x log",),
        lambda _, costs: costs["4 x log"].largest_mb,
        *at_most(GIB_MB, GIB_MB / 2),
    ),
    Gate(
        "memory-growth",
        "log: peak memory at four times the size / at the size",
        ("log", "4 x log"),
        lambda _, costs: costs["4 x log"].largest_mb / costs["log"].largest_mb,
        *at_most(1.25, 1.25),
    ),
    Gate(
        "lifetimes",
        "lifetimes of streams: CPU of pandas / DuckDB over our columns",
        ("log", "lifetimes, DuckDB", "lifetimes, pandas"),
        _cpu("lifetimes, DuckDB", "lifetimes, pandas"),
        *at_least(8, 12),
    ),
    Gate(
        "differences",
        "log: rows that differ from the naive reader's",
        ("log", "log, naive"),
        lambda bench, _: bench.differences(),
        *at_most(0, 0),
    ),
)


class Verdict(NamedTuple):
    """What came of one gate; `measured` is missing where `why` says so."""

    gate: Gate
    measured: float | None
    why: str = ""

    @property
    def word(self) -> str:
        """pass, FAIL or skipped."""
        if self.measured is None:
            return f"skipped: {self.why}"
        return "pass" if self.gate.asked.is_met(self.measured) else "FAIL"


def judge(bench: Bench, gates: tuple[Gate, ...], rounds: int) -> tuple[list[Verdict], dict[str, Cost]]:
    """Make the runs that these gates need, in turn, and judge."""
    wanted = {need for gate in gates for need in gate.needs}
    runs = {name: run for name, run in bench.runs().items() if name in wanted}
    missing = _not_available(runs)
    costs = medians({name: run for name, run in runs.items() if name not in missing}, rounds)
    if "4 x log" in wanted:
        costs["4 x log"] = bench.four_times()
    verdicts = []
    for gate in gates:
        why = next((missing[need] for need in gate.needs if need in missing), "")
        measured = None if why else gate.figure(bench, costs)
        verdicts.append(Verdict(gate, None if measured is None or math.isnan(measured) else measured, why))
    return verdicts, costs


def _not_available(runs: Mapping[str, Run]) -> dict[str, str]:
    """Runs that the program says it can't do yet, with its words."""
    if "log, 2 jobs" not in runs:
        return {}
    try:
        runs["log, 2 jobs"]()
    except subprocess.CalledProcessError as problem:
        if "not available yet" not in (problem.stderr or ""):
            raise
        return {"log, 2 jobs": "--jobs is not available yet"}
    return {}
