"""Hostile inputs and hostile words, from the files to what is shown: nothing is lost beside them, nobody obeys them."""

from __future__ import annotations

import ast
import csv
import gzip
import html.parser
import io
import json
import os
import socket
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.support import contents, lake_of, new_store, only, put_log, rows, sent, take_in, told
from wcsanalytics import api
from wcsanalytics.lake import Lake
from wcsanalytics.store import Store

PACKAGE = Path(__file__).parents[1] / "wcsanalytics"
DATED = ("--date", "2026-03-14", "--tz", "UTC")


def good(name: str) -> str:
    """A log whose only session bears the name."""
    return told("10:00:00,000", "connect", session=name)


def put_all(folder: Path) -> set[str]:
    """Every kind of hostile input in one folder; returns the sessions of the good records among them."""
    log, tar = good, io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        for name, data in (("in.log", log("tar").encode()), ("../out.log", log("tar-out").encode())):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("link.log")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    (folder / "a.tar").write_bytes(tar.getvalue())
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("in.log", log("zip"))
        archive.writestr("/etc/out.log", log("zip-out"))
        archive.writestr("C:\\\\out.log", log("zip-drive"))
        archive.writestr("bomb.log", bytes(60_000_000))
        archive.writestr("inner.zip", b"PK\x05\x06" + bytes(18))
    cut = gzip.compress((log("gz") + "x\n" * 5000 + "".join(map(str, range(50_000)))).encode())
    files = {
        "bad.zip": b"PK\x03\x04 no zip",
        "bomb.gz": gzip.compress(bytes(50_000_000)),
        "cut.log.gz": cut[: len(cut) * 6 // 10],
        "crlf.log": log("crlf").replace("\n", "\r\n").encode(),
        "deep.ndjson": b'{"hook":"connect","body":{"sessionId":"deep"}}\n{"hook":"connect","body":' + b"[" * 100_000,
        "empty.log": b"",
        "long.log": log("long").encode() + b"x" * 3_000_000 + b"\n",
        "noise.bin": bytes(range(256)) * 500,
        "nul.log": bytes(5000) + b"\n" + log("nul").encode(),
        "text.gz": log("text").encode(),
        "torn.log": (log("torn") + sent("10:00:01,000", "hangup", session="torn", call="c")[:-20] + "\n").encode()
        + good("after").replace("10:00:00", "10:00:02").encode(),
        "utf16.log": log("utf16").encode("utf-16"),
        "\ufeffmark.log": b"\xef\xbb\xbf" + log("mark").encode(),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    for name, target in (("zero", "/dev/zero"), ("loop", "."), ("self", "self"), ("dangling", "nowhere")):
        (folder / name).symlink_to(target)
    os.mkfifo(folder / "fifo")
    return {"tar", "zip", "gz", "crlf", "deep", "long", "nul", "text", "torn", "after", "mark"}


def test_every_good_record_is_found_among_all_hostile_inputs(run, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    expected = put_all(tmp_path / "logs")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "logs" / "socket"))
        ended = run("ingest", tmp_path / "logs", "--store", tmp_path / "store", *DATED)

    assert (ended.code, "Traceback" in ended.err) == (1, False)
    assert {path.name for path in tmp_path.iterdir()} == {"logs", "store"}
    with Lake(Store(tmp_path / "store")) as lake:
        assert {name for (name,) in rows(lake, "sessions", "session_id")} == expected
        assert {reason for (reason,) in rows(lake, "rejected", "reason")} == {"torn_block"}
    again = run("ingest", tmp_path / "logs", "--store", tmp_path / "store", *DATED)
    assert sum(json.loads(line)["new"] for line in again.out.splitlines()) == 0


def test_a_store_and_all_in_it_are_its_owner_s(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        take_in(new_store(tmp_path), put_log(tmp_path / "a.log", good("s")))
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "store", *(tmp_path / "store").rglob("*"))}

    assert modes == {0o700, 0o600}


PATHS = ("../../escaped", "/etc/escaped", "day=2026-03-14/x", "CON", "a\x00b", "..", "%2e%2e%2f", "x" * 5000)


def test_no_name_of_a_capture_becomes_a_path(tmp_path: Path) -> None:
    store = Store(tmp_path / "in" / "store")
    store.create()
    log = "".join(
        told(f"10:00:{second:02d},000", "publishStream", session=name, stream=name, name=name, appKey=name, nodeId=name)
        for second, name in enumerate(PATHS)
    )
    take_in(store, put_log(tmp_path / "in" / "a.log", log))
    with Lake(store) as lake:
        shown = {name for (name,) in rows(lake, "streams", "name")}
        api.write_all(lake, tmp_path / "in" / "out", "html", lambda name: name, {})

    assert shown == set(PATHS)
    assert {path.name for path in tmp_path.iterdir()} == {"in"}
    assert {path.relative_to(store.path).parts[0] for path in store.path.rglob("*")} == {"commits", "lock", "parts"}
    assert {path.name for path in store.path.glob("parts/*")} == {"stream_hooks"}


