"""Exchanges to rows of the hook tables: shared by every format that tells of hooks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wcsanalytics import redact
from wcsanalytics.formats.decoding import BadBody, Decoded, canonical, comparable, decode, parsed
from wcsanalytics.formats.keys import key_columns
from wcsanalytics.formats.pairing import Exchange, Half, Pairing
from wcsanalytics.formats.reading import Context, Place
from wcsanalytics.protocol import hook_named
from wcsanalytics.remembering import remembered
from wcsanalytics.tables import HOOK_TABLES, Table

ENOUGH = 2048
"""So many exchanges of a family become rows at a time: of few ones what a batch takes would outweigh its rows.

The first do at once, since they may date their source, and then as many as have become rows before.
"""

ENOUGH_BYTES = 16 << 20
"""So many bytes of their halves are enough, too."""

TABLE_OF_FAMILY: dict[str, Table] = {str(table.family): table for table in HOOK_TABLES}


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table whose instants still are by the clock of their source (µs, null = unknown)."""

    table: Table
    columns: dict[str, pa.Array]
    local: dict[str, pa.Array]
    dated_by: pa.Array

    def __len__(self) -> int:
        return len(self.dated_by)


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that is not kept, by its place, and the code that says why."""

    place: Place
    reason: str


class Exchanges:
    """Pairs the halves of one input and turns them into rows."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._pairing = Pairing(_form, context.edges)
        self._waiting = {family: _Waiting() for family in TABLE_OF_FAMILY}

    def feed(self, halves: Iterable[Half]) -> Iterator[Rows | Refused]:
        """Rows of what these halves complete or close, or make enough of."""
        yield from self.rows(self._pairing.feed(halves))

    def finish(self) -> Iterator[Rows | Refused]:
        """Rows of all that waits, and of what is still open at the end of the input."""
        self._wait(list(self._pairing.rest()))
        while any(waiting.exchanges for waiting in self._waiting.values()):
            yield from self._settled(lambda waiting: True)

    def rows(self, exchanges: Sequence[Exchange]) -> Iterator[Rows | Refused]:
        """Rows of the families of which there are enough with these exchanges."""
        self._wait(exchanges)
        yield from self._settled(_Waiting.is_enough)

    def _wait(self, exchanges: Sequence[Exchange]) -> None:
        leads = _leads(exchanges)
        names = [lead.hook or lead.url for lead in leads]
        waiting_of = {name: self._waiting[hook_and_family(name)[1]] for name in set(names)}
        for exchange, lead, name in zip(exchanges, leads, names, strict=True):
            waiting = waiting_of[name]
            waiting.exchanges.append(exchange)
            waiting.n_bytes += lead.length
            if exchange.answer is not None and exchange.answer is not lead:
                waiting.n_bytes += exchange.answer.length

    def _settled(self, is_due: Callable[[_Waiting], bool]) -> Iterator[Rows | Refused]:
        """Rows of the families that are due; a broken half leaves the other one to wait as a half."""
        for family, waiting in self._waiting.items():
            if waiting.exchanges and is_due(waiting):
                left: list[Exchange] = []
                yield from self._family_rows(TABLE_OF_FAMILY[family], waiting.taken(), left)
                self._wait(left)

    def _family_rows(self, table: Table, exchanges: list[Exchange], left: list[Exchange]) -> Iterator[Rows | Refused]:
        read, answers = yield from self._answers(exchanges, left)
        leads = _leads(read)
        decoded = decode(table, [lead.body or b"{}" for lead in leads], self._context.options.kept_paths)
        for index, reason in sorted(decoded.bad.items()):
            yield self._refused(leads[index], reason)
            if read[index].is_pair:
                left.append(Exchange(None, read[index].answer))
        good = decoded.good()
        if good:
            rows = [read[index] for index in good] if decoded.bad else read
            pairs = len([one for one in rows if one.send is not None and one.answer is not None])
            self._context.books.pairs += pairs
            self._context.books.kept += len(rows) - pairs
            yield self._made(table, rows, [answers[index] for index in good], decoded.without_bad())

    def _answers(
        self, exchanges: list[Exchange], left: list[Exchange]
    ) -> Generator[Refused, None, tuple[list[Exchange], list[_Answer]]]:
        """The exchanges whose answers can be read, or have none; of the others the request is left."""
        echoed = [
            one.send is not None
            and one.answer is not None
            and one.answer.body == one.send.body
            and one.answer.direction == "answer"
            for one in exchanges
        ]
        if all(echoed):
            return exchanges, [_ECHO] * len(exchanges)
        read: list[Exchange] = []
        answers: list[_Answer] = []
        for exchange, is_echoed in zip(exchanges, echoed, strict=True):
            try:
                answers.append(_ECHO if is_echoed else _answer(exchange))
                read.append(exchange)
            except BadBody as problem:
                assert exchange.answer is not None
                yield self._refused(exchange.answer, str(problem))
                left.append(Exchange(exchange.send, None))
        return read, answers

    def _refused(self, half: Half, reason: str) -> Refused:
        self._context.books.rejected += 1
        return Refused(Place(half.line, half.byte_offset, half.length), reason)

    def _made(self, table: Table, exchanges: list[Exchange], answers: list[_Answer], decoded: Decoded) -> Rows:
        leads = _leads(exchanges)
        replies = [one.answer if one.send else None for one in exchanges]
        columns = dict(decoded.columns)
        columns |= _text_columns(
            hook=_of_each([lead.hook or lead.url for lead in leads], lambda name: hook_and_family(name)[0]),
            url=_of_each([lead.url for lead in leads], clean_url),
            thread=[lead.thread for lead in leads],
            answer=[answer.kind for answer in answers],
            answer_changes=[answer.changes for answer in answers],
            error=[answer.error for answer in answers],
        )
        columns |= _half_columns(exchanges)
        columns["extra"] = decoded.extra
        columns |= _whole_columns(
            line=[lead.line for lead in leads],
            byte_offset=[lead.byte_offset for lead in leads],
            answer_line=[reply.line if reply else None for reply in replies],
            answer_byte_offset=[reply.byte_offset if reply else None for reply in replies],
        )
        columns["source_id"] = pa.repeat(pa.scalar(self._context.source_id), len(exchanges))
        if self._context.options.node:
            columns["node_id"] = pc.coalesce(columns["node_id"], pa.scalar(self._context.options.node))
        columns |= key_columns(*(columns[name] for name in ("node_id", "session_id", "media_session_id", "call_id")))
        local = _whole_columns(
            sent_at=[one.send.at if one.send else None for one in exchanges],
            answered_at=[one.answer.at if one.answer else None for one in exchanges],
        )
        return Rows(table, columns, local, pa.array([lead.dated_by for lead in leads], pa.string()))


