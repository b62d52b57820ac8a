"""Damaged captures against the law of conservation: `python -m tests.fuzz SECONDS [FORMAT]`.

The cases of each format are flipped, cut, spliced and salted. Whatever comes of it, nothing may be raised, the books
must balance with the rows, each row must point at a place that is there, what came before the damage must still be
there, and how the bytes come in must not matter.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from wcsanalytics.formats import FORMATS, Books, Context, Format, Options
from wcsanalytics.intake import without_identifiers
from wcsanalytics.intake.books import OF_EXCHANGES
from wcsanalytics.pseudonyms import Pseudonyms
from wcsanalytics.tables import TABLES, batch_schema

CASES = Path(__file__).parent / "cases"
LARGEST_SEED = 40_000
OPTIONS = Options(date=date(2026, 3, 14), zone=ZoneInfo("UTC"))
REFUSED_SINGLY = 1000
SALT = (
    b"\n", b"\r\n", b"\n" * 200, b"\r\n" * 200, b"\r", b"\0", b"\xff", b"\xef\xbb\xbf",
    b'"', b"\\", b"\\u0000", b"\\ud800", b"{", b"}", b"[", b"]",
    b",", b":", b"\t", b";", b"null", b"true", b"NaN", b"Infinity", b"1e999", b"-0", b"18446744073709551616",
    b"9" * 5000, b"[" * 300, b'{"a":' * 300, b"\xe2\x80\xa8", b"\xed\xa0\x80", b"24:00:00,000 ", b"10:00:00,000 INFO ",
    b"SEND REST OBJECT ==>", b"\nURL:", b"\nOBJECT:\n", b"=1+1", b"../../etc/passwd", b"<script>", b"\x1b[31m",
)  # fmt: skip


class Damaged(NamedTuple):
    """A capture, the capture it was made of, and where the first damage is."""

    data: bytes
    seed: bytes
    at: int


class Read(NamedTuple):
    """Rows with their tables, and the books."""

    rows: list[dict[str, Any]]
    books: Books


def seeds(format_name: str) -> list[bytes]:
    """The cases of a format, and all of them one after the other."""
    folders = [folder for folder in CASES.rglob(format_name) if folder.is_dir()]
    files = sorted(path for folder in folders for path in folder.glob("*") if "expected" not in path.name)
    texts = [path.read_bytes()[:LARGEST_SEED] for path in files if path.is_file()]
    return [*texts, b"".join(texts)[:LARGEST_SEED]] if texts else []


def damaged(chance: random.Random, texts: list[bytes]) -> Damaged:
    """One of the texts, damaged at one to four places."""
    seed = chance.choice(texts)
    data, first = seed, len(seed)
    for _ in range(chance.randint(1, 4)):
        start = chance.randint(0, len(data))
        stop = min(len(data), start + chance.choice((0, 1, 1, 2, 10, 100, 1000)))
        data = data[:start] + _instead(chance, data[start:stop], texts) + data[stop:]
        first = min(first, start)
    return Damaged(data, seed, first)


def _instead(chance: random.Random, piece: bytes, texts: list[bytes]) -> bytes:
    """What comes in the place of a piece."""
    kind = chance.randrange(7)
    if kind == 0:
        return b""
    if kind == 1:
        return piece * chance.randint(2, 5)
    if kind == 2:
        return bytes(byte ^ (1 << chance.randrange(8)) for byte in piece)
    if kind == 3:
        return chance.randbytes(chance.randint(1, 20))
    if kind == 4:
        other = chance.choice(texts)
        start = chance.randint(0, len(other))
        return piece + other[start : start + chance.randint(1, 2000)]
    return piece + chance.choice(SALT)


def read(format_: Format, chunks: Iterator[bytes], pseudonyms: Pseudonyms | None = None) -> Read:
    """All rows, without their nulls, in the order of their places."""
    context = Context("source", options=OPTIONS)
    rows = []
    for table, batch in without_identifiers(format_.read(chunks, context), pseudonyms):
        assert batch.schema.equals(batch_schema(TABLES[table])), f"a batch of {table} is not as declared"
        batch.validate(full=True)
        rows += [{"table": table, **_told(row)} for row in batch.to_pylist()]
    return Read(sorted(rows, key=lambda row: (row["byte_offset"], row["table"], row["line"])), context.books)


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def judge(format_: Format, one: Damaged, chance: random.Random) -> None:
    """Read a damaged capture; AssertionError where it breaks a law, any other error where something was raised."""
    whole = read(format_, iter([one.data]))
    _judge_books(format_.name, whole)
    _judge_places(whole.rows, one.data)
    _judge_beginning(format_, whole.rows, one)
    if chance.random() < 0.3:
        edges = sorted({0, len(one.data), *(chance.randint(0, len(one.data)) for _ in range(chance.randint(1, 8)))})
        parts = read(format_, (one.data[start:stop] for start, stop in pairwise(edges)))
        assert parts == whole, f"cut at {edges} it reads otherwise"
    if chance.random() < 0.1:
        anonymous = read(format_, iter([one.data]), Pseudonyms(None))
        assert anonymous.books == whole.books, "without persons it counts otherwise"
        assert [_place(row) for row in anonymous.rows] == [_place(row) for row in whole.rows], "rows are gone"


def _place(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["table"], row["line"], row["byte_offset"], row.get("half")


def _judge_books(format_name: str, told: Read) -> None:
    books = told.books
    assert books.balanced(), f"the books don't balance: {books}"
    assert min(books.halves, books.pairs, books.kept, books.rejected, books.pending, books.other_lines) >= 0, books
    hooks = [row for row in told.rows if row["table"].endswith("_hooks")]
    refused = [row for row in told.rows if row["table"] == "rejected"]
    assert books.pairs == sum("half" not in row for row in hooks), f"pairs are not those of the rows: {books}"
    if format_name in OF_EXCHANGES:
        assert books.kept == sum("half" in row for row in hooks), f"halves are not those of the rows: {books}"
    if books.rejected <= REFUSED_SINGLY:
        assert len(refused) == books.rejected, f"{len(refused)} rows of rejected, {books}"


def _judge_places(rows: list[dict[str, Any]], data: bytes) -> None:
    for row in rows:
        at = row["byte_offset"]
        assert 0 <= at <= len(data), f"a row at {at} of {len(data)}"
        assert row["line"] == data.count(b"\n", 0, at) + 1, f"line {row['line']} at byte {at}"
        assert at + row.get("length", 0) <= len(data), f"a record at {at} of length {row['length']} leads past the end"


def _judge_beginning(format_: Format, rows: list[dict[str, Any]], one: Damaged) -> None:
    """Records that ended before the damage, but for the last ones, must be there."""
    before = sorted(_places(read(format_, iter([one.seed])).rows))
    kept = [place for place in before if place < one.at][:-2]
    lost = set(kept) - _places(rows)
    assert not lost, f"records at {sorted(lost)} are gone, the damage begins at {one.at}"


def _places(rows: list[dict[str, Any]]) -> set[int]:
    kept = [row for row in rows if row["table"] != "rejected"]
    return {row[name] for row in kept for name in ("byte_offset", "answer_byte_offset") if name in row}


def findings(format_: Format, until: float, seed: int = 0, most: int = sys.maxsize) -> tuple[int, dict[str, bytes]]:
    """How many captures were read up to that moment, and one capture for each kind of finding."""
    chance = random.Random(f"{format_.name} {seed}")
    texts, found, count = seeds(format_.name), {}, 0
    while texts and count < most and time.monotonic() < until:
        one = damaged(chance, texts)
        count += 1
        try:
            judge(format_, one, chance)
        except Exception as problem:
            kind = f"{type(problem).__name__}: {str(problem)[:60]}"
            if len(one.data) < len(found.get(kind, b"")) or kind not in found:
                found[kind] = one.data
    return count, found


def main() -> None:
    """Read damaged captures for so many seconds a format; keep what breaks a law in the folder at hand."""
    seconds, *names = sys.argv[1:]
    ended = 0
    for format_ in FORMATS:
        if names and format_.name not in names:
            continue
        count, found = findings(format_, time.monotonic() + float(seconds), seed=time.time_ns())
        print(f"{format_.name}: {count} captures, {len(found)} findings")
        for number, (kind, data) in enumerate(found.items(), 1):
            path = Path(f"fuzz-{format_.name}-{number}.bin")
            path.write_bytes(data)
            print(f"  {path}: {kind}")
        ended |= bool(found)
    sys.exit(ended)


if __name__ == "__main__":
    main()