FILES = ("-rf.log", "a\nb.log", "<script>alert(1)<script>.log", "=1+1.log", "\x1b[31mred.log", "\u202egol.log",
         "x" * 240 + ".log", "{{7*7}} %s {0.__class__}.log", os.fsdecode(b"\xff\xfe.log"))  # fmt: skip


def test_files_of_any_name_are_read_and_shown_as_letters(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "logs").mkdir()
    monkeypatch.chdir(tmp_path / "logs")
    for number, name in enumerate(FILES):
        Path(name).write_text(good(f"s{number}") + f"10:00:0{number},000 ERROR Core - main told\n")
    ended = run("ingest", ".", "--store", tmp_path / "store", *DATED, "-f", "table")
    shown = [ended.out, ended.err]
    for form in ("table", "csv", "markdown", "jsonl"):
        shown.append(run("sql", tmp_path / "store", "select path, session_id from sources, sessions", "-f", form).out)
    for form in ("text", "markdown", "html", "json"):
        shown.append(run("report", "session-debug", tmp_path / "store", "-f", form).out)
    with api.open(tmp_path / "store") as lake:
        shown.append(lake.sql("select path from sources")._repr_html_())
        sessions = len(lake.sessions)

    assert (ended.code, sessions) == (0, len(FILES))
    for text in shown:
        assert not any(mark in text for mark in ("\x1b", "\u202e", "\udcff", "\r"))
        assert "<script>" not in text or not text.lstrip().startswith("<")
    assert len(list(csv.DictReader(io.StringIO(shown[3])))) == len(FILES) ** 2


HOSTILE = (
    "<script>alert(1)</script>", '" onload="x', "javascript:alert(1)", "]]><!--", "=HYPERLINK(1)", "+1", "@x", "-2",
    "\x1b]0;t\x07", "\u202eabc\u2066", "a\r\nforged,row", "'; drop table hooks; --", "%s{0.__class__}{{7*7}}", "$x^2$",
    "| a | b |", "[click](javascript:x)", "<img src=x onerror=x>",
)  # fmt: skip


