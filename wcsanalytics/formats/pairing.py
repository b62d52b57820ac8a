"""Which answer belongs to which request, within one input.

REST hooks carry no request id. A thread of the server waits for its answer, so with thread names each thread holds one
open request: its answer or error closes it, and the next request of that thread closes it as unanswered. Without
threads an answer that echoes its request takes the latest open request with the same URL and the same body; every
other answer is left as a half. Both rules match like brackets do, so an input may be cut anywhere: what is left open
at one side of the cut meets its other half in the view `paired_halves`, whatever the order of ingest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import inf
from typing import Literal, TypeVar

import msgspec
from msgspec.structs import replace

ANSWER_WITHIN_US = 60_000_000
"""Without threads: 15 s, the server's request timeout, four times (one try, three retries)."""

Direction = Literal["send", "answer", "error", "torn"]
"""`torn` is a half that can't be read: it only tells that its thread went on."""


class Half(msgspec.Struct, frozen=True, gc=False):
    """One half of an exchange, or an error in the place of an answer. `at` is µs by the clock of its source."""

    direction: Direction
    at: int | None
    thread: str | None
    url: str | None
    body: bytes | None
    line: int
    byte_offset: int
    length: int
    error: str | None = None
    hook: str | None = None
    dated_by: str | None = None

    @property
    def asked_of(self) -> Asked:
        """What an answer has in common with its request: the URL, or the hook where a capture tells no URL."""
        return self.url, self.hook


class Exchange(msgspec.Struct, frozen=True, gc=False):
    """A request with its answer, or one of them alone; `open` if the other half may stand in another input."""

    send: Half | None
    answer: Half | None
    open: bool = False

    @property
    def is_pair(self) -> bool:
        """Whether both halves are here."""
        return self.send is not None and self.answer is not None

    @property
    def lead(self) -> Half:
        """The half that tells of the exchange: the request, if it is here."""
        lead = self.send or self.answer
        assert lead is not None
        return lead


Asked = tuple[str | None, str | None]
K = TypeVar("K")

HEAD = 256
"""Bodies are first told apart by their length and so much of their head, since to hash all of them would take long."""


class Pairing:
    """Finds the pairs of one input, half by half; what is left at its end comes out of `rest`."""

    def __init__(self, canonical: Callable[[bytes], bytes], edges: list[Half] | None = None) -> None:
        """`canonical` gives a body's form in which an echo equals its request.

        Of a stretch of an input `edges` takes what other stretches may pair: the answers before a thread's first
        request, requests at its end, and in the place of the first request a torn half. The edges of all stretches, in
        their order, leave what the halves of the whole input would leave, since pairs match like brackets.
        """
        self._edges = edges
        self._slots: dict[str, Half | None] = {}
        self._bodies = _OpenRequests(canonical)
        self._latest: Half | None = None

    def feed(self, halves: Iterable[Half]) -> list[Exchange]:
        """Exchanges that these halves complete or close."""
        made: list[Exchange] = []
        for half in halves:
            if half.thread is None:
                self._by_body(half, made)
            else:
                self._by_thread(half, half.thread, made)
        return made

    def rest(self) -> Iterator[Exchange]:
        """Requests that are still open, in the order of their places."""
        left = [half for half in self._slots.values() if half is not None]
        if self._latest is not None:
            self._bodies.add(self._latest)
        left += self._bodies.older_than(None)
        left.sort(key=lambda half: half.byte_offset)
        if self._edges is None:
            yield from (Exchange(half, None, open=True) for half in left)
        else:
            self._edges += left

    def _by_thread(self, half: Half, thread: str, made: list[Exchange]) -> None:
        slots = self._slots
        waiting = slots.get(thread)
        if self._edges is not None and thread not in slots:
            is_answer = half.direction in ("answer", "error")
            self._edges.append(half if is_answer else replace(half, direction="torn", body=None))
            if is_answer:
                return
        if half.direction == "send" or half.direction == "torn":
            slots[thread] = half if half.direction == "send" else None
            if waiting is not None:
                made.append(Exchange(waiting, None))
        elif waiting is not None and (
            half.direction == "error" or (half.url == waiting.url and half.hook == waiting.hook)
        ):
            slots[thread] = None
            made.append(Exchange(waiting, half))
        else:
            made.append(Exchange(None, half, open=thread not in slots))
            slots.setdefault(thread, None)

    def _by_body(self, half: Half, made: list[Exchange]) -> None:
        latest, self._latest = self._latest, None
        if latest is not None:
            # of most exchanges nothing stands between request and answer, so that nothing need be sought
            if half.body == latest.body and _is_echoed(latest, half):
                made.append(Exchange(latest, half))
                return
            self._bodies.add(latest)
        if half.at is not None and half.at - ANSWER_WITHIN_US > self._bodies.first_at:
            made += [Exchange(old, None, open=True) for old in self._bodies.older_than(half.at - ANSWER_WITHIN_US)]
        if half.direction == "send":
            self._latest = half
        if half.direction in ("send", "torn"):
            return
        send = self._bodies.echoed_by(half) if half.direction == "answer" and half.body else None
        if send is None and self._edges is not None:
            self._edges.append(half)
        else:
            made.append(Exchange(send, half, open=send is None))


