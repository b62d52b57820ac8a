"""The views: what people query. Columns are public names."""

from __future__ import annotations

from wcsanalytics.tables.client_views import CLIENT_VIEWS
from wcsanalytics.tables.columns import Column, Type, View
from wcsanalytics.tables.hooks import KEYS, PLACE
from wcsanalytics.tables.record_views import (
    CALL_RECORDS_VIEW,
    CONNECTION_RECORDS_VIEW,
    MESSAGE_RECORDS_VIEW,
    RECONCILIATION,
    STREAM_RECORDS_VIEW,
)
from wcsanalytics.tables.sample_views import (
    MEDIA_INTERVALS,
    MEDIA_QUALITY,
    MEDIA_RATES,
    MEDIA_SAMPLES_VIEW,
    SERVER_SAMPLES_VIEW,
)

SESSION_KEY, STREAM_KEY, CALL_KEY = KEYS


def _c(name: str, kind: Type, meaning: str, unit: str = "") -> Column:
    return Column(name, kind, meaning, unit=unit)


_NODE = _c("node_id", "text", "WCS node")
_APP = _c("app_key", "text", "Application key")
_SESSION = _c("session_id", "text", "Session id as WCS gives it")
_MEDIA_SESSION = _c("media_session_id", "text", "Id of a publish or play")
_CALL = _c("call_id", "text", "Id of a call")
_CAUSE = _c("cause", "text", "Class of the reason")
_CAUSE_GROUP = _c("cause_group", "text", "Group of the reason")

HOOKS_VIEW = View(
    "hooks",
    "One REST exchange",
    (
        *PLACE,
        *KEYS,
        _c("sent_at", "instant", "When WCS sent the request"),
        _c("answered_at", "instant", "When the backend's answer came"),
        _c("latency_ms", "real", "From request to answer", "ms"),
        _c("hook", "text", "REST method or event"),
        _c("kind", "text", "connect, direct, event, incoming or unknown"),
        _c("family", "text", "connection, stream, call, data, diagnostic or other"),
        _NODE,
        _APP,
        _SESSION,
        _MEDIA_SESSION,
        _CALL,
        _c("status", "text", "Status in the body"),
        _c("info", "text", "Reason in the body"),
        _c(
            "answer",
            "text",
            "echo, changed, error, none, orphan (without its request); null: one came, it is not known which",
        ),
        _c("answer_changes", "json", "What the answer changed"),
        _c("error", "text", "Error in the place of an answer"),
        _c("url", "text", "URL of the request"),
        _c("thread", "text", "Thread of the server"),
        _c("dated_by", "text", "Evidence for the date"),
        _c("extra", "json", "Keys without a column"),
    ),
)

SESSIONS = View(
    "sessions",
    "One client session",
    (
        *PLACE,
        SESSION_KEY,
        _SESSION,
        _NODE,
        _APP,
        _c("connected_at", "instant", "When the client asked to connect"),
        _c("established_at", "instant", "When the session was established"),
        _c("ended_at", "instant", "When its end was told"),
        _c("first_seen_at", "instant", "First hook of the session"),
        _c("last_seen_at", "instant", "Last hook of the session"),
        _c("lived_s", "real", "From established to ended; null while open", "s"),
        _c("observed_s", "real", "From the first hook to the last", "s"),
        _c("outcome", "text", "established (and ended), refused, failed, open or vanished"),
        _c("end_status", "text", "Last status of the connection"),
        _c("end_info", "text", "Reason of that status"),
        _c("client_address", "text", "Client's address, where the session id tells it"),
        _c("page_origin", "text", "Origin of the page"),
        _c("browser", "text", "Browser, from the user agent"),
        _c("browser_version", "text", "Major version of the browser"),
        _c("os", "text", "Operating system, from the user agent"),
        _c("user_agent", "text", "User agent"),
        _c("client_version", "text", "The Web SDK always says 2.0"),
        _c("media_providers", "text", "Media providers, in order of preference"),
        _c("user_id", "text", "SIP login, or the login of an RTMP client"),
        _c("sip_login", "text", "SIP login"),
        _c("n_streams", "int", "Streams of the session", "count"),
        _c("n_calls", "int", "Calls of the session", "count"),
        _c("n_hooks", "int", "Hooks of the session", "count"),
    ),
)

