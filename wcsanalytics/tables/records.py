"""Detail records: what the server writes down of each stream, call, message and connection once it is over."""

from __future__ import annotations

from wcsanalytics.tables.columns import Column, Table
from wcsanalytics.tables.hooks import KEYS, PLACE

_SESSION_KEY, _STREAM_KEY, _CALL_KEY = KEYS
_NODE = Column("node_id", "text", "WCS node, where the user named it")
_ZONE_BY = Column("zone_by", "text", "What told the zone: option or record; null = the record does not")
_EXTRA = Column("extra", "json", "What the line holds besides the known columns")


_DATED = {*(one.name for one in PLACE), "session_key", "stream_key", "call_key", "node_id", "zone_by"}


def _records(
    name: str,
    meaning: str,
    columns: tuple[Column, ...],
    happened: tuple[str, ...],
    order: tuple[str, ...] = ("source_id", "byte_offset"),
) -> Table:
    """A table of records; they are known again by what they fill alike whatever the options they are read with."""
    known_by = (one.name for one in columns if one.type != "instant" and one.name not in _DATED)
    return Table(name, meaning, columns, happened=happened, order=order, known_by=tuple(known_by))


def _moment(name: str, meaning: str) -> tuple[Column, Column]:
    """One time of a record: as an instant where its zone is told, and as the server's clock showed it."""
    return (
        Column(f"{name}_at", "instant", f"{meaning}; null where the zone is not told"),
        Column(f"{name}_local_us", "int", f"{meaning}, by the server's clock, as µs since 1970", unit="us"),
    )


STREAM_RECORDS = _records(
    "stream_records",
    "One line of sdr.log: a stream that is over",
    (
        *PLACE,
        _STREAM_KEY,
        _NODE,
        *_moment("started", "Start"),
        Column("media_provider", "text", "WebRTC, Flash, ..."),
        Column("name", "text", "Stream name, without credentials", care="url"),
        Column("media_session_id", "text", "Id of the publish or play", care="id"),
        Column("lived_s", "real", "Duration", unit="s"),
        Column("disposition", "text", "UNPUBLISHED, STOPPED or FAILED"),
        Column("info", "text", "Reason, where it failed", care="text"),
        Column("role", "text", "publish or play"),
        Column("subscribers", "int", "Subscribers", unit="count"),
        _ZONE_BY,
        _EXTRA,
    ),
    happened=("started_at",),
    order=("media_session_id", "source_id", "byte_offset"),
)

CALL_RECORDS = _records(
    "call_records",
    "One line of cdr.log: a SIP call that is over",
    (
        *PLACE,
        _CALL_KEY,
        _NODE,
        Column("caller", "text", "Source", care="url"),
        Column("callee", "text", "Destination", care="url"),
        Column("call_id", "text", "SIP Call-ID; the id of the call for calls that came in"),
        *_moment("invited", "Start"),
        *_moment("answered", "Answer"),
        *_moment("ended", "End"),
        Column("talk_s", "real", "Billed duration", unit="s"),
        Column("disposition", "text", "ANSWERED, NO_ANSWER, BUSY or FAILED"),
        _ZONE_BY,
        _EXTRA,
    ),
    happened=("invited_at", "ended_at"),
    order=("call_id", "source_id", "byte_offset"),
)

MESSAGE_RECORDS = _records(
    "message_records",
    "One line of mdr.log: a SIP message",
    (
        *PLACE,
        _NODE,
        *_moment("happened", "When"),
        Column("zone_abbreviation", "text", "Zone as the line tells it"),
        Column("message_id", "text", "Id of the message"),
        Column("sender", "text", "From", care="url"),
        Column("recipient", "text", "To", care="url"),
        Column("disposition", "text", "RECEIVED, SENT or FAILED"),
        _ZONE_BY,
        _EXTRA,
    ),
    happened=("happened_at",),
)

CONNECTION_RECORDS = _records(
    "connection_records",
    "One line of conndr.log: a WebSocket connection that is over",
    (
        *PLACE,
        _SESSION_KEY,
        _NODE,
        *_moment("started", "Start"),
        Column("session_id", "text", "Session id, which the file calls mediaSessionId", care="id"),
        Column("disposition", "text", "DISCONNECTED or FAILED"),
        Column("info", "text", "Reason", care="text"),
        Column("lived_s", "real", "Duration", unit="s"),
        _ZONE_BY,
        _EXTRA,
    ),
    happened=("started_at",),
    order=("session_id", "source_id", "byte_offset"),
)

RECORD_TABLES = (STREAM_RECORDS, CALL_RECORDS, MESSAGE_RECORDS, CONNECTION_RECORDS)
