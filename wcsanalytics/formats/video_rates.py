"""`inboundVideoRate` and `outboundVideoRate`: what the server tells a client of the video it gets or sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wcsanalytics.formats.rtc_reports import About, Reports
from wcsanalytics.formats.samples import Run, Subject

DIRECTIONS: Mapping[str, str] = {"inboundVideoRate": "out", "outboundVideoRate": "in"}
"""Direction seen from the client: what comes into the server went out of the client."""

_METRICS = ("videoRate", "fps", "nack", "pli", "lostPackets", "width", "height")


class VideoRates:
    """Decodes the messages of any number of streams."""

    def __init__(self, subject: Subject = Subject()) -> None:  # noqa: B008 - frozen
        """`subject` has what is known of the client besides the stream's id, which each message tells."""
        self._subject = subject
        self._reports = Reports("video_rate")

    def rate(self, at_us: int | None, message: str, data: Mapping[str, Any]) -> list[Run]:
        """Runs of one message that came at this instant; `message` is its name, a key of DIRECTIONS."""
        stream = data.get("mediaSessionId")
        subject = self._subject._replace(media_session_id=stream) if isinstance(stream, str) else self._subject
        told = {name: data[name] for name in _METRICS if name in data}
        what = About("", None, "video", DIRECTIONS[message], None)
        return self._reports.runs_about(told, what, subject, at_us) if told else []
