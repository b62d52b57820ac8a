"""One loop from inputs to one commit: nothing twice, nothing lost, the books of each input."""

import gzip
import io
import json
import zipfile
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import (
    CLOSEST,
    DATED,
    SAMPLE,
    block,
    body_of,
    contents,
    line,
    new_store,
    only,
    put_log,
    rows,
    sent,
    stored,
    stored_halves,
    take_in,
    told,
)
from wcsanalytics.errors import LimitExceeded, UnknownName
from wcsanalytics.intake import Settings, ingest
from wcsanalytics.lake import Lake
from wcsanalytics.sources import found
from wcsanalytics.store import Store

LOG = SAMPLE / "day" / "flashphoner.log"
CAPTURE = SAMPLE / "backend" / "hooks.ndjson"
BEGINNING = 60_000

TRACE = (
    line("10:00:03,000", "ERROR", "Can't decode")
    + "java.lang.IllegalStateException: no key frame\n\tat com.example.Decoder.decode(Decoder.java:88)\n"
)
SMALL = (
    told("10:00:00,000", "connect", session="s1")
    + told("10:00:00,100", "ConnectionStatusEvent", session="s1", status="ESTABLISHED")
    + line("10:00:01,000", "INFO", "Key frame requested")
    + told("10:00:02,000", "playStream", session="s1", stream="m1", name="hall")
    + TRACE
)


def put(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def zipped(name: str, data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, data)
    return packed.getvalue()


def zst(data: bytes) -> bytes:
    return pa.compress(data, codec="zstd", asbytes=True)


def test_the_first_reading_stores_everything_and_says_so(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    balance = take_in(store, put(tmp_path / "a.log", SMALL))
    (reading,) = balance.readings

    assert balance.commit == 1
    assert (reading.format, reading.records, reading.new, reading.known) == ("server_log", 6, 6, 0)
    assert stored_halves(store) == 6


def test_the_same_input_again_adds_nothing_and_commits_nothing(tmp_path: Path) -> None:
    store, path = new_store(tmp_path), put(tmp_path / "a.log", SMALL)
    take_in(store, path)
    balance = take_in(store, path)
    (reading,) = balance.readings

    assert balance.commit is None
    assert (reading.new, reading.known, reading.records) == (0, 6, 6)
    assert store.snapshot().number == 1


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("a.log.2026-03-14", bytes),
        ("a.log.gz", gzip.compress),
        ("a.log.zst", zst),
        ("report.zip", lambda data: zipped("logs/flashphoner.log", data)),
    ],
)
@pytest.mark.parametrize("origin", [LOG, CAPTURE], ids=["log", "capture"])
def test_a_copy_in_any_wrapping_adds_a_name_only(tmp_path: Path, name, pack, origin: Path) -> None:
    store = new_store(tmp_path)
    take_in(store, origin)
    parts = store.snapshot().parts
    balance = take_in(store, put(tmp_path / name, pack(origin.read_bytes())))

    assert (balance.commit, balance.readings[0].new) == (2, 0)
    assert store.snapshot().parts == parts
    assert [name.path for name in store.snapshot().names] == [str(origin), str(tmp_path / name)]
    assert take_in(store, tmp_path / name).commit is None


