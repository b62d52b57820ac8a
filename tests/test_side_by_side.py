"""A log read in stretches, side by side: what is stored does not depend on where it is cut."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.support import DATED, new_store, stored_tables, told
from wcsanalytics.errors import SourceError, StoreError
from wcsanalytics.formats import Context, Resume, format_named
from wcsanalytics.formats.events import next_event
from wcsanalytics.intake import ingest
from wcsanalytics.intake.content import Content
from wcsanalytics.intake.side_by_side import SideBySide, _Process, stretches
from wcsanalytics.intake.stretch import Question, Survey, Surveyed, answered
from wcsanalytics.sources import Source, found
from wcsanalytics.store import Store

LOG = format_named("server_log")
HEADERS = {
    "send": "SEND REST OBJECT ==>\nURL:http://localhost/{hook}\nOBJECT:\n{body}\n",
    "answer": "RECEIVED REST OBJECT <==\nURL:http://localhost/{hook}\nOBJECT:\n{body}\n",
    "torn": "SEND REST OBJECT ==>\nURL:http://localhost/{hook}\nOBJECT:\n{{\n",
    "error": "Got exception in REST \njava.io.IOException: x\n\tat a.B\n",
    "warning": "no packets\n\tat a.B\n",
}
EVENTS = st.tuples(
    st.sampled_from(list(HEADERS)),
    st.sampled_from(["t1", "t2", ""]),
    st.sampled_from(["hangup", "hold"]),
    st.sampled_from(['{\n  "callId" : "c1"\n}', '{\n  "callId" : "c2"\n}', '{\n  "callId" : 1e999\n}']),
    st.integers(0, 2_000),
)


def log_of(events: list[tuple[str, str, str, str, int]]) -> bytes:
    """A log that begins before midnight; an event may come up to two seconds after the one before it."""
    now, lines = 86_390_000, []
    for what, thread, hook, body, after in events:
        now += after
        seconds, ms = divmod(now % 86_400_000, 1000)
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{ms:03}"
        level = "WARN" if what == "warning" else "INFO"
        head = f"{level} RestClient - {thread} " if thread else f"{level} "
        lines.append(f"{clock} {head}" + HEADERS[what].format(hook=hook, body=body))
    return "".join(lines).encode()


class Here:
    """A reader in this process."""

    def __init__(self, ended: ExitStack) -> None:
        self._asked: list[Question] = []

    def ask(self, question: Question) -> None:
        self._asked.append(question)

    def answer(self, kind: type[Any]) -> Any:
        told = answered(self._asked.pop(0))
        assert isinstance(told, kind)
        return told


def source_of(path: Path) -> Source:
    (source,) = found([path])
    assert isinstance(source, Source)
    return source


def read_in_stretches(store: Store, path: Path, places: list[int]) -> Context | None:
    """Read the log into the store, cut at these places; None if it can't be."""
    source = source_of(path)
    context = Context("x", source.file_name, source.mtime, DATED.options(source), Resume())
    with store.writing() as writing:
        stretched = SideBySide(source, LOG, context, places, None).stored(writing, Content(source, None), [], Here)
        if stretched is None:
            return None
        writing.commit([], [], [])
    return context


def without_source(tables: dict[str, pa.Table]) -> dict[str, list[dict[str, Any]]]:
    return {
        name: rows.drop_columns(["source_id"])
        .sort_by([("byte_offset", "ascending"), ("line", "ascending")])
        .to_pylist()
        for name, rows in tables.items()
    }


