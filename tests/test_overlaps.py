"""A log, cut-outs of it and logs that overlap tell each record once: in any order, in any company."""

import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sample_data.generate import generate
from tests.faults import held
from tests.support import (
    CLOSEST,
    DATED,
    NODE,
    block,
    body_of,
    contents,
    counts,
    cut_up,
    line,
    new_store,
    put_log,
    read,
    rows,
    sent,
    stored,
    stored_halves,
    take_in,
    told,
)
from wcsanalytics.intake import Settings
from wcsanalytics.lake import Lake
from wcsanalytics.pseudonyms import Pseudonyms
from wcsanalytics.store import Store, checked

Told = dict[str, list[tuple[Any, ...]]]

STREAM = {"session": "s1", "stream": "m1", "name": "hall"}
PLAYED = body_of(status="PLAYING", **STREAM)
OTHER_THREAD = "pool-1-thread-2"
EVENTS = [
    block("10:00:00,000", "SEND", "connect", body_of(session="s1")),
    line("10:00:00,001", "WARN", "two threads\n  at work"),
    block("10:00:00,002", "SEND", "StreamStatusEvent", PLAYED, OTHER_THREAD),
    block("10:00:00,005", "RECEIVED", "connect", body_of(session="s1")),
    block("10:00:00,007", "RECEIVED", "StreamStatusEvent", PLAYED, OTHER_THREAD),
    told("10:00:20,000", "StreamKeepAliveEvent", answered="10:00:20,004", **STREAM),
    told("10:00:20,000", "StreamKeepAliveEvent", answered="10:00:20,004", **STREAM),
    sent("10:00:30,000", "submitBugReport", session="s1", text="it froze"),
    told("10:00:32,000", "submitBugReport", session="s1", text="it froze"),
    told("10:00:40,000", "pushLogs", error=True, session="s1", logs="no answer"),
    told("10:00:50,000", "unPublishStream", answered="10:00:50,100", **STREAM),
]
"""Two threads at once, a record that stands twice at one instant, a retry, an error in the place of an answer."""

HALVES = 2 + 2 + 4 + 1 + 2 + 2 + 2
WHOLE = "".join(EVENTS)


def told_by(store: Store) -> Told:
    with Lake(store) as lake:
        return contents(lake, views=CLOSEST)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Told:
    store, _ = read(tmp_path_factory.mktemp("whole"), [WHOLE])
    return told_by(store)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (EVENTS[5:], EVENTS, [(11, 0), (4, 11)]),
        (EVENTS, EVENTS[5:], [(15, 0), (0, 11)]),
        (EVENTS[:8], EVENTS[5:], [(9, 0), (6, 5)]),
        (EVENTS[5:], EVENTS[:8], [(11, 0), (4, 5)]),
        (EVENTS[3:], EVENTS, [(13, 0), (2, 13)]),
        (EVENTS, EVENTS[3:], [(15, 0), (0, 13)]),
        (EVENTS[:4], EVENTS, [(3, 0), (12, 3)]),
        (EVENTS[::3], EVENTS, [(6, 0), (9, 6)]),
        (EVENTS, EVENTS[::3], [(15, 0), (0, 6)]),
        (EVENTS[5:6], EVENTS, [(2, 0), (13, 2)]),
        (EVENTS[1:], EVENTS, [(14, 0), (1, 14)]),
    ],
    ids=[
        "the tail, then the whole",
        "the whole, then the tail",
        "head and tail overlap",
        "tail and head overlap",
        "a tail that begins between requests and their answers",
        "such a tail after the whole",
        "a head, grown",
        "every third record, then the whole",
        "the whole, then every third record",
        "one of two alike, then the whole",
        "a tail that begins with a line of the server, which is no half",
    ],
)
def test_each_record_is_stored_once(tmp_path: Path, whole: Told, first, second, expected) -> None:
    texts = ["".join(first), "".join(second)]
    apart, balances = read(tmp_path / "apart", texts[:1], texts[1:])
    together, _ = read(tmp_path / "together", texts)

    assert counts(balances) == expected
    assert all(reading.balanced for balance in balances for reading in balance.readings)
    for store in (apart, together):
        assert stored_halves(store) == HALVES
        assert told_by(store) == whole
        assert [one for one in checked(store.path) if one.damaged] == []


