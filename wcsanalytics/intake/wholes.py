"""What belongs to an id or a person that is to be forgotten: whole sessions, streams and calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wcsanalytics.intake.forgotten import Forgetting, columns_looked_at, term, times_of
from wcsanalytics.store import Forgetter, Forgotten, Snapshot, Term, batches
from wcsanalytics.tables import TABLES, Column, Table

IDS = {
    "sessions": ("session_key", "session_id"),
    "streams": ("stream_key", "media_session_id"),
    "calls": ("call_key", "call_id"),
}
"""Columns by which a row belongs to a whole."""

ABOUT = {
    "connection_hooks": "sessions",
    "connection_records": "sessions",
    "stream_hooks": "streams",
    "stream_records": "streams",
    "call_hooks": "calls",
    "call_records": "calls",
}
"""What is forgotten with a row in which a person is named."""

NAMING = frozenset({"name", "caller", "callee", "sender", "recipient"})
"""Columns that name what a row is about, besides those declared to name persons."""

GONE = "(forgotten)"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be forgotten: an id or person in all its `forms`, from `since` to `until`; or all `before` a time."""

    forms: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    before: datetime | None = None


@dataclass(slots=True)
class Whole:
    """Keys and ids of the sessions, streams and calls that are forgotten."""

    sessions: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in IDS["sessions"]})
    streams: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in IDS["streams"]})
    calls: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in IDS["calls"]})

    def add(self, level: str, rows: pa.RecordBatch, chosen: np.ndarray) -> None:
        """Take the ids that the chosen rows have of a level."""
        for name, found in getattr(self, level).items():
            if name in rows.schema.names and chosen.any():
                found |= {word for word in pc.unique(rows[name].filter(pa.array(chosen))).to_pylist() if word}

    def texts(self) -> set[str]:
        """All of them."""
        return {text for ids in (self.sessions, self.streams, self.calls) for found in ids.values() for text in found}


def forgetter(store: Path, current: Snapshot, wanted: Wanted, new_key: str) -> tuple[Forgetter, Whole]:
    """What is to go from a store, and the sessions, streams and calls in it; what it has forgotten before stays so."""
    before = current.forgotten or Forgotten(new_key)
    whole = _whole(store, current, wanted, before.key) if wanted.forms else Whole()
    texts = sorted({*wanted.forms, *whole.texts()})
    terms = _terms(texts, before.key, wanted)
    times = [at for at in (before.before, wanted.before) if at is not None]
    known = {(one.digest, one.since, one.until) for one in before.terms}
    new = tuple(one for one in terms if (one.digest, one.since, one.until) not in known)
    ended = frozenset(
        segment.source_id
        for segment in current.latest().values()
        if wanted.before and segment.last_at and segment.last_at < wanted.before
    )
    forgetting = Forgetting(Forgotten(before.key, terms, wanted.before), ended)
    forgotten = Forgotten(before.key, (*before.terms, *new), max(times, default=None))
    return Forgetter(forgetting.kept, forgotten, _cleaner(texts)), whole


def _terms(texts: Iterable[str], key: str, wanted: Wanted) -> tuple[Term, ...]:
    made = (term(text, bytes.fromhex(key), wanted.since, wanted.until) for text in texts)
    return tuple(one for one in made if one is not None)


def _whole(store: Path, current: Snapshot, wanted: Wanted, key: str) -> Whole:
    """The wholes that the typed id or person names, and the streams and calls of the sessions among them."""
    whole = Whole()
    typed = Forgetting(Forgotten(key, _terms(wanted.forms, key, wanted)))
    for table, rows in _rows(store, current):
        times, told = times_of(table, rows)
        for column in columns_looked_at(table):
            if level := _level(table, column):
                whole.add(level, rows, typed.hit(column, rows, times, told))
    sought = {name: pa.array(sorted(found), pa.string()) for name, found in whole.sessions.items()}
    for table, rows in _rows(store, current) if any(whole.sessions.values()) else ():
        at_its_time = _within(wanted, *times_of(table, rows))
        for name, ids in sought.items():
            if name in rows.schema.names:
                chosen = np.asarray(pc.is_in(rows[name], value_set=ids), bool) & at_its_time
                whole.add("streams", rows, chosen)
                whole.add("calls", rows, chosen)
    return whole


def _rows(store: Path, current: Snapshot) -> Iterator[tuple[Table, pa.RecordBatch]]:
    for part in current.parts:
        for rows in batches(store, part):
            yield TABLES[part.table], rows


def _level(table: Table, column: Column) -> str | None:
    """What a row tells of that names the wanted in this column; None if it is only the row."""
    by_id = next((level for level, names in IDS.items() if column.name in names), None)
    names = column.tells_of() == "person" or column.name in NAMING
    return by_id or (ABOUT.get(table.name) if names else None)


def _within(wanted: Wanted, times: np.ndarray, told: np.ndarray) -> np.ndarray:
    since = np.iinfo(np.int64).min if wanted.since is None else round(wanted.since.timestamp() * 1e6)
    until = np.iinfo(np.int64).max if wanted.until is None else round(wanted.until.timestamp() * 1e6)
    return ~told | ((since <= times) & (times < until))


def _cleaner(texts: list[str]) -> Callable[[str], str]:
    """Takes these texts out of notes; digits alone may be anything there, and stay."""
    named = [re.escape(text) for text in texts if not text.isdigit()]
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(named)})(?!\w)", re.I) if named else None
    return (lambda text: pattern.sub(GONE, text)) if pattern else (lambda text: text)