@dataclass(slots=True)
class _Waiting:
    """Exchanges of one family that are no rows yet, and how many were before them."""

    exchanges: list[Exchange] = field(default_factory=list)
    n_bytes: int = 0
    n_before: int = 0

    def is_enough(self) -> bool:
        """Whether it is time to make rows of them."""
        return len(self.exchanges) >= min(self.n_before, ENOUGH) or self.n_bytes >= ENOUGH_BYTES

    def taken(self) -> list[Exchange]:
        """All of them, which then wait no more."""
        exchanges = self.exchanges
        self.exchanges, self.n_bytes, self.n_before = [], 0, self.n_before + len(exchanges)
        return exchanges


def _leads(exchanges: Sequence[Exchange]) -> list[Half]:
    """The half of each that tells of the exchange."""
    return [lead for one in exchanges if (lead := one.send or one.answer)]


class _Answer(NamedTuple):
    kind: str | None
    changes: str | None = None
    error: str | None = None


_ECHO = _Answer("echo")


def _answer(exchange: Exchange) -> _Answer:
    """What the answer did. Raises BadBody if the answer to a request can't be read."""
    send, answer = exchange.send, exchange.answer
    if answer is None:
        return _Answer(None if exchange.open else "none")
    if answer.direction == "error":
        return _Answer("error", error=redact.text(answer.error) if answer.error else None)
    if send is None:
        return _Answer("orphan")
    if not answer.body:
        return _Answer("changed", '{"empty":true}')
    told = comparable(parsed(answer.body))
    try:
        asked = comparable(parsed(send.body or b"{}"))
    except BadBody:
        return _Answer("changed")
    changes = changed(asked, told)
    return _Answer("changed", redact.json_text(changes)) if changes else _ECHO


