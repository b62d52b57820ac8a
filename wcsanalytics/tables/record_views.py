"""The views of detail records, and of what records and hooks tell of the same."""

from __future__ import annotations

from wcsanalytics.tables.columns import Column, Type, View
from wcsanalytics.tables.hooks import KEYS, PLACE

SESSION_KEY, STREAM_KEY, CALL_KEY = KEYS


def _c(name: str, kind: Type, meaning: str, unit: str = "") -> Column:
    return Column(name, kind, meaning, unit=unit)


_NODE = _c("node_id", "text", "WCS node: the only one that hooks of these ids tell of")
_SESSION = _c("session_id", "text", "Session id as WCS gives it")
_MEDIA_SESSION = _c("media_session_id", "text", "Id of a publish or play")
_CALL = _c("call_id", "text", "SIP Call-ID; the id of the call for calls that came in")
_CAUSE = _c("cause", "text", "Class of the reason")
_CAUSE_GROUP = _c("cause_group", "text", "Group of the reason")
_ZONE_BY = _c("zone_by", "text", "What told the zone: option, record, ids (of hooks), log (of the server) or assumed")
_EXTRA = _c("extra", "json", "What the line holds besides the known columns")

STREAM_RECORDS_VIEW = View(
    "stream_records",
    "One line of sdr.log",
    (
        *PLACE,
        STREAM_KEY,
        SESSION_KEY,
        _NODE,
        _c("started_at", "instant", "Start"),
        _c("ended_at", "instant", "Start and duration"),
        _c("media_provider", "text", "Media provider"),
        _c("name", "text", "Stream name"),
        _MEDIA_SESSION,
        _c("lived_s", "real", "Duration", "s"),
        _c("disposition", "text", "UNPUBLISHED, STOPPED or FAILED"),
        _c("info", "text", "Reason"),
        _CAUSE,
        _CAUSE_GROUP,
        _c("role", "text", "publish or play"),
        _c("subscribers", "int", "Subscribers", "count"),
        _ZONE_BY,
        _EXTRA,
    ),
)

CALL_RECORDS_VIEW = View(
    "call_records",
    "One line of cdr.log",
    (
        *PLACE,
        CALL_KEY,
        SESSION_KEY,
        _NODE,
        _c("caller", "text", "Source"),
        _c("callee", "text", "Destination"),
        _CALL,
        _c("invited_at", "instant", "Start"),
        _c("answered_at", "instant", "Answer"),
        _c("ended_at", "instant", "End"),
        _c("talk_s", "real", "Billed duration", "s"),
        _c("disposition", "text", "ANSWERED, NO_ANSWER, BUSY or FAILED"),
        _ZONE_BY,
        _EXTRA,
    ),
)

MESSAGE_RECORDS_VIEW = View(
    "message_records",
    "One line of mdr.log",
    (
        *PLACE,
        _NODE,
        _c("happened_at", "instant", "When; null where its zone is not known"),
        _c("zone_abbreviation", "text", "Zone as the line tells it"),
        _c("message_id", "text", "Id of the message"),
        _c("sender", "text", "From"),
        _c("recipient", "text", "To"),
        _c("disposition", "text", "RECEIVED, SENT or FAILED"),
        _ZONE_BY,
        _EXTRA,
    ),
)

CONNECTION_RECORDS_VIEW = View(
    "connection_records",
    "One line of conndr.log",
    (
        *PLACE,
        SESSION_KEY,
        _NODE,
        _c("started_at", "instant", "Start"),
        _c("ended_at", "instant", "Start and duration"),
        _SESSION,
        _c("disposition", "text", "DISCONNECTED or FAILED"),
        _c("info", "text", "Reason"),
        _c("lived_s", "real", "Duration", "s"),
        _ZONE_BY,
        _EXTRA,
    ),
)

RECONCILIATION = View(
    "reconciliation",
    "One session, stream or call and what tells of it",
    (
        *PLACE,
        *KEYS,
        _NODE,
        _c("about", "text", "session, stream or call"),
        _c("id", "text", "Session id, media session id or call id"),
        _c("told_by", "text", "What tells of it: server_log, hook_capture, ..., sdr, cdr, conndr, client_log"),
        _c("agrees", "bool", "Whether those that tell of it agree; null where only one can tell"),
        _c("differs", "text", "Where they differ: hooks, record, start, duration, end or outcome"),
    ),
)