STREAMS = View(
    "streams",
    "One publish or play, at the record that ended it, else at the last that tells of it",
    (
        *PLACE,
        STREAM_KEY,
        SESSION_KEY,
        _MEDIA_SESSION,
        _SESSION,
        _NODE,
        _APP,
        _c("name", "text", "Stream name"),
        _c("role", "text", "publish or play"),
        _c("requested_at", "instant", "When it was asked for"),
        _c("started_at", "instant", "First PUBLISHING or PLAYING"),
        _c("ended_at", "instant", "When its end was told"),
        _c("startup_ms", "real", "From asked to started, by the server", "ms"),
        _c("hook_wait_ms", "real", "Share of that spent waiting for the backend", "ms"),
        _c("lived_s", "real", "From started to ended; null while open", "s"),
        _c("observed_s", "real", "From the first hook to the last", "s"),
        _c("paused_s", "real", "Time in PAUSED", "s"),
        _c("outcome", "text", "completed, failed, failed_to_start, left_before_start, open or vanished"),
        _c("ended_how", "text", "asked, far_end, publisher_gone, session_lost, failed, admin, vanished or open"),
        _c("dropped", "bool", "Ended after its start by no one's wish; null = can't be told"),
        _c("end_status", "text", "Terminal status"),
        _c("end_info", "text", "Reason of that status"),
        _CAUSE,
        _CAUSE_GROUP,
        _c("media_provider", "text", "WebRTC, Flash, HLS, ..."),
        _c("audio_codec", "text", "Audio codec"),
        _c("video_codec", "text", "Video codec"),
        _c("transport", "text", "UDP or TCP"),
        _c("keep_alives", "int", "Keep-alive hooks seen", "count"),
        _c("last_seen_at", "instant", "Last hook of the stream"),
        _c("left_truncated", "bool", "Whether its beginning is not in the capture"),
        _c("publisher_key", "text", "Stream key of the publish that a play watched"),
    ),
)

CALLS = View(
    "calls",
    "One call leg, at the record that ended it, else at the last that tells of it",
    (
        *PLACE,
        CALL_KEY,
        SESSION_KEY,
        _CALL,
        _SESSION,
        _NODE,
        _APP,
        _c("direction", "text", "out (from the client) or in (to the client)"),
        _c("caller", "text", "Caller"),
        _c("callee", "text", "Callee"),
        _c("invited_at", "instant", "When the call began"),
        _c("ringing_at", "instant", "First RING, RING_MEDIA or SESSION_PROGRESS"),
        _c("answered_at", "instant", "First ESTABLISHED"),
        _c("ended_at", "instant", "Terminal status"),
        _c("post_dial_ms", "real", "From invited to ringing", "ms"),
        _c("setup_ms", "real", "From invited to answered", "ms"),
        _c("hook_wait_ms", "real", "Time spent waiting for the backend's answer to the call", "ms"),
        _c("ring_ms", "real", "From ringing to answered, or to ended", "ms"),
        _c("disconnect_ms", "real", "From the client's hangup to the terminal status", "ms"),
        _c("talk_s", "real", "From answered to ended, without holds", "s"),
        _c("hold_s", "real", "Time on hold", "s"),
        _c("holds", "int", "Holds", "count"),
        _c("dtmf_count", "int", "Tones sent", "count"),
        _c("transfers", "int", "Transfers asked for", "count"),
        _c(
            "outcome",
            "text",
            "answered, busy, no_answer, abandoned, declined, refused, ineffective, media_failed, failed or open",
        ),
        _c("ended_how", "text", "asked (by the client), far_end, session_lost, failed or open"),
        _c("dropped", "bool", "Ended after its answer by no one's wish; null = can't be told"),
        _c("end_status", "text", "Terminal status"),
        _c("end_info", "text", "Reason of that status"),
        _c("sip_status", "int", "SIP status of the terminal status"),
        _CAUSE,
        _CAUSE_GROUP,
        _c("decided_by", "text", "What decided the outcome: sip_status, info, path or open"),
        _c("last_seen_at", "instant", "Last hook of the call"),
        _c("media_provider", "text", "WebRTC, Flash, ..."),
        _c("seized", "bool", "Whether it got past local rejection: any status beyond NEW and PENDING was told"),
        _c("left_truncated", "bool", "Whether its beginning is not in the capture"),
    ),
)

