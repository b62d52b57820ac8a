"""Whole commands, measured by the operating system's own account of them."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import NamedTuple


class Cost(NamedTuple):
    """What one run took: CPU and wall seconds, and the peak memory of its largest process in MB."""

    cpu_s: float
    wall_s: float
    peak_mb: float


def cost(command: Sequence[str]) -> Cost:
    """Run the command to its end. Raises CalledProcessError if it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024)


def medians(contenders: Mapping[str, Callable[[], Cost]], rounds: int) -> dict[str, Cost]:
    """Median cost of each contender, over rounds in which all of them run in turn."""
    seen: dict[str, list[Cost]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            seen[name].append(run())
    return {name: Cost(*(median(values) for values in zip(*costs, strict=True))) for name, costs in seen.items()}
