"""Media samples against the bare writing of them, and a point look-up: `python -m tests.benchmarks.samples [CALLS]`.

A call is 30 minutes of 200 metrics a second. Prints how long reading and storing it takes, as a multiple of writing the
ready Arrow table; then how many of the stored rows and row groups one stream of many takes to be read back.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
import uuid
from pathlib import Path
from statistics import median

import pyarrow as pa
import pyarrow.parquet as pq

from wcsanalytics import api
from wcsanalytics.lake import Lake
from wcsanalytics.store import Store

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


def written(table: pa.Table, path: Path) -> float:
    """Seconds to write a ready table as the store writes its parts."""
    began = time.perf_counter()
    pq.write_table(table, path, compression="zstd", compression_level=1, row_group_size=122_880)
    return time.perf_counter() - began


def stored(source: Path, store: Path) -> float:
    """Seconds to read a file into a new store."""
    began = time.perf_counter()
    api.ingest(source, store)
    return time.perf_counter() - began


def main(calls: int = 100, rounds: int = 5) -> None:
    """Print both ratios."""
    with tempfile.TemporaryDirectory(prefix="wcsanalytics-benchmark-") as name:
        folder = Path(name)
        source = call(folder / "getstats.ndjson", str(uuid.UUID(int=1)))
        stored(source, folder / "warm")
        (part,) = (one for one in Store(folder / "warm").snapshot().parts if one.table == "media_samples")
        table = pq.read_table(folder / "warm" / part.path)
        ours, bare = [], []
        for number in range(rounds):
            bare.append(written(table, folder / "bare.parquet"))
            ours.append(stored(source, folder / f"store{number}"))
        print(f"{table.num_rows} samples from {source.stat().st_size / 1e6:.0f} MB, medians of {rounds} rounds in turn")
        print(
            f"stored {median(ours):.3f} s, bare writing {median(bare):.3f} s: {median(ours) / median(bare):.2f} times"
        )
        look_up(folder, calls)


def look_up(folder: Path, calls: int) -> None:
    """Print what reading one stream of so many takes."""
    store = folder / "many"
    for number in range(calls):
        api.ingest(call(folder / "one.ndjson", str(uuid.UUID(int=number + 1))), store)
    with Lake(Store(store)) as lake:
        key = lake.sql("select min(stream_key) as stream_key from media_samples").arrow()["stream_key"][0].as_py()
        query = "select metric, sampled_at, value from media_samples where stream_key = $key"
        began = time.perf_counter()
        rows = len(lake.sql(query, key=key).arrow())
        took = time.perf_counter() - began
        total = sum(part.rows for part in lake.snapshot.parts if part.table == "media_samples")
        print(f"one stream of {calls}: {rows} of {total} rows in {took:.3f} s")
        print(explained(lake, query.replace("$key", f"'{key}'")))


def explained(lake: Lake, query: str) -> str:
    """What EXPLAIN ANALYZE says of the scans: filters, files and rows."""
    plan = lake._con.execute(f"explain analyze {query}").fetchall()[0][1]  # the lake itself takes SELECT only
    told = re.findall(r"(Filters:|stream_key=[^│]*|Total Files Read:[^│]*|Row Groups[^│]*|[\d,]+ [Rr]ows)", plan)
    return "\n".join(one.strip() for one in told)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
