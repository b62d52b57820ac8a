"""Whole commands, measured by the operating system's own account of them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]

_POLL_S = 0.05


class Cost(NamedTuple):
    """What one run took: CPU and wall seconds of it and its children, MB of the largest process and of all together."""

    cpu_s: float
    wall_s: float
    largest_mb: float
    all_mb: float


def cost(command: Sequence[str]) -> Cost:
    """Run the command to its end. Raises CalledProcessError if it fails.

    Memory is looked at every 50 ms: the kernel's high-water mark of each process, and the sum of what they hold just
    then. (The mark in the account of a dead child would also count what its parent held when it was started.)
    """
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT)
    with _watched(process.pid) as peak:
        complaint = process.stderr.read() if process.stderr else b""
        _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.stderr:
        process.stderr.close()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, stderr=complaint.decode(errors="replace"))
    return Cost(used.ru_utime + used.ru_stime, wall, peak.largest_mb, max(peak.largest_mb, peak.all_mb))


@dataclass
class _Peak:
    largest_mb: float = 0.0
    all_mb: float = 0.0


@contextlib.contextmanager
def _watched(root: int) -> Iterator[_Peak]:
    """Peak memory of a process and its descendants while the block runs; 0 where there is no /proc."""
    peak, over = _Peak(), threading.Event()

    def watch() -> None:
        while not over.wait(_POLL_S):
            told = [_memory_mb(pid) for pid in _family(root)]
            peak.largest_mb = max(peak.largest_mb, *(mark for mark, _ in told))
            peak.all_mb = max(peak.all_mb, sum(now for _, now in told))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def _family(root: int) -> list[int]:
    found = [root]
    for pid in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def _memory_mb(pid: int) -> tuple[float, float]:
    """High-water mark and present size of a process; nothing of one that is gone."""
    with contextlib.suppress(OSError):
        told = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
        mark, now = (int(told.get(name, "0").split()[0]) / 1024 for name in ("VmHWM", "VmRSS"))
        return mark, now
    return 0.0, 0.0


def medians(contenders: Mapping[str, Callable[[], Cost]], rounds: int) -> dict[str, Cost]:
    """Median cost of each contender, over rounds in which all of them run in turn."""
    seen: dict[str, list[Cost]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            seen[name].append(run())
    return {name: Cost(*(median(values) for values in zip(*costs, strict=True))) for name, costs in seen.items()}
