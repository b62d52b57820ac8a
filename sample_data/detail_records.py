"""The server's own books: a line for each stream, call, connection and SIP message, once it is over.

The layouts of CDR, MDR and CONNDR are not documented; these follow what is known of them.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import NamedTuple

from sample_data import cast
from sample_data.stage import Exchange, Fate
from sample_data.wire import Body

STREAM_ENDS = ("UNPUBLISHED", "STOPPED", "FAILED")
CALL_ENDS = {"FINISH": "NO_ANSWER", "BUSY": "BUSY", "FAILED": "FAILED"}
SESSION_ENDS = {"DISCONNECTED": "Normal disconnect", "FAILED": "Connection failed"}
FILES = ("sdr", "cdr", "mdr", "conndr")


class Planted(NamedTuple):
    """A place where the books disagree with the hooks: what it is about, its id, and in what they differ."""

    about: str
    id: str
    differs: str


@dataclass
class _Open:
    """What goes on: since when, what was last told of it, and when it was answered."""

    at: int
    body: Body
    answered_at: int | None = None


@dataclass
class Books:
    """Listens to hooks in their order and keeps the books of one node; `planted` lists what it got wrong on purpose."""

    folder: Path
    rng: Random
    ahead_ms: int
    zone: str
    planted: list[Planted] = field(default_factory=list)
    _open: dict[tuple[str, str], _Open] = field(default_factory=dict)
    _lines: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in FILES})
    _viewers: dict[str, int] = field(default_factory=dict)
    _ended: dict[str, int] = field(default_factory=dict)

    def hear(self, at: int, exchange: Exchange) -> None:
        """Take note of one hook."""
        body: Body = json.loads(exchange.question.compact)
        if exchange.method in ("connect", "ConnectionStatusEvent", "RegistrationStatusEvent"):
            self._session(at, exchange.method, body)
        elif "mediaSessionId" in body:
            self._stream(at, exchange.method, body)
        elif "callId" in body and exchange.fate is not Fate.REFUSED:  # such a call never comes to SIP
            self._call(at, exchange.method, body)

    def write(self) -> None:
        """Write the files."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, lines in self._lines.items():
            (self.folder / f"{name}.log").write_text("".join(lines), encoding="utf-8", newline="\n")

    def _session(self, at: int, method: str, body: Body) -> None:
        key = ("session", body["sessionId"])
        status = body.get("status")
        if method == "connect" and "clientVersion" in body:  # others don't speak WebSocket
            self._open[key] = _Open(at, body)
        elif status == "REGISTERED":
            self._message(at, body["sipLogin"])
        elif method == "ConnectionStatusEvent" and status in SESSION_ENDS and key in self._open:
            began = self._open.pop(key)
            self._connection(began.at, at, body, status, body.get("info") or SESSION_ENDS[status])

    def _connection(self, began: int, ended: int, body: Body, disposition: str, info: str) -> None:
        number = self._count("session")
        session_id = body["sessionId"]
        if number == 3:
            self._plant("session", session_id, "record")
            return
        if number == 5:
            disposition = "DISCONNECTED" if disposition == "FAILED" else "FAILED"
            self._plant("session", session_id, "outcome")
        lived = ended // 1000 - began // 1000
        self._write("conndr", f"{self._time(began)};{session_id};{disposition};{info};{lived};")

    def _stream(self, at: int, method: str, body: Body) -> None:
        key = ("stream", body["mediaSessionId"])
        if method != "StreamStatusEvent":
            return
        began = self._open.setdefault(key, _Open(body["createDate"], body))
        status = body["status"]
        if status == "PLAYING" and began.answered_at is None:
            began.answered_at = at
            self._viewers[body["name"]] = self._viewers.get(body["name"], 0) + 1
        if status in STREAM_ENDS:
            self._stream_record(self._open.pop(key).at, at, body)

    def _stream_record(self, began: int, ended: int, body: Body) -> None:
        number = self._count("stream")
        lived, disposition = ended // 1000 - began // 1000, body["status"]
        if number == 4:
            self._plant("stream", body["mediaSessionId"], "record")
            return
        if number == 6:
            lived += 60
            self._plant("stream", body["mediaSessionId"], "duration")
        if number == 9:
            disposition = "STOPPED" if disposition == "FAILED" else "FAILED"
            self._plant("stream", body["mediaSessionId"], "outcome")
        published = body["mediaType"] == "publish"
        info = body.get("info", "") if disposition == "FAILED" else ""
        seen = self._viewers.pop(body["name"], 0) if published else 0
        told = (body["mediaProvider"], body["name"], body["mediaSessionId"], _duration(lived), disposition, info)
        kind = "PUBLISH" if published else "SUBSCRIBE"
        self._write("sdr", ";".join((self._time(began), *told, kind, str(seen), "")))
        if number == 7:
            unheard = cast.uuid4(self.rng)
            self._plant("stream", unheard, "hooks")
            told = ("WebRTC", "unheard;of", unheard, _duration(31), "STOPPED", "")
            self._write("sdr", ";".join((self._time(began), *told, "SUBSCRIBE", "0", "")))

    def _call(self, at: int, method: str, body: Body) -> None:
        key = ("call", body["callId"])
        status = body.get("status")
        if method in ("call", "OnCallEvent"):
            self._open[key] = _Open(at, body)
        elif method == "CallStatusEvent" and key in self._open:
            began = self._open[key]
            if status == "ESTABLISHED" and began.answered_at is None:
                began.answered_at = at
            if status in CALL_ENDS:
                self._call_record(self._open.pop(key), at, body, CALL_ENDS[status])

    def _call_record(self, began: _Open, ended: int, body: Body, disposition: str) -> None:
        answered = began.answered_at
        billed = 0 if answered is None else ended // 1000 - answered // 1000
        if answered is not None and self._count("call") == 2:
            billed += 30
            self._plant("call", body["callId"], "duration")
        call_id = body["callId"] if body["incoming"] else f"{self.rng.getrandbits(40):010x}@{cast.NODE_ADDRESS}"
        times = [self._time(began.at), "" if answered is None else self._time(answered), self._time(ended)]
        told = "ANSWERED" if answered is not None else disposition
        self._write("cdr", ";".join((body["caller"], body["callee"], call_id, *times, str(billed), told)))

    def _message(self, at: int, login: str) -> None:
        local = datetime.fromtimestamp((at + self.ahead_ms) // 1000, UTC)
        number = self._count("message")
        message_id = "null" if number % 2 else f"{self.rng.getrandbits(32):08x}"
        self._write("mdr", f"{local:%a %b %d %H:%M:%S} {self.zone} {local:%Y},{message_id},{login},voicemail,SENT")

    def _write(self, name: str, line: str) -> None:
        self._lines[name].append(line + "\n")

    def _time(self, at: int) -> str:
        return f"{datetime.fromtimestamp((at + self.ahead_ms) // 1000, UTC):%Y-%m-%d %H:%M:%S}"

    def _count(self, about: str) -> int:
        self._ended[about] = self._ended.get(about, 0) + 1
        return self._ended[about]

    def _plant(self, about: str, name: str, differs: str) -> None:
        self.planted.append(Planted(about, name, differs))


def _duration(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
