"""The matrix: what a user does, the client call, the REST method and the events that follow."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Invocation:
    """One row of the matrix.

    `client` is empty where the client takes no part. `events` is empty where no event follows. In a row that only
    listens for an event, `method` is that event.
    """

    description: str
    client: str
    method: str
    events: tuple[str, ...]


MATRIX: tuple[Invocation, ...] = (
    Invocation(
        "establish connection",
        "Flashphoner.createSession()",
        "connect",
        ("ConnectionStatusEvent", "RegistrationStatusEvent"),
    ),
    Invocation("play", "stream.play()", "playStream", ("StreamStatusEvent",)),
    Invocation("pause playback", "stream.pause()", "pauseStream", ("StreamStatusEvent",)),
    Invocation("stop playback", "stream.stop()", "stopStream", ("StreamStatusEvent",)),
    Invocation("publish", "stream.publish()", "publishStream", ("StreamStatusEvent",)),
    Invocation("stop publishing", "stream.stop()", "unPublishStream", ("StreamStatusEvent",)),
    Invocation("snapshot", "stream.snapshot()", "snapshot", ("StreamStatusEvent",)),
    Invocation("outbound call", "call.call()", "call", ("CallStatusEvent",)),
    Invocation("tone", "call.sendDTMF()", "sendDtmf", ()),
    Invocation("answer", "call.answer()", "answer", ("CallStatusEvent",)),
    Invocation("hold", "call.hold()", "hold", ("CallStatusEvent",)),
    Invocation("release", "call.unhold()", "unhold", ("CallStatusEvent",)),
    Invocation("transfer", "call.transfer()", "transfer", ("TransferStatusEvent",)),
    Invocation("hang up", "call.hangup()", "hangup", ("CallStatusEvent",)),
    Invocation("receive a call", "session.on(INCOMING_CALL)", "OnCallEvent", ("CallStatusEvent",)),
    Invocation("send data", "session.sendData()", "OnDataEvent", ("DataStatusEvent",)),
    Invocation("receive data", "session.on(APP_DATA)", "OnDataEvent", ("DataStatusEvent",)),
    Invocation("bug report", "session.submitBugReport()", "submitBugReport", ("BugReportStatusEvent",)),
    Invocation("client logs", "session.pushLogs()", "pushLogs", ()),
    Invocation("debug on", "session.startDebug()", "sessionDebug", ("SessionDebugStatusEvent",)),
    Invocation("debug off", "session.stopDebug()", "sessionDebug", ("SessionDebugStatusEvent",)),
    Invocation(
        "connection status",
        "session.on(SESSION_STATUS.…)",
        "ConnectionStatusEvent",
        ("ConnectionStatusEvent",),
    ),
    Invocation(
        "registration status",
        "session.on(SESSION_STATUS.…)",
        "RegistrationStatusEvent",
        ("RegistrationStatusEvent",),
    ),
    Invocation(
        "debug status",
        "session.on(SESSION_STATUS.…)",
        "SessionDebugStatusEvent",
        ("SessionDebugStatusEvent",),
    ),
    Invocation("stream status", "stream.on(STREAM_STATUS.…)", "StreamStatusEvent", ("StreamStatusEvent",)),
    Invocation("call status", "call.on(CALL_STATUS.…)", "CallStatusEvent", ("CallStatusEvent",)),
    Invocation("server tick while a stream lives", "", "StreamKeepAliveEvent", ("StreamKeepAliveEvent",)),
)


def markdown_matrix() -> str:
    """The matrix as a Markdown table, one line a row, without a final line break."""
    head = ("| What the user does | Client call | REST method | Events |", "|---|---|---|---|")
    return "\n".join((*head, *map(_markdown_row, MATRIX)))


def _markdown_row(row: Invocation) -> str:
    cells = (row.description, _code(row.client), _code(row.method), _code(*row.events))
    return f"| {' | '.join(cells)} |"


def _code(*names: str) -> str:
    return ", ".join(f"`{name}`" for name in names if name) or "none"