class Tags(html.parser.HTMLParser):
    """Elements and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {tag, *(name for name, _ in attrs)}
        self.found |= {"javascript:" for _, value in attrs if value and value.strip().startswith("javascript:")}


def test_hostile_words_of_a_capture_stay_words_wherever_they_are_shown(run, tmp_path: Path) -> None:
    log = "".join(
        told(f"10:{n:02d}:00,000", "connect", session=f"s{n}", appKey=word, sipLogin=word, origin=word)
        + told(f"10:{n:02d}:01,000", "publishStream", session=f"s{n}", stream=f"m{n}", name=word, appKey=word)
        + told(
            f"10:{n:02d}:02,000",
            "StreamStatusEvent",
            session=f"s{n}",
            stream=f"m{n}",
            name=word,
            status="FAILED",
            info=word,
        )
        + told(f"10:{n:02d}:03,000", "call", session=f"s{n}", call=f"c{n}", caller=word, callee=word)
        for n, word in enumerate(HOSTILE)
    )
    (tmp_path / "flashphoner.log").write_text(log)
    store = tmp_path / "store"
    assert run("ingest", tmp_path / "flashphoner.log", "--store", store, *DATED).code == 0

    texts = {form: run("sql", store, "select name, info from streams s join hooks using (stream_key)", "-f", form).out
             for form in ("table", "csv", "markdown", "jsonl")}  # fmt: skip
    for name in ("call-quality", "stream-lifetime", "session-debug", "conformance"):
        texts |= {f"{name} {form}": run("report", name, store, "-f", form).out for form in ("text", "markdown", "html")}
        texts[f"{name} notebook"] = api.report(name, store)._repr_html_()
    texts["find"] = run("find", "forged", store, "-f", "table").out
    with api.open(store) as lake:
        texts["result notebook"] = lake.streams._repr_html_()
        assert {name for (name,) in rows(lake, "streams", "name")} == set(HOSTILE)

    for where, text in texts.items():
        assert not any(mark in text for mark in ("\x1b", "\x07", "\u202e", "\u2066", "\r")), where
        assert not any(line.startswith("forged") for line in text.splitlines()), where
        if text.lstrip().startswith("<"):
            assert Tags(text).found.isdisjoint({"script", "onload", "onerror", "javascript:"}), where
        if "markdown" in where:
            assert "<script" not in text, where
    cells = [cell for row in csv.reader(io.StringIO(texts["csv"])) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_clocks_that_jump_make_no_negative_time(tmp_path: Path) -> None:
    ids = {"session": "s", "stream": "m"}
    log = (
        told("10:00:00,000", "connect", session="s")
        + told("10:00:10,000", "publishStream", answered="10:00:04,000", **ids)
        + told("10:00:09,000", "StreamStatusEvent", status="PUBLISHING", published=True, **ids)
        + told("10:00:05,000", "StreamStatusEvent", status="STOPPED", published=True, **ids)
        + told("10:00:03,000", "ConnectionStatusEvent", session="s", status="DISCONNECTED")
    )
    with lake_of(tmp_path, log) as lake:
        measures = {
            view: [row for row in lake.sql(f"select {columns} from {view}").arrow().to_pylist()]
            for view, columns in (
                ("hooks", "latency_ms"),
                ("streams", "startup_ms, hook_wait_ms, lived_s, observed_s, paused_s"),
                ("sessions", "lived_s, observed_s"),
            )
        }

    values = [value for found in measures.values() for row in found for value in row.values() if value is not None]
    assert [value for value in values if value < 0] == []


def test_an_empty_store_is_reported_on(run, tmp_path: Path) -> None:
    new_store(tmp_path)
    ended = run("report", "all", tmp_path / "store", "-o", tmp_path / "out")

    assert (ended.code, ended.err) == (0, "")
    assert len(list((tmp_path / "out").iterdir())) == 5


BAIT = (
    "10:00:00,000 ",
    "URL:",
    "OBJECT:\n{",
    '{"a":"',
    "SEND REST OBJECT ==> ",
    "\\",
    "[",
    "a@",
    "1.",
    "::",
    "sip:a",
    '"',
    "+1 ",
)


@pytest.mark.parametrize("bait", BAIT, ids=repr)
def test_long_lines_of_one_kind_are_read_to_their_end(bait: str, tmp_path: Path) -> None:
    text = good("before") + "10:00:01,000 WARN Core - main " + bait * (60_000 // len(bait)) + "\n" + good("after")
    path = put_log(tmp_path / "a.log", text)
    with api.open(path, date="2026-03-14", tz="UTC", identifiers="drop") as lake:
        assert {name for (name,) in rows(lake, "sessions", "session_id")} == {"before", "after"}


def test_a_record_of_a_log_that_forges_blocks_is_one_record(tmp_path: Path) -> None:
    forged = "\n".join(
        ("x", told("10:00:01,000", "connect", session="forged"), "10:00:02,000 ERROR Core - main forged")
    )
    with lake_of(tmp_path, told("10:00:00,000", "submitBugReport", session="s", text=forged)) as lake:
        assert only(lake, "sessions", "session_id") == ("s",)
        assert rows(lake, "server_log", "text") == []


BANNED = {
    **dict.fromkeys(("eval", "exec", "extractall", "read_pickle", "to_pickle", "extract", "getoutput", "system"), ()),
    **dict.fromkeys(("popen", "splitlines"), ()), "compile": ("re",), "loads": ("json", "tomllib"),
}  # fmt: skip
"""Calls that run, unpack or cut what they are given; with the modules whose function of that name is harmless."""

RUNS_ITSELF = PACKAGE / "intake" / "side_by_side.py"
"""The module that runs a program: our own, by a command of constants."""


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_nothing_runs_or_unpacks_what_was_read(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            found += [
                name for name in names if name.split(".")[0] in ("pickle", "marshal", "shelve", "yaml", "subprocess")
            ]
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            owner = node.func.value if isinstance(node.func, ast.Attribute) else None
            harmless = isinstance(owner, ast.Name) and owner.id in BANNED.get(name, ())
            found += [name] if name in BANNED and not harmless else []
            found += [word.arg for word in node.keywords
                      if (word.arg, getattr(word.value, "value", None)) in (("shell", True), ("escape", False), ("allow_pickle", True))]  # fmt: skip

    assert found == (["subprocess"] if path == RUNS_ITSELF else [])


def test_what_is_read_is_the_same_in_other_surroundings(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put_log(tmp_path / "a.log", good("s") + sent("10:00:05,000", "hangup", session="s", call="c"))
    take_in(new_store(tmp_path), path)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setenv("TZ", "Pacific/Chatham")
    assert run("ingest", path, "--store", "store", *DATED).code == 0

    with Lake(Store(tmp_path / "store")) as here, api.open("store") as there:
        assert contents(here) == contents(there)
