"""What the tests of store, intake, lake and views share: small logs written by hand, and stores made of them."""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from wcsanalytics.intake import Balance, Settings, ingest
from wcsanalytics.lake import Lake
from wcsanalytics.sources import found
from wcsanalytics.store import Store
from wcsanalytics.tables import VIEWS

SAMPLE = Path(__file__).parents[1] / "sample_data"
NODE = "Qa1Ws2Ed3Rf4Tg5Yh6Uj7Ik8Ol9Pz0Xc@203.0.113.10"
URL = "http://localhost:8081/apps/EchoApp/"
DATED = Settings(dates=(("*", date(2026, 3, 14)),), zones=(("*", ZoneInfo("UTC")),))
IDS = {"session": "sessionId", "stream": "mediaSessionId", "call": "callId"}

ABOUT_INPUTS = {"sources", "source_names", "commits"}
PROVENANCE = {"source_id", "line", "byte_offset", "dated_by"}


def block(
    clock: str, direction: str, hook: str, body: Mapping[str, Any] | None, thread: str = "pool-1-thread-1"
) -> str:
    """One half of an exchange as the server log writes it; `direction` is SEND, RECEIVED or ERROR."""
    if direction == "ERROR":
        return f"{clock} ERROR           RestClient - {thread} Got exception in REST \njava.io.IOException: refused\n"
    arrow = "==>" if direction == "SEND" else "<=="
    text = json.dumps(body, indent=2, separators=(",", " : "))
    header = f"{clock} INFO            RestClient - {thread} {direction} REST OBJECT {arrow}"
    return f"{header}\nURL:{URL}{hook}\nOBJECT:\n{text}\n"


def body_of(**fields: Any) -> dict[str, Any]:
    """A hook's body; `session`, `stream` and `call` stand for their ids."""
    return {"nodeId": NODE, "appKey": "defaultApp", **{IDS.get(key, key): value for key, value in fields.items()}}


def sent(clock: str, hook: str, **fields: Any) -> str:
    """A request that the backend leaves unanswered."""
    return block(clock, "SEND", hook, body_of(**fields))


def told(clock: str, hook: str, *, answered: str | None = None, error: bool = False, **fields: Any) -> str:
    """A request and its echo, at the same instant unless `answered` says when; or the error in its place."""
    body = body_of(**fields)
    answer = block(answered or clock, "ERROR" if error else "RECEIVED", hook, body)
    return block(clock, "SEND", hook, body) + answer


def line(clock: str, level: str, text: str, logger: str = "Publication") -> str:
    """A line of the server that is no hook."""
    return f"{clock} {level:<5} {logger:>20} - Worker-1 {text}\n"


def without_root_s_rights(command: list[str]) -> list[str]:
    """The command, run so that file permissions count for root too."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]


def new_store(folder: Path) -> Store:
    """An empty store in the folder."""
    store = Store(folder / "store")
    store.create()
    return store


def take_in(store: Store, *paths: Path, settings: Settings = DATED, **options: Any) -> Balance:
    """Ingest these files in one commit."""
    return ingest(found([str(path) for path in paths]), store, settings, **options)


def lake_of(folder: Path, *texts: str | bytes, settings: Settings = DATED) -> Lake:
    """A lake over these logs, each ingested in its own commit."""
    store = new_store(folder)
    for number, text in enumerate(texts):
        path = folder / f"flashphoner-{number}.log"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        take_in(store, path, settings=settings)
    return Lake(store)


def rows(lake: Lake, view: str, *columns: str) -> list[tuple[Any, ...]]:
    """These columns of a view, in the order of their values."""
    names = ", ".join(columns)
    table = lake.sql(f"select {names} from {view} order by all").arrow()
    return [tuple(row.values()) for row in table.to_pylist()]


def only(lake: Lake, view: str, *columns: str) -> tuple[Any, ...]:
    """These columns of the only row of a view."""
    (row,) = rows(lake, view, *columns)
    return row


TOLD = tuple(name for name in VIEWS if name not in ABOUT_INPUTS)
"""The views that tell of what happened."""


CLOSEST = ("hooks", "server_log")
"""Of these, those that stand closest to the records."""

BUILT_ON = ("paired_halves", "hooks", "capture_ends", "session_ends", "session_agents", "streams", "calls", "sessions",
            "client_messages", "media_samples", "media_rates")  # fmt: skip
"""Views that others build on: to ask all of them is quicker once their rows are made."""


def contents(
    lake: Lake, without: set[str] = PROVENANCE, views: Sequence[str] = TOLD
) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of these views, but for where they were read."""
    kept = {name: [column.name for column in VIEWS[name].columns if column.name not in without] for name in views}
    made = [name for name in BUILT_ON if len(views) > 2 and name not in lake.kept]
    try:
        for name in made:
            lake.keep(name, f'select * from main."{name}"', {})
        return {name: rows(lake, name, *columns) for name, columns in kept.items()}
    finally:
        for name in made:
            lake.drop(name)


def stored(store: Store, *columns: str) -> list[tuple[Any, ...]]:
    """These columns of all stored hooks, read from the parts that the commits name."""
    parts = [part for part in store.snapshot().parts if part.table.endswith("_hooks")]
    tables = [pq.read_table(store.path / part.path, columns=list(columns), partitioning=None) for part in parts]
    return sorted((tuple(row.values()) for table in tables for row in table.to_pylist()), key=repr)


def stored_halves(store: Store) -> int:
    """Halves that a store holds."""
    return sum(2 if half is None else 1 for (half,) in stored(store, "half"))


def put_log(path: Path, text: str) -> Path:
    """A log file of this text."""
    path.write_text(text)
    return path


def stored_tables(store: Store) -> dict[str, pa.Table]:
    """All rows of the committed parts that a store has, by table."""
    parts: dict[str, list[pa.Table]] = {}
    for part in store.snapshot().parts:
        parts.setdefault(part.table, []).append(pq.read_table(store.path / part.path, partitioning=None))
    return {table: pa.concat_tables(rows) for table, rows in parts.items()}


def read(folder: Path, *ingests: Sequence[str], settings: Settings = DATED) -> tuple[Store, list[Balance]]:
    """A store into which these texts were read, each ingest with one commit."""
    folder.mkdir(exist_ok=True)
    store = new_store(folder)
    balances = []
    for number, texts in enumerate(ingests):
        paths = [put_log(folder / f"{number}-{nth}.log", text) for nth, text in enumerate(texts)]
        balances.append(take_in(store, *paths, settings=settings))
    return store, balances


def cut_up(data: st.DataObject, lines: Sequence[str], shared: st.SearchStrategy[int]) -> list[list[str]]:
    """Ingests of cut-outs that hold all lines, in any order: some together, then one by one.

    Each begins as many lines before the end of the one before it as `shared` draws.
    """
    cuts = sorted(data.draw(st.sets(st.integers(1, len(lines) - 1), min_size=1, max_size=4), label="cuts"))
    pieces = [
        "".join(lines[max(0, start - data.draw(shared, label="shared")) : stop])
        for start, stop in pairwise([0, *cuts, len(lines)])
    ]
    order = data.draw(st.permutations(pieces), label="order")
    together = data.draw(st.integers(1, len(order)), label="read together")
    return [order[:together], *([piece] for piece in order[together:])]


def counts(balances: Sequence[Balance]) -> list[tuple[int, int]]:
    """New and known halves, or records, of each reading."""
    return [(reading.new, reading.known) for balance in balances for reading in balance.readings]
