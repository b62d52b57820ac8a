"""Hook captures: JSON as a backend, a proxy or `jq` leaves it; an exchange, or half of one, a value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec.structs import replace

from wcsanalytics import clock
from wcsanalytics.formats.dating import finished
from wcsanalytics.formats.decoding import BadBody
from wcsanalytics.formats.envelopes import Told, is_hook, told
from wcsanalytics.formats.exchanges import Exchanges, Refused, Rows, hook_and_family
from wcsanalytics.formats.pairing import Exchange, Half
from wcsanalytics.formats.reading import Batch, Chunks, Context, Resume
from wcsanalytics.formats.refusals import Refusals
from wcsanalytics.formats.rows import AT_ONCE
from wcsanalytics.formats.usual_envelopes import Envelopes
from wcsanalytics.formats.values import Lines, Value, Values

LOOKED_AT = 20
"""So many values of a head are looked at: the first of a cut capture may be torn."""

MAX_LATENCY_MS = clock.DAY_MS
"""A longer or negative latency is none."""

_HOOK_IN_TEXT = re.compile(rb'"(?:url|uri|path|method|hook|event)"\s*:\s*"([^"\\]{1,512})"')


def recognises(head: bytes, file_name: str) -> bool:
    """Whether one of the first values tells of a hook; of a value longer than the head, its beginning."""
    cut = Values(0, 1)
    values = [*cut.feed(head), *cut.feed(b"", last=True)][:LOOKED_AT]
    if any(isinstance(one, Told) and is_hook(one) for one in (_told_or_reason(value, file_name) for value in values)):
        return True
    named = _HOOK_IN_TEXT.findall(head) if not values else []
    return any(hook_and_family(name.decode("latin-1"))[1] != "other" for name in named)


def read(chunks: Chunks, context: Context) -> Iterator[Batch]:
    """Batches of the hook tables and `rejected`."""
    reader = _Reader(context)
    values = Values(context.resume.byte_offset, context.resume.line, context.options.caps.record_bytes)
    for chunk in chunks:
        yield from reader.take(values.pieces(chunk))
    yield from reader.take(values.pieces(b"", last=True))
    yield from reader.end()
    context.reached = Resume(values.reached, values.line)
    context.books.halves += values.pending
    context.books.pending += values.pending


class _Reader:
    """The walk over one capture, value by value."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._exchanges = Exchanges(context)
        self._refusals = Refusals(context)
        self._envelopes = Envelopes(context.file_name, context.options.zone)
        self._doubted = False

    def take(self, pieces: Iterable[Value | Lines]) -> Iterator[Batch]:
        """Batches that these pieces complete."""
        found: list[Half | Value] = []
        for piece in pieces:
            found += [piece] if isinstance(piece, Value) else self._envelopes.read(piece)
            if len(found) >= AT_ONCE:
                yield from self._taken(found)
                found = []
        yield from self._taken(found)

    def _taken(self, found: Sequence[Half | Value]) -> Iterator[Batch]:
        halves = [item for item in found if isinstance(item, Half)]
        if len(halves) < len(found):
            yield from self._batches(self._rows(list(self._told(found))))
        else:
            self._context.books.halves += len(halves)
            yield from self._batches(self._exchanges.feed(halves))

    def end(self) -> Iterator[Batch]:
        """Batches of what is still open at the end."""
        yield from self._batches(self._exchanges.finish())
        yield from self._refusals.finish()
        if self._doubted:
            self._context.doubts.append("some records tell no time; they are dated by their file or not at all")

    def _told(self, found: Sequence[Half | Value]) -> Iterator[Half | Told]:
        """What the values tell; what tells of no hook is refused."""
        for item in found:
            if isinstance(item, Half):
                yield item
                continue
            one = _told_or_reason(item, self._context.file_name)
            if isinstance(one, Told):
                yield one
            else:
                self._context.books.halves += 1
                self._context.books.rejected += 1
                self._refusals.add(item.place, one, item.n_lines)

    def _rows(self, told: Sequence[Half | Told]) -> Iterator[Rows | Refused]:
        exchanges = iter(_dated([one for one in told if isinstance(one, Told)], self._context))
        halves: list[Half] = []
        pairs: list[Exchange] = []
        for one in told:
            if isinstance(one, Half):
                halves.append(one)
                continue
            exchange = next(exchanges)
            send, answer = exchange.send, exchange.answer
            self._doubted |= send is not None and send.dated_by in ("mtime", "assumed")
            if send and answer:
                pairs.append(exchange)
            else:
                halves.append(exchange.lead)
        self._context.books.halves += len(halves) + 2 * len(pairs)
        yield from self._exchanges.rows(pairs)
        yield from self._exchanges.feed(halves)

    def _batches(self, rows: Iterator[Rows | Refused]) -> Iterator[Batch]:
        for item in rows:
            if isinstance(item, Refused):
                self._refusals.add(item.place, item.reason)
            else:
                yield finished(item, lambda local: local, "record")


def _told_or_reason(value: Value, file_name: str) -> Told | str:
    if value.reason:
        return value.reason
    try:
        return told(value.text, value.place, file_name) or "no_hook"
    except BadBody as problem:
        return str(problem)
    except UnicodeDecodeError:
        return "invalid_utf8"
    except msgspec.DecodeError:
        return "invalid_json"
    except RecursionError:
        return "too_deep"


def _dated(all_told: Sequence[Told], context: Context) -> list[Exchange]:
    """The halves with their instants; a record that tells no time is dated by its ids or its file."""
    times = [at for one in all_told for at in (one.sent, one.answered) if at is not None]
    instants = iter(clock.instants(times, context.options.zone).tolist())

    def instant(told: object) -> int | None:
        at: int = clock.NO_INSTANT if told is None else next(instants)
        return None if at == clock.NO_INSTANT else at

    made = []
    for one in all_told:
        at, answered_at = instant(one.sent), instant(one.answered)
        if answered_at is None and at is not None and one.latency_ms is not None:
            answered_at = at + round(one.latency_ms * 1000) if 0 <= one.latency_ms <= MAX_LATENCY_MS else None
        send = one.send and _with_time(one.send, at, context)
        made.append(Exchange(send, one.answer and replace(one.answer, at=answered_at)))
    return made


def _with_time(half: Half, at: int | None, context: Context) -> Half:
    if at is not None:
        return replace(half, at=at)
    estimate, dated_by = _estimated(half.body or b"", context)
    return replace(half, at=estimate, dated_by=dated_by)


def _estimated(body: bytes, context: Context) -> tuple[int | None, str]:
    """Instant of a request that tells none: its createDate, its UUID, its file's time."""
    fields = _fields_or_none(body)
    if fields.get("status") in ("PENDING", "PUBLISHING", "PLAYING"):
        created = fields.get("createDate")
        if isinstance(created, int) and (at := clock.instant(created)) is not None:
            return at, "create_date"
    for key in ("mediaSessionId", "callId", "operationId"):
        name = fields.get(key)
        if isinstance(name, str) and (at := clock.uuid_v1_us(name)) is not None:
            return at, "uuid_v1"
    if context.mtime is not None:
        return round(context.mtime.timestamp() * 1_000_000), "mtime"
    return None, "assumed"


def _fields_or_none(body: bytes) -> dict[str, object]:
    try:
        return msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
