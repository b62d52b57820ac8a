"""Reports of WebRTC statistics, as W3C names them and as Chrome and Firefox did before, to runs of samples."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, NamedTuple

from wcsanalytics import clock
from wcsanalytics.formats.samples import Layout, Run, Series, Subject, is_metric, is_number
from wcsanalytics.protocol import TEXTS

DIRECTIONS: Mapping[str, str | None] = {
    "inbound-rtp": "in",
    "outbound-rtp": "out",
    "remote-inbound-rtp": "out",  # what the far end received of what went out
    "remote-outbound-rtp": "in",
    "media-source": "out",
    "media-playout": "in",
    "inboundrtp": "in",
    "outboundrtp": "out",
    "candidate-pair": None,
    "candidatepair": None,
    "transport": None,
    "data-channel": None,
    "peer-connection": None,
    "track": None,
    "sender": "out",
    "receiver": "in",
    "ssrc": None,
    "VideoBwe": None,
    "googCandidatePair": None,
}
"""Types of reports whose numbers are kept, with the direction of the media that they tell of."""

UNKEPT = frozenset(
    {
        *("certificate", "codec", "local-candidate", "remote-candidate", "stream", "csrc", "ice-server"),
        *("localcandidate", "remotecandidate", "googCertificate", "googTrack", "googLibjingleSession", "googComponent"),
    }
)
"""Types whose reports hold addresses, keys and names, but no measurement."""

_NEW_NAMES = {"inboundrtp": "inbound-rtp", "outboundrtp": "outbound-rtp", "candidatepair": "candidate-pair"}
_REVERSED = {"inbound-rtp": "remote-inbound-rtp", "outbound-rtp": "remote-outbound-rtp"}
NOT_MEASURED = frozenset(
    {
        *("id", "type", "timestamp", "ssrc", "rtxSsrc", "fecSsrc", "kind", "mediaType", "mid", "rid", "isRemote"),
        *("port", "relatedPort", "portNumber", "priority", "payloadType", "encodingIndex", "dataChannelIdentifier"),
        *("remoteTimestamp", "lastPacketReceivedTimestamp", "lastPacketSentTimestamp", "estimatedPlayoutTimestamp"),
        *("trackIdentifier", "label", "protocol", "url", "address", "ip", "networkType", "candidateType"),
        *("googCaptureStartNtpTimeMs", "googTrackId", "googTimingFrameInfo", "googLocalAddress", "googRemoteAddress"),
        *("usernameFragment", "iceLocalUsernameFragment", "foundation", "fingerprint", "base64Certificate"),
        *("active", "writable", "nominated", "powerEfficientEncoder", "powerEfficientDecoder"),
    }
)
"""Members of reports that are names, switches and instants, whether they look like numbers or not."""

_ID_OF_STREAM = re.compile(
    r"(?:RTC)?(?:I|O|RI|RO|Inbound|Outbound|RemoteInbound|RemoteOutbound)"
    r"(?:RTP|Rtp|rtp)?T?[0-9]{0,3}_?(?P<kind>A|V|Audio|Video)(?:Stream)?_?(?P<ssrc>[0-9]{1,10})"
)
_TELLING = ("type", "ssrc", "kind", "mediaType", "codecId", "googCodecName", "isRemote", "remoteSource")
"""Members of a report whose values tell what it is about."""

_FIRST_MS, _END_MS = 1e12, 4e12
_MOST_SHAPES = 10_000
_AUDIO_ONLY = frozenset({"audioInputLevel", "audioOutputLevel", "totalAudioEnergy", "concealedSamples"})
_VIDEO_ONLY = frozenset({"framesEncoded", "framesDecoded", "googFrameWidthSent", "googFrameWidthReceived"})


class About(NamedTuple):
    """What a report tells of."""

    report_type: str
    report_id: str | None
    kind: str | None
    direction: str | None
    ssrc: int | None
    codec: str | None = None


def is_report(value: object) -> bool:
    """Whether this is a report of WebRTC statistics."""
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        return False
    return ("timestamp" in value or "id" in value) and (value["type"] in DIRECTIONS or value["type"] in UNKEPT)


def own_time(report: Mapping[str, Any]) -> int | None:
    """Instant (µs) that a report tells of itself; None where it tells none, or no time since 1970."""
    told = report.get("timestamp")
    if type(told) is float and _FIRST_MS <= told < _END_MS:
        return round(told * 1000)
    return clock.instant(told)


def about(report: Mapping[str, Any], report_id: str | None, codecs: Mapping[str, str]) -> About:
    """What the report tells of; `codecs` gives names to the codec ids that it may refer to."""
    kind_of = str(report.get("type"))
    report_type = _NEW_NAMES.get(kind_of, kind_of)
    if report.get("isRemote") is True:
        report_type = _REVERSED.get(report_type, report_type)
    kind = report.get("kind") or report.get("mediaType")
    kind_by_id, ssrc_by_id = id_tells(report_id)
    codec = report.get("codecId") or report.get("googCodecName") or None
    return About(
        report_type,
        report_id,
        kind if kind in ("audio", "video") else kind_by_id or _kind_by_names(report, report_type),
        _direction(report, report_type, report_id),
        _ssrc(report.get("ssrc"), ssrc_by_id),
        codecs.get(codec, codec) if isinstance(codec, str) else None,
    )


def id_tells(report_id: str | None) -> tuple[str | None, int | None]:
    """Kind and SSRC that the id of a stream's report tells, as Chrome makes them.

    >>> id_tells("RIV2509610025"), id_tells("OT01A77"), id_tells("CPUweVwVzW_uWVi81JE")
    (('video', 2509610025), ('audio', 77), (None, None))
    """
    found = _ID_OF_STREAM.fullmatch(report_id or "")
    if found is None:
        return None, None
    return ("audio" if found["kind"].startswith("A") else "video"), int(found["ssrc"])


def _ssrc(told: object, by_id: int | None) -> int | None:
    text = str(told) if isinstance(told, int | str) and not isinstance(told, bool) else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 10 else by_id


def _direction(report: Mapping[str, Any], report_type: str, report_id: str | None) -> str | None:
    if report_type == "ssrc":
        if report_id and report_id.endswith(("_send", "_recv")):
            return "out" if report_id.endswith("_send") else "in"
        return "out" if "packetsSent" in report else "in"
    if report_type == "track" and isinstance(report.get("remoteSource"), bool):
        return "in" if report["remoteSource"] else "out"
    return DIRECTIONS.get(report_type)


def _kind_by_names(report: Mapping[str, Any], report_type: str) -> str | None:
    if report_type not in ("ssrc", "inbound-rtp", "outbound-rtp", "track"):
        return None
    if report.keys() & _AUDIO_ONLY:
        return "audio"
    return "video" if report.keys() & _VIDEO_ONLY else None


Pick = Callable[[Mapping[str, Any]], tuple[Any, ...]]
"""Gives the values of some members of a report, in their order."""


class _Shape(NamedTuple):
    """Where the values of all reports of one shape stand, and what they are."""

    singles: Pick
    nested: tuple[tuple[str, str], ...]
    numbers: Layout
    told: Pick
    words: Layout


class Reports:
    """Makes runs of reports; the layout of each shape of report is made once."""

    def __init__(self, measured_by: str) -> None:
        self._measured_by = measured_by
        self._shapes: dict[tuple[object, ...], _Shape] = {}

    def runs(
        self,
        report: Mapping[str, Any],
        report_id: str | None,
        codecs: Mapping[str, str],
        subject: Subject,
        at: int | None,
        estimated: bool = False,
    ) -> list[Run]:
        """The report's numbers, and its words if it has any. `codecs` gives names to the codec ids it may refer to."""
        try:
            if report.get("type") in UNKEPT:
                return []
            codec = codecs.get(report.get("codecId", ""))
            known = (subject, report_id, codec, *map(report.get, _TELLING), *report)
            shape = self._shapes.get(known)
        except TypeError:  # an object where an id should be
            return []
        if shape is None:
            what = about(report, report_id, codecs)
            shape = self._shapes[known] = self._shape(report, what, subject)
        return _runs(shape, report, at, estimated)

    def runs_about(
        self, report: Mapping[str, Any], what: About, subject: Subject, at: int | None, estimated: bool = False
    ) -> list[Run]:
        """The same of numbers of which it is known what they tell of."""
        known = (subject, what, *report)
        shape = self._shapes.get(known)
        if shape is None:
            shape = self._shapes[known] = self._shape(report, what, subject)
        return _runs(shape, report, at, estimated)

    def _shape(self, report: Mapping[str, Any], what: About, subject: Subject) -> _Shape:
        if len(self._shapes) > _MOST_SHAPES:
            self._shapes.clear()
        names = [name for name in report if name not in NOT_MEASURED and is_metric(name)]
        word_names = tuple(name for name in names if name in TEXTS)
        singles = tuple(name for name in names if name not in TEXTS and _may_be_number(name, report[name]))
        nested = tuple(
            (name, inner)
            for name in names
            if isinstance(report[name], dict)
            for inner, value in report[name].items()
            if is_metric(inner) and is_number(value)
        )

        def layout(metrics: tuple[str, ...], words: bool = False) -> Layout:
            return Layout(tuple(series(self._measured_by, subject, what, metric) for metric in metrics), words)

        numbers = layout((*singles, *(f"{outer}.{inner}" for outer, inner in nested)))
        return _Shape(_picker(singles), nested, numbers, _picker(word_names), layout(word_names, words=True))


def _runs(shape: _Shape, report: Mapping[str, Any], at: int | None, estimated: bool) -> list[Run]:
    values = shape.singles(report)
    for outer, inner in shape.nested:
        held = report[outer]
        values += (held.get(inner) if isinstance(held, dict) else None,)
    runs = [Run(shape.numbers, values, at, estimated)] if values else []
    if shape.words.series:
        words = [None if word == "undefined" else word for word in shape.told(report)]
        runs.append(Run(shape.words, words, at, estimated))
    return runs


def series(measured_by: str, subject: Subject, what: About, metric: str) -> Series:
    """One metric of a report."""
    return Series(
        subject,
        measured_by,
        metric,
        what.kind,
        what.direction,
        what.report_type or None,
        what.report_id,
        what.ssrc,
        what.codec,
    )


def _may_be_number(name: str, value: object) -> bool:
    return not name.endswith("Id") and (value is None or is_number(value))


def _picker(names: tuple[str, ...]) -> Pick:
    """What gives the values of these members of a report."""
    if len(names) < 2:
        return lambda report: tuple(report[name] for name in names)
    return itemgetter(*names)
