"""Look-ups and reports over a store of many commits, and over the same rows in one part a table."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from sample_data.generate import generate
from tests.benchmarks.inputs import FEWEST_SESSIONS
from tests.benchmarks.measuring import ROOT, Cost, cost, medians

HOOKS_A_SESSION = 27
REPEATS = 5
MEMORY_LIMIT, THREADS = "1GiB", 2

LOOKUPS = {
    "session by id": ("hooks", "session_id", "sent_at, byte_offset"),
    "session by key": ("hooks", "session_key", "sent_at, byte_offset"),
    "stream by id": ("streams", "media_session_id", "stream_key"),
    "call by id": ("calls", "call_id", "call_key"),
}
"""What is looked for: its view, by which column, in which order."""

_DAY = re.compile(rb'"ts":"(\d{4}-\d\d-\d\d)')
_ID = re.compile(rb'(["/-])[0-9a-f]{4}([0-9a-f]{4}-[0-9a-f]{4}-[14][0-9a-f]{3}-)')


class Stores(NamedTuple):
    """The same rows in many commits, and in one part a table."""

    many: Path
    one: Path


def stores(cache: Path, hooks: int, commits: int) -> Stores:
    """Both stores, made once: each commit is one ingest of a day's capture, with ids and dates of its own."""
    target = cache / f"{hooks}-hooks-{commits}-commits"
    made = Stores(target / "many", target / "one")
    if not (target / "done").exists():
        shutil.rmtree(target, ignore_errors=True)
        sessions = max(FEWEST_SESSIONS, round(hooks / commits / HOOKS_A_SESSION))
        generate(target / "base", sessions=sessions, busy=True)
        for capture in _captures(target / "base" / "backend" / "hooks.ndjson", commits):
            _ingest(capture, made.many)
            capture.unlink()
        shutil.copytree(made.many, made.one)
        _run("compact", str(made.one))
        shutil.rmtree(target / "base")
        (target / "done").touch()
    return made


def _captures(base: Path, days: int) -> Iterator[Path]:
    """The base day again and again, a day later each time; the ids of its sessions, streams and calls are new."""
    for number in range(days):
        out = base.with_name(f"day-{number:05d}.ndjson")
        with base.open("rb") as source, out.open("wb") as target:
            while lines := source.readlines(8 << 20):
                target.write(_moved(b"".join(lines), number))
        yield out


def _moved(text: bytes, days: int) -> bytes:
    def later(found: re.Match[bytes]) -> bytes:
        return b'"ts":"' + str(date.fromisoformat(found[1].decode()) + timedelta(days)).encode()

    return _ID.sub(rb"\g<1>%04x\g<2>" % days, _DAY.sub(later, text))


def _ingest(capture: Path, store: Path) -> None:
    _run("ingest", str(capture), "--store", str(store))


def _run(*command: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "wcsanalytics", *command],
        check=True,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def look_up(store: str) -> None:
    """Print the seconds of opening and of each look-up, of ids that lie in one commit of many."""
    import wcsanalytics as wcs

    began = time.perf_counter()
    with wcs.open(store, memory_limit=MEMORY_LIMIT, threads=THREADS) as lake:
        told = {"open": time.perf_counter() - began}
        for name, (view, column, order) in LOOKUPS.items():
            wanted = lake.sql(f"select max({column}) as id from hooks").arrow()["id"][0].as_py()
            query = f"select * from {view} where {column} = $id order by {order}"
            told[name] = median(_seconds(lake, query, wanted) for _ in range(REPEATS))
    print(json.dumps(told))


def _seconds(lake: Any, query: str, wanted: str) -> float:
    began = time.perf_counter()
    rows = lake.sql(query, id=wanted).arrow()
    assert rows.num_rows
    return time.perf_counter() - began


def report(name: str, store: str) -> None:
    """Make one report within the memory limit."""
    import wcsanalytics as wcs

    with wcs.open(store, memory_limit=MEMORY_LIMIT, threads=THREADS) as lake:
        print(len(str(wcs.report(name, lake))))


def scan(store: str) -> None:
    """Read all columns of all hook tables once."""
    import duckdb

    from tests.benchmarks.differences import hook_files

    con = duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "threads": THREADS})
    by_table: dict[str, list[str]] = {}
    for path in hook_files(Path(store)):
        by_table.setdefault(Path(path).parent.name, []).append(path)
    for paths in by_table.values():
        query = "select count(columns(*)) from read_parquet($paths, union_by_name = true)"
        con.sql(query, params={"paths": paths}).to_arrow_table()


TASKS: dict[str, Callable[..., None]] = {"look-up": look_up, "report": report, "scan": scan}


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "tests.benchmarks.lookups", *arguments]


def looked_up(store: Path) -> dict[str, float]:
    """Seconds of each look-up in that store, in a process of its own."""
    command = _command("look-up", str(store))
    done = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    return {str(name): float(value) for name, value in json.loads(done.stdout).items()}


def reports(store: Path, rounds: int = 3) -> dict[str, Cost]:
    """Median cost of one full scan and of each report, made in turn."""
    from wcsanalytics.reports import REPORTS

    commands = {"full scan": _command("scan", str(store))}
    commands |= {one.name: _command("report", one.name, str(store)) for one in REPORTS}
    return medians({name: partial(cost, command) for name, command in commands.items()}, rounds)


if __name__ == "__main__":
    TASKS[sys.argv[1]](*sys.argv[2:])