@settings(max_examples=25, deadline=None)
@given(st.lists(EVENTS, min_size=1, max_size=25), st.lists(st.integers(0, 3000), min_size=1, max_size=4))
def test_any_cut_at_borders_gives_the_same(
    tmp_path_factory: pytest.TempPathFactory, events: list[tuple[str, str, str, str, int]], cuts: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("stretches")
    data = log_of(events)
    path = folder / "a.log"
    path.write_bytes(data)
    borders = {border for cut in cuts if (border := next_event(data, cut)) is not None}
    whole = new_store(folder)
    (reading,) = ingest(found([path]), whole, DATED).readings
    (folder / "cut").mkdir()
    cut_store = new_store(folder / "cut")

    context = read_in_stretches(cut_store, path, [0, *sorted(borders - {0}), len(data)])

    assume(context is not None)  # no row comes out before the end: it is read as one
    assert context is not None
    assert without_source(stored_tables(cut_store)) == without_source(stored_tables(whole))
    books = context.books
    assert (books.halves, books.pairs, books.kept, books.rejected, books.pending, books.other_lines) == (
        reading.counts.halves,
        reading.counts.pairs,
        reading.counts.kept,
        reading.counts.rejected,
        reading.counts.pending,
        reading.counts.other_lines,
    )


BLOCK = ("send", "t1", "hangup", '{\n  "callId" : "c1"\n}', 1)


def test_the_samples_of_a_bug_report_over_a_border_are_kept(tmp_path: Path) -> None:
    stats = {"inboundStream": {"audio": {"packetsLost": 7}}}
    before = told("10:00:00,000", "connect", session="s1")
    path = tmp_path / "a.log"
    path.write_text(before + told("10:00:01,000", "submitBugReport", session="s1", text="it froze", stats=stats))
    border = next_event(path.read_bytes(), len(before) + 1)
    assert border
    cut_store, whole = new_store(tmp_path), new_store(tmp_path / "whole")

    assert read_in_stretches(cut_store, path, [0, border, path.stat().st_size])
    ingest(found([path]), whole, DATED)

    assert stored_tables(whole)["media_samples"]["value"].to_pylist() == [7.0]
    assert without_source(stored_tables(cut_store)) == without_source(stored_tables(whole))


def test_a_module_in_the_folder_of_the_captures_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bisect.py").write_text("open('ran', 'w')\nraise SystemExit(1)\n")
    monkeypatch.chdir(tmp_path)
    with ExitStack() as ended:
        process = _Process(ended)
        process.ask(Survey(str(tmp_path / "bisect.py"), 0, 10, LOG.name))

        assert process.answer(Surveyed).lines == 0
    assert not Path("ran").exists()


def test_a_reader_that_is_killed_ends_the_run_in_one_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    with ExitStack() as ended:
        process = _Process(ended)
        os.kill(process._process.pid, signal.SIGINT)
        process._process.wait()

        with pytest.raises(StoreError, match="a process that read a stretch ended; nothing was stored"):
            process.ask(Survey("x", 0, 10, LOG.name))
    assert capfd.readouterr() == ("", "")


def test_processes_read_what_one_reads(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(log_of([BLOCK, ("answer", *BLOCK[1:])] * 500))
    source = source_of(path)
    places = stretches(source, LOG, 0, 3, shortest=1000)
    context = Context("x", source.file_name, source.mtime, DATED.options(source), Resume())
    store = new_store(tmp_path)

    with store.writing() as writing:
        assert SideBySide(source, LOG, context, places, None).stored(writing, Content(source, None), [])
        writing.commit([], [], [])

    assert len(places) == 4
    assert (context.books.halves, context.books.pairs) == (1000, 500)
    assert stored_tables(store)["call_hooks"].num_rows == 500


def test_a_short_log_or_one_in_an_archive_is_not_cut(tmp_path: Path) -> None:
    import gzip

    (tmp_path / "a.log").write_bytes(log_of([BLOCK]))
    (tmp_path / "a.log.gz").write_bytes(gzip.compress(log_of([BLOCK] * 100)))

    assert stretches(source_of(tmp_path / "a.log"), LOG, 0, 4) == [0, (tmp_path / "a.log").stat().st_size]
    assert stretches(source_of(tmp_path / "a.log.gz"), LOG, 0, 4, shortest=10) == []


@pytest.mark.parametrize(("lost", "error"), [("source", SourceError), ("store", StoreError)])
def test_what_a_process_can_not_do_is_told(tmp_path: Path, lost: str, error: type[Exception]) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(log_of([BLOCK] * 100))
    source = source_of(path)
    size = path.stat().st_size
    context = Context("x", source.file_name, source.mtime, DATED.options(source), Resume())
    store = new_store(tmp_path)
    places = [0, next_event(path.read_bytes(), size // 2) or 0, size + 10 if lost == "source" else size]

    with store.writing() as writing:
        if lost == "store":
            (store.path / "parts").write_text("in the way")
        with pytest.raises(error):
            SideBySide(source, LOG, context, places, None).stored(writing, Content(source, None), [])

    assert store.snapshot().number == 0
