"""The runs that gates compare: each a command on the same inputs, its cost the operating system's account."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.contenders import shape
from tests.benchmarks.differences import differences, hook_files
from tests.benchmarks.inputs import Inputs, made
from tests.benchmarks.measuring import ROOT, Cost, cost

EVENTS_A_MEGABYTE = 10_000
"""So that 1 GB of input asks for the lifetimes of 10 M events."""

Run = Callable[[], Cost]


@dataclass
class Bench:
    """Inputs of one size, and what the runs leave behind for one another."""

    cache: Path
    scratch: Path
    megabytes: float
    inputs: Inputs
    _members: tuple[str, str] = field(default_factory=shape)

    def runs(self) -> dict[str, Run]:
        """Every run by name, in the order in which a round makes them: later ones read what earlier ones wrote."""
        log, ndjson = str(self.inputs.log), str(self.inputs.ndjson)
        members, removal = self._members
        return {
            "log": lambda: self.ingest(log, "log"),
            "log, naive": lambda: cost(_module("naive", log, str(self.naive))),
            "log, 2 jobs": lambda: self.ingest(log, "log-2", "--jobs", "2"),
            "log, DuckDB": lambda: self.contender("duckdb-log", log, self.out, members),
            "ndjson": lambda: self.ingest(ndjson, "ndjson"),
            "ndjson, DuckDB auto": lambda: self.contender("duckdb-auto", ndjson, self.out),
            "ndjson, DuckDB lossless": lambda: self.contender("duckdb-ndjson", ndjson, self.out, members, removal),
            "write": self._write,
            "lifetimes, DuckDB": lambda: self.contender("lifetimes-duckdb", self._events()),
            "lifetimes, pandas": lambda: self.contender("lifetimes-pandas", self._events()),
        }

    @property
    def store(self) -> Path:
        """The store that the last run `log` made."""
        return self.scratch / "log"

    @property
    def naive(self) -> Path:
        """What the naive reader made of the log."""
        return self.scratch / "naive.parquet"

    @property
    def out(self) -> str:
        """A file that the next run may overwrite."""
        return str(self.scratch / "out.parquet")

    def ingest(self, source: str, name: str, *options: str) -> Cost:
        """Read a capture into a new store of that name."""
        store = self.scratch / name
        shutil.rmtree(store, ignore_errors=True)
        reading = ["ingest", source, "--store", str(store), "--tz", "UTC", *options]
        return cost([sys.executable, "-m", "wcsanalytics", *reading])

    def contender(self, name: str, *arguments: str) -> Cost:
        """Run one of the contenders."""
        return cost(_module("contenders", name, *arguments))

    def differences(self) -> int:
        """Lines of the log of which the last two readers tell different things."""
        return differences(self.store, self.naive)

    def four_times(self) -> Cost:
        """Read four times as much log."""
        return self.ingest(str(made(self.cache, 4 * self.megabytes).log), "log-4")

    def _write(self) -> Cost:
        """CPU seconds of the writing alone: the process says how long it took."""
        command = _module("contenders", "arrow-write", str(self.store), self.out)
        told = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
        return Cost(float(told.stdout), float("nan"), float("nan"), float("nan"))

    def _events(self) -> str:
        """The stream events of the store, multiplied to the number that goes with the size; made once."""
        target = self.scratch / "events.parquet"
        if not target.exists():
            wanted = int(self.megabytes * EVENTS_A_MEGABYTE)
            multiply_events(hook_files(self.store), wanted, target)
        return str(target)


def multiply_events(parts: Sequence[str], wanted: int, target: Path) -> None:
    """Write so many stream events that as many streams live as if the log had been so much longer."""
    import duckdb

    query = Path(__file__).with_name("multiply.sql").read_text(encoding="utf-8")
    streams = [part for part in parts if "/stream_hooks/" in part]
    rows = duckdb.sql("select count(*) as n from read_parquet($parts)", params={"parts": streams}).to_arrow_table()
    times = max(1, round(wanted / rows["n"][0].as_py()))
    text = query.replace("$out", f"'{target}'").replace("$times", str(times))
    duckdb.execute(text.replace("$parts", str(streams)))


def _module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", f"tests.benchmarks.{name}", *arguments]
