"""Results of getStats that an application stored: one a line, as an array, or one in a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from wcsanalytics.formats import rtcstats
from wcsanalytics.formats.envelopes import is_hook, told
from wcsanalytics.formats.getstats_forms import Forms
from wcsanalytics.formats.reading import Batch, Chunks, Context, Place
from wcsanalytics.formats.rows import mtime_us
from wcsanalytics.formats.sampled_values import head_values, read_values
from wcsanalytics.formats.samples import Run

NEAR = 1
"""Statistics stand so deep in a stored result at most: what holds them deeper is a record of another kind."""

_NOT_OURS = frozenset({"raw", "message", "PeerConnections", "log"})
_REPORT_IN_TEXT = re.compile(rb'"(?:type"\s*:\s*"(?:in|out)bound-rtp|inboundStream|outboundStream)"')
_FOREIGN_IN_TEXT = re.compile(rb'"(?:raw|message|PeerConnections|log|url|method)"\s*:')
"""Of a value that is longer than the head: what results hold, and what they do not."""


def recognises(head: bytes, file_name: str) -> bool:
    """Whether one of the first values is a result of getStats, or holds one, and is nothing else."""
    values = head_values(head)
    if not values:
        begins = head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
        return begins and _REPORT_IN_TEXT.search(head) is not None and not _FOREIGN_IN_TEXT.search(head)
    return not rtcstats.recognises(head, file_name) and any(_is_result(value) for value in values)


def read(chunks: Chunks, context: Context) -> Iterator[Batch]:
    """Batches of `media_samples` and `rejected`."""
    forms = Forms(context.options.zone)
    written_us = mtime_us(context)

    def runs_of(value: Any) -> list[Run] | None:
        return forms.runs(value, written_us) or None

    yield from read_values(chunks, context, runs_of)


def _is_result(value: Any) -> bool:
    if isinstance(value, dict) and (_NOT_OURS & value.keys() or _is_hook(value)):
        return False
    return bool(Forms().runs(value, None, depth=NEAR))


def _is_hook(value: dict[str, Any]) -> bool:
    one = told(msgspec.json.encode(value), Place(1, 0, 0), "")
    return one is not None and is_hook(one)
