"""Messages of the WebSocket between client and server, and the hook that each becomes or tells of."""

from __future__ import annotations

from typing import Literal, NamedTuple

Direction = Literal["to_server", "to_client"]


class ClientMessage(NamedTuple):
    """One message; `hook` is the REST hook that tells the same event, None where no hook does."""

    name: str
    direction: Direction
    hook: str | None = None


_UNCHANGED = (
    *("publishStream", "unPublishStream", "playStream", "pauseStream", "stopStream", "snapshot", "availableStream"),
    *("sendStreamEvent", "call", "answer", "hold", "unhold", "hangup", "transfer", "sendDtmf", "sendMessage"),
    *("subscribe", "sendXcapRequest", "sendIMDN", "submitBugReport", "pushLogs", "sessionDebug"),
)

MESSAGES: tuple[ClientMessage, ...] = (
    ClientMessage("connection", "to_server", "connect"),
    ClientMessage("sendData", "to_server", "OnDataEvent"),
    *(ClientMessage(name, "to_server", name) for name in _UNCHANGED),
    ClientMessage("ping", "to_server"),
    ClientMessage("pong", "to_server"),
    ClientMessage("webRTCMetricsClientDescription", "to_server"),
    ClientMessage("webRTCMetricsBatch", "to_server"),
    ClientMessage("getUserData", "to_client", "ConnectionStatusEvent"),
    ClientMessage("registered", "to_client", "RegistrationStatusEvent"),
    ClientMessage("notifyStreamStatusEvent", "to_client", "StreamStatusEvent"),
    ClientMessage("notifyStreamEvent", "to_client", "StreamEvent"),
    ClientMessage("DataStatusEvent", "to_client", "DataStatusEvent"),
    ClientMessage("OnDataEvent", "to_client", "OnDataEvent"),
    ClientMessage("notifyIncomingCall", "to_client", "OnCallEvent"),
    # the client goes by the status of these, not by their names
    ClientMessage("notifyTryingResponse", "to_client", "CallStatusEvent"),
    ClientMessage("ring", "to_client", "CallStatusEvent"),
    ClientMessage("talk", "to_client", "CallStatusEvent"),
    ClientMessage("hold", "to_client", "CallStatusEvent"),
    ClientMessage("finish", "to_client", "CallStatusEvent"),
    ClientMessage("notifyTransferEvent", "to_client", "TransferStatusEvent"),
    ClientMessage("notifySessionDebugEvent", "to_client", "SessionDebugStatusEvent"),
    ClientMessage("availableStream", "to_client"),
    ClientMessage("setRemoteSDP", "to_client"),
    ClientMessage("notifyAudioCodec", "to_client"),
    ClientMessage("notifyVideoFormat", "to_client"),
    ClientMessage("fail", "to_client"),
    ClientMessage("inboundVideoRate", "to_client"),
    ClientMessage("outboundVideoRate", "to_client"),
    ClientMessage("webRTCMetricsDescriptionUpdate", "to_client"),
    ClientMessage("webRTCMetricsTokenRefresh", "to_client"),
    ClientMessage("ping", "to_client"),
)

_BY_NAME: dict[tuple[str, str], ClientMessage] = {(message.name, message.direction): message for message in MESSAGES}
_ONE_WAY = {
    name: directions[0]
    for name in {message.name for message in MESSAGES}
    if len(directions := [message.direction for message in MESSAGES if message.name == name]) == 1
}


def client_message(name: str, direction: str | None) -> ClientMessage | None:
    """The message of that name; where no direction is told, only if the name goes one way.

    >>> client_message("sendData", None).hook
    'OnDataEvent'
    """
    told = direction or _ONE_WAY.get(name)
    return _BY_NAME.get((name, told)) if told else None
