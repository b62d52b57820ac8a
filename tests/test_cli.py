"""The command line: exit codes, forms, zones, and that no traceback reaches a user."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.support import SAMPLE, told, without_root_s_rights

LOG = told("10:00:00,000", "connect", session="s", sipLogin="1001") + told(
    "10:00:01,000", "ConnectionStatusEvent", session="s", status="ESTABLISHED"
)
BROKEN = told("10:00:02,000", "connect", session="t").replace('"sessionId"', "sessionId", 1)
DATED = ("--date", "2026-03-14", "--tz", "UTC")
PROGRAM = [sys.executable, "-W", "error", "-m", "wcsanalytics"]
NAMES = ("call-quality", "stream-lifetime", "session-debug", "conformance")


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "flashphoner.log"
    path.write_text(LOG, encoding="utf-8")
    return path


def started(*words, **options):
    return subprocess.Popen([*PROGRAM, *map(str, words)], stderr=subprocess.PIPE, **options)


def test_all_accounted_for_is_0(run, log, tmp_path):
    told_books = run("ingest", log, "--store", tmp_path / "store", *DATED)
    again = run("ingest", log, "--store", tmp_path / "store", *DATED)

    assert (told_books.code, told_books.err) == (0, "")
    assert [json.loads(books.out)[name] for books in (told_books, again) for name in ("new", "already_stored")] == [
        4,
        0,
        0,
        4,
    ]


def test_an_unknown_file_in_a_folder_is_told_and_is_0(run, log):
    (log.parent / "notes.txt").write_text("milk\n", encoding="utf-8")
    ended = run("report", "conformance", log.parent, *DATED)

    assert ended.code == 0
    assert ended.err == f"{log.parent}/notes.txt: no format recognises it\n"


def test_a_torn_tail_is_0(run, log):
    log.write_text(LOG + told("10:00:02,000", "connect", session="t")[:150], encoding="utf-8")
    ended = run("ingest", log, "--store", log.parent / "store", *DATED)

    assert (ended.code, json.loads(ended.out)["pending"]) == (0, 1)


@pytest.mark.parametrize(
    "words", [("ingest", "--store", "store"), ("report", "conformance"), ("find", "x")], ids=lambda words: words[0]
)
def test_what_is_not_there_is_1(run, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    command, *options = words
    ended = run(command, *options, "nothing.log")

    assert ended.code == 1
    assert ended.err.endswith("nothing.log: does not exist\n")


def test_where_one_source_is_not_there_the_others_are_done(run, log):
    ended = run("ingest", log, log.parent / "nothing.log", "--store", log.parent / "store", *DATED)

    assert ended.code == 1
    assert [json.loads(row)["new"] for row in ended.out.splitlines()] == [4, 0]


def test_a_named_file_of_no_known_format_is_1(run, tmp_path):
    (tmp_path / "notes.txt").write_text("milk\n", encoding="utf-8")

    assert run("ingest", tmp_path / "notes.txt", "--store", tmp_path / "store").code == 1
    assert run("report", "conformance", tmp_path / "notes.txt").code == 1


def test_a_folder_without_anything_known_is_1(run, tmp_path):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "notes.txt").write_text("milk\n", encoding="utf-8")

    assert run("ingest", tmp_path / "logs", "--store", tmp_path / "store").code == 1


def test_a_file_without_the_right_to_read_is_1(log):
    log.chmod(0)
    command = [sys.executable, "-m", "wcsanalytics", "report", "conformance", str(log)]
    ended = subprocess.run(without_root_s_rights(command), capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("report", "cal-quality", "STORE"), "no report 'cal-quality'"),
        (("report", "hook-health", "STORE"), "not available yet"),
        (("report", "all", "STORE"), "add -o DIR"),
        (("report", "all", "STORE", "-o", "out", "-f", "csv"), "all reports can be text, markdown, html, json"),
        (("report", "call-quality"), "a SOURCE is wanted"),
        (("report", "call-quality", "STORE", "--table", "nope"), "no table 'nope'"),
        (("report", "call-quality", "STORE", "--since", "soon"), "'soon' is no time"),
        (("report", "call-quality", "STORE", "--zone", "Mars"), "no time zone 'Mars'"),
        (("report", "call-quality", "STORE", "-o", "x.xyz"), "the form can't be told from .xyz"),
        (("report", "call-quality", "STORE", "-f", "pdf"), "'pdf' is not one of"),
        (("report", "call-quality", "STORE", "--by", "colour"), "no dimension 'colour'; there are node, app, browser"),
        (("report", "conformance", "STORE", "--by", "os"), "conformance can't be told by os, but by node, hour, day"),
        (("report", "call-quality", "STORE", "--fail-on", "asr"), "'asr' is no gate"),
        (("report", "call-quality", "STORE", "--fail-on", "asr < 90"), "ratios are 0 to 1; write 90%"),
        (("report", "call-quality", "STORE", "--fail-on", "acd_s < 3%"), "acd_s is no ratio, it is in s"),
        (("report", "call-quality", "STORE", "--fail-on", "beauty < 1"), "no figure 'beauty'"),
        (("report", "call-quality", "STORE", "--fail-on", "asr.change < 0"), "add --against"),
        (("report", "call-quality", "STORE", "--against", "previous"), "--against previous needs --since"),
        (("report", "call-quality", "STORE", "--against", "yesterday"), "'yesterday' is no period"),
        (("report", "all", "STORE", "-o", "out", "--by", "colour"), "no dimension 'colour'"),
        (("report", "all", "STORE", "-o", "out", "--fail-on", "beauty < 1"), "no report has a figure 'beauty'"),
        (("sql", "STORE"), "a SOURCE and a QUERY are wanted"),
        (("sql", "STORE", "selec 1"), "syntax error"),
        (("sql", "STORE", "select * from nothing"), "nothing does not exist"),
        (("sql", "STORE", "select 1; select 2"), "one SELECT is wanted"),
        (("sql", "STORE", "drop view streams"), "one SELECT is wanted"),
        (("sql", "STORE", "select 'x'::int"), "Could not convert"),
        (("sql", "STORE", "select $a"), "not provided"),
        (("sql", "STORE", "select 1", "--param", "a"), "--param is NAME=VALUE"),
        (("sql", "STORE", "select 1 as a, 2 as a"), "two columns have the name 'a'"),
        (("sql", "STORE", "select interval 1 month as a", "-f", "parquet"), "Parquet can't hold"),
        (("sql", "-", "-"), "can't be both"),
        (("describe", "STORE", "--table", "nothing"), "no view 'nothing'"),
        (("ingest", "STORE", "--store", "other"), "not available yet"),
        (("ingest", "LOG", "--store", "new", "--tz", "Mars"), "no time zone 'Mars'"),
        (("ingest", "LOG", "--store", "new", "--date", "14.3."), "'14.3.' is no day"),
        (("ingest", "LOG", "--store", "new", "--format", "x"), "no format 'x'"),
        (("ingest", "LOG", "--store", "new", "--max-rejected", "x"), "'x' is no limit"),
        (("ingest", "LOG", "--store", "new", "--identifiers", "hmac"), "--identifiers hmac needs a key"),
        (("ingest", "LOG", "--store", "new", "--key-file", "k"), "--key-file is for --identifiers hmac"),
        (("ingest", "LOG", "--store", "new", "--identifiers", "hmac", "--key-file", "k"), "k: the key can't be read"),
        (("ingest", "LOG", "--store", "new", "--cap", "rows=1"), "no cap 'rows'; there are record_bytes"),
        (("ingest", "LOG", "--store", "new", "--cap", "members=few"), "is no cap; it is written NAME=VALUE"),
        (("ingest", "LOG"), "Missing option '--store'"),
        (("forget", "STORE"), "an ID and a STORE are wanted"),
        (("forget", "ID", "STORE", "--before", "-1h"), "a STORE and --before TIME"),
        (("export", "STORE", "-o", "out"), "not available yet"),
        (("dance",), "No such command"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_asked_wrongly_is_2(run, sample_store, log, monkeypatch, words, says):
    monkeypatch.chdir(log.parent)
    places = {"STORE": sample_store, "LOG": log}
    ended = run(*(places.get(word, word) for word in words))

    assert (ended.code, ended.out) == (2, "")
    assert says in ended.err
    assert [path.name for path in log.parent.iterdir()] == ["flashphoner.log"]


def test_a_store_that_can_not_be_made_is_3(run, log):
    ended = run("ingest", log, "--store", log.parent, *DATED)

    assert (ended.code, ended.err) == (3, f"wcsanalytics: {log.parent}: the directory is not empty and no store\n")


def test_a_damaged_store_is_3(run, log):
    store = log.parent / "store"
    run("ingest", log, "--store", store, *DATED)
    next((store / "parts").rglob("*.parquet")).write_bytes(b"PAR1 not any more")

    assert run("report", "conformance", store).code == 3


@pytest.mark.parametrize("output", ["missing/out.txt", "folder"])
def test_output_that_can_not_be_written_is_3(run, sample_store, tmp_path, output):
    (tmp_path / "folder").mkdir()
    ended = run("report", "conformance", sample_store, "-o", tmp_path / output)

    assert (ended.code, ended.out) == (3, "")
    assert ended.err.startswith(f"wcsanalytics: {tmp_path / output}: ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
def test_full_standard_output_is_3(sample_store):
    with Path("/dev/full").open("wb") as full:
        program = started("report", "conformance", sample_store, stdout=full)
        _, err = program.communicate()

    assert (program.returncode, err) == (3, b"wcsanalytics: standard output: No space left on device\n")


@pytest.mark.parametrize("limit", [("--strict",), ("--max-rejected", "0"), ("--max-rejected", "1%")])
def test_a_limit_that_is_exceeded_is_4_and_nothing_is_stored(run, log, limit):
    log.write_text(LOG + BROKEN, encoding="utf-8")
    store = log.parent / "store"
    ended = run("ingest", log, "--store", store, *DATED, *limit)

    assert (ended.code, ended.out) == (4, "")
    assert "nothing was stored" in ended.err
    assert json.loads(run("sql", store, "select count(*) as n from hooks").out) == {"n": 0}


@pytest.mark.parametrize("limit", [(), ("--max-rejected", "2"), ("--max-rejected", "50%")])
def test_a_limit_that_is_kept_is_0(run, log, limit):
    log.write_text(LOG + BROKEN, encoding="utf-8")

    assert run("ingest", log, "--store", log.parent / "store", *DATED, *limit).code == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_with_128_and_more_and_leaves_nothing(tmp_path, number):
    program = started(
        "report",
        "conformance",
        "-",
        *DATED,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # the tests may run under nohup, which ignores one
    )
    program.stdin.write(LOG.encode() * 2000)  # more than a pipe holds: once it is written, the program is reading
    program.stdin.flush()
    program.send_signal(number)
    _, err = program.communicate()

    assert program.returncode == 128 + number
    assert b"Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_has_seen_enough_ends_it_quietly(sample_store):
    with started("sql", sample_store, "select * from range(300000)", stdout=subprocess.PIPE) as program:
        first = program.stdout.readline()
        program.stdout.close()
        err = program.stderr.read()

    assert (first, err, program.returncode) == (b'{"range": 0}\n', b"", 128 + signal.SIGPIPE)


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_pipe_gets_every_row(sample_store, unbuffered):
    program = started(
        "sql",
        sample_store,
        "select * from range(100000)",
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    )
    out, _ = program.communicate()

    assert out.count(b"\n") == 100000


def at_a_terminal(tmp_path, *words, **env):
    """What the program shows to a terminal, and its exit code."""
    ours, theirs = pty.openpty()
    program = started(*words, stdout=theirs, env={**os.environ, **env})
    os.close(theirs)
    shown = b""
    while chunk := _read(ours):
        shown += chunk
    _, err = program.communicate()
    os.close(ours)
    return program.returncode, shown.decode().replace("\r\n", "\n"), err.decode()


def _read(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux's way to say that the other end is closed
        return b""


@pytest.mark.parametrize(
    "words", [("report", "conformance", "STORE", "-f", "html"), ("sql", "STORE", "select 1 as a", "-f", "parquet")]
)
def test_html_and_parquet_never_go_to_a_terminal(sample_store, tmp_path, words):
    code, shown, err = at_a_terminal(tmp_path, *(sample_store if word == "STORE" else word for word in words))

    assert (code, shown) == (2, "")
    assert "goes to a file: add -o FILE" in err


def test_a_terminal_gets_tables_and_a_pipe_gets_json_lines(run, sample_store, tmp_path):
    query = ("sql", sample_store, "select 1 as a")

    assert at_a_terminal(tmp_path, *query)[:2] == (0, "a\n─\n1\n")
    assert run(*query).out == '{"a": 1}\n'


def test_a_terminal_gets_colour_unless_it_wants_none(run, sample_store, tmp_path):
    report = ("report", "conformance", sample_store)
    plain = run(*report).out

    assert at_a_terminal(tmp_path, *report, NO_COLOR="1")[1] == plain
    coloured = at_a_terminal(tmp_path, *report)[1]
    assert "\x1b[31m" in coloured
    assert re.sub(r"\x1b\[\d*m", "", coloured) == plain


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("out.txt", b"Conformance\n"),
        ("out", b"Conformance\n"),
        ("out.md", b"# Conformance\n"),
        ("out.html", b"<!doctype html>"),
        ("OUT.HTM", b"<!doctype html>"),
        ("out.json", b'{\n  "format": 1,'),
        ("out.csv", b"hook,kind,hooks,"),
        ("out.jsonl", b'{"hook": "'),
        ("out.parquet", b"PAR1"),
    ],
)
def test_the_suffix_of_the_output_tells_its_form(run, sample_store, tmp_path, name, begins):
    ended = run("report", "conformance", sample_store, "-o", tmp_path / name)

    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_a_form_that_is_asked_for_wins_over_the_suffix(run, sample_store, tmp_path):
    run("sql", sample_store, "select 1 as a", "-o", tmp_path / "out.csv", "-f", "json")

    assert json.loads((tmp_path / "out.csv").read_bytes()) == [{"a": 1}]


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("table", "a\n────\nhall\n"),
        ("json", '[\n{"a": "hall"}\n]\n'),
        ("jsonl", '{"a": "hall"}\n'),
        ("csv", "a\nhall\n"),
        ("markdown", "| a |\n| --- |\n| hall |\n"),
    ],
)
def test_tables_have_five_forms_of_text(run, sample_store, form, shown):
    assert run("sql", sample_store, "select 'hall' as a", "-f", form).out == shown


def test_one_table_of_a_report_can_be_had(run, sample_store):
    rows = run("report", "conformance", sample_store, "--table", "matrix", "-f", "jsonl").out.splitlines()

    assert [json.loads(row)["row"] for row in rows] == list(range(1, 28))


def test_a_report_lists_what_it_holds(run):
    kinds = [json.loads(row)["kind"] for row in run("report", "call-quality", "--list").out.splitlines()]

    assert [kinds.count(kind) for kind in ("figure", "table", "plot", "dimension")] == [71, 15, 8, 11]


@pytest.mark.parametrize(
    ("words", "code", "outcomes"),
    [
        (("--fail-on", "asr < 50%"), 0, ["passed"]),
        (("--fail-on", "asr < 0.9"), 4, ["failed"]),
        (("--fail-on", "asr < 50%", "--fail-on", "asr.low < 50%"), 4, ["passed", "failed"]),
        (("--fail-on", "drop_rate.high > 3%"), 4, ["failed"]),
        (("--fail-on", "mos < 3.6"), 4, ["failed"]),
        (("--fail-on", "mos < 3.6", "--allow-missing"), 0, ["passed"]),
        (("--fail-on", "setup_p95_ms.high > 1"), 4, ["failed"]),
    ],
)
def test_gates_decide_the_exit_code(run, sample_store, words, code, outcomes):
    ended = run("report", "call-quality", sample_store, "-f", "json", *words)

    assert (ended.code, ended.err.count("failed:")) == (code, outcomes.count("failed"))
    assert [gate["outcome"] for gate in json.loads(ended.out)["gates"]] == outcomes


def test_a_failed_gate_says_what_it_found(run, sample_store):
    ended = run("report", "call-quality", sample_store, "--fail-on", "asr  < 0.9", "--fail-on", "mos.low < 3")

    assert ended.err == (
        "gate asr < 0.9 failed: asr is 0.5185, n 27\n"
        "gate mos.low < 3 failed: mos.low can't be computed, "
        "loss, jitter, MOS: hooks carry no media statistics (needs getStats or metrics)\n"
    )


def test_a_gate_may_be_on_a_change(run, sample_store):
    noon = ("--since", "2026-03-14T12:00Z", "--against", "until=2026-03-14T12:00Z", "-f", "json")
    better = run("report", "call-quality", sample_store, *noon, "--fail-on", "asr.change < 0")
    worse = run("report", "call-quality", sample_store, *noon, "--fail-on", "stream_start_failure_rate.change > 10%")

    assert (better.code, worse.code) == (0, 4)
    assert json.loads(better.out)["gates"][0]["value"] == pytest.approx(9 / 14 - 5 / 13)
    first = json.loads(better.out)["changes"][0]
    assert (first["name"], first["n_before"], first["n_after"]) == ("asr", 13, 14)


def test_a_failed_gate_outweighs_a_doubtful_source(run, log, tmp_path):
    words = ("report", "conformance", log, tmp_path / "absent.log", *DATED)

    assert run(*words).code == 1
    assert run(*words, "--fail-on", "rows_seen_rate < 1").code == 4


def test_gates_and_dimensions_of_all_reports_go_to_those_that_know_them(run, sample_store, tmp_path):
    words = ("report", "all", sample_store, "-f", "json", "-o", tmp_path / "out", "--by", "role")
    failing = run(*words, "--fail-on", "asr < 0.9", "--fail-on", "drop_rate > 50%")
    told = {
        name: json.loads((tmp_path / "out" / f"{name}.json").read_text())
        for name in ("call-quality", "stream-lifetime")
    }

    assert failing.code == 4
    assert [gate["gate"] for gate in told["call-quality"]["gates"]] == ["asr < 0.9", "drop_rate > 50%"]
    assert [gate["gate"] for gate in told["stream-lifetime"]["gates"]] == ["drop_rate > 50%"]
    assert all("by_role" in report["tables"] for report in told.values())


def test_a_table_by_a_dimension_and_the_changes_can_be_had_alone(run, sample_store):
    parts = run("report", "stream-lifetime", sample_store, "--by", "role", "--table", "by_role", "-f", "csv").out
    noon = ("--since", "2026-03-14T12:00Z", "--against", "until=2026-03-14T12:00Z")
    changes = run("report", "call-quality", sample_store, *noon, "--table", "changes", "-f", "jsonl").out

    assert parts.splitlines()[0] == "figure,role,value,unit,low,high,n,of"
    assert [line.split(",")[:2] for line in parts.splitlines()[1:3]] == [
        ["start_rate", "play"],
        ["start_rate", "publish"],
    ]
    assert json.loads(changes.splitlines()[0])["name"] == "asr"


def test_a_query_and_a_capture_can_come_from_standard_input(sample_store, log):
    for words, given in (
        (("sql", sample_store, "-"), b"select 1 as a"),
        (("sql", "-", "select 1 as a", *DATED), LOG.encode()),
    ):
        program = started(*words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

        assert program.communicate(given) == (b'{"a": 1}\n', b"")


def test_a_parameter_stands_for_a_value(run, sample_store):
    asked = run("sql", sample_store, "select count(*) as n from streams where name = $name", "--param", "name=live-12")

    assert json.loads(asked.out) == {"n": 3}


def test_what_is_found_comes_with_a_command_that_runs(run, sample_store):
    (row,) = [json.loads(row) for row in run("find", "hall-57", sample_store).out.splitlines()][:1]
    words = row["debug"].split()
    ended = run(*words[1:])

    assert words[:3] == ["wcsanalytics", "report", "session-debug"]
    assert "hall-57" in ended.out


def test_the_next_command_reads_the_same_captures_in_the_same_way(run, log):
    log.write_text(
        LOG + told("10:00:02,000", "OnDataEvent", session="s", operationId="o", error=True), encoding="utf-8"
    )
    shown = run("report", "conformance", log, *DATED).out
    command = shown.splitlines()[-1]

    assert re.fullmatch(
        rf"wcsanalytics report session-debug {log} --tz UTC --date 2026-03-14 --session [0-9a-f]+", command
    )
    assert "Session of 1001: open, 1 error, 0 warnings" in run(*command.split()[1:]).out.replace("\n         ", " ")


def test_all_reports_go_to_a_folder(run, sample_store, tmp_path):
    ended = run("report", "all", sample_store, "-o", tmp_path / "reports", "--since", "2026-03-14T12:00Z")
    names = [f"{name}.html" for name in NAMES]

    assert [line.partition(": ")[0] for line in ended.out.splitlines()] == [
        str(tmp_path / "reports" / name) for name in (*names, "index.html")
    ]
    assert "calls answered" in ended.out
    index = (tmp_path / "reports" / "index.html").read_text(encoding="utf-8")
    assert [name for name in names if f'href="{name}"' not in index] == []


@pytest.mark.parametrize("form", ["text", "markdown", "html", "json", "csv"])
@pytest.mark.parametrize("name", NAMES)
def test_every_form_of_a_report_shows_times_in_the_zone_asked_for(run, sample_store, name, form):
    shown = run("report", name, sample_store, "-f", form, "--zone", "Asia/Tokyo", "--since", "2026-03-14T19:00").out

    assert re.findall(r"\d\dT\d\d:\d\d:\d\d[.\d]*Z", shown) == []
    assert form == "csv" or "+09:00" in shown


def test_every_form_of_a_table_shows_times_in_the_zone_asked_for(run, sample_store, tmp_path):
    query = "select timestamptz '2026-03-14 10:00:00Z' as a"
    for form in ("table", "json", "jsonl", "csv", "markdown"):
        assert (
            "2026-03-14T19:00:00.000+09:00" in run("sql", sample_store, query, "-f", form, "--zone", "Asia/Tokyo").out
        )
    run("sql", sample_store, query, "-o", tmp_path / "a.parquet", "--zone", "Asia/Tokyo")

    assert str(pq.read_schema(tmp_path / "a.parquet").field("a").type) == "timestamp[us, tz=Asia/Tokyo]"
    assert "+09:00" in run("find", "1001", sample_store, "--zone", "Asia/Tokyo").out
    assert "+09:00" in run("describe", sample_store, "--zone", "Asia/Tokyo").out


def test_typed_times_are_of_the_zone_too(run, sample_store):
    def calls(*words):
        return len(
            run("report", "call-quality", sample_store, "--table", "calls", "-f", "jsonl", *words).out.splitlines()
        )

    assert calls("--since", "2026-03-14T21:00", "--zone", "Asia/Tokyo") == calls("--since", "2026-03-14T12:00Z")
    assert calls("--since", "2026-03-14T21:00") != calls("--since", "2026-03-14T12:00Z")


def test_the_same_input_gives_the_same_bytes(tmp_path):
    surroundings = (
        {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Chatham", "LC_ALL": "C.UTF-8"},
    )
    written = []
    for number, env in enumerate(surroundings):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "day").symlink_to(SAMPLE / "day")
        env = {**os.environ, **env, "PYTHONPATH": str(SAMPLE.parent)}
        program = started("report", "all", "day", "-o", "out", cwd=folder, stdout=subprocess.PIPE, env=env)
        assert program.communicate()[1] == b""
        written.append({path.name: path.read_bytes() for path in folder.glob("out/*")})

    assert len(written[0]) == 5
    assert written[0] == written[1]


def test_a_fault_of_the_program_is_told_without_a_traceback(run, sample_store, monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    ended = run("sql", sample_store, "-")

    assert (ended.code, ended.out) == (5, "")
    assert re.fullmatch(
        r"wcsanalytics: a fault of the program, please report it: AttributeError in cli\.py:\d+\n", ended.err
    )


def test_help_names_every_command(run):
    shown = run("--help").out

    assert [
        name
        for name in ("ingest", "report", "sql", "describe", "find", "export", "verify", "forget")
        if name not in shown
    ] == []
