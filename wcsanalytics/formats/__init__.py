"""Log formats: each a module with `recognises(head, file_name)` and `read(chunks, context)`.

A new format is one module and one line in FORMATS, which is in sniffing order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from wcsanalytics.formats import (
    getstats,
    hook_capture,
    metric_messages,
    rtcstats,
    server_log,
    stat_page,
    stream_metrics,
    webrtc_internals,
)
from wcsanalytics.formats.reading import Batch, Books, Chunks, Context, Options, Resume
from wcsanalytics.formats.refusals import REASONS


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
        hook_capture.read,
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
    Format("server_log", "flashphoner.log and its kin", server_log.recognises, server_log.read),
)

__all__ = ["FORMATS", "REASONS", "Batch", "Books", "Context", "Format", "Options", "Resume"]