def test_pieces_in_any_order_and_then_all_again_are_the_whole(tmp_path: Path, whole: Told) -> None:
    pieces = ["".join(EVENTS[:5]), "".join(EVENTS[3:9]), "".join(EVENTS[7:])]
    for number, order in enumerate(permutations(pieces)):
        store, _ = read(tmp_path / str(number), *([piece] for piece in order))

        assert told_by(store) == whole
        assert counts([take_in(store, put_log(tmp_path / "all.log", WHOLE))]) == [(0, HALVES)]
        assert counts([take_in(store, tmp_path / "all.log")]) == [(0, HALVES)]
        assert told_by(store) == whole


def test_an_answer_that_stood_alone_gives_way_to_its_pair(tmp_path: Path) -> None:
    pair = told("10:00:00,000", "connect", answered="10:00:00,009", session="s1")
    answer = pair[pair.index("10:00:00,009") :]
    store, _ = read(tmp_path, [answer + line("10:00:09,000", "WARN", "late")])
    assert stored(store, "half", "answer") == [("answer", "orphan")]
    take_in(store, put_log(tmp_path / "whole.log", pair))

    assert stored(store, "half", "answer") == [(None, "echo")]


def test_a_retry_is_not_told_twice(tmp_path: Path) -> None:
    retry = sent("10:00:00,000", "connect", session="s1") + told("10:00:02,000", "connect", session="s1")
    store, balances = read(tmp_path, [retry], [retry[retry.index("10:00:02,000") :]])

    assert counts(balances) == [(3, 0), (0, 2)]
    assert stored(store, "answer") == [("echo",), ("none",)]


def test_the_nearest_request_is_answered_where_a_cut_out_lacks_lines(tmp_path: Path) -> None:
    first = sent("10:00:00,000", "connect", session="s1")
    asked, answer = (block("10:00:02,000", what, "connect", body_of(session="s1")) for what in ("SEND", "RECEIVED"))
    for number, order in enumerate(permutations([first + answer, first + asked + answer])):
        store, _ = read(tmp_path / str(number), *([text] for text in order))

        assert stored(store, "answer") == [("echo",), ("none",)]


def test_records_of_two_nodes_are_never_one(tmp_path: Path) -> None:
    store, balances = read(tmp_path, [WHOLE], [WHOLE.replace(NODE, "other@203.0.113.11")])

    assert counts(balances) == [(HALVES, 0), (HALVES, 0)]
    assert stored_halves(store) == 2 * HALVES


def test_lines_that_name_no_node_are_of_the_node_of_their_log(tmp_path: Path) -> None:
    warning = line("10:00:09,000", "WARN", "disk is full")
    logs = [told("10:00:00,000", "connect", session="s1") + warning, warning + sent("10:00:09,100", "connect")]
    store, _ = read(tmp_path / "one", logs)
    with Lake(store) as lake:
        assert rows(lake, "server_log", "text") == [("disk is full",)]
    store, _ = read(tmp_path / "two", [logs[0], logs[1].replace(NODE, "other@203.0.113.11")])
    with Lake(store) as lake:
        assert rows(lake, "server_log", "text") == [("disk is full",), ("disk is full",)]


def test_the_same_at_another_time_is_another_record(tmp_path: Path) -> None:
    later = WHOLE.replace("10:00:", "10:01:")
    store, balances = read(tmp_path, [WHOLE], [EVENTS[0] + later])

    assert counts(balances) == [(HALVES, 0), (HALVES, 1)]
    assert stored_halves(store) == 2 * HALVES


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["cut-out first", "whole first"])
def test_a_cut_out_without_a_date_is_known_by_what_it_says(tmp_path: Path, order: tuple[int, int]) -> None:
    start = round(datetime(2026, 3, 14, 9, 0, 20, tzinfo=ZoneInfo("UTC")).timestamp() * 1000)
    dated = told("10:00:20,000", "StreamStatusEvent", status="PLAYING", createDate=start, session="s0", stream="m0")
    cut_out = "".join(EVENTS[2:])
    texts = (cut_out, WHOLE.replace(cut_out, dated + cut_out))
    expected, _ = read(tmp_path / "whole", [texts[1]], settings=Settings())
    store, _ = read(tmp_path / "both", *([texts[nth]] for nth in order), settings=Settings())

    assert told_by(store) == told_by(expected)


