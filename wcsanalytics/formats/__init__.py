"""Log formats: each a module with `recognises(head, file_name)` and `read(chunks, context)`.

A new format is one module and one line in FORMATS, which is in sniffing order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

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
from wcsanalytics.formats.reading import Batch, Books, Chunks, Context, Options, Resume
from wcsanalytics.formats.refusals import REASONS
from wcsanalytics.formats.reported_samples import with_reports


class Format(NamedTuple):
    """A log format. `read` gives batches of stored tables and leaves its counts in the context."""

    name: str
    meaning: str
    recognises: Callable[[bytes, str], bool]
    read: Callable[[Chunks, Context], Iterator[Batch]]


FORMATS = (
    Format(
        "hook_capture",
        "hooks as JSON, as a backend or a proxy saw them",
        hook_capture.recognises,
        with_reports(hook_capture.read),
    ),
    Format("server_log", "flashphoner.log and its kin", server_log.recognises, with_reports(server_log.read)),
    Format(
        "sdr",
        "sdr.log: a line for each stream that is over",
        detail_records.recogniser(detail_records.STREAMS),
        detail_records.reader(detail_records.STREAMS),
    ),
    Format(
        "cdr",
        "cdr.log: a line for each SIP call that is over; its layout is not documented",
        detail_records.recogniser(detail_records.CALLS),
        detail_records.reader(detail_records.CALLS),
    ),
    Format(
        "mdr",
        "mdr.log: a line for each SIP message; its layout is not documented",
        detail_records.recogniser(detail_records.MESSAGES),
        detail_records.reader(detail_records.MESSAGES),
    ),
    Format(
        "conndr",
        "conndr.log: a line for each WebSocket connection that is over; its layout is not documented",
        detail_records.recogniser(detail_records.CONNECTIONS),
        detail_records.reader(detail_records.CONNECTIONS),
    ),
    Format("hls_log", "log of an HLS agent", hls_log.recognises, hls_log.read),
    Format(
        "websocket",
        "WebSocket messages between client and server, a line each",
        websocket.recognises,
        websocket.read,
    ),
    Format("getstats", "results of getStats that an application stored", getstats.recognises, getstats.read),
    Format(
        "metric_messages",
        "client metric batches and video rates, as messages or HTTP bodies",
        metric_messages.recognises,
        metric_messages.read,
    ),
    Format(
        "stream_metrics",
        "answers of /stream/find and /stream/metrics",
        stream_metrics.recognises,
        stream_metrics.read,
    ),
    Format("stat_page", "the server's statistics page, text or JSON", stat_page.recognises, stat_page.read),
    Format(
        "webrtc_internals",
        "dumps of chrome://webrtc-internals",
        webrtc_internals.recognises,
        webrtc_internals.read,
    ),
    Format("rtcstats", "dumps of rtcstats-server and rtcstats.com", rtcstats.recognises, rtcstats.read),
    Format("har", "WebSocket messages in a HAR file of a browser", har.recognises, har.read),
    Format("client_log", "logs of the Web SDK and older clients as files", client_log.recognises, client_log.read),
    Format("console_log", "a browser's console as JSON lines", console_log.recognises, console_log.read),
    Format(
        "event_export",
        "the server's event log, exported from ClickHouse as JSON lines, CSV, TSV or Parquet",
        event_export.recognises,
        event_export.read,
    ),
    Format("bug_report", "bug reports that WCS stored as files", bug_report.recognises, bug_report.read),
)

__all__ = ["FORMATS", "REASONS", "USUAL", "Batch", "Books", "Caps", "Context", "Format", "Options", "Resume"]
