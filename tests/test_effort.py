"""What one more exchange costs, counted in calls of functions and not in time: the same on every machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from wcsanalytics.formats import FORMATS, Context, Options, format_named

HALF_IN_LOG = """{at} INFO            RestClient - t-{thread} {direction}
URL:http://localhost:8081/apps/EchoApp/StreamStatusEvent
OBJECT:
{body}
"""
DIRECTIONS = ("SEND REST OBJECT ==>", "RECEIVED REST OBJECT <==")


def body(number: int) -> dict[str, Any]:
    return {
        "nodeId": "node@203.0.113.10",
        "sessionId": f"/203.0.113.{number % 200}:38604/203.0.113.10:8443",
        "mediaSessionId": f"5f763fae-b825-423b-8684-{number:012x}",
        "name": f"stream-{number % 7}",
        "status": "PLAYING",
        "hasVideo": True,
        "width": 640,
        "createDate": 1_773_479_720_000 + number,
    }


def time_of(number: int) -> str:
    return f"{10 + number // 3_600_000:02d}:{number // 60_000 % 60:02d}:{number // 1000 % 60:02d},{number % 1000:03d}"


def server_log(exchanges: int) -> bytes:
    halves = (
        HALF_IN_LOG.format(
            at=time_of(number), thread=number % 9, direction=way, body=json.dumps(body(number), indent=2)
        )
        for number in range(exchanges)
        for way in DIRECTIONS
    )
    return "".join(halves).encode()


def hook_capture(exchanges: int) -> bytes:
    halves = (
        json.dumps(
            {
                "ts": f"2026-03-14T{time_of(number).replace(',', '.')}Z",
                "direction": way,
                "url": "http://localhost:8081/apps/EchoApp/StreamStatusEvent",
                "body": body(number),
            }
        )
        for number in range(exchanges)
        for way in ("SEND", "RECEIVED")
    )
    return "\n".join([*halves, ""]).encode()


def calls(task: Callable[[], object]) -> int:
    """How many functions the task calls, be they written in Python or in C."""
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        task()
    finally:
        sys.setprofile(None)
    return count


def consume(form: str, data: bytes) -> None:
    """Read all of it, drop what comes out."""
    options = Options(date=date(2026, 3, 14), zone=ZoneInfo("UTC"))
    for _ in format_named(form).read(iter([data]), Context("source", options=options)):
        pass


@pytest.mark.parametrize(
    ("form", "made", "allowed"), [("server_log", server_log, 22), ("hook_capture", hook_capture, 28)]
)
def test_an_exchange_more_takes_few_calls(form: str, made: Callable[[int], bytes], allowed: int) -> None:
    few, many = made(300), made(1300)
    consume(form, many)  # what is remembered from the first time is there

    spent = [calls(partial(consume, form, data)) for data in (few, many)]

    assert (spent[1] - spent[0]) / 1000 <= allowed


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_to_tell_what_a_flood_of_blank_lines_is_takes_no_look_at_each(end: bytes) -> None:
    """Calls of all formats together, each of which looks whether the capture is its own."""
    few, many = end * 1000, end * 16_000

    spent = [calls(partial(looked_at, head)) for head in (few, many)]

    assert (spent[1] - spent[0]) / 15_000 < 1


def looked_at(head: bytes) -> None:
    """Ask every format."""
    for one in FORMATS:
        one.recognises(head, "capture")