def test_two_undated_logs_that_are_alike_now_and_then_are_two(tmp_path: Path) -> None:
    first = told("10:00:00,000", "connect", session="s1") + told("10:00:20,000", "StreamKeepAliveEvent", **STREAM)
    store, balances = read(tmp_path, [first], [first.replace("10:", "11:")], settings=Settings())

    assert counts(balances) == [(4, 0), (4, 0)]
    assert stored_halves(store) == 8


def test_a_log_that_was_cut_in_a_record_tells_it_once_it_is_whole(tmp_path: Path, whole: Told) -> None:
    for number, at in enumerate(re.finditer(r"OBJECT:\n|\n  at|REST", WHOLE)):
        store, _ = read(tmp_path / str(number), [WHOLE[: at.end()]], ["a line before\n" + WHOLE])

        assert told_by(store) == whole


def test_pseudonyms_of_a_cut_out_are_those_of_the_whole(tmp_path: Path) -> None:
    hidden = Settings(dates=DATED.dates, zones=DATED.zones, pseudonyms=Pseudonyms(bytes(32)))
    store, balances = read(tmp_path, ["".join(EVENTS[5:])], [WHOLE], settings=hidden)

    assert counts(balances) == [(11, 0), (4, 11)]
    assert stored_halves(store) == HALVES


