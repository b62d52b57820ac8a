"""Finds getStats results in any JSON: what the Web SDK gives, by default and natively, and the forms of old browsers.

`samples_in` is for records of another kind that hold statistics, such as bug reports.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from typing import Any

import msgspec

from wcsanalytics import clock
from wcsanalytics.formats.rtc_reports import About, Reports, about, is_report, own_time
from wcsanalytics.formats.samples import Run, Subject

DEPTH = 8
"""Statistics that stand deeper in a record are not looked for."""

AT_KEYS = ("ts", "time", "timestamp", "@timestamp")
DEFAULT_KEYS = ("outboundStream", "inboundStream")
_LEGACY_TYPES = frozenset({"chrome", "firefox", "flash"})
_OUT = frozenset({"outboundStream", "outgoingStreams", "outgoing", "outboundrtp"})
_IN = frozenset({"inboundStream", "incomingStreams", "incoming", "inboundrtp"})
_IDS = (
    *(
        ("node_id", "nodeId"),
        ("session_id", "sessionId"),
        ("media_session_id", "mediaSessionId"),
        ("call_id", "callId"),
    ),
)
_PEER_KEYS = ("page", "key")
_TELLING = frozenset({*_PEER_KEYS, *(key for _, key in _IDS)})
_PROPERTIES = ("availableOutgoingBitrate", "availableIncomingBitrate")


def samples_in(value: object, at_us: int | None) -> list[Run]:
    """Runs of all statistics in the value; `at_us` dates those that tell no time, and marks them as estimated."""
    return Forms().runs(value, at_us)


class Forms:
    """Reads values one after the other; what one report has taught serves the next one of its shape."""

    def __init__(self, zone: tzinfo | None = None) -> None:
        """`zone` is that of times without one."""
        self._zone = zone
        self._sdk = Reports("sdk_stats")
        self._native = Reports("native_stats")

    def runs(self, value: object, at: int | None, depth: int = DEPTH) -> list[Run]:
        """Runs of all statistics in the value down to this depth; `at` dates those that tell no time."""
        runs: list[Run] = []
        self._find(value, _When(at, True, self._zone), Subject(), depth, runs)
        return runs

    def _find(self, value: object, when: _When, subject: Subject, depth: int, runs: list[Run]) -> None:
        if depth < 0:
            return
        if isinstance(value, str):
            value = _parsed(value)
        if isinstance(value, list):
            self._reports([one for one in value if is_report(one)], when, subject, runs)
            for one in value:
                if isinstance(one, dict | list) and not is_report(one):
                    self._find(one, when, subject, depth - 1, runs)
        elif isinstance(value, dict):
            self._find_in(value, when, subject, depth, runs)

    def _find_in(self, value: dict[str, Any], when: _When, subject: Subject, depth: int, runs: list[Run]) -> None:
        if is_report(value):
            self._reports([value], when, subject, runs)
            return
        if any(isinstance(value.get(key), dict) for key in DEFAULT_KEYS) or _is_legacy(value.get("type")):
            self._streams(value, when, subject, runs)
            return
        when, subject = when.told_by(value), _told_by(value, subject)
        reports, others = _members(value)
        self._reports(reports, when, subject, runs)
        if isinstance(properties := value.get("otherStatsProps"), dict):
            self._properties(properties, when, subject, runs)
        for inner in others:
            self._find(inner, when, subject, depth - 1, runs)

    def _reports(self, reports: list[dict[str, Any]], when: _When, subject: Subject, runs: list[Run]) -> None:
        """Reports with their own times, from one result of getStats."""
        codecs = codec_names((str(one.get("id")), one) for one in reports if one["type"] == "codec")
        for report in reports:
            told, own = report.get("id"), own_time(report)
            report_id, at = told if isinstance(told, str) else None, when.at if own is None else own
            runs += self._native.runs(report, report_id, codecs, subject, at, own is None)

    def _streams(self, value: dict[str, Any], when: _When, subject: Subject, runs: list[Run]) -> None:
        """What the Web SDK has picked from the reports, by direction and kind; it tells no time."""
        for direction, kind, report in _streams_in(value, None, None, 4):
            told = report.get("id") or report.get("ssrc")
            known = about(report, told if isinstance(told, str) else None, {})
            report_type = known.report_type if is_report(report) else ""
            what = About(report_type, known.report_id, kind or known.kind, direction, known.ssrc)
            runs += self._sdk.runs_about(report, what, subject, when.at, when.estimated)
        if isinstance(others := value.get("otherStats"), dict):
            self._properties(others, when, subject, runs)

    def _properties(self, value: dict[str, Any], when: _When, subject: Subject, runs: list[Run]) -> None:
        """What stands at the SDK's `otherStats` by name, which JSON loses."""
        told = {name: value[name] for name in _PROPERTIES if name in value}
        runs += self._sdk.runs_about(told, About("", None, None, None, None), subject, when.at, when.estimated)


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


def codec_names(reports: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, str]:
    """Names of codecs by the ids under which reports refer to them."""
    return {
        report_id: one["mimeType"]
        for report_id, one in reports
        if one.get("type") == "codec" and isinstance(one.get("mimeType"), str)
    }


def _is_legacy(told: object) -> bool:
    return isinstance(told, str) and told in _LEGACY_TYPES


def _members(value: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[Any]]:
    """Reports among the members of an object, by their ids or in lists by type; and what else may hold some."""
    reports: list[dict[str, Any]] = []
    others: list[Any] = []
    for name, inner in value.items():
        if isinstance(inner, dict):
            if is_report(inner):
                reports.append({"id": name} | inner)
            else:
                others.append(inner)
        elif isinstance(inner, list):
            listed = [one for one in inner if is_report(one)]
            reports += listed
            others += [] if listed or not inner else [inner]
        elif isinstance(inner, str) and inner.startswith(("{", "[")):
            others.append(inner)
    return reports, others


def _told_by(value: Mapping[str, Any], subject: Subject) -> Subject:
    if not _TELLING & value.keys():
        return subject
    ids = {name: value[key] for name, key in _IDS if isinstance(value.get(key), str)}
    named = [value[key] for key in _PEER_KEYS if isinstance(value.get(key), str)]
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
