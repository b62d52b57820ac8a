"""What is read the fast way is read alike the slow way, which is its oracle."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from wcsanalytics.formats.decoding import BadBody
from wcsanalytics.formats.envelopes import Told, told
from wcsanalytics.formats.pairing import Half
from wcsanalytics.formats.usual_envelopes import Envelopes
from wcsanalytics.formats.values import Lines, Value, Values

Read = Callable[..., Any]

BODIES = st.dictionaries(
    st.sampled_from(["sessionId", "status", "sipPort", "custom", "sdp", "laterKey"]),
    st.none() | st.text(max_size=8) | st.integers() | st.booleans() | st.just({"a": [1, "x"]}) | st.just("{}"),
    max_size=4,
)
ODD = st.none() | st.integers() | st.booleans() | st.text(max_size=5) | st.just({"a": 1}) | st.just('{"sessionId":"s"}')
ENVELOPES = st.fixed_dictionaries(
    {"ts": st.just("2026-03-14T09:15:20.655Z") | st.just("") | ODD},
    optional={
        "direction": st.sampled_from(["SEND", "RECEIVED", "error", "==>", "other", ""]) | ODD,
        "url": st.sampled_from(["http://localhost/apps/EchoApp/connect", "/rest-api/stream/find", "", "x"]) | ODD,
        "method": st.sampled_from(["connect", "POST", "later", ""]) | ODD,
        "thread": st.sampled_from(["t-1", ""]) | ODD,
        "body": BODIES,
        "payload": BODIES,
        "event": st.just("call"),
        "error": st.just("timed out"),
        "answer": BODIES,
        "requestBodyMD5": st.just("0c9a"),
    },
)
ENVELOPE_TIMES = {1773479720655000: "2026-03-14T09:15:20.655Z"}


def slow(value: Value) -> Told | str | None:
    try:
        return told(value.text, value.place, "rest.ndjson")
    except BadBody as problem:
        return str(problem)
    except msgspec.DecodeError:
        return "invalid_json"


def as_told(half: Half) -> Told:
    """A half that was read the fast way, as the slow way tells it."""
    at = ENVELOPE_TIMES[half.at]
    plain = replace(half, at=None)
    return Told(plain, None, at) if half.direction == "send" else Told(None, plain, answered=at)


@given(st.lists(ENVELOPES | st.text(max_size=3), min_size=1, max_size=6), st.sampled_from([(",", ":"), (", ", ": ")]))
def test_envelopes_tell_the_same_whatever_the_first_one_taught(values: list[Any], separators: tuple[str, str]) -> None:
    lines = "".join(json.dumps(value, separators=separators) + "\n" for value in values).encode()
    (piece,) = Values(0, 1).pieces(lines)
    assert isinstance(piece, Lines)

    fast = [as_told(one) if isinstance(one, Half) else slow(one) for one in Envelopes("rest.ndjson", None).read(piece)]

    assert fast == [slow(value) for value in piece.values()]


@pytest.mark.parametrize(
    "line",
    [
        '{"ts":"2026-03-14T09:15:20.655Z","url":"/call","body":{"a":1},"body":{"b":2}}',
        '{"ts":"2026-03-14T09:15:20.655Z","url":"/call","body":{"a":1},"answer":{"b":2}}',
        '{"ts":"2026-03-14T09:15:20.655Z","url":"/call","body":{"a":1},"x":{}}',
        '{"ts":"2026-03-14T09:15:20.65","z":"x","url":"/call","body":{"a":1}}',
        '{"ts":"","url":"/call","body":{"a":1}}',
        '{"ts":"2026-03-14T09:15:\\u00320.Z","url":"/call","body":{"a":1}}',
        '{"ts":"2026-03-14T09:15:20.655Z","url":"/call","body":{"a":1}}}',
        '{"ts":"2026-03-14T09:15:20.655Z","time":"2026-03-14T09:15:20.655Z","url":"/call","body":{"a":1}}',
        '{"ts":"2026-03-14T09:15:20.655Z","url":"/call","error":"x","body":{"a":1}}',
        '{"url":"/call","body":{"a":1},"ts":"2026-03-14T09:15:20.655Z","q":{}}',
    ],
)
def test_what_looks_like_a_usual_envelope_is_not_taken_for_one(line: str) -> None:
    usual = '{"ts":"2026-03-14T09:15:20.655Z","url":"/call","body":{"a":1}}'
    (piece,) = Values(0, 1).pieces(f"{usual}\n{line}\n{usual}\n".encode())
    assert isinstance(piece, Lines)

    fast = [as_told(one) if isinstance(one, Half) else slow(one) for one in Envelopes("rest.ndjson", None).read(piece)]

    assert fast == [slow(value) for value in piece.values()]
    assert fast[0] == Told(Half("send", None, None, "/call", b'{"a":1}', 1, 0, 62), None, "2026-03-14T09:15:20.655Z")


HEADER = "10:00:0{second},000 INFO            RestClient - t-{thread} {direction}{blank}\nURL:http://localhost/{hook}\nOBJECT:\n"
HALVES = st.tuples(
    st.integers(0, 9),
    st.integers(1, 3),
    st.sampled_from(["SEND REST OBJECT ==>", "RECEIVED REST OBJECT <=="]),
    st.sampled_from(["connect", "hangup", "StreamStatusEvent"]),
    BODIES,
    st.sampled_from(["", "\n\tat a.B", "\n}", "\nforeign line\n}"]),
)


def log_of(halves: list[tuple[int, int, str, str, dict[str, Any], str]], blank: str) -> bytes:
    blocks = []
    for second, thread, direction, hook, body, more in halves:
        header = HEADER.format(second=second, thread=thread, direction=direction, hook=hook, blank=blank)
        blocks.append(header + json.dumps(body, indent=2, separators=(",", " : ")) + more + "\n")
    return "".join(blocks).encode()


@given(st.lists(HALVES, min_size=1, max_size=8))
def test_blocks_tell_the_same_with_a_blank_behind_their_header(
    read: Read, halves: list[tuple[int, int, str, str, dict[str, Any], str]]
) -> None:
    usual, unusual = (read("server_log", log_of(halves, blank)) for blank in ("", " "))

    def without_places(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        places = ("byte_offset", "answer_byte_offset", "length")
        return [{name: value for name, value in row.items() if name not in places} for row in rows]

    assert without_places(usual.rows) == without_places(unusual.rows)
    assert usual.context.books == unusual.context.books


def test_a_form_is_learnt_behind_a_torn_line() -> None:
    usual = b'{"ts":"2026-03-14T09:15:20.655Z","url":"/call","body":{"a":1}}'
    (piece,) = Values(0, 1).pieces(b'"/call","body":{"a":1}}\n{"ts":"","url":"/call","body":{"a":1}}\n' + usual + b"\n")
    assert isinstance(piece, Lines)

    assert [type(one) for one in Envelopes("rest.ndjson", None).read(piece)] == [Value, Value, Half]


@pytest.mark.parametrize("at", ['"x"', '""', "0"])
def test_a_time_too_short_for_the_form_at_the_end_of_a_capture_stops_nothing(read: Read, at: str) -> None:
    usual = '{"hook":"connect","ts":"2026-03-14T10:00:00.000Z","body":{}}\n'

    reading = read("hook_capture", (2 * usual + usual.replace('"2026-03-14T10:00:00.000Z"', at)).encode())

    assert [row.get("sent_at") is not None for row in reading.rows] == [True, True, False]