def test_copies_in_one_ingest_are_stored_once(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    data = LOG.read_bytes()
    copies = [put(tmp_path / "a", data), put(tmp_path / "b.gz", gzip.compress(data)), put(tmp_path / "c", data[:9000])]
    balance = take_in(store, *copies)

    assert [reading.new for reading in balance.readings] == [115, 0, 0]
    assert stored_halves(store) == 115


CUTS = {
    "between blocks": SMALL.index("10:00:00,100"),
    "between request and answer": SMALL.index("10:00:00,100", SMALL.index("10:00:00,100") + 1),
    "in a header": SMALL.index("10:00:00,100") + 30,
    "in a body": SMALL.index("ESTABLISHED"),
    "before the last brace": SMALL.index("10:00:01,000") - 2,
    "in a line": SMALL.index("Key frame") + 4,
    "before the end of a line": SMALL.index("\n", SMALL.index("Key frame")),
    "after a line": SMALL.index("10:00:02,000"),
    "in the line of an error": SMALL.index("decode") + 3,
    "in a stack trace": SMALL.index("IllegalState") + 5,
    "between lines of a stack trace": SMALL.index("\tat com"),
}


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS.keys())
def test_a_grown_log_adds_its_tail_only(tmp_path: Path, cut: int) -> None:
    store, path = new_store(tmp_path), tmp_path / "flashphoner.log"
    first = take_in(store, put(path, SMALL[:cut])).readings[0]
    second = take_in(store, put(path, SMALL)).readings[0]

    with Lake(store) as lake:
        assert rows(lake, "hooks", "hook", "answer", "status") == [
            ("ConnectionStatusEvent", "echo", "ESTABLISHED"),
            ("connect", "echo", None),
            ("playStream", "echo", None),
        ]
        assert only(lake, "server_log", "level", "text", "line", "byte_offset") == (
            "ERROR",
            "Can't decode\njava.lang.IllegalStateException: no key frame\n"
            "\tat com.example.Decoder.decode(Decoder.java:88)",
            SMALL[: SMALL.index(TRACE)].count("\n") + 1,
            SMALL.index(TRACE),
        )
        assert only(lake, "sources", "records", "rejected", "pending", "complete") == (6, 0, 0, True)
    assert (first.new + second.new, second.known) == (6, first.new)


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, dict[str, list[tuple[object, ...]]]]:
    """What the beginning of a capture tells, read in one go."""
    told_by = {}
    for origin in (LOG, CAPTURE):
        folder = tmp_path_factory.mktemp("whole")
        store = new_store(folder)
        take_in(store, put(folder / "hooks.log", origin.read_bytes()[:BEGINNING]))
        with Lake(store) as lake:
            told_by[origin] = contents(lake, without=set(), views=CLOSEST)
    return told_by


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.sets(st.integers(300, BEGINNING - 1), min_size=1, max_size=4))
@pytest.mark.parametrize("origin", [LOG, CAPTURE], ids=["log", "capture"])
def test_a_file_read_while_it_grows_is_as_if_read_at_its_end(tmp_path_factory, at_once, cuts, origin: Path) -> None:
    folder = tmp_path_factory.mktemp("grown")
    store = new_store(folder)
    for cut in (*sorted(cuts), BEGINNING):
        take_in(store, put(folder / "hooks.log", origin.read_bytes()[:cut]))

    with Lake(store) as lake:
        assert contents(lake, without=set(), views=CLOSEST) == at_once[origin]


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=st.integers(256, 100_000), state=st.integers(256, 100_000))
@pytest.mark.parametrize("origin", [LOG, CAPTURE], ids=["log", "capture"])
def test_an_older_shorter_copy_adds_nothing(tmp_path_factory, size: int, state: int, origin: Path) -> None:
    folder = tmp_path_factory.mktemp("older")
    store, text = new_store(folder), origin.read_bytes()
    take_in(store, put(folder / "hooks.log", text[:state]))
    take_in(store, put(folder / "hooks.log", text))
    parts, halves = store.snapshot().parts, stored_halves(store)
    balance = take_in(store, put(folder / "hooks.log.old", text[:size]))

    assert balance.readings[0].new == 0
    assert balance.readings[0].known <= halves
    assert store.snapshot().parts == parts
    assert len({name.source_id for name in store.snapshot().names}) == 1


