"""Views of what clients leave, of bug reports and debugging, and of the server's event log."""

from __future__ import annotations

from wcsanalytics.tables.columns import Column, Type, View
from wcsanalytics.tables.hooks import KEYS, PLACE

SESSION_KEY, STREAM_KEY, _ = KEYS


def _c(name: str, kind: Type, meaning: str, unit: str = "") -> Column:
    return Column(name, kind, meaning, unit=unit)


_NODE = _c("node_id", "text", "WCS node")
_APP = _c("app_key", "text", "Application key")
_SESSION = _c("session_id", "text", "Session id as WCS gives it")
_MEDIA_SESSION = _c("media_session_id", "text", "Id of a publish or play")
_CALL = _c("call_id", "text", "Id of a call")

DIAGNOSTICS = View(
    "diagnostics",
    "One bug report, log push or debug switch",
    (
        *PLACE,
        *KEYS,
        _SESSION,
        _NODE,
        _c("kind", "text", "bug_report, log_push, debug or error"),
        _c("happened_at", "instant", "When it came"),
        _c("status", "text", "Status or command"),
        _c("file", "text", "File that the server made"),
        _c("text", "text", "Text, redacted"),
        _c("report_type", "text", "Type of a bug report"),
        _c("told_by", "text", "hook, file, or websocket where no hook tells of it"),
        _c("linked_by", "text", "How its stream or call is known: id (in its text), session_and_time; else session"),
        _c("nth", "int", "Which message of its record, from 1"),
    ),
)

DEBUG_WINDOWS = View(
    "debug_windows",
    "One time in which a session was debugged",
    (
        *PLACE,
        SESSION_KEY,
        _SESSION,
        _NODE,
        _c("requested_at", "instant", "When the client asked for it"),
        _c("started_at", "instant", "When the server told that it started"),
        _c("stopped_at", "instant", "When the server told that it stopped; lines are pushed on after that"),
        _c("lasted_s", "real", "From started to stopped", "s"),
        _c("file", "text", "File that the server made"),
        _c("n_files_read", "int", "Sources that were read under that name", "count"),
    ),
)

CLIENT_MESSAGES_VIEW = View(
    "client_messages",
    "One WebSocket message between client and server",
    (
        *PLACE,
        *KEYS,
        _c("nth", "int", "Which message of its record, from 1"),
        _c("happened_at", "instant", "When it passed"),
        _c("dated_by", "text", "Evidence for the date"),
        _c("connection", "text", "WebSocket, by the capture's own name for it"),
        _c("direction", "text", "to_server or to_client"),
        _c("message", "text", "Name of the message, or ws-open, ws-close"),
        _c("hook", "text", "REST hook that tells the same event"),
        _NODE,
        _APP,
        _SESSION,
        _MEDIA_SESSION,
        _CALL,
        _c("operation_id", "text", "Id of a data operation"),
        _c("status", "text", "Status"),
        _c("info", "text", "Reason"),
        _c("name", "text", "Stream name"),
        _c("published", "bool", "true = publish, false = play"),
        _c("media_provider", "text", "Media provider"),
        _c("incoming", "bool", "true = from the network to the client"),
        _c("caller", "text", "Caller"),
        _c("callee", "text", "Callee"),
        _c("sip_status", "int", "SIP status code"),
        _c("target", "text", "Whom the call is transferred to"),
        _c("event_type", "text", "Type of a stream event or a bug report"),
        _c("api_method", "text", "What failed"),
        _c("user_agent", "text", "Browser's user agent"),
        _c("text", "text", "Text of a bug report, redacted"),
        _c("logs", "text", "Log lines that the client pushed, redacted"),
        _c("command", "text", "start or stop of a session debug"),
        _c("file", "text", "File of a session debug"),
        _c("close_code", "int", "Code of a closed socket"),
        _c("extra", "json", "Keys without a column"),
    ),
)

SERVER_EVENTS_VIEW = View(
    "server_events",
    "One event of a connection or stream in the server's event log",
    (
        *PLACE,
        SESSION_KEY,
        STREAM_KEY,
        _c("about", "text", "connection, stream or cdn"),
        _c("happened_at", "instant", "When it happened"),
        _c("address", "text", "Address of the server"),
        _NODE,
        _SESSION,
        _MEDIA_SESSION,
        _c("name", "text", "Stream name"),
        _c("event_type", "int", "Number of the type; the server's dictionary names it"),
        _c("payload", "json", "Payload; secrets taken out"),
        _c("extra", "json", "Columns without a place here"),
    ),
)

BACKEND_CALLS = View(
    "backend_calls",
    "One REST hook as the server's event log tells of it",
    (
        *PLACE,
        _c("sent_at", "instant", "When WCS sent the request"),
        _c("answered_at", "instant", "When the answer came"),
        _c("latency_ms", "real", "From request to answer", "ms"),
        _c("hook", "text", "REST method or event"),
        _APP,
        _SESSION,
        _c("url", "text", "URL of the request"),
        _c("body_md5", "text", "MD5 of the body that was sent"),
        _c("hook_source_id", "text", "Source of the same hook in `hooks`, if it was captured"),
        _c("hook_byte_offset", "int", "Offset of that hook in its source", "bytes"),
        _c("extra", "json", "Columns without a place here"),
    ),
)

CLIENT_LOG = View(
    "client_log",
    "One line that a client logged, pushed or in a file",
    (
        *PLACE,
        SESSION_KEY,
        _SESSION,
        _NODE,
        _c("logged_at", "instant", "When the line was logged, by the browser's clock in its estimated zone"),
        _c("pushed_at", "instant", "When the line reached the server; null for a line of a file"),
        _c("clock", "text", "Time of day by the client's clock"),
        _c("level", "text", "TRACE, DEBUG, INFO, WARN or ERROR"),
        _c("logger", "text", "Part of the client that speaks"),
        _c("thread", "text", "Null: a browser tells none"),
        _c("text", "text", "Message, redacted; a session description by its media, codecs and candidates"),
        _c("nth", "int", "Which line of its push, from 1"),
        _c("told_by", "text", "push, file or console"),
        _c("zone_offset_min", "int", "Browser's offset from UTC, as the lines pushed soonest tell it", "min"),
        _c("late_s", "real", "From logged to pushed; less than zero where the browser's clock is ahead", "s"),
        _c("dated_by", "text", "Evidence for the date of a line of a file"),
    ),
)

CLIENT_VIEWS = (DIAGNOSTICS, DEBUG_WINDOWS, CLIENT_LOG, CLIENT_MESSAGES_VIEW, BACKEND_CALLS, SERVER_EVENTS_VIEW)
