"""Every REST hook that WCS is known to send: methods, events and calls from the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wcsanalytics.protocol.statuses import STATUSES

Kind = Literal["connect", "direct", "event", "incoming", "unknown"]
Family = Literal["connection", "stream", "call", "data", "diagnostic", "other"]
Mark = Literal["doc", "sdk", "seen", "inferred", "unverified"]


@dataclass(frozen=True, slots=True)
class Hook:
    """One method or event that WCS posts to the backend.

    `mark` says how its name is known: from the vendor's documentation, from the published client source, seen on the
    wire, inferred, or unverified. `spellings` are other spellings of the same hook, apart from letter case.
    """

    name: str
    kind: Kind
    family: Family
    mark: Mark
    meaning: str
    spellings: tuple[str, ...] = ()

    @property
    def statuses(self) -> tuple[str, ...]:
        """The known values of the hook's status; empty where none are published."""
        return STATUSES.get(self.name, ())


CONNECTION_HOOKS = (
    Hook("connect", "connect", "connection", "doc", "A client asks for a session; the backend may refuse it."),
    Hook("ConnectionStatusEvent", "event", "connection", "doc", "A session was established, failed or ended."),
    Hook("RegistrationStatusEvent", "event", "connection", "doc", "A session's SIP registration changed."),
)

STREAM_HOOKS = (
    Hook("publishStream", "direct", "stream", "doc", "A client asks to publish a stream."),
    Hook("unPublishStream", "direct", "stream", "doc", "A client stops publishing."),
    Hook("playStream", "direct", "stream", "doc", "A client asks to play a stream, or resumes after a pause."),
    Hook("pauseStream", "direct", "stream", "doc", "A client pauses playback."),
    Hook("stopStream", "direct", "stream", "doc", "A client stops playback."),
    Hook("snapshot", "direct", "stream", "doc", "A client asks for a picture of a stream."),
    Hook("availableStream", "direct", "stream", "unverified", "A client asks whether a stream exists."),
    Hook("sendStreamEvent", "direct", "stream", "doc", "A publisher tells its subscribers something, such as a mute."),
    Hook("playHLS", "direct", "stream", "doc", "A player asks for a stream as HLS."),
    Hook("playRTSP", "direct", "stream", "doc", "A player asks for a stream over RTSP."),
    Hook("StreamStatusEvent", "event", "stream", "doc", "A publish or play changed its state."),
    Hook("StreamKeepAliveEvent", "event", "stream", "doc", "The server's regular tick while a stream lives."),
    Hook("StreamEvent", "event", "stream", "doc", "A stream event reached one subscriber."),
    Hook("RecordingStatusEvent", "event", "stream", "sdk", "A recording is ready."),
    Hook("StreamsStatEvent", "event", "stream", "unverified", "Statistics of streams; its body is not published."),
    Hook("StreamTranscodingGroupEvent", "event", "stream", "unverified", "A transcoding group of a stream changed."),
)

CALL_HOOKS = (
    Hook("call", "direct", "call", "doc", "A client calls out."),
    Hook("answer", "direct", "call", "doc", "A client answers an incoming call."),
    Hook("hold", "direct", "call", "doc", "A client puts a call on hold."),
    Hook("unhold", "direct", "call", "doc", "A client takes a call off hold."),
    Hook("hangup", "direct", "call", "doc", "A client ends, rejects or cancels a call."),
    Hook("transfer", "direct", "call", "doc", "A client transfers a call."),
    Hook("sendDtmf", "direct", "call", "doc", "A client sends a tone.", ("sendDTMF",)),
    Hook("OnCallEvent", "incoming", "call", "doc", "A call comes in from the network."),
    Hook("CallStatusEvent", "event", "call", "doc", "A call changed its state."),
    Hook("TransferStatusEvent", "event", "call", "doc", "A transfer changed its state."),
    Hook("OnTransferEvent", "incoming", "call", "unverified", "A transfer comes in from the network."),
)

DATA_HOOKS = (
    # One name for both directions: as an invocation of the client it has no hook name of its own.
    Hook("OnDataEvent", "incoming", "data", "doc", "Data goes from a client to the backend, or to a client."),
    Hook("DataStatusEvent", "event", "data", "doc", "Data was accepted or refused."),
    Hook("sendMessage", "direct", "data", "doc", "A client sends a SIP message."),
    Hook("OnMessageEvent", "incoming", "data", "sdk", "A SIP message comes in from the network."),
    Hook("MessageStatusEvent", "event", "data", "sdk", "A SIP message changed its state."),
    Hook("sendIMDN", "direct", "data", "doc", "A client confirms that a SIP message was shown."),
    Hook("subscribe", "direct", "data", "doc", "A client subscribes to a SIP event."),
    Hook("SubscriptionStatusEvent", "event", "data", "sdk", "A SIP subscription changed its state."),
    Hook("sendXcapRequest", "direct", "data", "doc", "A client asks for an XCAP document."),
    Hook("XcapStatusEvent", "event", "data", "sdk", "The answer to an XCAP request."),
)

DIAGNOSTIC_HOOKS = (
    Hook("submitBugReport", "direct", "diagnostic", "doc", "A client files a bug report.", ("sendBugReport",)),
    Hook("BugReportStatusEvent", "event", "diagnostic", "doc", "A bug report was stored as a file."),
    Hook("pushLogs", "direct", "diagnostic", "doc", "A client hands in lines of its own log."),
    Hook("sessionDebug", "direct", "diagnostic", "doc", "A client switches debugging of its session on or off."),
    Hook("SessionDebugStatusEvent", "event", "diagnostic", "doc", "Debugging of a session started or stopped."),
    Hook(
        "ErrorStatusEvent", "event", "diagnostic", "doc", "Something failed that no other event tells.", ("ErrorEvent",)
    ),
)

HOOKS: tuple[Hook, ...] = CONNECTION_HOOKS + STREAM_HOOKS + CALL_HOOKS + DATA_HOOKS + DIAGNOSTIC_HOOKS

_BY_NAME = {name.lower(): hook for hook in HOOKS for name in (hook.name, *hook.spellings)}


def hook_named(name: str) -> Hook | None:
    """The hook of that name in any letter case and documented spelling, or None.

    >>> hook_named("sendDTMF").name
    'sendDtmf'
    """
    return _BY_NAME.get(name.lower())
