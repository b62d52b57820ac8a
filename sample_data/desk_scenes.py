"""Scenes with data messages, bug reports, pushed logs and session debugging."""

import json
from typing import Any

from sample_data import cast
from sample_data.session_scenes import connect, disconnect
from sample_data.stage import ROOM_APP, Client, Stage
from sample_data.streams import request, start, stop
from sample_data.wire import sdp


def room(stage: Stage, at: int) -> None:
    """Two people meet in a room: the second one's coming is told to the first."""
    name = f"room-{stage.clients + 1}"
    first = _join(stage, at, name)
    second = _join(stage, first.at + stage.seconds(5, 60), name)
    first.at = max(first.at, second.at)
    _hears(first, {"roomName": name, "name": "JOINED", "info": _login(second)})
    for word in ("hello", "Grüße!"):
        _says(second, {"command": "sendMessage", "options": {"roomConfig": {"name": name}, "text": word}})
        second.wait(2, 9)
    _says(second, {"command": "leave", "options": {"name": name}})
    disconnect(second)
    first.at = max(first.at, second.at)
    _hears(first, {"roomName": name, "name": "LEFT", "info": _login(second)})
    disconnect(first)


def _login(client: Client) -> str:
    return f"guest-{client.number}"


def _join(stage: Stage, at: int, name: str) -> Client:
    number = stage.clients + 1
    guest = {"custom": {"login": f"guest-{number}", "token": f"PLANTED-custom-token-{number}"}}
    client = connect(stage, at, ROOM_APP, about=guest)
    _says(client, {"command": "join", "options": {"name": name}})
    return client


def _says(client: Client, payload: Any, *, accepted: bool = True) -> None:
    operation = {"operationId": client.new_id()}
    client.hook("OnDataEvent", {**operation, "payload": payload})
    verdict = {"status": "ACCEPTED"} if accepted else {"status": "FAILED", "info": "Rejected by REST app"}
    client.event("DataStatusEvent", {**operation, **verdict})


def _hears(client: Client, payload: Any) -> None:
    operation = {"operationId": cast.uuid4(client.stage.rng)}
    client.event("OnDataEvent", {**operation, "payload": payload})
    client.event("DataStatusEvent", {**operation, "status": "ACCEPTED"})


def chatter(stage: Stage, at: int) -> None:
    """Payloads of each JSON type, one of which is rejected."""
    client = connect(stage, at)
    payloads: tuple[Any, ...] = ({"text": "hello", "n": 3}, ["a", {"b": None}], "plain text", 12345)
    for payload in payloads:
        _says(client, payload)
        client.wait(1, 20)
    _says(client, {"text": "too long"}, accepted=False)
    disconnect(client)


def unhappy_user(stage: Stage, at: int) -> None:
    """Someone without a picture: session debugging, pushed log lines, a bug report."""
    client = connect(stage, at)
    client.hook("sessionDebug", {"command": "start"})
    client.event("SessionDebugStatusEvent", {"status": "STARTED"})
    stream = request(client, f"desk-{client.number}", published=True)
    start(stream)
    offer = sdp(stage.rng, client.number, "sendonly", video=False)
    _pushes(client, f"Offer SDP:\n{offer}", level="DEBUG")
    _pushes(client, f"Publish stream {stream.about['name']}")
    client.wait(5, 30)
    _pushes(client, "Missing 3 pings from server, connection seems to be down", level="WARN")
    _reports(client, {"text": f"No picture in {stream.about['mediaSessionId']}", "type": "no_media"})
    _pushes(client, {"step": "retry", "ok": False}, source="my - app")
    _reports(client, {"text": "Sound is broken\nsince ten minutes", "details": {"page": "/hall"}})
    client.hook("sessionDebug", {"command": "stop"})
    client.event("SessionDebugStatusEvent", {"status": "STOPPED", "file": f"client-{client.at}.report"})
    stop(stream)
    disconnect(client)


def _pushes(client: Client, message: Any, *, level: str = "INFO", source: str = "core") -> None:
    browser_ms = client.at + client.page.skew_ms + 3_600_000  # the browser's zone is an hour ahead of UTC
    seconds = browser_ms // 1000 % 86_400
    time = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    line = f"{time} {level} {source} - {json.dumps(message, ensure_ascii=False)}\n"
    client.hook("pushLogs", {"logs": line})


def _reports(client: Client, report: dict[str, Any]) -> None:
    client.hook("submitBugReport", report)
    told = {"status": "SUCCESSFUL", "filename": f"bug_report_{client.at}.zip"}
    client.event("BugReportStatusEvent", {**report, **told})
    client.wait(1, 9)
