"""Statistics that stand inside other records: WebSocket messages, bug reports, the server's event log.

The seam to the formats of media samples: callers hand over what they find, in the order in which it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wcsanalytics.formats.reading import Batch, Context, Place

METRIC_MESSAGES = frozenset({"webRTCMetricsClientDescription", "webRTCMetricsBatch"})
RATE_MESSAGES = frozenset({"inboundVideoRate", "outboundVideoRate"})
SETTING_MESSAGES = frozenset({"getUserData", "webRTCMetricsDescriptionUpdate"})
"""How often a client is to measure: in `webRTCMetricsServerDescription` of the first, in the second itself."""


class FoundSamples:
    """Takes statistics of one source and gives them back as batches of `media_samples`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def message(self, name: str, data: Mapping[str, Any], at_us: int | None, place: Place) -> None:
        """A client's metric batch, its description or the settings before it, or a video rate told by the server."""

    def report(self, value: Mapping[str, Any], at_us: int | None, place: Place) -> None:
        """A bug report, which may hold `getStats` in any form anywhere."""

    def media_session_event(self, fields: Mapping[str, Any], place: Place) -> None:
        """A row of MediaSessionEvent: counters and rates of one media session at one instant."""

    def finish(self) -> Iterator[Batch]:
        """The samples taken since the last call."""
        return iter(())

    def end(self) -> None:
        """Leave in `context.reached` what a later reading of the same source has to know of this one."""
