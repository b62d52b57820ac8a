"""Captures in: into a store, into a lake, or straight into record batches."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Unpack

import pyarrow as pa

from wcsanalytics.api.options import Names, Reading, names_of, settings_of
from wcsanalytics.errors import DoubtfulFigure, NotAvailable, SourceError
from wcsanalytics.formats import FORMATS, Context
from wcsanalytics.intake import Balance, Progress, Settings, without_identifiers
from wcsanalytics.intake import ingest as take_in
from wcsanalytics.lake import Lake
from wcsanalytics.sources import Source, Unreadable, found
from wcsanalytics.store import Store
from wcsanalytics.tables import TABLES, arrow_schema


def open(
    sources: Names, *, memory_limit: str | None = None, threads: int | None = None, **reading: Unpack[Reading]
) -> Lake:
    """A store, or captured files read into a temporary one, as a Lake; a context manager.

    `reading` are the options of `ingest`. What is doubtful about the captures is told by DoubtfulFigure warnings.
    Raises SourceError if nothing could be read.
    """
    lake, balance = opened(sources, memory_limit=memory_limit, threads=threads, **reading)
    for told in stored_doubts(lake) if balance is None else doubts(balance):
        warnings.warn(told, DoubtfulFigure, stacklevel=2)
    return lake


def opened(
    sources: Names,
    *,
    memory_limit: str | None = None,
    threads: int | None = None,
    stdin: BinaryIO | None = None,
    progress: Progress | None = None,
    **reading: Unpack[Reading],
) -> tuple[Lake, Balance | None]:
    """As `open`, with the books of the reading; None for a store, which was read before."""
    names = names_of(sources)
    if len(names) == 1 and Store.is_store(Path(names[0])):
        return Lake(Store(Path(names[0])), memory_limit=memory_limit, threads=threads), None
    path = Path(tempfile.mkdtemp(prefix="wcsanalytics-"))
    try:
        balance = ingest(names, path, stdin=stdin, progress=progress, **reading)
        if nothing_was_read(balance):
            raise SourceError("; ".join(doubts(balance)) or f"nothing to read in {', '.join(names)}")
        return Lake(Store(path), memory_limit=memory_limit, threads=threads, owned=True), balance
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise


@contextmanager
def lent(sources: Lake | Names, **reading: Unpack[Reading]) -> Iterator[Lake]:
    """The lake that is given, or one that is open for as long as it is needed."""
    if not isinstance(sources, Lake):
        with open(sources, **reading) as lake:
            yield lake
    elif reading:
        raise TypeError(f"a lake was read before: {', '.join(reading)} can't change it")
    else:
        yield sources


def ingest(
    sources: Names,
    store: str | Path,
    *,
    lock_timeout: float = 60.0,
    stdin: BinaryIO | None = None,
    progress: Progress | None = None,
    **reading: Unpack[Reading],
) -> Balance:
    """Read captures into the store, all in one commit; returns the books of each source.

    `tz`, `date` (of the first line) and `as_node` are a value, or `GLOB=VALUE` for files of that name, or several;
    `format`, `keep_log`, `keep_field`, `identifiers`, `key_file`, `strict`, `max_rejected`, `cap` are those of the
    command line.
    Raises StoreError, LimitExceeded, BooksError: nothing is changed then.
    """
    settings, names, target = settings_of(**reading), names_of(sources), Store(Path(store))
    for name in names:
        if Store.is_store(Path(name)):
            raise NotAvailable(f"{name}: reading one store into another is not available yet")
    target.create()
    inputs = found(names, stdin, settings.source_caps)
    return take_in(inputs, target, settings, lock_timeout_s=lock_timeout, progress=progress)


def read(sources: Names, **reading: Unpack[Reading]) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Record batches of the stored tables, with the table's name; no store is needed.

    `reading` are the options of `ingest`. A source that can't be read, or that no format recognises, raises
    SourceError.
    """
    settings = settings_of(**reading)
    for source in found(names_of(sources), caps=settings.source_caps):
        if isinstance(source, Unreadable):
            raise SourceError(f"{source.path}: {source.reason}")
        yield from _batches(source, settings)


def _batches(source: Source, settings: Settings) -> Iterator[tuple[str, pa.RecordBatch]]:
    chunks = source.chunks()
    head = next(chunks, b"")
    if not head:
        return
    wanted = settings.format
    able = (one for one in FORMATS if (one.name == wanted if wanted else one.recognises(head, source.file_name)))
    format_ = next(able, None)
    if format_ is None:
        raise SourceError(f"{source.name}: no format recognises it")
    context = Context(source.name, source.file_name, source.mtime, settings.options(source))
    for table, rows in without_identifiers(format_.read(chain([head], chunks), context), settings.pseudonyms):
        yield table, rows.cast(arrow_schema(TABLES[table]))


def nothing_was_read(balance: Balance) -> bool:
    """Whether nothing matched, or nothing of what did could be read; an empty file is read as what it is."""
    wrong = [reading for reading in balance.readings if reading.problem or reading.unknown]
    return not any(reading.format for reading in balance.readings) and (bool(wrong) or not balance.readings)


def is_incomplete(balance: Balance, sources: Names) -> bool:
    """Whether a source was unreadable, broken, unknown though named, or there was nothing to read at all."""
    named = names_of(sources)
    unknown = any(reading.unknown and reading.name in named for reading in balance.readings)
    return balance.incomplete or unknown or nothing_was_read(balance)


def doubts(balance: Balance | None) -> list[str]:
    """What was wrong with the inputs, or assumed about them: a sentence each."""
    told = []
    for reading in balance.readings if balance else ():
        unknown = "no format recognises it" if reading.unknown else None
        told += [f"{reading.name}: {says}" for says in (reading.problem, unknown, *reading.doubts) if says]
    return told


def stored_doubts(lake: Lake) -> list[str]:
    """The same of what a store was made of."""
    rows = lake.sources.arrow().to_pylist()
    return [f"{row['path']}: {says}" for row in rows for says in (row["why_incomplete"], row["doubts"]) if says]


def books(balance: Balance) -> pa.Table:
    """The books of an ingest, a row a source. Counts are halves of exchanges, but where their name says otherwise."""
    rows = [
        {
            "source": reading.name,
            "format": reading.format or ("unknown" if reading.unknown else None),
            "records": reading.records,
            "new": reading.new,
            "already_stored": reading.known,
            "rejected": reading.counts.rejected,
            "pending": reading.counts.pending,
            "other_lines": reading.counts.other_lines,
            "forgotten_rows": reading.counts.forgotten_rows,
            "bytes": reading.size,
            "pending_bytes": reading.pending_bytes,
            "balanced": reading.balanced,
            "problem": reading.problem,
        }
        for reading in balance.readings
    ]
    return pa.Table.from_pylist(rows, _BOOKS)


_BOOKS = pa.schema(
    [
        ("source", pa.string()),
        ("format", pa.string()),
        *((name, pa.int64()) for name in ("records", "new", "already_stored", "rejected", "pending", "other_lines")),
        *((name, pa.int64()) for name in ("forgotten_rows", "bytes", "pending_bytes")),
        ("balanced", pa.bool_()),
        ("problem", pa.string()),
    ]
)
