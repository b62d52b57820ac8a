"""What is forgotten is gone from parts, log and old commits, and no later ingest brings it back."""

import gzip
import json
import shutil
from pathlib import Path

import pytest

import wcsanalytics as wcs
from tests.support import (
    DATED,
    block,
    body_of,
    contents,
    lake_of,
    line,
    new_store,
    put_log,
    rows,
    sent,
    stored,
    take_in,
    told,
)
from tests.test_secrets import decoded, files
from wcsanalytics.errors import StoreError, WcsAnalyticsError
from wcsanalytics.intake import Settings
from wcsanalytics.lake import Lake
from wcsanalytics.pseudonyms import Pseudonyms
from wcsanalytics.store import Store

ANN, BOB = "annlee1001", "bobroe1002"
HIDDEN = "x-" + f"sip:{ANN}@host".encode().hex() + "-HLS"


def session(clock: str, name: str, login: str, *, stream: str, call: str, callee: str = "carol") -> str:
    """A session of this login with a stream and a call, and lines of the server that name them."""
    return (
        told(f"{clock}:00,000", "connect", session=name, sipLogin=login)
        + told(f"{clock}:00,100", "ConnectionStatusEvent", session=name, status="ESTABLISHED")
        + told(f"{clock}:01,000", "playStream", session=name, stream=stream, name="hall")
        + told(f"{clock}:02,000", "call", session=name, call=call, caller=login, callee=callee)
        + line(f"{clock}:03,000", "WARN", f"no media for {stream}")
        + line(f"{clock}:03,500", "WARN", f"key frame of {stream}-2 late, {call}: ok")
    )


FIRST = session("10:00", "s-ann-1", ANN, stream="m-one", call="c-one", callee="dave")
OTHER = session("10:05", "s-bob-1", BOB, stream="m-two", call="c-two")
CALLED = told("10:06:00,000", "call", session="s-eve-1", call="c-three", caller="eve", callee=f"sip:{ANN}@host")
SEEN = told("10:06:01,000", "playStream", session="s-eve-1", stream=HIDDEN, name="cam")
LOG = FIRST + OTHER + told("10:05:30,000", "connect", session="s-eve-1", sipLogin="eve") + CALLED + SEEN


def forgotten_in(store: Path, *names: str) -> list[tuple[str, str]]:
    """Which of these names a store still holds, and where: in raw bytes, or decoded."""
    haystacks = {**files(store), **decoded(store)}
    spelled = {name: [name.encode(), name.upper().encode(), name.encode().hex().encode()] for name in names}
    return sorted(
        (name, where)
        for where, data in haystacks.items()
        for name, forms in spelled.items()
        for form in forms
        if form in data
    )


def sessions_of(store: Store) -> list[tuple[object, ...]]:
    with Lake(store) as lake:
        return rows(lake, "sessions", "session_id")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = new_store(tmp_path)
    take_in(made, put_log(tmp_path / "a.log", LOG))
    return made


def test_what_would_go_is_counted_and_nothing_is_changed(store: Store) -> None:
    before = files(store.path)
    counted = wcs.forget("s-ann-1", store.path).df()

    assert dict(zip(counted["what"], counted["n"], strict=True)) == {
        "sessions": 1, "streams": 1, "calls": 1, "rows of connection_hooks": 2, "rows of stream_hooks": 1,
        "rows of call_hooks": 1, "rows of server_log": 2,
    }  # fmt: skip
    assert not counted["forgotten"].any()
    assert files(store.path) == before


def test_a_session_goes_with_its_streams_calls_and_lines(store: Store) -> None:
    wcs.forget("s-ann-1", store.path, yes=True)

    assert sessions_of(store) == [("s-bob-1",), ("s-eve-1",)]
    assert forgotten_in(store.path, "s-ann-1", "m-one", "c-one") == []
    with Lake(store) as lake:
        assert rows(lake, "server_log", "text") == [("key frame of m-two-2 late, c-two: ok",), ("no media for m-two",)]


@pytest.mark.parametrize(("what", "left"), [("m-one", "m-two"), ("c-one", "c-two")])
def test_a_stream_or_call_goes_without_its_session(store: Store, what: str, left: str) -> None:
    wcs.forget(what, store.path, yes=True)

    assert ("s-ann-1",) in sessions_of(store)
    assert forgotten_in(store.path, what) == []
    assert forgotten_in(store.path, left) != []


@pytest.mark.parametrize("what", [ANN, ANN.upper(), f"sip:{ANN}"])
def test_a_person_goes_with_its_sessions_and_the_calls_that_name_it(store: Store, what: str) -> None:
    assert forgotten_in(store.path, ANN) != []
    wcs.forget(what, store.path, yes=True)

    assert forgotten_in(store.path, ANN, "s-ann-1", "m-one", "c-one", "c-three", HIDDEN) == []
    assert sessions_of(store) == [("s-bob-1",), ("s-eve-1",)]
    with Lake(store) as lake:
        assert rows(lake, "calls", "call_id") == [("c-two",)]