REGISTRATIONS = View(
    "registrations",
    "One SIP registration of a session",
    (
        *PLACE,
        SESSION_KEY,
        _SESSION,
        _NODE,
        _c("sip_login", "text", "SIP login"),
        _c("requested_at", "instant", "When the session asked to connect"),
        _c("decided_at", "instant", "First status of the registration"),
        _c("delay_ms", "real", "From asked to registered", "ms"),
        _c("outcome", "text", "registered, failed or open"),
        _c("status_path", "text", "Statuses in their order"),
        _c("end_info", "text", "Reason of the last status"),
    ),
)

TRANSFERS = View(
    "transfers",
    "One transfer of a call",
    (
        *PLACE,
        CALL_KEY,
        SESSION_KEY,
        _CALL,
        _SESSION,
        _NODE,
        _c("target", "text", "Whom the call goes to"),
        _c("requested_at", "instant", "When it was asked for"),
        _c("decided_at", "instant", "COMPLETED or FAILED"),
        _c("took_ms", "real", "From asked to decided", "ms"),
        _c("outcome", "text", "completed, failed or open"),
        _c("status_path", "text", "Statuses in their order"),
    ),
)

DATA_MESSAGES = View(
    "data_messages",
    "One data operation",
    (
        *PLACE,
        SESSION_KEY,
        _SESSION,
        _NODE,
        _c("operation_id", "text", "Id of the operation"),
        _c("sent_at", "instant", "When the data was sent"),
        _c("decided_at", "instant", "When its status came"),
        _c("took_ms", "real", "From sent to status", "ms"),
        _c("outcome", "text", "accepted, failed or open"),
        _c("status_path", "text", "Statuses in their order"),
        _c("payload", "json", "Payload: keys and types only"),
    ),
)

SERVER_LOG_VIEW = View(
    "server_log",
    "One server line from the level kept up",
    (
        *PLACE,
        *KEYS,
        _c("logged_at", "instant", "When the line was logged"),
        _c("pushed_at", "instant", "Null: a server line is not pushed"),
        _c("clock", "text", "Time of day as written"),
        _c("level", "text", "TRACE, DEBUG, INFO, WARN, ERROR or FATAL"),
        _c("logger", "text", "Logger"),
        _c("thread", "text", "Thread"),
        _c("text", "text", "Message and following lines, redacted"),
        _CAUSE,
        _CAUSE_GROUP,
        _c("dated_by", "text", "Evidence for the date"),
    ),
)

TIMELINE = View(
    "timeline",
    "Anything that happened, in order",
    (
        *PLACE,
        *KEYS,
        _c("happened_at", "instant", "When it happened"),
        _c("clock_error_ms", "real", "How far off the instant may be; null = not known", "ms"),
        _c("what", "text", "Hook, or level of a log line"),
        _c("detail", "text", "Status, reason or message"),
        _c("severity", "text", "info, notice, warning or error"),
        _c("told_by", "text", "hook, client_log, server_log, websocket, event_log, sdr, cdr, mdr or conndr"),
    ),
)

