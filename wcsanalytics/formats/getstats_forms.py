"""Finds getStats results in any JSON: what the Web SDK gives, by default and natively, and the forms of old browsers.

`samples_in` is for records of another kind that hold statistics, such as bug reports.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from typing import Any

import msgspec

from wcsanalytics import clock
from wcsanalytics.formats.rtc_reports import About, Reports, about, is_report
from wcsanalytics.formats.samples import Run, Subject

DEPTH = 8
"""Statistics that stand deeper in a record are not looked for."""

AT_KEYS = ("ts", "time", "timestamp", "@timestamp")
DEFAULT_KEYS = ("outboundStream", "inboundStream")
_LEGACY_TYPES = frozenset({"chrome", "firefox", "flash"})
_OUT = frozenset({"outboundStream", "outgoingStreams", "outgoing", "outboundrtp"})
_IN = frozenset({"inboundStream", "incomingStreams", "incoming", "inboundrtp"})
_IDS = (("node_id", "nodeId"), ("session_id", "sessionId"), ("media_session_id", "mediaSessionId"))
_PROPERTIES = ("availableOutgoingBitrate", "availableIncomingBitrate")


def samples_in(value: object, at_us: int | None, subject: Subject = Subject()) -> list[Run]:  # noqa: B008
    """Runs of all statistics in the value; `at_us` dates those that tell no time, and marks them as estimated."""
    return Forms().runs(value, at_us, subject)


class Forms:
    """Reads values one after the other; what one report has taught serves the next one of its shape."""

    def __init__(self, zone: tzinfo | None = None) -> None:
        """`zone` is that of times without one."""
        self._zone = zone
        self._sdk = Reports("sdk_stats")
        self._native = Reports("native_stats")

    def runs(self, value: object, at: int | None, subject: Subject = Subject(), depth: int = DEPTH) -> list[Run]:  # noqa: B008
        """Runs of all statistics in the value down to this depth; `at` dates those that tell no time."""
        return list(self._found(value, _When(at, True, self._zone), subject, depth))

    def _found(self, value: object, when: _When, subject: Subject, depth: int) -> Iterator[Run]:
        if depth < 0:
            return
        if isinstance(value, str):
            value = _parsed(value)
        if isinstance(value, list):
            reports = [one for one in value if is_report(one)]
            yield from self._reports(reports, when, subject)
            for one in value:
                if isinstance(one, dict | list) and not is_report(one):
                    yield from self._found(one, when, subject, depth - 1)
        elif isinstance(value, dict):
            yield from self._in_object(value, when, subject, depth)

    def _in_object(self, value: dict[str, Any], when: _When, subject: Subject, depth: int) -> Iterator[Run]:
        if is_report(value):
            yield from self._reports([value], when, subject)
            return
        if any(isinstance(value.get(key), dict) for key in DEFAULT_KEYS) or value.get("type") in _LEGACY_TYPES:
            yield from self._streams(value, when, subject)
            return
        when, subject = when.told_by(value), _told_by(value, subject)
        named = [{"id": name} | one for name, one in value.items() if is_report(one)]
        listed = [one for many in value.values() if isinstance(many, list) for one in many if is_report(one)]
        yield from self._reports([*named, *listed], when, subject)
        if isinstance(properties := value.get("otherStatsProps"), dict):
            yield from self._properties(properties, when, subject)
        for inner in value.values():
            if isinstance(inner, dict | str) or (isinstance(inner, list) and not any(map(is_report, inner))):
                yield from self._found(inner, when, subject, depth - 1) if not is_report(inner) else ()

    def _reports(self, reports: Iterable[dict[str, Any]], when: _When, subject: Subject) -> Iterator[Run]:
        """Reports with their own times, from one result of getStats."""
        reports = list(reports)
        codecs = codec_names(reports)
        for report in reports:
            told = report.get("id")
            what = about(report, told if isinstance(told, str) else None, codecs)
            own = clock.instant(report.get("timestamp"))
            yield from self._native.runs(report, what, subject, when.at if own is None else own, own is None)

    def _streams(self, value: dict[str, Any], when: _When, subject: Subject) -> Iterator[Run]:
        """What the Web SDK has picked from the reports, by direction and kind; it tells no time."""
        at, estimated = when.at, when.estimated
        for direction, kind, report in _streams_in(value, None, None, 4):
            told = report.get("id") or report.get("ssrc")
            known = about(report, told if isinstance(told, str) else None, {})
            report_type = known.report_type if is_report(report) else ""
            what = About(report_type, known.report_id, kind or known.kind, direction, known.ssrc)
            yield from self._sdk.runs(report, what, subject, at, estimated)
        if isinstance(others := value.get("otherStats"), dict):
            yield from self._properties(others, when, subject)

    def _properties(self, value: dict[str, Any], when: _When, subject: Subject) -> Iterator[Run]:
        """What stands at the SDK's `otherStats` by name, which JSON loses."""
        told = {name: value[name] for name in _PROPERTIES if name in value}
        yield from self._sdk.runs(told, About("", None, None, None, None), subject, when.at, when.estimated)


class _When:
    """The instant that holds for a value, and whether it is only that of what it came with."""

    __slots__ = ("at", "estimated", "zone")

    def __init__(self, at: int | None, estimated: bool, zone: tzinfo | None) -> None:
        self.at, self.estimated, self.zone = at, estimated, zone

    def told_by(self, value: Mapping[str, Any]) -> _When:
        """The same, or what the value itself tells."""
        for key in AT_KEYS:
            if key in value and (at := clock.instant(value[key], self.zone)) is not None:
                return _When(at, False, self.zone)
        return self


def codec_names(reports: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Names of codecs by the ids under which reports refer to them."""
    return {
        str(one.get("id")): one["mimeType"]
        for one in reports
        if one.get("type") == "codec" and isinstance(one.get("mimeType"), str)
    }


def _told_by(value: Mapping[str, Any], subject: Subject) -> Subject:
    ids = {name: value[key] for name, key in (*_IDS, ("call_id", "callId")) if isinstance(value.get(key), str)}
    named = [value[key] for key in ("page", "key") if isinstance(value.get(key), str)]
    peer = {"peer": "/".join(named)[:200]} if named else {}
    return subject._replace(**ids, **peer) if ids or peer else subject


def _streams_in(
    value: object, direction: str | None, kind: str | None, depth: int
) -> Iterator[tuple[str | None, str | None, dict[str, Any]]]:
    """Direction, kind and numbers of each stream, however deep it stands under the names that tell them."""
    items: Iterable[tuple[str, Any]] = ()
    if isinstance(value, list):
        items = (("", one) for one in value)
    elif isinstance(value, dict):
        if direction and any(not isinstance(one, dict | list) for one in value.values()):
            yield direction, kind, value
            return
        items = value.items()
    for name, inner in items if depth else ():
        towards = "out" if name in _OUT else "in" if name in _IN else direction
        yield from _streams_in(inner, towards, name if name in ("audio", "video") else kind, depth - 1)


def _parsed(text: str) -> object:
    """What the text holds if it is JSON, as it is where an application stored statistics as text."""
    if not text[:64].lstrip().startswith(("{", "[")):
        return None
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
