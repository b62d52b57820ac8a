"""rtcstats dumps: rows `[method, connection, value, time]` of which those with statistics tell only what has changed.

Three generations write them. Jitsi's rtcstats-server and the first rtcstats put the newest time of all reports at the
top and 0 in its place, and name in each row every report that there is. rtcstats.com, from file format 3 on, opens with
`RTCStatsDump`, writes numbers for names and differences for times, leaves out unchanged reports, and null ends one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from wcsanalytics import clock
from wcsanalytics.formats.getstats_forms import codec_names
from wcsanalytics.formats.lines import Lines
from wcsanalytics.formats.reading import Batch, Chunks, Context, Resume
from wcsanalytics.formats.refusals import Refusals
from wcsanalytics.formats.rtc_reports import UNKEPT, Reports, own_time
from wcsanalytics.formats.rtcstats_names import GETSTATS, NAMES, TIMESTAMP, TYPES
from wcsanalytics.formats.samples import Run, Samples, Subject, is_number
from wcsanalytics.formats.values import Value
from wcsanalytics.protocol import TEXTS

OPENING = b"RTCStatsDump"
LEAST_INSTANT_MS = 100_000_000_000
"""A smaller time is the difference to the row before."""

_ROWS_LOOKED_AT = 200
_CONNECTION_METHODS = frozenset(
    {
        *("create", "connectionInfo", "getstats", "getStats", "createOffer", "setLocalDescription"),
        *("navigator.mediaDevices.getUserMedia", "navigator.mediaDevices.getUserMediaOnSuccess", "onicecandidate"),
    }
)
_WORDS_KEPT = TEXTS | {"type", "kind", "mediaType", "codecId", "mimeType"}
"""Of the texts in reports, those that samples need; addresses and names of users are among the others."""

Report = dict[str, Any]


def recognises(head: bytes, file_name: str) -> bool:
    """Whether the head opens as a dump of rtcstats.com, or has rows as the others write them."""
    if head.startswith(OPENING):
        return True
    rows = (_row(line) for line in head.split(b"\n")[:_ROWS_LOOKED_AT] if line.startswith(b"["))
    return any(row is not None and isinstance(row[0], str) and row[0] in _CONNECTION_METHODS for row in rows)


def read(chunks: Chunks, context: Context) -> Iterator[Batch]:
    """Batches of `media_samples` and `rejected`."""
    reader = _Reader(context)
    lines = Lines(context.resume.byte_offset, context.resume.line, context.options.caps.record_bytes)
    for chunk in chunks:
        reader.take(lines.feed(chunk))
        if reader.samples.full:
            yield from reader.samples.batch()
    reader.take(lines.last(lambda text: _row(text) is not None))
    yield from reader.samples.batch()
    yield from reader.refusals.finish()
    context.reached = Resume(lines.reached, lines.line, state=reader.dump.state())
    context.books.halves += lines.pending
    context.books.pending += lines.pending


class _Reader:
    """The walk over one dump, row by row."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.samples = Samples(context.source_id, context.options.node)
        self.refusals = Refusals(context)
        self.dump = Dump()
        if context.resume.state is not None:
            self.dump.resume(context.resume.state)

    def take(self, lines: Iterable[Value]) -> None:
        """Take the statistics of these lines; rows of other methods are counted."""
        books = self._context.books
        for line in lines:
            row = None if line.reason else _row(line.text)
            if row is not None:
                runs = self.dump.runs(row)
                if runs is None:
                    books.other_lines += 1
                    continue
                books.kept += 1
                self.samples.add(runs, line.place)
            elif not line.reason and line.text.startswith((OPENING, b"{")):
                books.other_lines += 1
                continue
            else:
                books.rejected += 1
                self.refusals.add(line.place, line.reason or "invalid_json")
            books.halves += 1


class Dump:
    """Restores the reports of each connection of a dump from what its rows tell of changes."""

    def __init__(self) -> None:
        self._reports = Reports("rtcstats")
        self._kept: dict[str, dict[str, Report]] = {}
        self._clock_ms = 0.0

    def runs(self, row: list[Any]) -> list[Run] | None:
        """Runs of the samples of a row; None if it holds no statistics."""
        method, peer, value, *rest = row
        numbered = method in ("g", 1)
        if not (isinstance(method, int | str) and method in GETSTATS and isinstance(value, dict)):
            self._tick(rest)
            return None
        sent_us = self._tick(rest)
        top_us = clock.instant(value.get(TIMESTAMP, value.get("timestamp")))
        kept = self._kept.setdefault(str(peer), {})
        told = _merged(kept, value, numbered or TIMESTAMP in value)
        codecs = codec_names(kept.items())
        subject = Subject(peer=str(peer)[:200])
        runs: list[Run] = []
        for report_id in told:
            report = kept[report_id]
            own = own_time(report)
            at = next((us for us in (own, top_us, sent_us) if us is not None), None)
            runs += self._reports.runs(report, report_id, codecs, subject, at, own is None and top_us is None)
        return runs

    def state(self) -> str:
        """What a later reading has to know to go on, as JSON text: no report with addresses or keys is kept."""
        return msgspec.json.encode({"clock_ms": self._clock_ms, "kept": self._kept}).decode()

    def resume(self, state: str) -> None:
        """Go on where a reading that left this state has ended."""
        told = msgspec.json.decode(state)
        self._clock_ms, self._kept = told["clock_ms"], told["kept"]

    def _tick(self, rest: list[Any]) -> int | None:
        """Instant of a row by the clock that it was written by."""
        told = next((one for one in rest if _is_ms(one)), rest[-1] if rest else None)
        if isinstance(told, bool) or not isinstance(told, int | float):
            return None
        self._clock_ms = told if told >= LEAST_INSTANT_MS else self._clock_ms + told
        return clock.instant(self._clock_ms)


def _merged(kept: dict[str, Report], value: dict[str, Any], sparse: bool) -> list[str]:
    """Merge what a row tells into the reports that are kept; ids of those that it tells of, of all if it is sparse."""
    told = []
    for report_id, change in value.items():
        if change is None:
            kept.pop(report_id, None)
        elif isinstance(change, dict):
            _merge(kept, report_id, _named(change) if sparse else change)
            told.append(report_id)
    if sparse:  # an unchanged time is that of the row
        for report_id in kept.keys() - set(told):
            kept[report_id].pop("timestamp", None)
    return [report_id for report_id in (kept if sparse else told) if report_id in kept]


def _merge(kept: dict[str, Report], report_id: str, change: Report) -> None:
    before = kept.get(report_id, {})
    report = dict(before)
    for name, value in change.items():
        held = before.get(name)
        if isinstance(value, dict):
            report[name] = {**(held if isinstance(held, dict) else {}), **value}
        elif (name in _WORDS_KEPT and isinstance(value, str)) or is_number(value):
            report[name] = value
    if "timestamp" not in change:
        report.pop("timestamp", None)
    if report.get("type") not in UNKEPT or report.get("type") == "codec":
        kept[report_id] = report


def _named(change: Report) -> Report:
    report = {NAMES.get(name, "timestamp" if name == TIMESTAMP else name): one for name, one in change.items()}
    if isinstance(report.get("type"), int):
        report["type"] = TYPES.get(report["type"], str(report["type"]))
    return report


def _is_ms(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= LEAST_INSTANT_MS


def _row(line: bytes) -> list[Any] | None:
    try:
        row = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return row if isinstance(row, list) and len(row) >= 3 else None
