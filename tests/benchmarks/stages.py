"""Where the time goes while a server log becomes parts: CPU time of each stage but for the stages that it calls.

The functions that make a stage are timed where they stand, so that each is fed what it is fed in earnest.
"""

from __future__ import annotations

import functools
import importlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

QUIET_S = 0.00144
"""What one turn of the fixed loop takes on a quiet machine of the kind that the gates were set on."""

STAGES: dict[str, tuple[str, ...]] = {
    "split": ("formats.events:Events.feed",),
    "times": ("formats.dating:Dater.local", "formats.dating:Dater._finished"),
    "pair": ("formats.pairing:Pairing.feed",),
    "decode": ("formats.exchanges:decode",),
    "transpose": ("formats.decoding:_array",),
    "redact": ("formats.decoding:redacted", "redact:text"),
    "rows": ("formats.exchanges:Exchanges._made",),
    "sort": ("store.parts:in_order",),
    "write": ("store.parts:_OpenPart.write", "store.parts:_OpenPart.finish"),
}
"""The functions, none of them a generator, that make each stage."""

WALK = "walk: blocks to halves, other lines, all else"


class Stopwatch:
    """CPU time by stage; a stage within another takes its time from the outer one."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()
        self._running: list[str] = [WALK]
        self._since = time.process_time()

    def enter(self, stage: str) -> None:
        """A stage begins."""
        self._lap()
        self._running.append(stage)

    def leave(self) -> None:
        """The stage ends."""
        self._lap()
        self._running.pop()

    def _lap(self) -> None:
        now = time.process_time()
        self.spent[self._running[-1]] += now - self._since
        self._since = now

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, counted as that stage."""

        @functools.wraps(function)
        def timed(*arguments: Any, **named: Any) -> Any:
            self.enter(stage)
            try:
                return function(*arguments, **named)
            finally:
                self.leave()

        return timed


@contextmanager
def _replaced(place: str, change: Callable[[Any], Any]) -> Iterator[None]:
    """Another function in that place while the block runs."""
    module, _, path = place.partition(":")
    owner = importlib.import_module(f"wcsanalytics.{module}")
    *parents, name = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    usual = getattr(owner, name)
    setattr(owner, name, change(usual))
    try:
        yield
    finally:
        setattr(owner, name, usual)


def once(log: Path) -> Counter[str]:
    """CPU seconds of each stage in one reading of the log."""
    from wcsanalytics.formats import Context, server_log
    from wcsanalytics.sources import CHUNK
    from wcsanalytics.store.parts import PartWriter

    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="wcsanalytics-benchmark-")))
        source = stack.enter_context(log.open("rb"))
        watch = Stopwatch()
        for stage, places in STAGES.items():
            for place in places:
                stack.enter_context(_replaced(place, functools.partial(watch.timed, stage)))
        writer = PartWriter(folder, 1)
        for table, rows in server_log.read(iter(lambda: source.read(CHUNK), b""), Context("s")):
            writer.add(table, rows)
        writer.finish()
        watch.enter(WALK)
    return watch.spent


def where(log: Path, halves: int, rounds: int) -> dict[str, float]:
    """Median µs a half of each stage, as a quiet machine would take them."""
    seen: dict[str, list[float]] = {name: [] for name in (*STAGES, WALK)}
    for _ in range(rounds):
        before = fixed_loop()
        spent = once(log)
        slowness = (before + fixed_loop()) / 2 / QUIET_S
        for name, values in seen.items():
            values.append(spent[name] / slowness / halves * 1e6)
    return {name: median(values) for name, values in seen.items()}


_TEXT = json.dumps({f"a{number}": ["x" * 20, number, {"k": None}] for number in range(300)})


def fixed_loop() -> float:
    """CPU seconds that one turn of the same small work takes now, by the best of some."""
    return min(_turn() for _ in range(40))


def _turn() -> float:
    began = time.process_time()
    for _ in range(12):
        told = json.loads(_TEXT)
        sum(len(key) + len(value[0]) for key, value in told.items())
        sorted(told)
    return time.process_time() - began
