"""Media samples against the bare writing of them, and a point look-up: `python -m tests.benchmarks.samples [CALLS]`.

A call is 30 minutes of 200 metrics a second. Prints how long reading and storing it takes, as a multiple of writing the
ready Arrow table; then how many of the stored rows are read for one stream of many.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from wcsanalytics import api
from wcsanalytics.lake import Lake
from wcsanalytics.store import Store
from wcsanalytics.store.parts import PartWriter

SECONDS = 1800
FIRST_MS = 1_773_479_720_000
REPORTS = (("inbound-rtp", "in"), ("outbound-rtp", "out"), ("remote-inbound-rtp", "out"), ("remote-outbound-rtp", "in"))
METRICS = 25
"""Of each of four reports of both kinds: 200 a second."""


def call(path: Path, stream: str, seconds: int = SECONDS) -> Path:
    """A file of native getStats results, one a second, of this stream."""
    with path.open("w") as file:
        for second in range(seconds):
            at = FIRST_MS + second * 1000
            native = {name: [_report(name, kind, second, at) for kind in ("audio", "video")] for name, _ in REPORTS}
            file.write(json.dumps({"ts": at, "mediaSessionId": stream, "native": native}, separators=(",", ":")) + "\n")
    return path


def _report(name: str, kind: str, second: int, at: int) -> dict[str, object]:
    counters = {f"packetsOfSort{number}": second * (37 + number) + number % 7 for number in range(METRICS - 3)}
    told = {"packetsLost": second // 9, "packetsReceived": second * 50, "jitter": 0.001 * (second % 13)}
    return {"id": f"{name}-{kind}", "type": name, "timestamp": at + 0.5, "kind": kind, "ssrc": 77, **told, **counters}


def main(calls: int = 100, rounds: int = 5) -> None:
    """Print both ratios."""
    with tempfile.TemporaryDirectory(prefix="wcsanalytics-benchmark-") as name:
        folder = Path(name)
        source = call(folder / "getstats.ndjson", str(uuid.UUID(int=1)))
        api.ingest(source, folder / "warm")
        (part,) = (one for one in Store(folder / "warm").snapshot().parts if one.table == "media_samples")
        table = pq.read_table(folder / "warm" / part.path)
        stores = (folder / f"store{number}" for number in range(2 * rounds))
        ways = {
            "read and stored": lambda: api.ingest(source, next(stores)),
            "ready table, stored": lambda: as_part(table, next(stores)),
            "ready table, pyarrow alone": lambda: bare(table, folder / "bare.parquet"),
        }
        took = {way: median(one) for way, one in in_turn(ways, rounds).items()}
        print(f"{table.num_rows} samples from {source.stat().st_size / 1e6:.0f} MB, medians of {rounds} rounds in turn")
        for way, seconds in took.items():
            print(f"{way:<28} {seconds:.3f} s CPU, {took['read and stored'] / seconds:.2f}")
        look_up(folder, calls)


def in_turn(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """CPU seconds of each way in each round."""
    took: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, run in ways.items():
            began = time.process_time()
            run()
            took[way].append(time.process_time() - began)
    return took


def bare(table: pa.Table, path: Path) -> None:
    """Write a ready table as the store writes its parts."""
    pq.write_table(table, path, compression="zstd", compression_level=1, row_group_size=122_880)


def as_part(table: pa.Table, store: Path) -> None:
    """Write a ready table through the store: sorted, digested and made lasting."""
    store.mkdir()
    parts = PartWriter(store, 1)
    for batch in table.to_batches():
        parts.add("media_samples", batch)
    parts.finish()


def look_up(folder: Path, calls: int) -> None:
    """Print what reading one stream of so many takes."""
    store = folder / "many"
    for number in range(calls):
        api.ingest(call(folder / "one.ndjson", str(uuid.UUID(int=number + 1))), store)
    with Lake(Store(store)) as lake:
        key = lake.sql("select min(stream_key) as stream_key from media_samples").arrow()["stream_key"][0].as_py()
        query = f"select metric, sampled_at, value from media_samples where stream_key = '{key}'"
        began = time.perf_counter()
        rows = len(lake.sql(query).arrow())
        took = time.perf_counter() - began
        total = sum(part.rows for part in lake.snapshot.parts if part.table == "media_samples")
        scanned = samples_scanned(lake, query)
        print(f"one stream of {calls}: {rows} of {total} rows in {took:.3f} s, {scanned} scanned")


def samples_scanned(lake: Lake, query: str) -> int:
    """Rows of samples that EXPLAIN ANALYZE says were read for the query."""
    plan = lake._con.execute(f"explain (analyze, format json) {query}").fetchall()[0][1]  # the lake runs SELECT alone
    return sum(_scans(json.loads(plan)))


def _scans(plan: Any) -> Iterator[int]:
    if isinstance(plan, list):
        for one in plan:
            yield from _scans(one)
    elif isinstance(plan, dict):
        if "parts/media_samples" in json.dumps(plan.get("extra_info")):
            yield plan.get("rows_scanned", plan.get("operator_rows_scanned", 0))
        for one in plan.values():
            yield from _scans(one)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