def test_logs_that_only_follow_each_other_are_not_compared(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("wcsanalytics.intake.overlaps.comparison_of", None)
    store, balances = read(tmp_path, ["".join(EVENTS[:5])], ["".join(EVENTS[5:])], [WHOLE.replace("10:", "11:")])

    assert counts(balances) == [(4, 0), (11, 0), (HALVES, 0)]
    assert held(store)


@pytest.mark.parametrize(
    "readings",
    [
        [("a", 0, 37), ("b", 0, 58), ("c", 8, 56), ("c", 8, 138)],
        [("a", 14, 69), ("b", 19, 52), ("b", 19, 138), ("c", 0, 64)],
        [("a", 47, 138), ("b", 0, 97), ("c", 0, 20), ("c", 0, 45)],
        [("a", 31, 53), ("a", 31, 98), ("b", 48, 138), ("c", 0, 70), ("c", 0, 81)],
        [("a", 0, 60), ("b", 10, 104), ("c", 54, 89), ("c", 54, 138)],
    ],
)
def test_of_exchanges_alike_no_half_is_lost_where_logs_grew_between_them(tmp_path: Path, whole: Told, readings) -> None:
    """Lines 40 to 79 are one exchange twice, at one instant."""
    lines, store, balances = WHOLE.splitlines(keepends=True), new_store(tmp_path), []
    for name, start, stop in readings:
        balances.append(take_in(store, put_log(tmp_path / name, "".join(lines[start:stop]))))

    assert told_by(store) == whole
    assert sum(reading.new for balance in balances for reading in balance.readings) == stored_halves(store) == HALVES


BLOCKS = re.split(r"(?m)^(?=\d\d:\d\d:\d\d,\d{3} )", WHOLE)[1:]
"""Halves and lines by themselves."""


@pytest.mark.parametrize(
    "cut_outs",
    [
        [[0, 3, 4, 5, 6, 11, 13, 14], [0, 1, 2, 3, 5, 13, 14, 15]],
        [[0, 1, 3, 4, 6, 7, 8, 9, 11, 12, 15], [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 14, 15]],
        [[0, 2, 4, 6, 7, 9, 10, 11, 13, 14, 15], [2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14]],
        [[0, 2, 3, 5, 6, 7, 8, 9, 10, 13, 14], [0, 5, 7, 10, 11, 13, 14, 15]],
    ],
)
def test_what_cut_outs_without_some_halves_told_wrongly_the_whole_sets_right(tmp_path, whole: Told, cut_outs) -> None:
    """Where the request before an answer lacks, the answer stands with an earlier one: 5 with 11, 9 with 11."""
    texts = ["".join(BLOCKS[nth] for nth in cut_out) for cut_out in cut_outs]
    store, _ = read(tmp_path, *([text] for text in texts), [WHOLE])

    assert told_by(store) == whole
    assert stored_halves(store) == HALVES


def test_an_answer_that_stands_with_another_request_is_not_lost_with_it(tmp_path: Path) -> None:
    request, answer = EVENTS[5].split("\n", 1)[0][:12], "10:00:40,000"
    lacking, other = BLOCKS[5] + BLOCKS[13], BLOCKS[5] + BLOCKS[6]
    store, _ = read(tmp_path, [lacking], [other])

    told = stored(store, "sent_at", "answered_at")
    assert {f"{sent:%H:%M:%S},{sent.microsecond // 1000:03}" for sent, _ in told} == {request}
    assert answer in {f"{answered:%H:%M:%S},{answered.microsecond // 1000:03}" for _, answered in told}


def test_exchanges_whose_answers_tell_no_time_are_known_again(tmp_path: Path) -> None:
    lines = []
    for second, hook in enumerate(["connect", "publishStream", "publishStream", "StreamStatusEvent", "hangup"]):
        body = {"nodeId": NODE, "sessionId": "s1", "mediaSessionId": f"m{second}"}
        at = f"2026-03-14T10:00:{second:02}Z"
        lines.append(json.dumps({"ts": at, "url": f"http://b/{hook}", "body": body, "answer": body}) + "\n")
    whole, _ = read(tmp_path / "whole", ["".join(lines)], settings=Settings())
    for nth, ingests in enumerate(([lines[:3], lines[2:]], [lines[1:], lines], [lines, lines[3:]])):
        store, balances = read(tmp_path / str(nth), *(["".join(some)] for some in ingests), settings=Settings())

        assert told_by(store) == told_by(whole)
        assert sum(reading.new for balance in balances for reading in balance.readings) == stored_halves(store) == 10


BERLIN = Settings(dates=(("*", date(2026, 3, 14)),), zones=(("*", ZoneInfo("Europe/Berlin")),))


@pytest.fixture(scope="module")
def small_day(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list[str], Settings, Told]]:
    """A short day in both forms: its lines, how to read them, and what they tell as a whole."""
    folder = tmp_path_factory.mktemp("small")
    generate(folder, sessions=12, seed=5)
    forms = {"log": ("day/flashphoner.log.2026-03-14", BERLIN), "capture": ("backend/hooks.ndjson", Settings())}
    told_of = {}
    for form, (name, how) in forms.items():
        text = (folder / name).read_text()
        store, _ = read(folder / form, [text], settings=how)
        with Lake(store) as lake:
            told_of[form] = (text.splitlines(keepends=True), how, contents(lake))
    return told_of


def longest_record(lines: Sequence[str]) -> int:
    """Lines of the longest record of a log or a capture."""
    starts = [number for number, text in enumerate(lines) if re.match(r"\d\d:\d\d:\d\d,\d{3} |\{", text)]
    return max(after - before for before, after in pairwise([*starts, len(lines)]))


@pytest.mark.parametrize("form", ["log", "capture"])
@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_cut_outs_that_hold_every_record_tell_the_same_as_the_whole(form, data, small_day, tmp_path_factory):
    lines, how, expected = small_day[form]
    ingests = cut_up(data, lines, st.integers(longest_record(lines), len(lines) // 2))
    store, balances = read(tmp_path_factory.mktemp("pieces"), *ingests, settings=how)

    with Lake(store) as lake:
        found = contents(lake)
    for view, told_of in expected.items():
        assert found[view] == told_of, view
    assert sum(reading.new for balance in balances for reading in balance.readings) == stored_halves(store)
