"""Log formats: each a module with `recognises(head, file_name)` and `read(chunks, context)`.

A new format is one module and one line in FORMATS, which is in sniffing order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

from wcsanalytics.errors import UnknownName
from wcsanalytics.formats import (
    bug_report,
    client_log,
    console_log,
    detail_records,
    event_export,
    getstats,
    har,
    hls_log,
    hook_capture,
    metric_messages,
    rtcstats,
    server_log,
    stat_page,
    stream_metrics,
    webrtc_internals,
    websocket,
)
from wcsanalytics.formats.caps import USUAL, Caps
from wcsanalytics.formats.events import next_event
from wcsanalytics.formats.pairing import Half
from wcsanalytics.formats.reading import Batch, Books, Chunks, Context, Options, Resume
from wcsanalytics.formats.refusals import REASONS, Refusals
from wcsanalytics.formats.reported_samples import with_reports

Certainty = Literal["seen", "documented", "published code", "not documented"]
"""How sure a format is: seen from the real client; in the vendor's documentation; in published code of what
writes it; or none of these."""


class Stretching(NamedTuple):
    """How a long source is read in stretches side by side.

    `border` finds in some bytes, after a place, where a stretch may begin. `survey` tells of a stretch the times of day
    of its records (ms, int32) and its lines: by these the next one is dated. `joined` makes rows of what the stretches
    left at their edges.
    """

    border: Callable[[bytes, int], int | None]
    survey: Callable[[Chunks], tuple[bytes, int]]
    joined: Callable[[Iterable[Half], Context], Iterator[Batch]]


class Format(NamedTuple):
    """A log format. `read` gives batches of stored tables and leaves its counts in the context.

    `feeds` names the views in which its records stand at first hand.
    """

    name: str
    meaning: str
    recognises: Callable[[bytes, str], bool]
    read: Callable[[Chunks, Context], Iterator[Batch]]
    origin: str
    feeds: tuple[str, ...]
    certainty: Certainty
    stretching: Stretching | None = None


FORMATS = (
    Format(
        "hook_capture",
        "hooks as JSON, as a backend or a proxy saw them",
        hook_capture.recognises,
        with_reports(hook_capture.read),
        "JSON lines, a JSON array or pretty JSON: one exchange, or half of one, a value. Keys: `ts`, `time`, "
        "`timestamp` or `@timestamp` (ISO 8601 or epoch); `url`, `uri` or `path`; `method`, `hook` or `event`; "
        "`direction`; `body`, `object`, `data` or `payload` (object or JSON text); bare bodies whose hook a key "
        "or the file's name tells",
        ("hooks", "media_samples"),
        "seen",
    ),
    Format(
        "server_log",
        "the server's log with its REST blocks and lines from WARN up",
        server_log.recognises,
        with_reports(server_log.read),
        "`flashphoner.log` and its rotated files, `flashphoner_manager.log` (WCS 4), session logs with the same blocks",
        ("hooks", "server_log", "media_samples"),
        "documented",
        Stretching(next_event, server_log.survey, with_reports(server_log.joined)),
    ),
    Format(
        "sdr",
        "a line for each stream that is over",
        detail_records.recogniser(detail_records.STREAMS),
        detail_records.reader(detail_records.STREAMS),
        "`sdr.log`, with or without a line of column names, which may call the first one `start` or `end`",
        ("stream_records",),
        "documented",
    ),
    Format(
        "cdr",
        "a line for each SIP call that is over",
        detail_records.recogniser(detail_records.CALLS),
        detail_records.reader(detail_records.CALLS),
        "`cdr.log`; read as far as its layout is known",
        ("call_records",),
        "not documented",
    ),
    Format(
        "mdr",
        "a line for each SIP message",
        detail_records.recogniser(detail_records.MESSAGES),
        detail_records.reader(detail_records.MESSAGES),
        "`mdr.log`; read as far as its layout is known",
        ("message_records",),
        "not documented",
    ),
    Format(
        "conndr",
        "a line for each WebSocket connection that is over",
        detail_records.recogniser(detail_records.CONNECTIONS),
        detail_records.reader(detail_records.CONNECTIONS),
        "`conndr.log`; read as far as its layout is known",
        ("connection_records",),
        "not documented",
    ),
    Format(
        "hls_log",
        "log of an HLS agent",
        hls_log.recognises,
        hls_log.read,
        "lines like `2026-03-14T11:17:02.110 WARNING: ...`",
        ("server_log",),
        "documented",
    ),
    Format(
        "websocket",
        "WebSocket messages between client and server",
        websocket.recognises,
        websocket.read,
        'JSON lines of `{ts, conn, direction, raw}`, socket events, or bare `{"message", "data"}` frames',
        ("client_messages", "media_samples"),
        "seen",
    ),
    Format(
        "getstats",
        "results of getStats that an application stored",
        getstats.recognises,
        getstats.read,
        "what `stream.getStats()` gave, default or native, and old browsers: JSON lines, an array or one object; "
        "times and ids beside them are used",
        ("media_samples",),
        "seen",
    ),
    Format(
        "metric_messages",
        "client metric batches and video rates",
        metric_messages.recognises,
        metric_messages.read,
        "Stream Quality Analyzer, plain or gzip, and `inboundVideoRate`/`outboundVideoRate`, as messages or HTTP "
        "bodies; times that had to be reckoned are marked `estimated`",
        ("media_samples",),
        "seen",
    ),
    Format(
        "stream_metrics",
        "what the server measures of streams",
        stream_metrics.recognises,
        stream_metrics.read,
        'answers of `/stream/find` and `/stream/metrics`, one or polled (`{"ts": …, "body": …}`)',
        ("media_samples",),
        "documented",
    ),
    Format(
        "stat_page",
        "the server's statistics page",
        stat_page.recognises,
        stat_page.read,
        "`?action=stat`, text or JSON, one or polled",
        ("server_samples",),
        "documented",
    ),
    Format(
        "webrtc_internals",
        "dumps of a browser's connections",
        webrtc_internals.recognises,
        webrtc_internals.read,
        "`chrome://webrtc-internals`",
        ("media_samples",),
        "published code",
    ),
    Format(
        "rtcstats",
        "dumps of rtcstats",
        rtcstats.recognises,
        rtcstats.read,
        "rtcstats-server (Jitsi) and rtcstats.com",
        ("media_samples",),
        "published code",
    ),
    Format(
        "har",
        "WebSocket messages in a HAR file",
        har.recognises,
        har.read,
        "`_webSocketMessages`, as a browser's developer tools save them",
        ("client_messages", "media_samples"),
        "published code",
    ),
    Format(
        "client_log",
        "logs of the Web SDK 2, of 1.x and older clients as files",
        client_log.recognises,
        client_log.read,
        "saved logs and `client_logs/`; pushed lines come with the hooks and need no file",
        ("client_log",),
        "seen",
    ),
    Format(
        "console_log",
        "a browser's console",
        console_log.recognises,
        console_log.read,
        "JSON lines of `{ts, type, text}`, as test harnesses keep them",
        ("client_log",),
        "seen",
    ),
    Format(
        "event_export",
        "the server's event log",
        event_export.recognises,
        event_export.read,
        "RestHooksEvent, ConnectionEvent, StreamEvent, CDNEvent and MediaSessionEvent exported from ClickHouse as "
        "JSON lines, CSV or TSV with a header, or Parquet named after its table",
        ("backend_calls", "server_events", "media_samples"),
        "documented",
    ),
    Format(
        "bug_report",
        "bug reports that the server stored",
        bug_report.recognises,
        bug_report.read,
        "`.report` files of any shape, alone or in archives with logs; an archive within an archive is read one "
        "level deep",
        ("diagnostics", "media_samples"),
        "not documented",
    ),
)


def markdown_formats() -> str:
    """What is understood as a Markdown table, one line a format, without a final line break."""
    head = ("| format | what it is | where it comes from | view | how sure |", "|---|---|---|---|---|")
    return "\n".join((*head, *map(_markdown_row, FORMATS)))


def _markdown_row(one: Format) -> str:
    views = ", ".join(f"`{view}`" for view in one.feeds)
    return f"| `{one.name}` | {one.meaning} | {one.origin} | {views} | {one.certainty} |"


def format_named(name: str) -> Format:
    """The format of that name. Raises UnknownName."""
    found = next((format_ for format_ in FORMATS if format_.name == name), None)
    if found is None:
        raise UnknownName(f"no format {name!r}; there are {', '.join(format_.name for format_ in FORMATS)}")
    return found


__all__ = [
    "FORMATS",
    "REASONS",
    "USUAL",
    "Batch",
    "Books",
    "Caps",
    "Context",
    "Format",
    "Half",
    "Options",
    "Refusals",
    "Resume",
    "Stretching",
    "format_named",
    "markdown_formats",
]
