"""The laws of conservation are checked on every run: a planted fault of a reader commits nothing, and is 5."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pytest

from tests.faults import log_of
from tests.support import new_store, put_log, take_in
from wcsanalytics.errors import BooksError
from wcsanalytics.formats import FORMATS, Batch, Context
from wcsanalytics.intake import loop
from wcsanalytics.store import checked

SERVER_LOG = next(format_ for format_ in FORMATS if format_.name == "server_log")
LOG = log_of("a", 3)


def read(chunks: Iterator[bytes], context: Context) -> Iterator[Batch]:
    return SERVER_LOG.read(chunks, context)


def loses_a_row(chunks: Iterator[bytes], context: Context) -> Iterator[Batch]:
    for table, rows in read(chunks, context):
        yield Batch(table, rows.slice(1) if table == "stream_hooks" else rows)


def doubles_a_row(chunks: Iterator[bytes], context: Context) -> Iterator[Batch]:
    for table, rows in read(chunks, context):
        yield Batch(table, rows)
        if table == "stream_hooks":
            yield Batch(table, rows.slice(0, 1))


def stops_early(chunks: Iterator[bytes], context: Context) -> Iterator[Batch]:
    return read(islice(chunks, 1), context)


def miscounts(chunks: Iterator[bytes], context: Context) -> Iterator[Batch]:
    yield from read(chunks, context)
    context.books.halves += 1


def reaches_too_far(chunks: Iterator[bytes], context: Context) -> Iterator[Batch]:
    yield from read(chunks, context)
    context.reached = type(context.reached)(len(LOG) + 1)


def misplaces(chunks: Iterator[bytes], context: Context) -> Iterator[Batch]:
    for table, rows in read(chunks, context):
        far = pa.array([len(LOG) + 1] * len(rows), pa.int64())
        yield Batch(
            table, rows.set_column(rows.schema.get_field_index("byte_offset"), rows.schema.field("byte_offset"), far)
        )


@pytest.mark.parametrize(
    ("reader", "law"),
    [
        (loses_a_row, "rows"),
        (doubles_a_row, "rows"),
        (stops_early, "bytes"),
        (miscounts, "halves"),
        (reaches_too_far, "bytes"),
        (misplaces, "places"),
    ],
)
def test_a_breach_of_a_law_commits_nothing_and_is_5(tmp_path: Path, run, monkeypatch, reader, law: str) -> None:
    monkeypatch.setattr(loop, "FORMATS", (SERVER_LOG._replace(read=reader),))
    store, log = new_store(tmp_path), put_log(tmp_path / "a.log", LOG)
    with pytest.raises(BooksError, match=f"the books don't balance in {law} .*; nothing stored, please report this"):
        take_in(store, log)
    ended = run("ingest", log, "--store", store.path)

    assert (ended.code, ended.out) == (5, "")
    assert store.snapshot().number == 0


def test_every_byte_and_half_of_a_source_is_told(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    torn = LOG + "10:59:00,000 ERROR                Main - main half a li"
    first = take_in(store, put_log(tmp_path / "a.log", torn)).readings[0]
    again = take_in(store, tmp_path / "a.log").readings[0]
    whole = take_in(store, put_log(tmp_path / "a.log", torn + "ne\n")).readings[0]

    for reading in (first, again, whole):
        assert reading.balanced
        assert reading.size == reading.reached + reading.pending_bytes
    assert (first.size, first.pending_bytes) == (len(torn), len(torn) - len(LOG))
    assert (again.size, again.pending_bytes) == (first.size, first.pending_bytes)
    assert (first.new, first.known, again.new, again.known, whole.new, whole.known) == (12, 0, 0, 12, 0, 12)


def test_books_in_the_log_that_do_not_balance_are_damage(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    take_in(store, put_log(tmp_path / "a.log", LOG))
    commit = store.path / "commits" / "00000001.json"
    text = commit.read_text()
    sum_of = next(part for part in text.split('"') if len(part) == 64 and text.rindex(part) == text.rindex('"') - 64)
    commit.write_text(text.replace(sum_of, "").replace('"halves": 12', '"halves": 13'))

    assert [(one.path, one.problem) for one in checked(store.path) if one.damaged] == [
        ("commits/00000001.json", f"the books of {tmp_path / 'a.log'} don't balance")
    ]