def test_a_key_of_a_report_names_its_session(store: Store) -> None:
    with Lake(store) as lake:
        (key,) = rows(lake, "(from sessions where session_id = 's-ann-1')", "session_key")[0]
    wcs.forget(str(key), store.path, yes=True)

    assert sessions_of(store) == [("s-bob-1",), ("s-eve-1",)]
    assert forgotten_in(store.path, "s-ann-1", str(key)) == []


def test_of_an_id_that_was_used_anew_only_the_life_that_is_meant_goes(tmp_path: Path) -> None:
    lives = [
        told(f"{hour}:00:00,000", "connect", session="s-1", sipLogin=login)
        + told(f"{hour}:00:01,000", "playStream", session="s-1", stream=f"m-{hour}")
        + told(f"{hour}:00:02,000", "ConnectionStatusEvent", session="s-1", status="DISCONNECTED")
        for hour, login in ((10, ANN), (11, BOB), (12, "carol"))
    ]
    log = put_log(tmp_path / "a.log", "".join(lives))
    for number, hours in enumerate(([11, 12], [10, 12], [10, 11])):
        store = Store(tmp_path / f"store-{number}")
        store.create()
        take_in(store, log)
        with Lake(store) as lake:
            keys = [key for _, key in rows(lake, "sessions", "connected_at", "session_key")]
        wcs.forget(str(keys[number]), store.path, yes=True)
        take_in(
            store,
            put_log(tmp_path / f"copy-{number}.log", told("09:00:00,000", "connect", session="s-0") + "".join(lives)),
        )

        with Lake(store) as lake:
            assert {name for (name,) in rows(lake, "streams", "media_session_id")} == {f"m-{hour}" for hour in hours}


FURTHER = told("09:59:00,000", "connect", session="s-new-1", sipLogin="frank")


