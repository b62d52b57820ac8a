"""Tables of measured values in long form: a row is one value of one metric at one instant."""

from __future__ import annotations

from wcsanalytics.tables.columns import Column, Table
from wcsanalytics.tables.hooks import KEYS, PLACE

SAMPLED = (
    Column("sampled_at", "instant", "When it was measured"),
    Column("estimated", "bool", "Whether the instant was reckoned from the record around it, not told by the sample"),
)

ABOUT_SAMPLES = (
    Column(
        "peer",
        "text",
        "Connection that it was measured on, as its source names it",
    ),
    Column("text", "text", "The value, where it is a word: a codec, a reason", care="text"),
    Column("counter", "bool", "Whether it counts from the start of its report; only differences tell of an interval"),
    Column("report_type", "text", "Type of the report: inbound-rtp, outbound-rtp, remote-inbound-rtp, ..."),
    Column("report_id", "text", "Id of the report that it stands in"),
    Column("ssrc", "int", "SSRC of the RTP stream; a new one is a new count"),
    Column("codec", "text", "Codec in use, as the report refers to it; a new one is a new count"),
)
"""What else is known of a sample of media."""

MEDIA_SAMPLES = Table(
    "media_samples",
    "One measured value of a media session",
    (
        *PLACE,
        *KEYS,
        Column("node_id", "text", "WCS node"),
        Column("session_id", "text", "Session id, where the record tells it", care="id"),
        Column("media_session_id", "text", "Id of a publish or play, where the record tells it", care="id"),
        Column("call_id", "text", "Id of a call, where the record tells it"),
        *SAMPLED,
        Column("kind", "text", "audio or video"),
        Column("direction", "text", "in or out, seen from the client"),
        Column("metric", "text", "What was measured, by the name its source has for it"),
        Column("value", "real", "Value; true and false are 1 and 0"),
        Column("unit", "text", "Unit of the value"),
        Column("measured_by", "text", "stream_metrics, sdk_stats, native_stats, rtc_metrics, rtcstats, ..."),
        *ABOUT_SAMPLES,
    ),
    happened=("sampled_at",),
    order=("stream_key", "metric", "sampled_at"),
    encoded=True,
)

SERVER_SAMPLES = Table(
    "server_samples",
    "One measured value of a server",
    (
        *PLACE,
        Column("node_id", "text", "WCS node"),
        *SAMPLED,
        Column("metric_group", "text", "Group that the statistics page lists it under, by its newer name"),
        Column("metric", "text", "What was measured"),
        Column("value", "real", "Value"),
        Column("unit", "text", "Unit of the value"),
        Column("measured_by", "text", "stat_page"),
    ),
    happened=("sampled_at",),
    order=("metric", "sampled_at"),
)

SAMPLE_TABLES = (MEDIA_SAMPLES, SERVER_SAMPLES)
