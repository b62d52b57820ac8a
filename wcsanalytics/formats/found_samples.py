"""Statistics that stand inside other records: WebSocket messages, bug reports, the server's event log.

The seam to the formats of media samples: callers hand over what they find, in the order in which it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from wcsanalytics import clock
from wcsanalytics.formats.decoding import BadBody
from wcsanalytics.formats.getstats_forms import samples_in
from wcsanalytics.formats.metric_batches import BATCH, DESCRIPTION, UPDATE, USER_DATA, MetricBatches
from wcsanalytics.formats.reading import Batch, Context, Place
from wcsanalytics.formats.rtc_reports import About, Reports
from wcsanalytics.formats.samples import Run, Samples, Subject
from wcsanalytics.formats.video_rates import DIRECTIONS, VideoRates

METRIC_MESSAGES = frozenset({DESCRIPTION, BATCH})
RATE_MESSAGES = frozenset(DIRECTIONS)
SETTING_MESSAGES = frozenset({USER_DATA, UPDATE})
"""How often a client is to measure: in `webRTCMetricsServerDescription` of the first, in the second itself."""

_OF_EVENTS: Mapping[str, tuple[str, ...]] = {
    "video": ("videoWidth", "videoHeight", "videoFrameRate", "videoKframes", "videoPframes", "videoBframes",
              "videoRate", "videoFramesLost", "videoPlaybackSpeed", "sendNACK", "recvNACK"),
    "audio": ("audioRate", "audioPacketsLost", "audioPlaybackSpeed"),
}  # fmt: skip


class FoundSamples:
    """Takes statistics of one source and gives them back as batches of `media_samples`."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._samples = Samples(context.source_id, context.options.node)
        self._batches = MetricBatches()
        self._rates = VideoRates()
        self._events = Reports("rels")
        if context.resume.state is not None:
            self._batches.resume(context.resume.state)

    def message(self, name: str, data: Mapping[str, Any], at_us: int | None, place: Place) -> None:
        """A client's metric batch, its description or the settings before it, or a video rate told by the server."""
        try:
            self._samples.add(self._runs(name, data, at_us), place)
        except BadBody as problem:
            self._context.doubts.append(f"a batch of metrics can't be read ({problem})")

    def report(self, value: Mapping[str, Any], at_us: int | None, place: Place) -> None:
        """A bug report, which may hold `getStats` in any form anywhere."""
        self._samples.add(samples_in(dict(value), at_us), place)

    def media_session_event(self, fields: Mapping[str, Any], place: Place) -> None:
        """A row of MediaSessionEvent: counters and rates of one media session at one instant."""
        stream = fields.get("mediaSessionId")
        subject = Subject(media_session_id=stream if isinstance(stream, str) else None)
        at = clock.instant(fields.get("timestamp"))
        for kind, names in _OF_EVENTS.items():
            told = {name: fields[name] for name in names if name in fields}
            self._samples.add(self._events.runs_about(told, About("", None, kind, None, None), subject, at), place)

    def finish(self) -> Iterator[Batch]:
        """The samples taken since the last call."""
        yield from self._samples.batch()

    def end(self) -> None:
        """Tell what was left out, and leave in `context.reached` what a later reading of the source has to know."""
        self._context.doubts += self._batches.doubts()
        self._context.reached = replace(self._context.reached, state=self._batches.state())

    def _runs(self, name: str, data: Mapping[str, Any], at_us: int | None) -> list[Run]:
        if name in RATE_MESSAGES:
            return self._rates.rate(at_us, name, data)
        if name == BATCH:
            return self._batches.batch(at_us, data)
        if name in SETTING_MESSAGES:
            self._batches.setting(name, data)
        else:
            self._batches.description(data)
        return []
