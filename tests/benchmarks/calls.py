"""Call quality over a million calls: `python -m tests.benchmarks.calls [CALLS]` against one full scan of its parts.

The calls are made up column by column and written with the store's own writer, so that no log has to be read.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import duckdb
import pyarrow as pa

from wcsanalytics import api
from wcsanalytics.store import Counts, Segment, SourceName, Store
from wcsanalytics.tables import TABLES, arrow_schema

CHUNK = 50_000
SESSION_CALLS = 10
MEMORY_LIMIT = "1GiB"
FIRST_AT = datetime(2026, 3, 1, tzinfo=UTC)
LAST_AT = datetime(2026, 3, 31, tzinfo=UTC)

# Steps of a call: (seconds after its beginning, hook, status, SIP status, reason)
_SCRIPTS = """
    create table scripts as
    select * from (values
        (0, 70, [(0, 'call', 'PENDING', null, null), (0.2, 'CallStatusEvent', 'TRYING', 100, null),
                 (1.5, 'CallStatusEvent', 'RING', 180, null), (7.0, 'CallStatusEvent', 'ESTABLISHED', 200, null),
                 (97.0, 'hangup', null, null, null), (97.1, 'CallStatusEvent', 'FINISH', 200, 'Normal call clearing')]),
        (70, 80, [(0, 'call', 'PENDING', null, null), (0.2, 'CallStatusEvent', 'TRYING', 100, null),
                  (0.9, 'CallStatusEvent', 'BUSY', 486, null)]),
        (80, 90, [(0, 'call', 'PENDING', null, null), (1.5, 'CallStatusEvent', 'RING', 180, null),
                  (31.0, 'CallStatusEvent', 'FINISH', 480, null)]),
        (90, 95, [(0, 'call', 'PENDING', null, null), (0.2, 'CallStatusEvent', 'TRYING', 100, null),
                  (4.0, 'CallStatusEvent', 'FAILED', 503, null)]),
        (95, 100, [(0, 'call', 'PENDING', null, null), (1.5, 'CallStatusEvent', 'RING', 180, null),
                   (5.0, 'CallStatusEvent', 'ESTABLISHED', 200, null),
                   (45.0, 'CallStatusEvent', 'FAILED', 200, 'Failed by RTP activity')])
    ) s(from_draw, to_draw, steps)
