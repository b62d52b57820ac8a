"""Writing the day down as it happens: the server's threads, its rolled log, the backend's capture."""

import heapq
import itertools
from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path
from typing import IO, NamedTuple

from sample_data.stage import Exchange, Fate, ServerLine, Stage
from sample_data.wire import Text, clock_time, iso_time, log_line

DAY_MS = 86_400_000
TIMEOUT_MS = 15_000

Heard = Callable[[int, Exchange], None]

_STACKS = {
    Fate.TIMED_OUT: (
        "java.net.SocketTimeoutException: Read timed out\n"
        "\tat java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:283)\n"
        "\tat java.base/sun.nio.ch.NioSocketImpl.implRead(NioSocketImpl.java:309)\n"
        "\tat java.base/java.lang.Thread.run(Thread.java:840)\n"
    ),
    Fate.REFUSED: (
        "java.io.IOException: Server returned HTTP response code: 403 for URL: {url}\n"
        "\tat java.base/java.lang.Thread.run(Thread.java:840)\n"
    ),
}


class _Act(Enum):
    ASK = auto()
    ASK_AGAIN = auto()
    ANSWER = auto()
    ERROR = auto()
    SILENCE = auto()
    LINE = auto()


_AFTER_ASKING = {
    Fate.ANSWERED: (_Act.ANSWER, 0),
    Fate.REFUSED: (_Act.ERROR, 0),
    Fate.TIMED_OUT: (_Act.ERROR, TIMEOUT_MS),
    Fate.RETRIED: (_Act.ASK_AGAIN, TIMEOUT_MS),
    Fate.LOST: (_Act.SILENCE, TIMEOUT_MS),
}


class _Step(NamedTuple):
    at: int
    order: int
    act: _Act
    what: Exchange | ServerLine
    thread: str = ""
    asked_at: int = 0


class Tape:
    """Takes happenings in any order and writes them in order of time, as far as they are settled."""

    def __init__(
        self, stage: Stage, logs: Path, day: str, *, backend: Path | None = None, heard: Heard | None = None
    ) -> None:
        """`logs` is the folder of the server log, `backend` the file of its capture; `heard` is told each exchange."""
        self._stage = stage
        self._logs = logs
        self._heard = heard
        self._steps: list[_Step] = []
        self._order = itertools.count()
        self._idle_threads = deque(f"API-ASYNC-pool-7-thread-{number}" for number in range(1, 9))
        self._threads = len(self._idle_threads)
        self._log = _open(logs / f"flashphoner.log.{day}")
        self._is_rolled = False
        self._backend = _open(backend) if backend else None

    def close(self) -> None:
        """Close the files."""
        self._log.close()
        if self._backend:
            self._backend.close()

    def write_until(self, now: float) -> None:
        """Write all that happened before `now`; nothing earlier may come later."""
        for at, what in self._stage.happenings:
            act = _Act.LINE if isinstance(what, ServerLine) else _Act.ASK
            heapq.heappush(self._steps, _Step(at, next(self._order), act, what))
        self._stage.happenings.clear()
        while self._steps and self._steps[0].at < now:
            self._take(heapq.heappop(self._steps))

    def _take(self, step: _Step) -> None:
        if not self._is_rolled and step.at >= self._stage.midnight + DAY_MS and step.act is not _Act.SILENCE:
            self._log.close()
            self._log = _open(self._logs / "flashphoner.log")
            self._is_rolled = True
        if isinstance(step.what, ServerLine):
            self._line(step.at, step.what)
        elif step.act in (_Act.ASK, _Act.ASK_AGAIN):
            self._ask(step, step.what)
        else:
            self._settle(step, step.what)

    def _line(self, at: int, line: ServerLine) -> None:
        self._log.write(log_line(self._time_of_day(at), line.level, line.logger, line.thread, line.message))
        self._stage.truth.other_lines += 1 + line.message.count("\n")

    def _ask(self, step: _Step, exchange: Exchange) -> None:
        truth, is_first = self._stage.truth, step.act is _Act.ASK
        thread = step.thread or self._idle_thread()
        if self._heard and is_first:
            self._heard(step.at, exchange)
        self._half(step.at, thread, "SEND", exchange, exchange.question)
        truth.exchanges += 1
        truth.retries += not is_first
        truth.unanswered += not is_first  # the first of two identical questions never gets its answer
        act, wait_ms = _AFTER_ASKING[exchange.fate if is_first else Fate.ANSWERED]
        at = step.at + wait_ms + exchange.latency_ms
        heapq.heappush(self._steps, _Step(at, next(self._order), act, exchange, thread, step.at))

    def _settle(self, step: _Step, exchange: Exchange) -> None:
        truth = self._stage.truth
        if step.act is _Act.ANSWER:
            self._half(step.at, step.thread, "RECEIVED", exchange, exchange.answer)
            truth.answered += 1
        elif step.act is _Act.ERROR:
            message = "Got exception in REST \n" + _STACKS[exchange.fate].format(url=exchange.url)
            self._log.write(log_line(self._time_of_day(step.at), "ERROR", "RestClient", step.thread, message[:-1]))
            truth.errors += 1
        else:
            truth.unanswered += 1
        midnight = self._stage.midnight + DAY_MS
        truth.cut_by_rotation += step.asked_at < midnight <= step.at and step.act is not _Act.SILENCE
        self._idle_threads.append(step.thread)

    def _half(self, at: int, thread: str, direction: str, exchange: Exchange, text: Text) -> None:
        arrow = "==>" if direction == "SEND" else "<=="
        self._log.write(
            f"{clock_time(self._time_of_day(at))} INFO            RestClient - {thread} {direction} REST OBJECT {arrow}"
            f"\nURL:{exchange.url}\nOBJECT:\n{text.pretty}\n"
        )
        if self._backend:
            self._backend.write(
                f'{{"ts":"{iso_time(at)}","direction":"{direction}","url":"{exchange.url}",'
                f'"method":"{exchange.method}","body":{text.compact}}}\n'
            )

    def _time_of_day(self, at: int) -> int:
        return (at - self._stage.midnight) % DAY_MS

    def _idle_thread(self) -> str:
        if self._idle_threads:
            return self._idle_threads.popleft()
        self._threads += 1
        return f"API-ASYNC-pool-7-thread-{self._threads}"


def _open(path: Path) -> IO[str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("w", encoding="utf-8", newline="\n", buffering=1 << 20)
