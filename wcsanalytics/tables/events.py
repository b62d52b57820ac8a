"""Tables of the server's own event log, exported from ClickHouse."""

from __future__ import annotations

from wcsanalytics.tables.columns import Column, Table
from wcsanalytics.tables.hooks import PLACE

HOOK_EVENTS = Table(
    "hook_events",
    "One REST hook as the server's event log tells of it: times, but no body",
    (
        *PLACE,
        Column("sent_at", "instant", "When WCS sent the request", "sendTime"),
        Column("answered_at", "instant", "When the answer came", "responseTime"),
        Column("app_key", "text", "Application key", "appKey"),
        Column("hook", "text", "REST method or event", "method"),
        Column("session_id", "text", "Session id", "sessionId", care="id"),
        Column("url", "text", "URL of the request, without credentials", "requestUrl", care="url"),
        Column("body_md5", "text", "MD5 of the body that was sent", "requestBodyMD5"),
        Column("extra", "json", "Columns without a place here; secrets taken out"),
    ),
    happened=("sent_at", "answered_at"),
    order=("session_id", "sent_at", "source_id", "byte_offset"),
    known_by=("extra",),
)

SERVER_EVENTS = Table(
    "server_events",
    "One event of a connection or a stream as the server's event log tells of it",
    (
        *PLACE,
        Column("about", "text", "connection or stream"),
        Column("happened_at", "instant", "When it happened", "timestamp"),
        Column("address", "text", "Address of the server", "ip", identifies="address"),
        Column("session_id", "text", "Session id", "sessionId", care="id"),
        Column("media_session_id", "text", "Id of a publish or play", "mediaSessionId", care="id"),
        Column("name", "text", "Stream name or URI, without credentials", "streamName", care="url"),
        Column("event_type", "int", "Number of the type; the server's dictionary names it", "eventType"),
        Column("payload", "json", "Payload; secrets taken out", "eventPayload"),
        Column("extra", "json", "Columns without a place here; secrets taken out"),
    ),
    happened=("happened_at",),
    order=("session_id", "happened_at", "source_id", "byte_offset"),
    known_by=("about", "extra"),
)

EVENT_TABLES = (HOOK_EVENTS, SERVER_EVENTS)