def changed(asked: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    """What an answer sets and removes, redacted; empty for an echo. The macro `changes_between` tells the same.

    >>> changed({"name": "a", "record": False}, {"name": "b"})
    {'set': {'name': 'b'}, 'removed': ['record']}
    """
    if not told and asked:
        return {"empty": True}
    new = {
        redact.text(key): redact.body(value, key)
        for key, value in told.items()
        if key not in asked or not _same(key, asked[key], value)
    }
    removed = sorted(redact.text(key) for key in asked if key not in told)
    return {name: what for name, what in (("set", new), ("removed", removed)) if what}


def _same(key: str, asked: Any, told: Any) -> bool:
    """Whether both are the same JSON but for secrets; 1, 1.0 and true are not."""
    if asked == told and ((type(asked) is type(told) and isinstance(asked, str | int)) or repr(asked) == repr(told)):
        return True
    return redact.json_text(redact.body(asked, key)) == redact.json_text(redact.body(told, key))


def _form(body: bytes) -> bytes:
    """What the bodies of a request and its echo have in common."""
    try:
        return canonical(body).encode()
    except BadBody:
        return body


@remembered(4096)
def hook_and_family(url: str | None) -> tuple[str | None, str]:
    """Hook and family that a URL, or a bare hook name, tells: its last path segment.

    >>> hook_and_family("http://localhost:8081/apps/EchoApp/senddtmf?x=1")
    ('sendDtmf', 'call')
    """
    if not url:
        return None, "other"
    name = unquote(url.split("?", 1)[0].split("#", 1)[0].rstrip("/").rsplit("/", 1)[-1])
    known = hook_named(name)
    return (known.name, known.family) if known else (redact.text(name), "other")


@remembered(4096)
def clean_url(url: str | None) -> str | None:
    """The URL without credentials."""
    return None if url is None else redact.text(url, "url")


def _half_columns(exchanges: Sequence[Exchange]) -> dict[str, pa.Array]:
    """Of each half that stands alone: which it is, whether it is open, digest of its body and the body, redacted."""
    alone = [index for index, one in enumerate(exchanges) if one.send is None or one.answer is None]
    if not alone:
        return {name: pa.nulls(len(exchanges), kind) for name, kind in _HALF.items()}
    places = np.full(len(exchanges), -1)
    places[alone] = range(len(alone))
    spread = pa.array(places, mask=places < 0)
    told = zip(*(_half(exchanges[index]) for index in alone), strict=True)
    return {name: pa.array(some, kind).take(spread) for (name, kind), some in zip(_HALF.items(), told, strict=True)}


_HALF = {"half": pa.string(), "half_open": pa.bool_(), "half_digest": pa.string(), "half_body": pa.string()}


def _half(exchange: Exchange) -> tuple[str, bool, str | None, str | None]:
    which = "send" if exchange.send is not None else "answer"
    try:
        form = canonical(exchange.lead.body or b"")
    except BadBody:  # no body, or one whose secrets can't be told apart
        return which, exchange.open, None, None
    return which, exchange.open, hashlib.blake2b(form.encode(), digest_size=10).hexdigest(), form


def _of_each(names: list[str | None], told: Callable[[str | None], str | None]) -> list[str | None]:
    """What is told of each name, asked once for each that differs."""
    by_name = {name: told(name) for name in set(names)}
    return [by_name[name] for name in names]


def _text_columns(**columns: Sequence[str | None]) -> dict[str, pa.Array]:
    return {name: pa.array(values, pa.string()) for name, values in columns.items()}


def _whole_columns(**columns: Sequence[int | None]) -> dict[str, pa.Array]:
    return {name: pa.array(values, pa.int64()) for name, values in columns.items()}
