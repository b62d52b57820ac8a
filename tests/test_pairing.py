"""Which answer belongs to which request: by hand, and against logs whose truth was planted."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from wcsanalytics.formats.pairing import ANSWER_WITHIN_US, Direction, Exchange, Half, Pairing

Read = Callable[..., Any]
SECOND = 1_000_000


def without_sdp(body: bytes) -> bytes:
    return json.dumps({key: value for key, value in json.loads(body).items() if key != "sdp"}, sort_keys=True).encode()


def half(
    direction: Direction, number: int, url: str = "/a", body: str = "{}", thread: str | None = None, at: int | None = 0
) -> Half:
    return Half(direction, at, thread, url, body.encode(), line=number, byte_offset=number, length=1)


def pairs(*halves: Half) -> list[tuple[int | None, int | None, bool]]:
    """Exchanges as numbers of request and answer, and whether they are open, in the order they come out."""
    pairing = Pairing(without_sdp)

    def numbers(one: Exchange) -> tuple[int | None, int | None, bool]:
        return one.send and one.send.line, one.answer and one.answer.line, one.open

    return [numbers(one) for one in (*pairing.feed(halves), *pairing.rest())]


def on(thread: str, *halves: Half) -> list[Half]:
    return [replace(one, thread=thread) for one in halves]


def test_threads_answer_out_of_order() -> None:
    told = [
        *on("t1", half("send", 1)),
        *on("t2", half("send", 2)),
        *on("t1", half("answer", 3)),
        *on("t2", half("answer", 4)),
    ]

    assert pairs(*told) == [(1, 3, False), (2, 4, False)]


def test_the_next_request_of_a_thread_closes_the_one_before() -> None:
    told = on("t", half("send", 1), half("send", 2), half("answer", 3))

    assert pairs(*told) == [(1, None, False), (2, 3, False)]


def test_an_answer_in_other_words_is_that_of_its_thread() -> None:
    assert pairs(*on("t", half("send", 1), half("answer", 2, body='{"a": 1}'))) == [(1, 2, False)]


def test_an_answer_for_another_url_is_not_that_of_its_thread() -> None:
    told = on("t", half("send", 1), half("answer", 2, url="/b"), half("answer", 3))

    assert pairs(*told) == [(None, 2, False), (1, 3, False)]


def test_an_error_stands_in_the_place_of_an_answer() -> None:
    error = replace(half("error", 2), url=None)

    assert pairs(*on("t", half("send", 1), error, half("answer", 3))) == [(1, 2, False), (None, 3, False)]


def test_only_the_first_answer_of_a_thread_may_belong_to_an_earlier_input() -> None:
    assert pairs(*on("t", half("answer", 1), half("answer", 2))) == [(None, 1, True), (None, 2, False)]


def test_a_request_that_is_open_at_the_end_may_be_answered_in_a_later_input() -> None:
    assert pairs(*on("t", half("send", 1))) == [(1, None, True)]


@pytest.mark.parametrize("last", ["answer", "error"])
def test_a_torn_half_closes_what_its_thread_holds(last: Direction) -> None:
    assert pairs(*on("t", half("send", 1), half("torn", 2), half(last, 3))) == [(1, None, False), (None, 3, False)]


def test_without_threads_an_echo_finds_its_request() -> None:
    told = [half("send", 1, body='{"c":1}'), half("send", 2, body='{"c":2}'), half("answer", 3, body='{"c":1}')]

    assert pairs(*told) == [(1, 3, False), (2, None, True)]


def test_without_threads_a_lost_answer_does_not_shift_the_next_ones() -> None:
    times: list[tuple[Direction, int]] = [("send", 0), ("send", 10), ("answer", 11), ("send", 20), ("answer", 21)]
    told = [half(way, number, at=at * SECOND) for number, (way, at) in enumerate(times, 1)]

    assert pairs(*told) == [(2, 3, False), (4, 5, False), (1, None, True)]


def test_without_threads_the_last_try_is_the_one_that_was_answered() -> None:
    assert pairs(half("send", 1), half("send", 2), half("answer", 3)) == [(2, 3, False), (1, None, True)]


@pytest.mark.parametrize("echo", ['{ "b":2, "a":"/" }', '{"a":"\\/","b":2}', '{"a":"/","b":2,"sdp":""}'])
def test_without_threads_an_echo_may_be_written_otherwise(echo: str) -> None:
    asked = '{"a":"/","b":2,"sdp":"v=0"}'

    assert pairs(half("send", 1, body=asked), half("answer", 2, body=echo)) == [(1, 2, False)]


@pytest.mark.parametrize(
    "answer",
    [
        half("answer", 2, body='{"a":2}'),
        half("answer", 2, url="/b"),
        half("answer", 2, body=""),
        half("error", 2),
        replace(half("answer", 2), hook="hold"),
    ],
    ids=["changed", "other url", "empty", "error", "other hook"],
)
def test_without_threads_what_is_no_echo_stays_a_half(answer: Half) -> None:
    assert pairs(half("send", 1), answer) == [(None, 2, True), (1, None, True)]


def test_without_threads_a_request_waits_for_as_long_as_the_server_does() -> None:
    in_time = [half("send", 1, at=0), half("answer", 2, at=ANSWER_WITHIN_US)]
    late = [half("send", 1, at=0), half("answer", 2, at=ANSWER_WITHIN_US + 1)]

    assert pairs(*in_time) == [(1, 2, False)]
    assert pairs(*late) == [(1, None, True), (None, 2, True)]


def test_without_threads_and_times_an_echo_finds_its_request() -> None:
    assert pairs(half("send", 1, at=None), half("answer", 2, at=None)) == [(1, 2, False)]


Outcome = Literal["echoed", "changed", "lost", "failed", "retried", "emptied"]


class Call(NamedTuple):
    """One exchange of a script: which hook it is, about what, and what becomes of it."""

    hook: str
    about: int
    outcome: Outcome


CALLS = st.builds(
    Call,
    st.sampled_from(["StreamKeepAliveEvent", "StreamStatusEvent", "hangup"]),
    st.integers(1, 2),
    st.sampled_from(["echoed", "echoed", "changed", "lost", "failed", "retried", "emptied"]),
)


@st.composite
def scripts(draw: st.DrawFn) -> list[tuple[int, str, Call]]:
    """Halves in the order of a log: thread, SEND, RECEIVED, EMPTY, CHANGED or ERROR, and their call."""
    halves = {"echoed": "SR", "changed": "SC", "lost": "S", "failed": "SE", "retried": "SSR", "emptied": "S0"}
    by_thread = {
        thread: [(half, call) for call in calls for half in halves[call.outcome]]
        for thread, calls in enumerate(draw(st.lists(st.lists(CALLS, max_size=6), min_size=1, max_size=4)))
    }
    order = draw(st.permutations([thread for thread, told in by_thread.items() for _ in told]))
    waiting = {thread: iter(told) for thread, told in by_thread.items()}
    return [(thread, *next(waiting[thread])) for thread in order]


def block(number: int, thread: int, half: str, call: Call, threads: bool) -> str:
    clock = f"10:{number // 60:02}:{number % 60:02},000"
    prefix = f"{clock} INFO            RestClient - pool-1-thread-{thread} " if threads else f"{clock} "
    if half == "E":
        return f"{prefix}Got exception in REST \njava.io.IOException: refused\n"
    body: dict[str, Any] = {"sessionId": f"s{thread}", "callId": f"c{call.about}", "sdp": "v=0" if half == "S" else ""}
    if half == "C":
        body["status"] = f"changed by {number}"
    marker = "SEND REST OBJECT ==>" if half == "S" else "RECEIVED REST OBJECT <=="
    text = "" if half == "0" else json.dumps(body, indent=2 if half == "S" else None, sort_keys=half == "S")
    return f"{prefix}{marker}\nURL:http://localhost:8081/apps/EchoApp/{call.hook}\nOBJECT:\n{text}\n"


def planted(script: list[tuple[int, str, Call]], threads: bool) -> tuple[str, list[int], set[tuple[int, int]]]:
    """The log, the line at which each of its blocks begins, and the pairs of lines that belong together."""
    log, lines, truth = "", [], set()
    asked: dict[int, int] = {}
    for number, (thread, half, call) in enumerate(script):
        line = log.count("\n") + 1
        lines.append(line)
        if half == "S":
            asked[thread] = line
        elif threads or half == "R":
            truth.add((asked[thread], line))
        log += block(number, thread, half, call, threads)
    return f"{log}11:00:00,000 INFO            WCS - main idle\n", lines, truth


@pytest.mark.parametrize("threads", [True, False], ids=["with threads", "without threads"])
@given(script=scripts())
def test_every_right_pair_is_found_and_no_wrong_one(
    read: Read, threads: bool, script: list[tuple[int, str, Call]]
) -> None:
    log, lines, truth = planted(script, threads)

    rows = read("server_log", log.encode()).rows

    assert {(row["line"], row["answer_line"]) for row in rows if "answer_line" in row} == truth
    assert sorted([row["line"] for row in rows] + [row["answer_line"] for row in rows if "answer_line" in row]) == lines