def test_a_file_that_only_begins_like_a_longer_one_is_another(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    take_in(store, put(tmp_path / "a.log", SMALL))
    other = SMALL[: SMALL.index("10:00:01,000")] + told("10:00:07,000", "playStream", session="s1", stream="m2")
    balance = take_in(store, put(tmp_path / "b.log", other))

    assert (balance.readings[0].new, balance.readings[0].known) == (2, 4)
    assert len({name.source_id for name in store.snapshot().names}) == 2


@pytest.mark.parametrize("form", ["log", "capture"])
def test_a_cut_out_whose_records_stand_where_others_like_them_do_is_no_older_copy(tmp_path: Path, form: str) -> None:
    def exchange(clock: str, hook: str, stream: str) -> str:
        if form == "log":
            return told(f"{clock},000", hook, session="s1", stream=stream)
        body = {"sessionId": "s1", "mediaSessionId": stream}
        said = {"ts": f"2026-03-14T{clock}Z", "url": f"http://b/{hook}", "body": body, "answer": body}
        return json.dumps(said) + "\n"

    first = exchange("10:00:00", "connect", "m" * 100)
    alive = [exchange(f"10:00:{second}", "StreamKeepAliveEvent", "m1") for second in (10, 20, 30)]
    store = new_store(tmp_path)
    take_in(store, put(tmp_path / "a.log", first + alive[0] + alive[1]))
    (reading,) = take_in(store, put(tmp_path / "b.log", first + alive[2])).readings

    assert (reading.new, reading.known) == (2, 2)
    assert stored_halves(store) == 8


@pytest.mark.parametrize("damage", ["torn", "unreadable"])
def test_an_answer_that_a_longer_log_does_not_have_is_not_lost(tmp_path: Path, damage: str) -> None:
    body = body_of(session="s1", stream="m1")
    asked = told("10:00:00,000", "connect", session="s" * 200) + block("10:00:01,000", "SEND", "publishStream", body)
    answer = block("10:00:01,000", "RECEIVED", "publishStream", body | {"name": "lobby"})
    damaged = {
        "torn": answer[: answer.index("{") + 2],
        "unreadable": answer.replace('"lobby"', "lobby"),
    }[damage]
    store = new_store(tmp_path)
    take_in(store, put(tmp_path / "a.log", asked + damaged + told("10:00:02,000", "connect", session="s2" * 99)))
    take_in(store, put(tmp_path / "b.log", asked + answer))

    changes = [json.loads(change) for (change,) in stored(store, "answer_changes") if change]
    assert {"set": {"name": "lobby"}} in changes


BODY = body_of(session="s1", stream="m1")
REPLIES = {
    "echo": block("10:00:01,000", "RECEIVED", "publishStream", BODY),
    "changed": block("10:00:01,000", "RECEIVED", "publishStream", BODY | {"name": "lobby"}),
    "error": block("10:00:01,000", "ERROR", "publishStream", None),
}


@pytest.mark.parametrize("in_copy", REPLIES)
@pytest.mark.parametrize("in_log", REPLIES)
def test_an_answer_is_known_where_an_earlier_reading_ended_before_it(tmp_path: Path, in_log: str, in_copy: str) -> None:
    asked = told("10:00:00,000", "connect", session="s" * 200) + block("10:00:01,000", "SEND", "publishStream", BODY)
    store, path = new_store(tmp_path), tmp_path / "a.log"
    take_in(store, put(path, asked))
    take_in(store, put(path, asked + REPLIES[in_log] + told("10:00:02,000", "connect", session="s" * 400)))
    (reading,) = take_in(store, put(tmp_path / "b.log", asked + REPLIES[in_copy])).readings

    # an error alone does not tell its hook, so a copy that has it is compared as a file that overlaps
    is_copy = in_log == in_copy != "error"
    assert len({name.source_id for name in store.snapshot().names}) == (1 if is_copy else 2)
    if in_log == in_copy:
        assert (reading.new, reading.known) == (0, 4)
        assert stored_halves(store) == 6


def test_a_line_of_which_an_older_copy_tells_the_beginning_is_no_other_line(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    take_in(store, put(tmp_path / "a.log", SMALL))
    torn, other = SMALL[: SMALL.index("decode")], SMALL[: SMALL.index("java.lang")].replace("decode", "encode")

    (again,) = take_in(store, put(tmp_path / "torn.log", torn)).readings
    assert (again.new, again.known) == (0, 6)
    with Lake(store) as lake:
        assert len(rows(lake, "server_log", "text")) == 1

    (reading,) = take_in(store, put(tmp_path / "other.log", other)).readings
    assert (reading.new, reading.known) == (0, 6)
    with Lake(store) as lake:
        assert [text.split("\n")[0] for (text,) in rows(lake, "server_log", "text")] == ["Can't decode", "Can't encode"]


def test_a_broken_archive_gives_what_came_before_the_break_and_is_completed_later(tmp_path: Path) -> None:
    store, packed = new_store(tmp_path), gzip.compress(LOG.read_bytes())
    path = put(tmp_path / "flashphoner.log.gz", packed[: len(packed) * 2 // 3])
    first = take_in(store, path)
    again = take_in(store, path)
    with Lake(store) as lake:
        complete, why = only(lake, "sources", "complete", "why_incomplete")
    last = take_in(store, put(path, packed))

    assert first.incomplete
    assert 0 < first.readings[0].new < 115
    assert (complete, why) == (False, first.readings[0].problem)
    assert (again.commit, again.incomplete, again.readings[0].known) == (None, True, first.readings[0].new)
    assert not last.incomplete
    assert last.readings[0].records == stored_halves(store) == 115


def test_standard_input_is_known_again_too(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    first = ingest(found(["-"], io.BytesIO(SMALL.encode())), store, DATED)
    again = ingest(found(["-"], io.BytesIO(SMALL.encode())), store, DATED)
    grown = ingest(found(["-"], io.BytesIO((SMALL + SMALL).encode())), store, DATED)

    assert (first.readings[0].new, again.readings[0].known, again.commit) == (6, 6, None)
    assert grown.readings[0].problem == "standard input can be read only once; save it to a file and name that"
    assert (grown.commit, stored_halves(store)) == (None, 6)


def test_a_bad_input_does_not_stop_the_others(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    noise = put(tmp_path / "b.txt", "Dear diary,\nnothing happened.\n")
    balance = take_in(store, tmp_path / "none.log", noise, put(tmp_path / "c.log", ""), put(tmp_path / "d.log", SMALL))
    missing, unknown, empty, good = balance.readings

    assert (missing.problem, unknown.unknown, empty.records, good.new) == ("does not exist", True, 0, 6)
    assert balance.incomplete
    assert balance.commit == 1


def test_what_can_not_be_read_is_pointed_at(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    torn = sent("10:00:05,000", "playStream", session="s1", stream="m2")
    torn = torn[: torn.index("mediaSessionId")] + "\n"
    (reading,) = take_in(store, put(tmp_path / "a.log", torn + SMALL)).readings

    assert (reading.records, reading.new, reading.counts.rejected) == (7, 6, 1)
    with Lake(store) as lake:
        assert only(lake, "rejected", "path", "line", "byte_offset", "length", "reason", "n_lines") == (
            str(tmp_path / "a.log"), 1, 0, len(torn), "torn_block", torn.count("\n"),
        )  # fmt: skip


@pytest.mark.parametrize("limit", [{"max_rejected": 0}, {"max_rejected_ratio": 0.1}], ids=["number", "ratio"])
def test_a_limit_is_judged_before_the_commit(tmp_path: Path, limit: dict[str, float]) -> None:
    store = new_store(tmp_path)
    torn = sent("10:00:05,000", "playStream", session="s1")[:-10] + "\n"

    with pytest.raises(LimitExceeded, match=r"rejected.*allowed; nothing was stored"):
        take_in(store, put(tmp_path / "a.log", torn + SMALL), settings=Settings(**limit))
    assert store.snapshot().number == 0


def test_an_unknown_format_is_told_with_those_there_are(tmp_path: Path) -> None:
    store = new_store(tmp_path)

    with pytest.raises(UnknownName, match=r"no format 'pcap'; there are hook_capture, server_log, "):
        take_in(store, put(tmp_path / "a.log", SMALL), settings=Settings(format="pcap"))


def test_settings_go_by_file_and_the_last_match_counts(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    days = Settings(dates=(("*", date(2026, 3, 14)), ("b*", date(2026, 3, 15))))
    take_in(
        store,
        put(tmp_path / "a.log", told("10:00:00,000", "connect", session="s1")),
        put(tmp_path / "b.log", told("10:00:00,000", "connect", session="s2")),
        settings=days,
    )

    with Lake(store) as lake:
        assert rows(lake, "hooks", "session_id", "sent_at::date::text", "dated_by") == [
            ("s1", "2026-03-14", "option"),
            ("s2", "2026-03-15", "option"),
        ]


def test_a_grown_file_keeps_its_date_over_midnight(tmp_path: Path) -> None:
    store, path = new_store(tmp_path), tmp_path / "a.log"
    evening = told("23:59:59,000", "connect", session="s1")
    take_in(store, put(path, evening))
    take_in(
        store, put(path, evening + told("00:00:01,000", "ConnectionStatusEvent", session="s1", status="DISCONNECTED"))
    )

    with Lake(store) as lake:
        assert rows(lake, "hooks", "sent_at::text") == [("2026-03-14 23:59:59+00",), ("2026-03-15 00:00:01+00",)]


def test_progress_tells_each_source_and_how_far_it_is_read(tmp_path: Path) -> None:
    told_of: list[tuple[str, int]] = []
    store, path = new_store(tmp_path), put(tmp_path / "a.log", SMALL)
    take_in(store, path, progress=lambda name, size: told_of.append((name, size)))

    assert told_of == [(str(path), len(SMALL))]


def test_nothing_to_read_is_no_commit(tmp_path: Path) -> None:
    store = new_store(tmp_path)

    assert ingest(iter(()), store, Settings()).commit is None
    assert Store(store.path).snapshot().number == 0


STREAM_RECORD = "2026-03-14 10:15:20;WebRTC;hall;{};00:04:42;UNPUBLISHED;;PUBLISH;2;{}\n"
RECORDS = "start;mediaProvider;name;mediaSessionId;duration;disposition;info;type;subscribers;region;\n" + "".join(
    STREAM_RECORD.format(f"m{number}", "eu;") for number in range(6)
)


def test_detail_records_that_grew_are_read_on_by_the_names_of_their_columns(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    whole = RECORDS.splitlines(keepends=True)
    readings = [
        take_in(store, put_log(tmp_path / name, "".join(whole[:lines]))).readings[0]
        for name, lines in (("sdr.log", 3), ("sdr.log", 5), ("sdr.log.2026-03-14", 7), ("copy.log", 6), ("copy.log", 7))
    ]

    assert [(reading.new, reading.known, reading.records) for reading in readings] == [
        (2, 0, 2), (2, 2, 4), (2, 4, 6), (0, 5, 5), (0, 6, 6),
    ]  # fmt: skip
    with Lake(store) as lake:
        assert rows(lake, "stream_records", "media_session_id", "extra", "line") == [
            (f"m{number}", '{"region":"eu"}', number + 2) for number in range(6)
        ]


def test_records_that_only_begin_alike_are_another_file_of_which_the_rest_is_new(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    take_in(store, put_log(tmp_path / "a.log", RECORDS))
    (reading,) = take_in(
        store,
        put_log(tmp_path / "b.log", RECORDS[: RECORDS.index("2026-03-14 10:15:20;WebRTC;hall;m5")].replace("m4", "x4")),
    ).readings

    assert (reading.new, reading.known) == (1, 4)
