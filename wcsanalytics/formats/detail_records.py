"""Detail records: `sdr.log`, `cdr.log`, `mdr.log` and `conndr.log`, a record a line.

Only the layout of SDR is documented; that of the others is read as far as it is known, and each source says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from wcsanalytics.formats.layouts import Field, Layout, Pieces, read, recognised
from wcsanalytics.formats.reading import Batch, Chunks, Context, Resume
from wcsanalytics.formats.wall_clock import wall_us
from wcsanalytics.tables import CALL_RECORDS, CONNECTION_RECORDS, MESSAGE_RECORDS, STREAM_RECORDS

_TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
_WORD = "[A-Z_]+"
_DURATION = r"(?P<hours>\d{1,9}):(?P<minutes>[0-5]\d):(?P<seconds>[0-5]\d)"
_DAY_AND_TIME = r"(?P<month>[A-Z][a-z]{2}) (?P<day>\d\d) (?P<time>\d\d:\d\d:\d\d)"
_DATE = rf"[A-Z][a-z]{{2}} {_DAY_AND_TIME}(?: (?P<zone>[^ ,]+))? (?P<year>\d{{4}})"
_SECOND_US = 1_000_000
OLD = date(2019, 1, 1)
"""Since about then the documentation calls the first column of SDR `start`."""

_MONTHS = pa.array(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"])
_ROLES = {"PUBLISH": "publish", "SUBSCRIBE": "play"}

ZONE_HOURS = {
    **{"UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "SAST": 2},
    **{"MSK": 3, "SAMT": 4, "YEKT": 5, "OMST": 6, "NOVT": 7, "KRAT": 7, "IRKT": 8, "YAKT": 9, "VLAT": 10, "NPT": 5.75},
    **{"ICT": 7, "WIB": 7, "HKT": 8, "SGT": 8, "JST": 9, "KST": 9, "AWST": 8, "ACST": 9.5, "AEST": 10, "AEDT": 11},
    **{
        "NZST": 12,
        "NZDT": 13,
        "EST": -5,
        "EDT": -4,
        "MST": -7,
        "MDT": -6,
        "PST": -8,
        "PDT": -7,
        "AKST": -9,
        "AKDT": -8,
    },
    **{"HST": -10, "BRT": -3, "ART": -3},
}
"""Hours by which an English abbreviation of `Date.toString()` is ahead of UTC. CST and IST mean too many things."""


def _stream_columns(pieces: Pieces) -> dict[str, pa.Array]:
    lived = _seconds(pieces["duration"])
    told = wall_us(pieces["start" if "start" in pieces else "end"])
    started = told if "start" in pieces else pc.subtract(told, pc.multiply(lived, _SECOND_US))
    return {
        "started_local_us": started,
        "media_provider": pieces["mediaProvider"],
        "name": pieces["name"],
        "media_session_id": pieces["mediaSessionId"],
        "lived_s": lived.cast(pa.float64()),
        "disposition": pieces["disposition"],
        "info": pieces["info"],
        "role": _renamed(pieces["type"], _ROLES),
        "subscribers": pieces["subscribers"].cast(pa.int64()),
    }


def _call_columns(pieces: Pieces) -> dict[str, pa.Array]:
    return {
        "caller": pieces["src"],
        "callee": pieces["dst"],
        "call_id": pieces["cid"],
        "invited_local_us": wall_us(pieces["start"]),
        "answered_local_us": wall_us(pieces["answer"]),
        "ended_local_us": wall_us(pieces["end"]),
        "talk_s": pieces["billsec"].cast(pa.float64()),
        "disposition": pieces["disposition"],
    }


def _message_columns(pieces: Pieces) -> dict[str, pa.Array]:
    parts = pc.extract_regex(pieces["date"], f"^{_DATE}$")
    month, day, time, zone, year = (parts.field(index) for index in range(5))
    number = pc.add(pc.index_in(month, value_set=_MONTHS), 1).cast(pa.string())
    days = pc.binary_join_element_wise(year, pc.utf8_lpad(number, 2, "0"), day, "-")
    local = wall_us(pc.binary_join_element_wise(days, time, " "))
    happened = pc.subtract(local, _ahead_us(zone))
    message_id = pieces["msgId"]
    return {
        "happened_local_us": local,
        "happened_at": happened,
        "zone_abbreviation": pc.if_else(pc.equal(zone, ""), None, zone),
        "zone_by": pc.if_else(pc.is_valid(happened), "record", None),
        "message_id": pc.if_else(pc.equal(message_id, "null"), None, message_id),
        "sender": pieces["from"],
        "recipient": pieces["to"],
        "disposition": pieces["disposition"],
    }


def _connection_columns(pieces: Pieces) -> dict[str, pa.Array]:
    return {
        "started_local_us": wall_us(pieces["start"]),
        "session_id": pieces["mediaSessionId"],
        "disposition": pieces["disposition"],
        "info": pieces["info"],
        "lived_s": pieces["duration"].cast(pa.float64()),
    }


def _unnamed(pattern: str) -> str:
    return re.sub(r"\?P<\w+>", "?:", pattern)


def _renamed(texts: pa.Array, names: dict[str, str]) -> pa.Array:
    """The texts by their other names; those without one in lower case."""
    encoded = texts.dictionary_encode()
    words = [names.get(word, word.lower()) for word in encoded.dictionary.to_pylist()]
    return pa.array(words, pa.string()).take(encoded.indices)


def _seconds(durations: pa.Array) -> pa.Array:
    parts = pc.extract_regex(durations, f"^{_DURATION}$")
    hours, minutes, seconds = (parts.field(index).cast(pa.int64()) for index in range(3))
    return pc.add(pc.multiply(pc.add(pc.multiply(hours, 60), minutes), 60), seconds)


def _ahead_us(zones: pa.Array) -> pa.Array:
    """By how much zones are ahead of UTC; null where a zone is not known by its abbreviation."""
    encoded = zones.dictionary_encode()
    hours = [_ahead_hours(word) for word in encoded.dictionary.to_pylist()]
    ahead = [None if told is None else round(told * 3600 * _SECOND_US) for told in hours]
    return pa.array(ahead, pa.int64()).take(encoded.indices)


def _ahead_hours(zone: str) -> float | None:
    if numbers := re.fullmatch(r"(?:GMT|UTC)?([+-])(\d\d?):?(\d\d)?", zone):
        hours = int(numbers[2]) + int(numbers[3] or 0) / 60
        return -hours if numbers[1] == "-" else hours
    return ZONE_HOURS.get(zone)


def _unverified(state: Resume) -> str:
    return "its layout is not documented: it is read as far as it is known"


def _start_or_end(state: Resume) -> str:
    """Older documentation calls the first column `end`."""
    if state.header.startswith("end"):
        return "its first column is named end: starts are reckoned back from it"
    old = state.first_day is not None and state.first_day < OLD and not state.header
    return f"it has records from before {OLD.year}, whose first column may be the end" if old else ""


STREAMS = Layout(
    STREAM_RECORDS,
    ";",
    (
        Field("start", _TIME, "end"),
        Field("mediaProvider", "[^;]*"),
        Field("name", ".*"),
        Field("mediaSessionId", "[^;]*"),
        Field("duration", _unnamed(_DURATION)),
        Field("disposition", _WORD),
        Field("info", ".*"),
        Field("type", "PUBLISH|SUBSCRIBE", loosely=_WORD),
        Field("subscribers", r"\d{0,9}"),
    ),
    _stream_columns,
    r";\d+;$",
    _start_or_end,
)
CALLS = Layout(
    CALL_RECORDS,
    ";",
    (
        Field("src", "[^;]*"),
        Field("dst", "[^;]*"),
        Field("cid", "[^;]*"),
        Field("start", _TIME),
        Field("answer", f"{_TIME}|"),
        Field("end", f"{_TIME}|"),
        Field("billsec", r"\d{0,9}"),
        Field("disposition", _WORD),
    ),
    _call_columns,
    ";(ANSWERED|NO_ANSWER|BUSY|FAILED);?$",
    _unverified,
)
MESSAGES = Layout(
    MESSAGE_RECORDS,
    ",",
    (
        Field("date", _unnamed(_DATE)),
        Field("msgId", "[^,]*"),
        Field("from", "[^,]*"),
        Field("to", ".*"),
        Field("disposition", _WORD),
    ),
    _message_columns,
    ",(RECEIVED|SENT|FAILED)$",
    _unverified,
)
CONNECTIONS = Layout(
    CONNECTION_RECORDS,
    ";",
    (
        Field("start", _TIME),
        Field("mediaSessionId", "[^;]*"),
        Field("disposition", _WORD),
        Field("info", ".*"),
        Field("duration", r"\d{1,9}"),
    ),
    _connection_columns,
    r";\d+;$",
    _unverified,
)
LAYOUTS = (STREAMS, CALLS, MESSAGES, CONNECTIONS)


def recogniser(layout: Layout) -> Callable[[bytes, str], bool]:
    """Tells whether the head of a file has this layout and none that fits it better."""
    return lambda head, file_name: recognised(LAYOUTS, head) is layout


def reader(layout: Layout) -> Callable[[Chunks, Context], Iterator[Batch]]:
    """Gives batches of the layout's table and `rejected`."""
    return partial(read, layout)