def _is_echoed(send: Half, answer: Half) -> bool:
    """Whether the answer, whose body is that of the request, repeats it, in time."""
    if answer.direction != "answer" or not answer.body or answer.url != send.url or answer.hook != send.hook:
        return False
    return send.at is None or answer.at is None or answer.at - send.at <= ANSWER_WITHIN_US


class _OpenRequests:
    """Requests without a thread that wait for their answer."""

    def __init__(self, canonical: Callable[[bytes], bytes]) -> None:
        self._canonical = canonical
        self._waiting: dict[int, Half] = {}
        self._alike: dict[Asked, _Alike] = {}
        self.first_at: float = inf
        """No request is too old before this one is: the time of the one that waits first, or less."""

    def add(self, half: Half) -> None:
        if not self._waiting:
            self.first_at = _at(half)
        self._waiting[half.byte_offset] = half
        asked = half.asked_of
        alike = self._alike.get(asked)
        if alike is None:
            alike = self._alike[asked] = _Alike(self._canonical)
        alike.add(half)

    def echoed_by(self, answer: Half) -> Half | None:
        """Take out the latest request that the answer echoes, to the byte or in other key order and escapes."""
        alike = self._alike.get(answer.asked_of)
        send = alike.echoed_by(answer.body or b"") if alike else None
        return None if send is None else self._take_out(send)

    def older_than(self, instant: int | None) -> list[Half]:
        """Take out the requests from before the instant, all of them where none is given."""
        old = []
        for half in self._waiting.values():
            if instant is not None and half.at is not None and half.at >= instant:
                break
            old.append(half)
        for half in old:
            self._take_out(half)
        first = next(iter(self._waiting.values()), None)
        self.first_at = inf if first is None else _at(first)
        return old

    def _take_out(self, half: Half) -> Half:
        del self._waiting[half.byte_offset]
        self.first_at = -inf
        asked = half.asked_of
        if not self._alike[asked].take_out(half):
            del self._alike[asked]
        return half


def _at(half: Half) -> float:
    return -inf if half.at is None else half.at


class _Alike:
    """Open requests that ask the same, latest first by their body."""

    def __init__(self, canonical: Callable[[bytes], bytes]) -> None:
        self._canonical = canonical
        self._by_body: dict[tuple[int, bytes], list[Half]] = {}
        self._by_form: dict[bytes, list[Half]] = {}
        self._forms: dict[int, bytes] = {}
        self._without_form: dict[int, Half] = {}

    def add(self, half: Half) -> None:
        self._by_body.setdefault(_key(half.body or b""), []).append(half)
        self._without_form[half.byte_offset] = half

    def echoed_by(self, body: bytes) -> Half | None:
        """The latest with this body."""
        send = self._latest(body)
        if send is None and b"\\/" in body:  # as PHP writes it
            send = self._latest(body.replace(b"\\/", b"/"))
        return send or self._latest_in_other_form(body)

    def take_out(self, half: Half) -> bool:
        """Whether others are left."""
        _drop(self._by_body, _key(half.body or b""), half)
        if self._without_form.pop(half.byte_offset, None) is None:
            _drop(self._by_form, self._forms.pop(half.byte_offset), half)
        return bool(self._by_body)

    def _latest(self, body: bytes) -> Half | None:
        for half in reversed(self._by_body.get(_key(body), ())):
            if half.body == body:
                return half
        return None

    def _latest_in_other_form(self, body: bytes) -> Half | None:
        """Canonical forms cost more than a comparison of bytes: only made once an answer needs them."""
        for half in self._without_form.values():
            form = self._forms[half.byte_offset] = self._canonical(half.body or b"")
            self._by_form.setdefault(form, []).append(half)
        self._without_form.clear()
        same = self._by_form.get(self._canonical(body))
        return same[-1] if same else None


def _key(body: bytes) -> tuple[int, bytes]:
    return len(body), body[:HEAD]


def _drop(stacks: dict[K, list[Half]], key: K, half: Half) -> None:
    stack = stacks[key]
    if stack[-1] is half:
        stack.pop()
    else:
        stack.remove(half)
    if not stack:
        del stacks[key]
