"""What the console of a page says, kept by the server in a folder for each session: `time level source - JSON`."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sample_data.stage import Exchange
from sample_data.wire import Body

UUID_LENGTH = 36

_SAID = {
    "publishStream": ("DEBUG", "Publish stream {name}"),
    "playStream": ("DEBUG", "Play stream {name}"),
    "unPublishStream": ("DEBUG", "Stop stream {name}"),
    "stopStream": ("DEBUG", "Stop stream {name}"),
    "StreamStatusEvent": ("INFO", "Stream status {status}"),
    "ConnectionStatusEvent": ("INFO", "Session status {status}"),
}


@dataclass
class ClientLogs:
    """Listens to hooks in their order and keeps the logs of the pages in which a stream failed."""

    folder: Path
    ahead_ms: int
    _lines: dict[str, list[str]] = field(default_factory=dict)
    _folders: dict[str, str] = field(default_factory=dict)
    _failed: set[str] = field(default_factory=set)

    def hear(self, at: int, exchange: Exchange) -> None:
        """Take note of one hook."""
        body: Body = json.loads(exchange.question.compact)
        session_id = body["sessionId"]
        local = datetime.fromtimestamp((at + self.ahead_ms) // 1000, UTC)
        if exchange.method == "connect" and "clientVersion" in body:
            name = session_id[
                -UUID_LENGTH:
            ]  # older ids begin with a pair of addresses, which no folder can be named after
            self._folders[session_id] = f"{local:%Y-%m-%d}/{name}-{local:%H-%M-%S}"
            self._lines[session_id] = []
        if exchange.method in _SAID and session_id in self._lines:
            level, said = _SAID[exchange.method]
            message = said.format(name=body.get("name"), status=body.get("status"))
            self._lines[session_id].append(f"{local:%H:%M:%S} {level} core - {json.dumps(message)}\n")
            if exchange.method == "StreamStatusEvent" and body["status"] == "FAILED":
                self._lines[session_id].append(f"{local:%H:%M:%S} ERROR webrtc - {{}}\n")
                self._failed.add(session_id)

    def write(self) -> None:
        """Write the files."""
        for session_id in sorted(self._failed):
            folder = self.folder / self._folders[session_id]
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "client.log").write_text("".join(self._lines[session_id]), encoding="utf-8", newline="\n")
