"""Views of measured values: samples, what was counted between two of them, and what they tell of a media session."""

from __future__ import annotations

from wcsanalytics.tables.columns import Column, Type, View
from wcsanalytics.tables.hooks import KEYS, PLACE
from wcsanalytics.tables.samples import ABOUT_SAMPLES


def _c(name: str, kind: Type, meaning: str, unit: str = "") -> Column:
    return Column(name, kind, meaning, unit=unit)


_NODE = _c("node_id", "text", "WCS node")
_MEDIA_SESSION = _c("media_session_id", "text", "Id of a publish or play")
_KIND = _c("kind", "text", "audio or video")
_DIRECTION = _c("direction", "text", "in or out, seen from the client")
_SAMPLE = (
    _c("sampled_at", "instant", "When it was measured"),
    _KIND,
    _DIRECTION,
    _c("metric", "text", "What was measured"),
    _c("value", "real", "Value"),
    _c("unit", "text", "Unit of the value"),
    _c("measured_by", "text", "stream_metrics, sdk_stats, native_stats, rtc_metrics, rtcstats, ..."),
)

_ESTIMATED = _c("estimated", "bool", "Whether the instant was reckoned, not told by the sample")
_PEER, _, _, _REPORT_TYPE, _REPORT_ID, _SSRC, _CODEC = ABOUT_SAMPLES

MEDIA_SAMPLES_VIEW = View(
    "media_samples",
    "One measured value of a media session",
    (*PLACE, *KEYS, _MEDIA_SESSION, *_SAMPLE, _ESTIMATED, *ABOUT_SAMPLES),
)

SERVER_SAMPLES_VIEW = View(
    "server_samples",
    "One measured value of a server",
    (*PLACE, _NODE, *_SAMPLE, _ESTIMATED, _c("metric_group", "text", "Group of the statistics page")),
)

_REPORTED = (
    *PLACE,
    *KEYS,
    _MEDIA_SESSION,
    _PEER,
    _KIND,
    _DIRECTION,
    _c("measured_by", "text", "What measured it"),
    _REPORT_TYPE,
    _REPORT_ID,
    _SSRC,
)
_BETWEEN_SAMPLES = (
    _c("since_at", "instant", "The sample before, of the same epoch"),
    _c("until_at", "instant", "The sample"),
    _c("interval_s", "real", "Time between both", "s"),
    _c("epoch", "int", "From 0; a new one begins where a counter starts anew, or with another SSRC or codec"),
)

_ASKED_AGAIN = (
    _c("nacks", "int", "Requests for lost packets: sent of what comes in, received of what goes out", "count"),
    _c("plis", "int", "Requests for a picture after a loss (PLI), the same way", "count"),
    _c("firs", "int", "Requests for a whole picture (FIR), the same way", "count"),
)

MEDIA_RATES = View(
    "media_rates",
    "One counter over one interval between two samples",
    (
        *_REPORTED,
        _c("metric", "text", "What was counted"),
        *_BETWEEN_SAMPLES,
        _c("delta", "real", "What was counted in the interval"),
        _c("rate", "real", "The same a second"),
        _c("unit", "text", "Unit of the delta"),
    ),
)

MEDIA_INTERVALS = View(
    "media_intervals",
    "One sample of one report on a stream of RTP, and what was counted since the one before",
    (
        *_REPORTED,
        _CODEC,
        *_BETWEEN_SAMPLES,
        _c("packets_lost", "int", "Packets lost; below 0 where more that were late arrived than were lost", "count"),
        _c("packets_received", "int", "Packets received", "count"),
        _c("packets_sent", "int", "Packets sent", "count"),
        _c("loss_ratio", "real", "Lost / (lost + received); of what went out, as the far end tells it"),
        _c("bitrate", "real", "Bits of media a second", "bit/s"),
        _c("jitter_ms", "real", "Jitter at the end", "ms"),
        _c("rtt_ms", "real", "Mean round-trip time of the interval, else the last one told", "ms"),
        _c("frames_per_second", "real", "Frames a second, counted; told where they are not counted", "1/s"),
        _c("harmonic_fps", "real", "Frames a second as a viewer feels them: harmonic mean over the interval", "1/s"),
        _c("concealed_ratio", "real", "Concealed samples / samples received"),
        _c("jitter_buffer_ms", "real", "Mean delay of the jitter buffer", "ms"),
        _c("freezes", "int", "Freezes that began", "count"),
        _c("frozen_s", "real", "Time frozen", "s"),
        *_ASKED_AGAIN,
    ),
)

MEDIA_QUALITY = View(
    "media_quality",
    "One media session, kind and direction",
    (
        *KEYS,
        _MEDIA_SESSION,
        _c("source_id", "text", "The only source of a connection that no id of WCS names"),
        _PEER,
        _KIND,
        _DIRECTION,
        _c("measured_by", "text", "What measured it; where several did, the one that tells most"),
        _c("first_at", "instant", "First sample"),
        _c("last_at", "instant", "Last sample"),
        _c("codec", "text", "Codec in use by its name in RTP; of sdk_stats the first of the other side's SDP"),
        _c("packets_lost", "int", "Packets lost", "count"),
        _c("packets_received", "int", "Packets received", "count"),
        _c("packets_sent", "int", "Packets sent", "count"),
        _c("loss_ratio", "real", "Lost / (lost + received); of what went out, lost / sent", "ratio"),
        _c("loss_p95_ratio", "real", "95th percentile of the loss between two samples"),
        _c("jitter_p95_ms", "real", "95th percentile of jitter", "ms"),
        _c("jitter_max_ms", "real", "Greatest jitter", "ms"),
        _c("jitter_mean_ms", "real", "Mean jitter", "ms"),
        _c("rtt_p50_ms", "real", "Median round-trip time", "ms"),
        _c("rtt_p95_ms", "real", "95th percentile of round-trip time", "ms"),
        _c("rtt_mean_ms", "real", "Mean round-trip time", "ms"),
        _c("burst_ratio", "real", "BurstR by packets lost an event of concealment, at least 1; null where unknown"),
        _c("concealed_ratio", "real", "Concealed samples / samples received"),
        _c("audible_concealed_ratio", "real", "The same without samples concealed by silence"),
        _c("corrected_ratio", "real", "Samples inserted or removed to keep time / samples received"),
        _c("jitter_buffer_ms", "real", "Mean delay of the jitter buffer", "ms"),
        _c("freezes", "int", "Freezes", "count"),
        _c("frozen_ratio", "real", "Time frozen / time between the first and the last frame shown"),
        _c("freeze_mean_ms", "real", "Mean length of a freeze", "ms"),
        _c("frames_per_second", "real", "Frames a second, counted; else the mean of what is told", "1/s"),
        _c("is_silent", "bool", "Whether all audio that came was silence; null where that is not told"),
        _c("harmonic_fps", "real", "Frames a second as a viewer feels them: harmonic mean", "1/s"),
        _c("bitrate", "real", "Bits of media a second", "bit/s"),
        *_ASKED_AGAIN,
        _c("available_outgoing_bitrate", "real", "Mean of what the browser believes it can send", "bit/s"),
        _c("mos", "real", "Mean opinion score"),
        _c("scale", "text", "NB, WB or FB"),
        _c("scope", "text", "LQ or CQ"),
        _c("model", "text", "Model of the score"),
        _c("admission", "text", "Why it is rated or not"),
        _c("verdict", "text", "good, poor or unclassified"),
        _c("poor_because", "text", "What made it poor"),
        _c("n", "int", "Samples", "count"),
    ),
)
