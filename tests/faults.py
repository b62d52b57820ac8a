"""Faults on purpose: actions on a store that are killed, or fail, at a step of their own or at any moment.

`python -m tests.faults [KILLS]` kills ingests, compactions and removals at so many random moments (50), and says what
came of it.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tests.support import line, take_in, told
from wcsanalytics import api
from wcsanalytics.errors import StoreError
from wcsanalytics.store import Store, checked
from wcsanalytics.store.steps import watch

ROOT = Path(__file__).parents[1]
DONE, REFUSED = 0, 3
LASTING = "openat,rename,link,unlink,mkdir,fsync,write,pwrite64"

Held = dict[str, list[tuple[Any, ...]]]


def log_of(name: str, sessions: int, hour: int = 10) -> str:
    """A log of so many sessions, each with a stream and a line of the server."""
    return "".join(
        told(f"{hour}:{number:02d}:00,000", "connect", session=f"{name}-{number}", sipLogin=f"user-{number}")
        + told(f"{hour}:{number:02d}:01,000", "playStream", session=f"{name}-{number}", stream=f"m-{name}-{number}")
        + line(f"{hour}:{number:02d}:02,000", "WARN", f"no media for m-{name}-{number}")
        for number in range(sessions)
    )


def held(store: Store) -> Held:
    """All rows of all tables that a reader sees, but for those of no table; nothing where there is no store yet."""
    if not Store.is_store(store.path):
        return {}
    tables: Held = {}
    for part in store.snapshot().parts:
        rows = pq.read_table(store.path / part.path, partitioning=None).to_pylist()
        tables.setdefault(part.table, []).extend(tuple(row.values()) for row in rows)
    return {name: sorted(rows, key=repr) for name, rows in sorted(tables.items())}


def first_ingest(store: Store, logs: Path) -> None:
    """Make a store and read all logs but the tails."""
    store.create()
    take_in(store, logs / "a.log", logs / "b.log")


def second_ingest(store: Store, logs: Path) -> None:
    """Read a log that has grown, and another one; parts that a part of the first took away are among them."""
    store.create()
    take_in(store, logs / "a-grown.log", logs / "c.log")


def overlapping_ingest(store: Store, logs: Path) -> None:
    """Read a log of which a part was read before: an answer that stood alone there gives way."""
    store.create()
    take_in(store, logs / "b-whole.log")


def compaction(store: Store, logs: Path) -> None:
    """Merge all parts."""
    store.compact()


def removal(store: Store, logs: Path) -> None:
    """Forget a person."""
    api.forget("user-1", store.path, yes=True)


ACTIONS: dict[str, tuple[Callable[[Store, Path], None], int]] = {
    "first ingest": (first_ingest, 0),
    "second ingest": (second_ingest, 1),
    "overlapping ingest": (overlapping_ingest, 1),
    "compaction": (compaction, 2),
    "removal": (removal, 2),
}
"""What is done to a store, and how many of the ingests were done before."""


def logs_in(folder: Path) -> Path:
    """The logs that the actions read."""
    folder.mkdir(parents=True, exist_ok=True)
    torn = "10:59:00,000 ERROR                Main - main half a li"
    (folder / "a.log").write_text(log_of("a", 5) + torn)
    (folder / "a-grown.log").write_text(log_of("a", 5) + torn + "ne\n" + log_of("late", 2, 11))
    whole = log_of("b", 6)
    (folder / "b-whole.log").write_text(whole)
    (folder / "b.log").write_text(whole[whole.index("10:00:00,000", 1) : whole.index("10:04:00,000")])
    (folder / "c.log").write_text(log_of("c", 3, 12))
    return folder


def prepared(path: Path, logs: Path, ingests: int) -> Store:
    """A store in which so many of the ingests were done."""
    store = Store(path)
    for action in (first_ingest, second_ingest)[:ingests]:
        action(store, logs)
    return store


def copy_of(store: Store, path: Path) -> Store:
    """A copy of a store, or of nothing."""
    if store.path.exists():
        shutil.copytree(store.path, path)
    return Store(path)


def in_a_child(work: Callable[[], None]) -> int:
    """Do the work in a process of its own: DONE, REFUSED where it raised StoreError, below 0 where it was killed."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = DONE
        except StoreError:
            code = REFUSED
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def steps_of(work: Callable[[], None]) -> list[str]:
    """The durable steps that the work takes."""
    names: list[str] = []
    stop = watch(names.append)
    work()
    stop()
    return names


def at_step(last: int, fault: Callable[[], None]) -> Callable[[], None]:
    """Have the fault happen before the n-th step; returns what ends that."""
    passed: list[str] = []

    def come(name: str) -> None:
        passed.append(name)
        if len(passed) == last:
            fault()

    return watch(come)


def die() -> None:
    """End as kill -9 does."""
    os.kill(os.getpid(), signal.SIGKILL)


def failing(number: int) -> Callable[[], None]:
    """An error of the disk."""

    def fail() -> None:
        raise OSError(number, os.strerror(number))

    return fail


def limited_to(size: int) -> None:
    """Let this process write no file longer than this."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def left_lying(store: Store) -> list[str]:
    """Files that no commit names."""
    return [one.path for one in checked(store.path) if one.problem and "readers" not in one.problem]


def command(action: str, store: Path, logs: Path) -> list[str]:
    """The action as a program of its own."""
    return [sys.executable, "-B", "-m", "tests.faults", "--do", action, str(store), str(logs)]


def outcome(store: Store, before: Held, after: Held) -> str:
    """What a fault left: all of the action or nothing of it."""
    found = held(store)
    if found == after:
        return "after"
    return "before" if found == before else "TORN"


def trial(folder: Path, rounds: int, kill: Callable[[list[str], float], None]) -> dict[str, dict[str, int]]:
    """Each action again and again, killed; counts of what was found after the kill, and after it was done again."""
    logs = logs_in(folder / "logs")
    told_of: dict[str, dict[str, int]] = {}
    for name, (act, ingests) in ACTIONS.items():
        base = prepared(folder / f"{name} base", logs, ingests)
        clean = copy_of(base, folder / f"{name} clean")
        started = time.monotonic()
        subprocess.run(command(name, clean.path, logs), cwd=ROOT, check=True)
        took, before, after = time.monotonic() - started, held(base), held(clean)
        counts = told_of[name] = {"before": 0, "after": 0, "TORN": 0, "not mended": 0}
        for number in range(rounds):
            store = copy_of(base, folder / f"{name} {number}")
            kill(command(name, store.path, logs), took)
            counts[outcome(store, before, after)] += 1
            act(store, logs)
            counts["not mended"] += held(store) != after or left_lying(store) != []
            shutil.rmtree(store.path)
    return told_of


def killed_at_random(words: list[str], took: float) -> None:
    program = subprocess.Popen(words, cwd=ROOT)
    time.sleep(random.uniform(0, took))  # not a wait for something: the moment of the kill is drawn
    program.kill()
    program.wait()


def main() -> None:
    """Kill at random moments."""
    if sys.argv[1:2] == ["--do"]:
        action, store, logs = sys.argv[2:]
        ACTIONS[action][0](Store(Path(store)), Path(logs))
        return
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    with tempfile.TemporaryDirectory() as folder:
        for name, counts in trial(Path(folder), -(-kills // len(ACTIONS)), killed_at_random).items():
            print(name, counts)


if __name__ == "__main__":
    main()