@pytest.mark.parametrize("what", [ANN, "s-ann-1"])
@pytest.mark.parametrize(
    "again",
    [
        lambda folder: put_log(folder / "a.log", LOG),
        lambda folder: put_log(folder / "b.log", LOG + FURTHER),
        lambda folder: put_log(folder / "c.log", FURTHER + LOG),
        lambda folder: put_log(folder / "d.log", FURTHER + FIRST[len(FIRST) // 3 :]),
        lambda folder: put_log(folder / "e.log", LOG[: LOG.index("10:05:30")]),
    ],
    ids=["same", "grown", "other head", "tail", "older copy"],
)
def test_no_later_ingest_brings_it_back(store: Store, tmp_path: Path, what: str, again) -> None:
    wcs.forget(what, store.path, yes=True)
    take_in(store, again(tmp_path))
    take_in(store, put_log(tmp_path / "z.log", told("12:00:00,000", "connect", session="s-zoe-1", sipLogin="zoe")))
    Store(store.path).compact()

    assert forgotten_in(store.path, "s-ann-1", "m-one", "c-one", *([ANN] if what == ANN else [])) == []
    assert ("s-zoe-1",) in sessions_of(store)


def test_a_copy_of_what_was_forgotten_is_still_known(store: Store, tmp_path: Path) -> None:
    wcs.forget(ANN, store.path, yes=True)
    parts = store.snapshot().parts
    packed = tmp_path / "a.log.gz"
    packed.write_bytes(gzip.compress(LOG.encode()))
    older = put_log(tmp_path / "old.log", LOG[: LOG.index("10:05:30")])
    balance = take_in(store, packed, older)

    assert [reading.new for reading in balance.readings] == [0, 0]
    assert store.snapshot().parts == parts


def test_what_is_left_out_is_counted_in_the_books(store: Store, tmp_path: Path) -> None:
    wcs.forget("s-ann-1", store.path, yes=True)
    (reading,) = take_in(store, put_log(tmp_path / "other.log", FURTHER + FIRST)).readings

    assert (reading.records, reading.new, reading.counts.forgotten_rows, reading.balanced) == (10, 10, 6, True)


def test_all_before_a_time_goes_and_stays_away(store: Store, tmp_path: Path) -> None:
    wcs.forget(None, store.path, before="2026-03-14T10:05:00Z", yes=True)
    take_in(store, put_log(tmp_path / "other.log", FURTHER + LOG))

    assert forgotten_in(store.path, ANN[:-4] + "9", "s-ann-1", "m-one", "c-one", "frank") == []
    assert {hook_at >= "2026-03-14 10:05" for (hook_at,) in stored_times(store)} == {True}
    assert ("s-bob-1",) in sessions_of(store)


def stored_times(store: Store) -> list[tuple[str]]:
    return [(str(at),) for (at,) in stored(store, "sent_at")]


def test_a_file_that_grows_after_it_is_read_on(store: Store, tmp_path: Path) -> None:
    half = sent("10:07:00,000", "connect", session="s-zoe-1", sipLogin="zoe")
    take_in(store, put_log(tmp_path / "a.log", LOG + half))
    wcs.forget(ANN, store.path, yes=True)
    answered = LOG + told("10:07:00,000", "connect", session="s-zoe-1", sipLogin="zoe")
    (reading,) = take_in(store, put_log(tmp_path / "a.log", answered)).readings
    store_at_once, clean = new_store(tmp_path / "once"), tmp_path / "clean.log"
    take_in(store_at_once, put_log(clean, answered))
    wcs.forget(ANN, store_at_once.path, yes=True)

    assert reading.counts.rejected == 0
    with Lake(store) as grown, Lake(store_at_once) as once:
        assert contents(grown) == contents(once)


def test_two_things_are_forgotten_one_after_the_other(store: Store, tmp_path: Path) -> None:
    for what in (ANN, BOB, "eve"):
        wcs.forget(what, store.path, yes=True)
    take_in(store, put_log(tmp_path / "other.log", FURTHER + LOG))

    assert forgotten_in(store.path, ANN, BOB, "s-ann-1", "s-bob-1", "s-eve-1") == []
    assert sessions_of(store) == [("s-new-1",)]
    assert [path.name for path in sorted((store.path / "commits").iterdir())] == ["00000004.json", "00000005.json"]


def test_a_name_in_a_path_goes_too(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    folder = tmp_path / ANN
    folder.mkdir()
    take_in(store, put_log(folder / "a.log", LOG))
    wcs.forget(ANN, store.path, yes=True)

    assert forgotten_in(store.path, ANN) == []
    assert [name.path for name in store.snapshot().names] == [str(tmp_path / "(forgotten)" / "a.log")]


def test_a_short_number_is_a_person_only_where_it_stands_for_one(tmp_path: Path) -> None:
    log = (
        told("10:00:00,000", "connect", session="s-1", sipLogin="1001")
        + told("10:00:01,000", "connect", session="s-2", sipLogin="1002", clientVersion="1001")
        + line("10:00:02,000", "WARN", "queue of 1001 packets")
        + line("10:00:03,000", "WARN", "INVITE sip:1001@host failed")
        + line("10:00:04,000", "WARN", "login=1001 failed")
    )
    with lake_of(tmp_path, log) as lake:
        wcs.forget("1001", lake.path, yes=True)
    with Lake(Store(tmp_path / "store")) as lake:
        assert rows(lake, "sessions", "session_id") == [("s-2",)]
        assert rows(lake, "server_log", "text") == [("queue of 1001 packets",)]


def test_a_person_is_found_by_its_pseudonym(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("a key that nobody guesses")
    key.chmod(0o600)
    store = new_store(tmp_path)
    keyed = Settings(DATED.dates, DATED.zones, pseudonyms=Pseudonyms(key.read_bytes()))
    take_in(store, put_log(tmp_path / "a.log", LOG), settings=keyed)
    wcs.forget(ANN, store.path, yes=True, key_file=key)
    take_in(store, put_log(tmp_path / "b.log", FURTHER + LOG), settings=keyed)

    assert sessions_of(store) == [("s-bob-1",), ("s-eve-1",), ("s-new-1",)]


def test_the_log_holds_digests_under_a_key_of_the_store_alone(store: Store, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(store.path, other)
    for path in (store.path, other):
        wcs.forget(ANN, path, yes=True)
    told_of = [
        json.loads((path / "commits" / "00000002.json").read_text())["forgotten"] for path in (store.path, other)
    ]

    assert told_of[0]["key"] != told_of[1]["key"]
    assert {one["digest"] for one in told_of[0]["terms"]} & {one["digest"] for one in told_of[1]["terms"]} == set()


def test_who_still_reads_an_earlier_commit_is_told(store: Store) -> None:
    with Lake(store) as old:
        wcs.forget(ANN, store.path, yes=True)
        with pytest.raises(StoreError, match="are gone; open it anew"):
            old.sql("select count(*) from server_log").arrow()


@pytest.mark.parametrize(
    ("what", "before", "says"),
    [(None, None, "one of the two"), ("x", "-2h", "one of the two"), ("--", None, "no id and no person")],
)
def test_what_is_asked_wrongly_changes_nothing(store: Store, what, before, says) -> None:
    with pytest.raises(WcsAnalyticsError, match=says):
        wcs.forget(what, store.path, before=before, yes=True)
    assert store.snapshot().number == 1


def test_on_the_command_line_it_is_counted_first(run, store: Store) -> None:
    counted = run("forget", ANN, store.path)
    done = run("forget", ANN, store.path, "--yes")
    again = run("forget", ANN, store.path)

    assert (counted.code, done.code, again.code) == (0, 0, 0)
    assert counted.err == "nothing was changed yet: add --yes to forget this for good\n"
    assert json.loads(counted.out.splitlines()[0]) == {"what": "sessions", "n": 1, "forgotten": False}
    assert again.err == "the store holds nothing of it\n"
    assert forgotten_in(store.path, ANN) == []


def test_a_body_that_names_a_person_in_passing_is_a_row(tmp_path: Path) -> None:
    body = body_of(session="s-1", custom=None, note={"seen": ANN})
    log = block("10:00:00,000", "SEND", "guessEvent", body) + told("10:00:01,000", "connect", session="s-1")
    with lake_of(tmp_path, log) as lake:
        wcs.forget(ANN, lake.path, yes=True)
    with Lake(Store(tmp_path / "store")) as lake:
        assert rows(lake, "hooks", "hook") == [("connect",)]
