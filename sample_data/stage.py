"""What scenes are played on: clients that send hooks, the server's other lines, and the truth about the day."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from random import Random
from typing import Any, NamedTuple

from sample_data import cast
from sample_data.wire import Body, Text, text_of, with_escaped_slashes


class Fate(Enum):
    """What becomes of a request to the backend."""

    ANSWERED = "the backend answers"
    LOST = "nothing more is logged"
    RETRIED = "asked again after 15 s, then answered"
    TIMED_OUT = "no answer within 15 s"
    REFUSED = "the backend answers 403"


class Exchange(NamedTuple):
    """One request to the backend and what comes back."""

    url: str
    method: str
    question: Text
    answer: Text
    latency_ms: int
    fate: Fate


class ServerLine(NamedTuple):
    """A line of the server log that is no hook; its message may carry a stack trace."""

    level: str
    logger: str
    thread: str
    message: str


class App(NamedTuple):
    """An application of the node and the backend behind it."""

    key: str
    url: str
    is_php: bool = False


_ECHO = "http://localhost:8081/apps/EchoApp"
DEFAULT_APP = App("defaultApp", _ECHO)
ROOM_APP = App("roomApp", _ECHO)
FLASH_APP = App("flashStreamingApp", _ECHO)
WEBINAR_APP = App("webinar", "http://203.0.113.200/wcs/index.php", is_php=True)


_MUTTERINGS = (
    ("INFO", "Publication", "Key frame requested, {n} ms since the last one"),
    ("INFO", "WSClient", "{session} queue is empty after {n} messages"),
    ("INFO", "WSClient", "{session} answered the ping after {n} ms"),
    ("INFO", "Publication", "Receiver report, {n} packets since the last one"),
    ("INFO", "SessionManager", "Cleaned up in {n} ms"),
    ("INFO", "ServerStatistics", '{{"threads" : {n}, "waiting" : [ ]}}'),
    ("WARN", "WSClient", "{session} is slow, {n} messages wait"),
)


@dataclass
class Truth:
    """What really happened on the day; `exchanges` = answered + errors + unanswered."""

    exchanges: int = 0
    answered: int = 0
    errors: int = 0
    unanswered: int = 0
    retries: int = 0
    cut_by_rotation: int = 0
    other_lines: int = 0
    sessions: Counter[str] = field(default_factory=Counter)
    streams: Counter[str] = field(default_factory=Counter)
    streams_ended_how: Counter[str] = field(default_factory=Counter)
    stream_infos: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    answered_calls_ended_how: Counter[str] = field(default_factory=Counter)
    registrations: Counter[str] = field(default_factory=Counter)


@dataclass
class Stage:
    """One node on one day. Scenes put happenings on it in any order; times are epoch ms in UTC."""

    rng: Random
    midnight: int
    end: int
    rounds: int
    truth: Truth = field(default_factory=Truth)
    happenings: list[tuple[int, Exchange | ServerLine]] = field(default_factory=list)
    clients: int = 0
    encoders: int = 0

    def seconds(self, low: float, high: float) -> int:
        """A random span, given in seconds, in ms."""
        return int(self.rng.uniform(low, high) * 1000)

    def log(self, at: int, level: str, logger: str, message: str, thread: str = "") -> None:
        """Put one line that is no hook into the server log."""
        thread = thread or f"Worker-{self.rng.randrange(1, 9)}"
        self.happenings.append((at, ServerLine(level, logger, thread, message)))

    def latency_ms(self, app: App) -> int:
        """Time a backend takes: some ms as a rule, seldom more than a second."""
        usual = 2 + 5 * (1.0 - self.rng.random()) ** -0.8
        return min(int(usual * (4 if app.is_php else 1)), 4000)


@dataclass
class Client:
    """One session as the node sees it, with the time at which it acts next."""

    stage: Stage
    app: App
    session_id: str
    page: cast.Page
    number: int
    about: Body
    at: int

    def wait(self, low: float, high: float) -> None:
        """Let a random number of seconds pass."""
        self.at += self.stage.seconds(low, high)

    def new_id(self) -> str:
        """A UUID of version 1 by the client's own clock, made a moment ago."""
        made_at = self.at + self.page.skew_ms - self.stage.rng.randrange(30, 90)
        return cast.uuid1(self.stage.rng, made_at, self.page.uuid_tail)

    def hook(
        self, method: str, fields: Body, changes: Mapping[str, Any] | None = None, fate: Fate = Fate.ANSWERED
    ) -> None:
        """Send one hook; `changes` is what the backend's answer replaces or adds."""
        body = {"nodeId": cast.NODE_ID, "appKey": self.app.key, "sessionId": self.session_id, **fields}
        latency_ms = self.stage.latency_ms(self.app)
        question = text_of(body)
        answer = _answer(self.app, body, question, changes)
        exchange = Exchange(f"{self.app.url}/{method}", method, question, answer, latency_ms, fate)
        self.stage.happenings.append((self.at, exchange))
        if self.stage.rng.random() < 0.3:
            self._mutter(latency_ms)
        waited_ms = 15_000 if fate in (Fate.LOST, Fate.RETRIED, Fate.TIMED_OUT) else 0
        self.at += waited_ms + latency_ms + self.stage.rng.randrange(1, 5)

    def _mutter(self, within_ms: int) -> None:
        """The server logs something of its own, most often between the question and its answer."""
        rng = self.stage.rng
        level, logger, message = rng.choice(_MUTTERINGS)
        at = self.at + rng.randrange(within_ms + 1)
        self.stage.log(at, level, logger, message.format(session=self.session_id, n=rng.randrange(2, 90)))

    def event(self, method: str, fields: Body) -> None:
        """Send a notification, for which the client need not wait; now and then one goes astray."""
        luck, at = self.stage.rng.random(), self.at
        fate = Fate.LOST if luck < 0.003 else Fate.RETRIED if luck < 0.005 else Fate.ANSWERED
        self.hook(method, fields, fate=fate)
        self.at = min(self.at, at + 1500)


def _answer(app: App, body: Body, question: Text, changes: Mapping[str, Any] | None) -> Text:
    if app.is_php and "sdp" in body:  # PHP backends are known to blank it
        changes = {"sdp": "", **(changes or {})}
    answer = text_of({**body, **changes}) if changes else question
    return with_escaped_slashes(answer) if app.is_php else answer