"""
_CALLS = """
    with calls as (
        select n, n // $calls as session, hash(n) % 100 as draw,
               $first + to_microseconds(((n // $calls) * $apart * 1000000 + (n % $calls) * 300000000)::bigint)
                 as began_at
        from range($since, $until) r(n)
    ),
    steps as (
        select c.n, c.session, c.began_at, unnest(s.steps) as step, generate_subscripts(s.steps, 1) as nth
        from calls c
        join scripts s on c.draw >= s.from_draw and c.draw < s.to_draw
    )
    select 'made' as source_id, n * 200 + nth * 20 as line, n * 20000 + nth * 2000 as byte_offset,
           'session' || session as session_key, 'call' || n as call_key,
           began_at + to_microseconds((step[1] * (0.5 + (hash(n + nth) % 1000) / 1000.0) * 1000000)::bigint) as sent_at,
           sent_at + interval 12 milliseconds as answered_at, step[2] as hook, 'echo' as answer, 'record' as dated_by,
           'node' || session % 4 as node_id, 'defaultApp' as app_key, 'id-' || session as session_id,
           'id-' || n as call_id, step[3] as status, step[5] as info, false as incoming, step[4]::bigint as sip_status,
           (1000 + session % 9000)::varchar as caller, (2000 + hash(n) % 900)::varchar as callee,
           case when nth = 1 then 'WebRTC' end as media_provider
    from steps
"""
_SESSIONS = """
    select 'made' as source_id, n * 2000 + nth as line, n * 200000 + nth as byte_offset, 'session' || n as session_key,
           $first + to_microseconds((n * $apart * 1000000)::bigint) - interval 2 seconds
             + case nth when 3 then interval 1 hour else to_seconds(nth) end as sent_at,
           sent_at + interval 12 milliseconds as answered_at,
           case nth when 1 then 'connect' else 'ConnectionStatusEvent' end as hook, 'echo' as answer,
           'record' as dated_by, 'node' || n % 4 as node_id, 'defaultApp' as app_key, 'id-' || n as session_id,
           case nth when 2 then 'ESTABLISHED' when 3 then 'DISCONNECTED' end as status,
           case when nth = 1
                then 'Mozilla/5.0 (X11; Linux x86_64) Chrome/' || (200 + n % 4) || '.0.0.0 Safari/537.36'
                end as user_agent
    from range($since, $until) r(n), range(1, 4) s(nth)
"""


def made(folder: Path, calls: int) -> Store:
    """A store of so many calls over a month, ten in each session."""
    store = Store(folder / f"calls-{calls}")
    if store.is_store(store.path):
        return store
    store.create()
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    con.execute(_SCRIPTS)
    sessions = calls // SESSION_CALLS
    params = {"first": FIRST_AT, "apart": (LAST_AT - FIRST_AT).total_seconds() / max(sessions, 1)}
    with store.writing() as writing:
        for since in range(0, calls, CHUNK):
            chunk = {**params, "since": since, "until": min(since + CHUNK, calls), "calls": SESSION_CALLS}
            for rows in _shaped(con.sql(_CALLS, params=chunk).to_arrow_table(), "call_hooks"):
                writing.parts.add("call_hooks", rows)
        whole = {**params, "since": 0, "until": sessions}
        for rows in _shaped(con.sql(_SESSIONS, params=whole).to_arrow_table(), "connection_hooks"):
            writing.parts.add("connection_hooks", rows)
        resume = dict.fromkeys(("byte_offset", "line", "day", "tod_ms", "other_lines"), 0)
        state = {**resume, "first_day": None, "zone": "UTC", "dated_by": "record"}
        segment = Segment(
            "made", "hook_capture", "0", 0, calls * 20_000, "0", Counts(), state,
            tuple(f"node{number}" for number in range(4)), first_at=FIRST_AT, last_at=LAST_AT,
        )  # fmt: skip
        writing.commit([segment], [SourceName("made", "made.ndjson", None)], [])
    return store


def _shaped(rows: pa.Table, table: str) -> list[pa.RecordBatch]:
    """The rows with all columns of the table; those that are not made up are null."""
    schema = arrow_schema(TABLES[table])
    columns = [
        rows[field.name].cast(field.type) if field.name in rows.column_names else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return list(pa.Table.from_arrays(columns, schema=schema).to_batches())


def scanned(store: Store) -> None:
    """Let DuckDB read every column of every part once."""
    paths = [str(store.path / part.path) for part in store.snapshot().parts]
    con = duckdb.connect()
    con.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
    for table in sorted({Path(path).parent.name for path in paths}):
        own = [path for path in paths if Path(path).parent.name == table]
        counted = ", ".join(f'max(hash("{column.name}"))' for column in TABLES[table].columns)
        con.execute(f"select {counted} from read_parquet($paths)", {"paths": own}).fetchall()


def reported(store: Store) -> None:
    """Make the report, from opening the store to its text."""
    with api.open(store.path, memory_limit=MEMORY_LIMIT) as lake:
        str(api.report("call-quality", lake))


def timed(work: Callable[[Store], None], store: Store) -> tuple[float, float]:
    """CPU and wall seconds of it."""
    cpu, wall = time.process_time(), time.perf_counter()
    work(store)
    return time.process_time() - cpu, time.perf_counter() - wall


def main(calls: int = 1_000_000, folder: str | None = None, rounds: int = 3) -> None:
    """Print what a report costs against a scan, each the median of rounds in which both run in turn."""
    with tempfile.TemporaryDirectory(prefix="wcsanalytics-benchmark-") as temporary:
        store = made(Path(folder or temporary), calls)
        parts = store.snapshot().parts
        rows, size = sum(part.rows for part in parts), sum(part.size for part in parts)
        print(f"{calls:,} calls, {rows:,} hooks, {size / 1e6:.0f} MB of Parquet, memory limit {MEMORY_LIMIT}")
        seen = [(*timed(scanned, store), *timed(reported, store)) for _ in range(rounds)]
    scan_cpu, scan, report_cpu, report = (median(times) for times in zip(*seen, strict=True))
    print(
        f"full scan {scan_cpu:.2f} s CPU {scan:.2f} s wall, call-quality {report_cpu:.2f} s CPU {report:.2f} s wall: "
    )
    print(f"{report_cpu / scan_cpu:.1f} times by CPU, {report / scan:.1f} times by wall")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main(*(int(word) if word.isdigit() else word for word in sys.argv[1:]))
