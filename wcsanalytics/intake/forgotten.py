"""What a store is to have forgotten, known again in rows by keyed digests of words.

A term is a session, stream or call id or a person, as it stands in a value: whole words in a row. Rows that hold one
are neither kept nor stored again. All rows pass here only where a store has forgotten something.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wcsanalytics.formats import Batch
from wcsanalytics.store import Forgotten, Term
from wcsanalytics.tables import TABLES, Column, Table

SHORT = 7
"""Digits alone, fewer than this, are numbers of all sorts; as a person they are known by what stands beside them."""

UNTOLD = frozenset(
    {"source_id", "half_digest", "dated_by", "half", "thread", "hook", "answer", "app_key", "node_id", "url"}
)
"""Columns of text that tell of no session and no person."""

KEYS_AND_IDS = frozenset(
    {"session_key", "session_id", "stream_key", "media_session_id", "call_key", "call_id", "message_id", "operation_id"}
)
"""Columns in which even a short number is the id that it stands for."""

_WORD = re.compile(r"\w+")
_SCHEME = re.compile(r"(?:sips?|tel|mailto|xmpp|im):$", re.I)
_KEY = re.compile(
    r"(?:login|user|name|caller|callee|from|to|id|phone|number)\\{0,3}[\"']?\s?[:=]\s?\\{0,3}[\"']?$", re.I
)
_HIDDEN = re.compile(r".*-((?:[0-9A-Fa-f]{2}){4,})-HLS", re.S)
_EVER = np.iinfo(np.int64)


class Hits(NamedTuple):
    """From when to when the terms of a value hold, as epoch µs; nothing holds where `since` is after `until`."""

    since: int
    until: int


NO_HITS = Hits(_EVER.max, _EVER.min)


def term(text: str, key: bytes, since: datetime | None = None, until: datetime | None = None) -> Term | None:
    """The text as a term; None if it has no word."""
    words = _words(text)
    if not words:
        return None
    common = len(words) == 1 and words[0].isdigit() and len(words[0]) < SHORT
    return Term(_digest(words[:1], key), len(words), _digest(words, key), not common, since, until)


class Forgetting:
    """Tells rows that are to be forgotten from those that are to be kept."""

    def __init__(self, forgotten: Forgotten, ended: frozenset[str] = frozenset()) -> None:
        """Of sources that `ended` before the time before which all is forgotten, rows without a time go too."""
        self._key = bytes.fromhex(forgotten.key)
        self._by_first: dict[str, list[Term]] = {}
        for one in forgotten.terms:
            self._by_first.setdefault(one.first, []).append(one)
        self._before = None if forgotten.before is None else _epoch_us(forgotten.before)
        self._ended = pa.array(sorted(ended), pa.string())
        self._first = lru_cache(1 << 16)(lambda word: self._by_first.get(_digest([word], self._key)))
        self.rows = 0

    def without(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The batches without rows that are to be forgotten, which are counted."""
        for table, rows in batches:
            kept = self.kept(TABLES[table], rows)
            left = rows if kept.true_count == len(rows) else rows.filter(kept)
            self.rows += len(rows) - len(left)
            yield Batch(table, left)

    def kept(self, table: Table, rows: pa.RecordBatch) -> pa.BooleanArray:
        """Which rows are to be kept."""
        times, told = times_of(table, rows)
        gone = np.zeros(len(rows), bool)
        if self._before is not None:
            gone |= told & (times < self._before)
            gone |= ~told & np.asarray(pc.is_in(rows["source_id"], value_set=self._ended), bool)
        for column in columns_looked_at(table) if self._by_first else ():
            gone |= self.hit(column, rows, times, told)
        return pa.array(~gone)

    def hit(self, column: Column, rows: pa.RecordBatch, times: np.ndarray, told: np.ndarray) -> np.ndarray:
        """In which rows a column holds a term at its time, or at none."""
        values = rows[column.name]
        if values.null_count == len(values):
            return np.zeros(len(rows), bool)
        encoded = values.dictionary_encode()
        tells = column.tells_of() != "nothing" or column.name in KEYS_AND_IDS
        spans = np.array([*(self._found(word, tells) for word in encoded.dictionary.to_pylist()), NO_HITS], np.int64)
        places = np.asarray(encoded.indices.fill_null(len(spans) - 1))
        since, until = spans[places, 0], spans[places, 1]
        found: np.ndarray = np.where(told, (since <= times) & (times < until), since < until)
        return found

    def _found(self, text: str, tells: bool) -> Hits:
        hidden = _HIDDEN.fullmatch(text) if text.endswith("-HLS") else None
        if hidden:
            text = f"{text} {bytes.fromhex(hidden[1]).decode('utf-8', 'replace')}"
        found = NO_HITS
        places = [*_WORD.finditer(text)]
        for nth, place in enumerate(places):
            for one in self._first(place[0].casefold()) or ():
                if self._stands(one, text, places[nth : nth + one.words], tells and len(places) == 1):
                    since = _EVER.min if one.since is None else _epoch_us(one.since)
                    until = _EVER.max if one.until is None else _epoch_us(one.until)
                    found = Hits(min(found.since, since), max(found.until, until))
        return found

    def _stands(self, one: Term, text: str, places: Sequence[re.Match[str]], alone: bool) -> bool:
        if len(places) < one.words or _digest([place[0].casefold() for place in places], self._key) != one.digest:
            return False
        return one.anywhere or alone or _is_addressed(text, places[0])


def columns_looked_at(table: Table) -> list[Column]:
    """Columns that may tell of a session or a person."""
    return [one for one in table.columns if one.type in ("text", "json") and one.name not in UNTOLD]


def _is_addressed(text: str, place: re.Match[str]) -> bool:
    """Whether a number stands for a person, by what is beside it."""
    before, after = text[max(0, place.start() - 32) : place.start()], text[place.end() : place.end() + 1]
    return after == "@" or bool(_SCHEME.search(before) or _KEY.search(before))


def times_of(table: Table, rows: pa.RecordBatch) -> tuple[np.ndarray, np.ndarray]:
    """When the records came about, as epoch µs, and where that is known; by the server's clock if that is all."""
    named = [name for name in table.happened if name in rows.schema.names]
    instants = [rows[name].cast(pa.int64()) for name in named]
    local = [rows[one.name] for one in table.columns if one.name.endswith("_local_us")]
    found = pc.coalesce(*instants, *local) if instants or local else pa.nulls(len(rows), pa.int64())
    return np.asarray(found.fill_null(0)), np.asarray(found.is_valid(), bool)


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _digest(words: Sequence[str], key: bytes) -> str:
    return hashlib.blake2b("\x1f".join(words).encode("utf-8", "replace"), digest_size=12, key=key).hexdigest()


def _epoch_us(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)
