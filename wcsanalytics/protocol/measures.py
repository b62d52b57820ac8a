"""What the numbers of media statistics mean: the unit of each, and whether it counts from the start of its report.

Names are those of W3C webrtc-stats, of the older `goog*` statistics, and of WCS's own stream metrics.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class Measure(NamedTuple):
    """Unit of a metric; a counter only grows while its report lives, but for losses, which late packets take back."""

    unit: str | None
    counter: bool


_COUNTER = True
_GAUGE = False

_RULES = (
    # W3C; durations before counts, since `qualityLimitationDurations.none` and `totalPausesDuration` are both
    (r"total\w*(?:Time|Delay|Durations?|Duration)|qualityLimitationDurations\.\w+", "s", _COUNTER),
    (r"totalInterFrameDelay|jitterBuffer\w*Delay|synthesizedSamplesDuration", "s", _COUNTER),
    (r"qualityLimitationDurations|jitter|roundTripTime|currentRoundTripTime", "s", _GAUGE),
    (r"totalSquaredInterFrameDelay", "s²", _COUNTER),
    (r"totalAudioEnergy", None, _COUNTER),
    (r"\w*[Bb]ytes(?:Sent|Received|DiscardedOnSend|Discarded)|totalEncodedBytesTarget", "bytes", _COUNTER),
    (r"\w*[Pp]ackets[A-Z]\w*|\w+Count|qpSum|reportsSent|(?:messages|requests|responses)\w+", "count", _COUNTER),
    (r"(?:key|huge)?[Ff]rames(?:Encoded|Decoded|Dropped|Received|Sent|Rendered\w*|AssembledFromMultiplePackets)"
     r"|frames|consentRequestsSent|\w+Events|\w*Measurements|\w+Changes", "count", _COUNTER),
    (r"\w*[sS]amples(?:Received|Count)|(?:silentC|c)oncealedSamples|insertedSamplesForDeceleration"
     r"|removedSamplesForAcceleration", "count", _COUNTER),
    (r"dataChannels(?:Opened|Closed)", "count", _COUNTER),
    (r"framesPerSecond", "1/s", _GAUGE),
    (r"frameWidth|frameHeight|width|height", "px", _GAUGE),
    (r"\w*[bB]itrate|videoRate", "bit/s", _GAUGE),
    (r"fractionLost|audioLevel", "ratio", _GAUGE),
    (r"codecRate|clockRate", "Hz", _GAUGE),
    (r"echoReturnLoss\w*", "dB", _GAUGE),
    # goog*
    (r"googRtt|googJitterReceived|goog\w*Ms", "ms", _GAUGE),
    (r"googFrame(?:Width|Height)\w*", "px", _GAUGE),
    (r"goog\w*Bitrate|goog\w*Bandwidth", "bit/s", _GAUGE),
    (r"googFrameRate\w*", "1/s", _GAUGE),
    (r"goog(?:Nacks|Plis|Firs)\w+|googDecoding\w+|googAdaptationChanges", "count", _COUNTER),
    # WCS
    (r"(?:VIDEO|AUDIO)_RATE", "bit/s", _GAUGE),
    (r"VIDEO_FPS|fps", "1/s", _GAUGE),
    (r"VIDEO_WIDTH|VIDEO_HEIGHT", "px", _GAUGE),
    (r"(?:VIDEO|AUDIO)_SYNC", "ms", _GAUGE),
    (r"VIDEO_GOP_SIZE", "count", _GAUGE),
    (r"(?:VIDEO|AUDIO)_(?:NACK|PLI|FIR|LOST|[KPB]_FRAMES)|nack|pli|lostPackets", "count", _COUNTER),
    (r"core_java_\w*(?:Memory|MemorySize)|\w*_bytes", "bytes", _GAUGE),
    (r"\w+_percent", "%", _GAUGE),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern, re.ASCII), Measure(unit, counter)) for pattern, unit, counter in _RULES)

TEXTS = frozenset(
    {
        "codec",
        "codecImplementationName",
        "contentType",
        "decoderImplementation",
        "dtlsState",
        "encoderImplementation",
        "googCodecName",
        "iceState",
        "qualityLimitationReason",
        "scalabilityMode",
        "state",
    }
)
"""Metrics whose value is a word. Other texts in statistics are ids, addresses and keys, which are not kept."""


@lru_cache(maxsize=4096)
def measure(metric: str) -> Measure:
    """Unit and kind of a metric; of an unknown one nothing is claimed.

    >>> measure("packetsLost"), measure("roundTripTime")
    (Measure(unit='count', counter=True), Measure(unit='s', counter=False))
    """
    return next((told for pattern, told in _COMPILED if pattern.fullmatch(metric)), Measure(None, False))