SAME_AS = View(
    "same_as",
    "One hook told again, in another file or over another channel: views count it once, tables of hooks keep both",
    (
        *PLACE,
        _c("hook", "text", "REST method or event"),
        _c("told_at", "instant", "When it happened by this telling"),
        _c("told_by", "text", "Format of this telling"),
        _c("same_source_id", "text", "Lineage of the telling that counts"),
        _c("same_line", "int", "Line of the telling that counts"),
        _c("same_byte_offset", "int", "Offset of the telling that counts", "bytes"),
        _c("same_told_by", "text", "Format of the telling that counts"),
        _c("apart_ms", "real", "By how much this telling is later; less than 0 = earlier", "ms"),
    ),
)

SOURCES = View(
    "sources",
    "One lineage: content that was read, whatever its names",
    (
        _c("source_id", "text", "Lineage"),
        _c("format", "text", "Format"),
        _c("path", "text", "First name it was seen under"),
        _c("records", "int", "Halves of exchanges found", "count"),
        _c("new", "int", "Halves stored by the last reading", "count"),
        _c("known", "int", "Halves that were stored before", "count"),
        _c("rejected", "int", "Records not kept", "count"),
        _c("ignored", "int", "Other lines", "count"),
        _c("pending", "int", "Records unfinished at the end", "count"),
        _c("pairs", "int", "Exchanges with both halves", "count"),
        _c("halves", "int", "Halves without the other one", "count"),
        _c("bytes", "int", "Decompressed bytes read", "bytes"),
        _c("node_id", "text", "The only node told of, null if several"),
        _c("first_at", "instant", "First record"),
        _c("last_at", "instant", "Last record"),
        _c("complete", "bool", "Whether it was read to its end"),
        _c("why_incomplete", "text", "Why not"),
        _c("doubts", "text", "Assumptions made"),
    ),
)

SOURCE_NAMES = View(
    "source_names",
    "One name of a lineage",
    (
        _c("source_id", "text", "Lineage"),
        _c("path", "text", "Path as given"),
        _c("member", "text", "Member of an archive"),
        _c("seen_at", "instant", "Commit that first saw the name"),
    ),
)

COMMITS = View(
    "commits",
    "One commit",
    (
        _c("number", "int", "Number, from 1"),
        _c("committed_at", "instant", "When"),
        _c("parts", "int", "Parts added", "count"),
        _c("row_count", "int", "Rows added", "count"),
    ),
)

REJECTED_VIEW = View(
    "rejected",
    "One record that was not kept",
    (
        _c("source_id", "text", "Lineage"),
        _c("path", "text", "First name of the lineage"),
        _c("member", "text", "Member of an archive"),
        _c("line", "int", "Line, from 1"),
        _c("byte_offset", "int", "Offset", "bytes"),
        _c("length", "int", "Length", "bytes"),
        _c("reason", "text", "Why it was not kept"),
        _c("n_lines", "int", "Lines that the row stands for", "count"),
    ),
)

VIEWS: dict[str, View] = {
    view.name: view
    for view in (
        HOOKS_VIEW,
        SESSIONS,
        STREAMS,
        CALLS,
        REGISTRATIONS,
        TRANSFERS,
        DATA_MESSAGES,
        *CLIENT_VIEWS,
        SERVER_LOG_VIEW,
        STREAM_RECORDS_VIEW,
        CALL_RECORDS_VIEW,
        MESSAGE_RECORDS_VIEW,
        CONNECTION_RECORDS_VIEW,
        MEDIA_SAMPLES_VIEW,
        SERVER_SAMPLES_VIEW,
        MEDIA_RATES,
        MEDIA_INTERVALS,
        MEDIA_QUALITY,
        TIMELINE,
        RECONCILIATION,
        SAME_AS,
        SOURCES,
        SOURCE_NAMES,
        COMMITS,
        REJECTED_VIEW,
    )
}
"""Every view, in the order people meet them."""
