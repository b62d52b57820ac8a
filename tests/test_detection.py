"""Formats are told by looking: each file by exactly one, or it is named as unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import new_store, take_in
from wcsanalytics.formats import FORMATS, Context, Options
from wcsanalytics.tables import TABLES

CASES = Path(__file__).parent / "cases"
CAPTURES = Path(__file__).parents[1].parent / "shared" / "captures"
NAMES = {format_.name for format_ in FORMATS}
FILES = sorted(path for path in CASES.rglob("*") if path.is_file() and ".expected" not in path.name)
CAPTURED = sorted(CAPTURES.glob("*/rest.ndjson")) + sorted(CAPTURES.glob("*/flashphoner.log"))
VIEW_OF = {
    "client_log_lines": "client_log",
    "client_reports": "diagnostics",
    "hook_events": "backend_calls",
}
UNKNOWN = {
    "nothing": b"",
    "blank lines": b"\n\n\n",
    "text": b"Dear all,\nplease find attached; the log; of today;\n",
    "table": b"name;age;town\nAnna;41;Ulm\nOtto;37;Bonn\n",
    "times": b"2026-03-14 11:15:20;1;2;3\n2026-03-14 11:15:21;1;2;3\n",
    "durations": b"cam;00:04:42;2\nhall;00:00:09;1\n",
    "log with dates": b"2026-03-14T11:17:02.110 WARN  something else\n2026-03-14T11:17:02.110 INFO  more\n",
    "mostly something else": b"2026-03-14 11:15:18;s;DISCONNECTED;;301;\nother\nlines\n",
    "bytes": bytes(range(256)) * 4,
    "JSON": b'{"a": 1}\n',
}


def recognised_by(head: bytes, name: str) -> list[str]:
    return [format_.name for format_ in FORMATS if format_.recognises(head, name)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CASES)))
def test_each_case_is_recognised_by_exactly_one_format(path: Path) -> None:
    found = recognised_by(path.read_bytes(), path.name if path.suffix == ".report" else "")

    assert len(found) == 1
    assert path.parent.name not in NAMES or found == [path.parent.name]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CASES)))
def test_each_case_stands_in_the_views_that_its_format_feeds(path: Path) -> None:
    name = path.name if path.suffix == ".report" else ""
    (format_,) = (one for one in FORMATS if one.recognises(path.read_bytes(), name))
    context = Context("s", name, None, Options())
    tables = {batch.table for batch in format_.read(iter([path.read_bytes()]), context)} - {"rejected"}

    assert {"hooks" if TABLES[table].family else VIEW_OF.get(table, table) for table in tables} <= set(format_.feeds)


def test_each_format_has_cases() -> None:
    assert {path.parent.name for path in FILES} >= NAMES


@pytest.mark.skipif(not CAPTURED, reason="the captures are not beside this repository")
@pytest.mark.parametrize("path", CAPTURED, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_each_capture_is_recognised_by_exactly_one_format(path: Path) -> None:
    expected = "server_log" if path.suffix == ".log" else "hook_capture"

    assert recognised_by(path.read_bytes()[: 64 << 10], path.name) == [expected]


@pytest.mark.parametrize("text", UNKNOWN.values(), ids=UNKNOWN)
def test_what_no_format_knows_is_recognised_by_none(text: bytes) -> None:
    assert [recognised_by(text, name) for name in ("sdr.log", "flashphoner.log", "x")] == [[], [], []]


def test_an_unknown_file_is_named_and_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "sdr.log").write_bytes(UNKNOWN["table"])

    (reading,) = take_in(new_store(tmp_path), tmp_path / "sdr.log").readings

    assert (reading.name, reading.format, reading.unknown) == (str(tmp_path / "sdr.log"), None, True)


def test_a_file_of_column_names_alone_is_recognised() -> None:
    heads = {
        "sdr": b"end;mediaProvider;name;mediaSessionId;duration;disposition;info;type;subscribers;\n",
        "cdr": b"src;dst;cid;start;answer;end;billsec;disposition\n",
        "mdr": b"date,msgId,from,to,disposition\n",
        "conndr": b"start;mediaSessionId;disposition;info;duration;\n",
    }

    assert {name: recognised_by(head, "") for name, head in heads.items()} == {name: [name] for name in heads}


def test_streams_with_names_in_capitals_are_no_connections() -> None:
    line = b"2026-03-14 11:15:20;WebRTC;LOBBY;52d84560;00:04:42;UNPUBLISHED;;PUBLISH;2;\n"

    assert recognised_by(line * 3, "") == ["sdr"]
