"""One stretch of a long source, read by a process of its own, whose main loop is here.

Tasks come in on standard input and answers go out on standard output, each a MessagePack value behind its length.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import msgspec

from wcsanalytics.errors import SourceError
from wcsanalytics.formats import Batch, Books, Context, Half, Options, Resume, format_named
from wcsanalytics.intake.books import Seen
from wcsanalytics.intake.identifiers import without_identifiers
from wcsanalytics.intake.storing import Storing
from wcsanalytics.pseudonyms import Pseudonyms
from wcsanalytics.sources import file_chunks
from wcsanalytics.store import Part, PartWriter
from wcsanalytics.tables import REJECTED

_LENGTH = 8

Refusal = tuple[int, int, int, str, int]
"""Line, offset, length, reason and number of lines of a record that was refused."""


class Survey(msgspec.Struct, tag=True):
    """Asks for the times of day and the lines of a stretch."""

    path: str
    start: int
    stop: int
    format: str


class Surveyed(msgspec.Struct, tag=True):
    """Answers a Survey: ms of day as int32, and the number of lines."""

    times: bytes
    lines: int


class Reading(msgspec.Struct, tag=True):
    """Asks for the rows of a stretch to be stored. `key` is that of the pseudonyms, where any are `replaced`."""

    path: str
    start: int
    stop: int
    format: str
    store: str
    commit: int
    shard: int
    source_id: str
    file_name: str
    name: str
    mtime: datetime | None
    options: Options
    resume: Resume
    goes_on: bool
    replaced: bool = False
    key: bytes | None = None


class Read(msgspec.Struct, tag=True):
    """Answers a Reading: what was stored and counted, and what is left for the one who joins the stretches."""

    parts: list[Part]
    provisional: list[str]
    books: Books
    edges: list[Half]
    refused: list[Refusal]
    seen: Seen
    reached: Resume
    doubts: list[str]


class Failed(msgspec.Struct, tag=True):
    """Answers what could not be done, for want of the source or of the store."""

    says: str
    of_source: bool


Question = Survey | Reading
Answer = Surveyed | Read | Failed


def put(pipe: BinaryIO, value: Question | Answer) -> None:
    """Write one value."""
    raw = msgspec.msgpack.encode(value, enc_hook=_zone_name)
    pipe.write(len(raw).to_bytes(_LENGTH) + raw)
    pipe.flush()


def got(pipe: BinaryIO, kind: Any) -> Any:
    """Read one value; None at the end. Raises EOFError where it is cut."""
    length = pipe.read(_LENGTH)
    if not length:
        return None
    size = int.from_bytes(length)
    raw = pipe.read(size)
    if len(raw) < size:
        raise EOFError
    return msgspec.msgpack.decode(raw, type=kind, dec_hook=_zone)


def _zone_name(value: Any) -> str:
    if isinstance(value, ZoneInfo):
        return value.key
    raise NotImplementedError


def _zone(kind: type, value: Any) -> Any:
    return ZoneInfo(value) if kind is ZoneInfo else value


def without_refused(batches: Iterable[Batch], refused: list[Refusal]) -> Iterator[Batch]:
    """The batches but for refused records, which are told apart: only so many of a source get a row each."""
    for batch in batches:
        if batch.table == REJECTED.name:
            rows = batch.rows.select(["line", "byte_offset", "length", "reason", "n_lines"])
            refused.extend(zip(*rows.to_pydict().values(), strict=True))
        else:
            yield batch


def surveyed(asked: Survey) -> Surveyed:
    """Times and lines of a stretch."""
    stretching = format_named(asked.format).stretching
    assert stretching is not None
    return Surveyed(*stretching.survey(file_chunks(asked.path, asked.start, asked.stop)))


def read(asked: Reading) -> Read:
    """Store the rows of a stretch."""
    context = Context(
        asked.source_id, asked.file_name, asked.mtime, asked.options, asked.resume, path=asked.name,
        goes_on=asked.goes_on, edges=[],
    )  # fmt: skip
    parts = PartWriter(Path(asked.store), asked.commit, asked.shard)
    seen, storing = Seen(), Storing(parts)
    refused: list[Refusal] = []
    found = format_named(asked.format).read(file_chunks(asked.path, asked.start, asked.stop), context)
    batches = without_identifiers(found, Pseudonyms(asked.key) if asked.replaced else None)
    storing.take(seen.noted(without_refused(batches, refused)))
    provisional = storing.finish(None if asked.goes_on else context.reached.byte_offset)
    parts.finish()
    return Read(
        parts.parts,
        [part.path for part in provisional],
        context.books,
        context.edges or [],
        refused,
        seen,
        context.reached,
        context.doubts,
    )


def answered(question: Question) -> Answer:
    """The answer to a question."""
    try:
        return surveyed(question) if isinstance(question, Survey) else read(question)
    except SourceError as problem:
        return Failed(str(problem), of_source=True)
    except OSError as problem:
        return Failed(f"the store could not be written: {problem.strerror}", of_source=False)


def main() -> None:
    """Answer questions until there are no more."""
    gc.disable()  # as in the process that asks
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    while (asked := got(questions, Question)) is not None:
        put(answers, answered(asked))
