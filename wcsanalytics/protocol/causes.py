"""What each `info` text of a stream or call says about its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

About = Literal["stream", "call"]
CauseName = Literal[
    "ice",
    "dtls",
    "media_inactivity",
    "normal_user",
    "normal_admin",
    "signalling_loss",
    "negotiation",
    "not_found",
    "client_misuse",
    "server_writer",
    "upstream",
    "timeout",
    "local",
    "none",
    "unknown",
]
CauseGroup = Literal[
    "normal",
    "session_loss",
    "network_setup",
    "media_loss",
    "writer",
    "config",
    "identity",
    "source",
    "cdn",
    "server",
    "local",
    "none",
    "other",
]


@dataclass(frozen=True, slots=True)
class Cause:
    """A text of `info`, the cause it tells, and the wider group of that cause."""

    text: str
    cause: CauseName
    cause_group: CauseGroup
    about: About


CAUSES: tuple[Cause, ...] = (
    Cause("Stopped by user", "normal_user", "normal", "stream"),
    Cause("Stopped by publisher stop", "normal_user", "normal", "stream"),
    Cause("Stopped by rest /terminate", "normal_admin", "normal", "stream"),
    Cause("Requested stream shutdown", "normal_user", "normal", "stream"),
    Cause("Stopped by session disconnect", "signalling_loss", "session_loss", "stream"),
    Cause("Failed by ICE keep alive", "ice", "session_loss", "stream"),
    Cause("Terminated by keep-alive", "signalling_loss", "session_loss", "stream"),
    Cause("Failed by ICE error", "ice", "network_setup", "stream"),
    Cause("Failed by ICE timeout", "ice", "network_setup", "stream"),
    Cause("Failed by DTLS fingerprint error", "dtls", "network_setup", "stream"),
    Cause("Failed by DTLS error", "dtls", "network_setup", "stream"),
    Cause("Failed by RTP activity", "media_inactivity", "media_loss", "stream"),
    Cause("Failed by HLS writer error", "server_writer", "writer", "stream"),
    Cause("Failed by RTMP writer error", "server_writer", "writer", "stream"),
    Cause("No common codecs", "negotiation", "config", "stream"),
    Cause("Transcoding required, but disabled", "negotiation", "config", "stream"),
    Cause("No available transcoders", "negotiation", "config", "stream"),
    Cause("Restricted access", "client_misuse", "config", "stream"),
    Cause("Stream name is already in use", "client_misuse", "identity", "stream"),
    Cause("MediaSessionId is null", "client_misuse", "identity", "stream"),
    Cause("MediaSessionId is already in use", "client_misuse", "identity", "stream"),
    Cause("Session not ready", "signalling_loss", "identity", "stream"),
    Cause("Session does not exist", "signalling_loss", "identity", "stream"),
    Cause("Stream not found", "not_found", "source", "stream"),
    Cause("Publish stream is not ready", "not_found", "source", "stream"),
    Cause("Rtsp has wrong format", "client_misuse", "source", "stream"),
    Cause("Failed to connect to rtsp stream", "upstream", "source", "stream"),
    Cause("Rtsp stream not found", "not_found", "source", "stream"),
    Cause("RtspAgent shutdown", "normal_admin", "source", "stream"),
    Cause("File has wrong format", "client_misuse", "source", "stream"),
    Cause("File not found", "not_found", "source", "stream"),
    Cause("Failed to read file", "unknown", "source", "stream"),
    Cause("Got exception while streaming file", "unknown", "source", "stream"),
    Cause("Bad URI", "client_misuse", "source", "stream"),
    Cause("Failed to connect to origin stream", "upstream", "cdn", "stream"),
    Cause("CDN stream not found", "not_found", "cdn", "stream"),
    Cause("Failed to get agent storage", "upstream", "cdn", "stream"),
    Cause("Agent servicing origin stream is shutting down", "upstream", "cdn", "stream"),
    Cause("Distributor stopped", "normal_admin", "cdn", "stream"),
    Cause("Failed by error", "unknown", "server", "stream"),
    Cause("Stream failed", "unknown", "server", "stream"),
    Cause("Failed to add stream to proxy", "unknown", "server", "stream"),
    # The client says this of itself and sends it to nobody; it turns up in pushed log lines and bug reports.
    Cause("Local error", "local", "local", "stream"),
    # Servers of 2018 say so of healthy streams.
    Cause("Unknown", "none", "none", "stream"),
    Cause("Normal call clearing", "normal_user", "normal", "call"),
    Cause("Failed by ICE error", "ice", "network_setup", "call"),
    Cause("Failed by DTLS error", "dtls", "network_setup", "call"),
    Cause("Failed by DTLS fingerprint error", "dtls", "network_setup", "call"),
    Cause("Failed by session creation", "unknown", "network_setup", "call"),
    Cause("Failed by request timeout", "timeout", "network_setup", "call"),
    Cause("Failed by RTP activity", "media_inactivity", "media_loss", "call"),
    Cause("Failed by RTMP writer error", "server_writer", "writer", "call"),
    Cause("No common codecs", "negotiation", "config", "call"),
    Cause("Transcoding required, but disabled", "negotiation", "config", "call"),
    Cause("Failed by error", "unknown", "server", "call"),
)

_BY_TEXT = {(entry.about, entry.text.lower()): entry for entry in CAUSES}


def cause_of(info: str | None, about: About) -> Cause:
    """The cause that an `info` tells, in any letter case; a text not in CAUSES is unknown, and kept.

    >>> cause_of("Stopped by user", "stream").cause
    'normal_user'
    """
    text = (info or "").strip()
    if text.lower() in ("", "unknown"):
        return Cause(text, "none", "none", about)
    return _BY_TEXT.get((about, text.lower())) or Cause(text, "unknown", "other", about)
