"""Tables of what clients leave besides hooks: lines of their logs, WebSocket messages, bug report files."""

from __future__ import annotations

from wcsanalytics.tables.columns import Column, Table
from wcsanalytics.tables.hooks import PLACE

_DATED_BY = Column("dated_by", "text", "Evidence for the date")

CLIENT_LOG_LINES = Table(
    "client_log_lines",
    "One line of a client's log that stands in a file, with the lines that belong to it",
    (
        *PLACE,
        Column("logged_at", "instant", "When the line was logged; null if its day is not known"),
        _DATED_BY,
        Column("told_by", "text", "file, or console where a browser's console was captured"),
        Column("level", "text", "Level told beside the line"),
        Column("text", "text", "The line with its time, redacted", care="text"),
    ),
    happened=("logged_at",),
    order=("source_id", "byte_offset"),
    known_by=("told_by", "level", "text"),
)

CLIENT_MESSAGES = Table(
    "client_messages",
    "One WebSocket message between client and server, or one event of the socket",
    (
        *PLACE,
        Column("nth", "int", "Which message of its record, from 1"),
        Column("happened_at", "instant", "When it passed"),
        _DATED_BY,
        Column("connection", "text", "WebSocket, by the capture's own name for it", care="id"),
        Column("direction", "text", "to_server or to_client"),
        Column("message", "text", "Name of the message, or ws-open, ws-close"),
        Column("hook", "text", "REST hook that tells the same event"),
        Column("app_key", "text", "Application key", "appKey"),
        Column("node_id", "text", "WCS node, where the server tells it", "nodeId"),
        Column("session_id", "text", "Session id, where the server tells it", "sessionId", care="id"),
        Column("media_session_id", "text", "Id of a publish or play", "mediaSessionId", care="id"),
        Column("call_id", "text", "Id of a call", "callId"),
        Column("operation_id", "text", "Id of a data operation", "operationId"),
        Column("status", "text", "Status", "status"),
        Column("info", "text", "Reason", "info", care="text"),
        Column("name", "text", "Stream name or URI, without credentials", "name", care="url"),
        Column("published", "bool", "true = publish, false = play", "published"),
        Column("media_provider", "text", "Media provider", "mediaProvider"),
        Column("incoming", "bool", "true = from the network to the client", "incoming"),
        Column("caller", "text", "Caller", "caller", care="url"),
        Column("callee", "text", "Callee", "callee", care="url"),
        Column("sip_status", "int", "SIP status code", "sipStatus"),
        Column("target", "text", "Whom the call is transferred to", "target", care="url"),
        Column("event_type", "text", "Type of a stream event or a bug report", "type", care="text"),
        Column("api_method", "text", "What failed", "apiMethod"),
        Column("user_agent", "text", "Browser's user agent", "clientBrowserVersion"),
        Column("text", "text", "Text of a bug report", "text", care="text"),
        Column("logs", "text", "Log lines that the client pushed", "logs", care="text"),
        Column("command", "text", "start or stop of a session debug", "command"),
        Column("file", "text", "File of a session debug", "file", care="url"),
        Column("close_code", "int", "Code of a closed socket", "code"),
        Column("custom", "json", "Application data: keys and types only", "custom", care="shape"),
        Column("payload", "json", "Payload: keys and types only", "payload", care="shape"),
        Column("extra", "json", "Keys without a column; secrets taken out"),
    ),
    happened=("happened_at",),
    order=("source_id", "byte_offset", "nth"),
    known_by=("connection", "direction", "message", "extra"),
)

CLIENT_REPORTS = Table(
    "client_reports",
    "One bug report that stands in a file of its own",
    (
        *PLACE,
        Column("happened_at", "instant", "When the report was made"),
        _DATED_BY,
        Column("session_id", "text", "Session id in the report", "sessionId", care="id"),
        Column("media_session_id", "text", "Id of a publish or play in the report", "mediaSessionId", care="id"),
        Column("call_id", "text", "Id of a call in the report", "callId"),
        Column("report_type", "text", "Type of the report", "type", care="text"),
        Column("text", "text", "Text of the report", "text", care="text"),
        Column("extra", "json", "Other keys of the report; secrets taken out"),
    ),
    happened=("happened_at",),
    known_by=("report_type", "text", "extra"),
)

CLIENT_TABLES = (CLIENT_LOG_LINES, CLIENT_MESSAGES, CLIENT_REPORTS)
