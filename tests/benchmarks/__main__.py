"""Ingest of a server log against the naive reader, in turn: `python -m tests.benchmarks [MEGABYTES] [ROUNDS]`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.benchmarks.inputs import made
from tests.benchmarks.measuring import Cost, cost, medians


def main(megabytes: int = 100, rounds: int = 3) -> None:
    """Print the median cost of each reader, and the ratios."""
    with tempfile.TemporaryDirectory(prefix="wcsanalytics-benchmark-") as folder:
        log = made(Path(folder), megabytes) / "spoiled.log"
        stores = (Path(folder) / f"store{number}" for number in range(rounds))

        def ours() -> Cost:
            return cost([sys.executable, "-m", "wcsanalytics", "ingest", str(log), "--store", str(next(stores))])

        def naive() -> Cost:
            return cost([sys.executable, "-m", "tests.benchmarks.naive", str(log), str(Path(folder) / "naive.parquet")])

        costs = medians({"wcsanalytics": ours, "naive": naive}, rounds)
        print(f"{log.stat().st_size / 1e6:.0f} MB of server log, medians of {rounds} rounds in turn")
    for name, one in costs.items():
        print(f"{name:<14} {one.cpu_s:7.2f} s CPU {one.wall_s:7.2f} s wall {one.peak_mb:7.0f} MB")
    mine, other = costs["wcsanalytics"], costs["naive"]
    print(f"naive / wcsanalytics: CPU {other.cpu_s / mine.cpu_s:.2f}, memory {other.peak_mb / mine.peak_mb:.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
