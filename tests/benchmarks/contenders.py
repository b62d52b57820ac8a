"""What else one could do with the same input: `python -m tests.benchmarks.contenders NAME ARGUMENT...` runs one.

They load only what they use, so that none pays for another's libraries.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROW_GROUP = 122_880


def shape() -> tuple[str, str]:
    """The columns that are filled from bodies as `json_transform` wants them, and the patch that removes their keys."""
    from wcsanalytics.tables import HOOK_TABLES

    kinds = {
        "text": "VARCHAR",
        "json": "JSON",
        "int": "BIGINT",
        "real": "DOUBLE",
        "bool": "BOOLEAN",
        "instant": "BIGINT",
    }
    members: dict[str, Any] = {}
    for column in (column for table in HOOK_TABLES for column in table.body_columns()):
        key, _, inner = column.path.partition(".")
        members.setdefault(key, {inner: kinds[column.type]} if inner else kinds[column.type])
    return json.dumps(members), json.dumps(dict.fromkeys(members))


def duckdb_log(log: str, out: str, members: str) -> None:
    """Lines as CSV, windows, json functions."""
    _run("duckdb_log", log=log, out=out, shape=members)


def duckdb_ndjson(ndjson: str, out: str, members: str, removal: str) -> None:
    """Typed columns by json_transform, the rest by json_merge_patch."""
    _run("duckdb_ndjson", ndjson=ndjson, out=out, shape=members, removal=removal)


def duckdb_auto(ndjson: str, out: str) -> None:
    """What a user would type."""
    _run("duckdb_auto", ndjson=ndjson, out=out)


def arrow_write(store: str, out: str) -> None:
    """Write tables that are ready in memory as the store does; prints the CPU seconds of the writing alone."""
    import pyarrow.parquet as pq

    from wcsanalytics.store import Store

    spent = 0.0
    for part in Store(Path(store)).snapshot().parts:
        rows = pq.read_table(Path(store) / part.path)
        began = time.process_time()
        pq.write_table(rows, out, compression="zstd", compression_level=1, row_group_size=ROW_GROUP)
        spent += time.process_time() - began
    print(spent)


def lifetimes_duckdb(events: str) -> None:
    """How long was each stream seen to live, and did it end? By DuckDB."""
    import duckdb

    duckdb.execute(_text("lifetimes"), {"events": events})
    print(*duckdb.execute("select count(*) from lives").fetchone() or ())


def lifetimes_pandas(events: str) -> None:
    """How long was each stream seen to live, and did it end? By pandas."""
    import pandas as pd

    told = pd.read_parquet(events, columns=["stream_key", "status", "sent_at"])
    runs = told[told["status"].isin(["PUBLISHING", "PLAYING"])].groupby("stream_key")["sent_at"].min()
    ends = told[told["status"].isin(["UNPUBLISHED", "STOPPED", "FAILED"])].groupby("stream_key")["sent_at"].min()
    seen = told.groupby("stream_key")["sent_at"].max()
    lives = pd.DataFrame({"started_at": runs, "ended_at": ends, "last_seen_at": seen})
    lives = lives[lives["started_at"].notna()]
    lives["is_over"] = lives["ended_at"].notna()
    lives["observed_s"] = (lives["ended_at"].fillna(lives["last_seen_at"]) - lives["started_at"]).dt.total_seconds()
    print(len(lives))


def _run(query: str, **names: str) -> None:
    import duckdb

    text = _text(query)
    for name, value in names.items():
        quoted = "'" + value.replace("'", "''") + "'"
        text = text.replace(f"${name}", quoted)
    duckdb.execute(text)


def _text(query: str) -> str:
    return Path(__file__).with_name(f"{query}.sql").read_text(encoding="utf-8")


CONTENDERS: dict[str, Callable[..., None]] = {
    "duckdb-log": duckdb_log,
    "duckdb-ndjson": duckdb_ndjson,
    "duckdb-auto": duckdb_auto,
    "arrow-write": arrow_write,
    "lifetimes-duckdb": lifetimes_duckdb,
    "lifetimes-pandas": lifetimes_pandas,
}


if __name__ == "__main__":
    CONTENDERS[sys.argv[1]](*sys.argv[2:])
