"""Call quality: whether calls and streams come about, how fast, how they end, and how they sound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from wcsanalytics.lake import Lake
from wcsanalytics.reports.answers import counted, plural, share
from wcsanalytics.reports.call_measures import (
    DELAYS,
    MEASURES,
    MEDIA,
    MOS,
    ONE_WAY,
    QUANTILES,
    RRD,
    STARTUP,
    Delay,
)
from wcsanalytics.reports.connection_grades import graded_streams
from wcsanalytics.reports.data import Figure, Plot
from wcsanalytics.reports.declared import (
    OF_CALLS,
    OF_MEDIA,
    OF_SESSIONS,
    OF_STREAMS,
    OF_TRAFFIC,
    Asked,
    Compared,
    Made,
    Report,
)
from wcsanalytics.reports.media_rating import rated
from wcsanalytics.reports.selection import Selection

NO_MEDIA = "loss, jitter, MOS: hooks carry no media statistics (needs getStats or metrics)"
NO_CALL_MEDIA = "no media sample belongs to a call"
NO_BUFFER = (
    "the jitter buffer of {scores_estimated} of {scores} scores was not measured: twice the jitter stands for it"
)
NO_CALLS = "no SIP calls were captured: only streams are rated"

WITHOUT_CALLS = (
    "stream_start_failure_rate", "stream_drop_rate", "startup_p95_ms", "poor_media_rate", "loss_ratio", "rtt_ms", "mos",
)  # fmt: skip
"""What matters most where there are no calls."""


def _make(lake: Lake, selection: Selection, tables: Mapping[str, pa.Table]) -> Made:
    calls, streams, media = (counted(tables[f"{about}_counts"]) for about in ("call", "stream", "media"))
    return Made(
        verdict=_verdict(calls, streams, media),
        figures=tuple(_media(media)),
        cannot_tell=tuple(_unknown(calls, media)),
        headline=() if calls["calls"] else WITHOUT_CALLS,
        tables={
            "delays": _times(tables, (*(one for one in DELAYS if one.unit == "ms"), RRD, STARTUP)),
            "durations": _times(tables, tuple(one for one in DELAYS if one.unit == "s")),
        },
    )


def _unknown(calls: Mapping[str, Any], media: Mapping[str, Any]) -> Iterator[str]:
    if not media["legs"]:
        yield NO_MEDIA
    elif not media["scores"] and media["why_no_mos"]:
        yield f"MOS: {media['why_no_mos']}"
    if not calls["calls"]:
        yield NO_CALLS
    if calls["truncated"]:
        yield f"how {plural(calls['truncated'], 'call')} came about that began before the capture: not among attempts"


def _media(media: Mapping[str, Any]) -> Iterator[Figure]:
    """Media figures that can't be had or only partly, with the reason."""
    if not media["legs"]:
        yield from (measure.impossible(NO_MEDIA) for measure in MEDIA)
        return
    if not media["calls"]:
        yield ONE_WAY.impossible(NO_CALL_MEDIA)
    if not media["scores"] and media["why_no_mos"]:
        yield MOS.impossible(f"no score: {media['why_no_mos']}")
    if media["kinds_of_score"] > 1:
        why = f"scores of {media['kinds_of_score']} kinds (scale, scope, model, codec table) are not put together"
        yield MOS.impossible(f"{why}: see the table scores", media["scores"])
    elif media["scores_estimated"]:
        measured = 1 - media["scores_estimated"] / media["scores"]
        yield replace(MOS.figure(media), standing="partly", coverage=measured, why=NO_BUFFER.format(**media))


def _times(tables: Mapping[str, pa.Table], delays: tuple[Delay, ...]) -> pa.Table:
    rows = [_quantiles(delay, counted(tables[delay.query])) for delay in delays]
    columns = [(f"p{quantile}_s", pa.float64()) for quantile in QUANTILES]
    return pa.Table.from_pylist(
        rows, pa.schema([("delay", pa.string()), ("n", pa.int64()), *columns, ("of", pa.string())])
    )


def _quantiles(delay: Delay, counts: Mapping[str, Any]) -> dict[str, Any]:
    scale = 1000 if delay.unit == "ms" else 1
    values = counts[delay.column] or [None] * len(QUANTILES)
    told = (None if value is None else value / scale for value in values)
    names = (f"p{quantile}_s" for quantile in QUANTILES)
    return {"delay": delay.label, "n": counts[delay.n], **dict(zip(names, told, strict=True)), "of": delay.of}


def _verdict(calls: Mapping[str, int], streams: Mapping[str, int], media: Mapping[str, Any]) -> str:
    told = []
    if calls["calls"]:
        told.append(
            f"{share(calls['answered_seizures'], calls['seizures'])} calls answered, "
            f"{calls['setup_failures']} failed to set up, {calls['dropped']} dropped"
        )
    if streams["asked"]:
        told.append(
            f"{share(streams['failed_to_start'], streams['asked'])} streams failed to start, "
            f"{streams['dropped']} dropped"
        )
    if media["judged"]:
        told.append(f"media were poor in {share(media['poor'], media['judged'])} directions")
    return "; ".join(told) + "." if told else "There are no calls and no streams in what was chosen."


CALL_QUALITY = Report(
    name="call-quality",
    title="Call quality",
    question="Did calls and streams come about, how fast, did they last, and how did they sound?",
    measures=MEASURES,
    headline=(
        "asr", "setup_failure_rate", "drop_rate", "post_dial_p95_ms", "setup_p95_ms", "stream_start_failure_rate",
        "mos",
    ),
    tables=(
        Asked("outcomes", "What became of the calls"),
        Asked("delays", "How long people and programs waited"),
        Asked("durations", "How long calls were talked and held"),
        Asked("causes", "Why calls and streams failed or dropped"),
        Asked("sip_statuses", "SIP statuses at the end"),
        Asked("waves", "Failures that came together"),
        Asked("worst_calls", "The worst calls"),
        Asked("media", "Which calls and streams could be rated by their media"),
        Asked("media_measures", "How media fared, by direction", shown=(
            "about", "kind", "direction", "legs", "loss_p50_ratio", "jitter_p50_ms", "rtt_p50_ms",
            "concealed_p50_ratio", "freezes", "fps_p50", "rate_p50_kbps", "nacks", "plis",
        )),
        Asked("media_over_time", "How media fared as time went by"),
        Asked("connection_quality", "Connection quality, as clients show it"),
        Asked("scores", "Opinion scores", shown=("score", "standing", "about", "mos", "n")),
        Asked("models", "How far the models that score audio agree"),
        Asked("hours", "Hour by hour"),
        Asked("calls", "Every call", shown=(
            "invited_at", "direction", "caller", "callee", "outcome", "ended_how", "dropped", "reason", "post_dial_ms",
            "setup_ms", "talk_s", "holds", "mos", "call_id",
        )),
    ),
    plots=(
        Plot("outcomes", "What became of the calls", "bars", "outcomes", "outcome", "calls", by="direction",
             says="Calls by outcome and direction."),
        Plot("causes", "Why calls and streams failed or dropped", "pareto", "causes", "reason", "n",
             says="Failures and drops by the reason that the server told, the most frequent on top."),
        Plot("delays", "How long people and programs waited", "percentiles", "delays", "delay", "p50_s",
             says="Median, p90, p95 and p99 of each delay."),
        Plot("mos", "Opinion scores", "distribution", "scores", "mos", "n", by="score",
             says="Share of calls and streams up to each opinion score, each scale, scope and model for itself."),
        Plot("media_loss", "Packets lost as time went by", "lines", "media_over_time", "step_at", "loss_ratio",
             by="media", says="Share of the packets lost in each step of time, by kind and direction of media."),
        Plot("media_jitter", "Jitter as time went by", "lines", "media_over_time", "step_at", "jitter_p50_ms",
             by="media", says="Median jitter in each step of time, by kind and direction of media."),
        Plot("hours", "Failed and dropped, hour by hour", "histogram", "hours", "hour_at", "bad",
             says="Calls and streams that failed or were dropped, by the hour in which they began."),
        Plot("heat", "Share that failed or was dropped, by day and hour", "heat_map", "hours", "hour_at", "bad_ratio",
             says="Of the calls and streams that began in an hour, the share that failed or was dropped."),
    ),
    make=_make,
    about=("streams", "calls"),
    prepared=(
        "failure_waves", "repeated_calls", "carried_traffic", "media_reports", "media_series", "client_grades",
        "measured_media",
        "rated_media", "call_media",
    ),
    through={"client_grades": graded_streams, "rated_media": rated},
    targets={
        "poor_media_rate": "poor_ratio", "setup_failure_rate": "setup_failure_ratio", "drop_rate": "drop_ratio",
        "drop_rate_strict": "drop_ratio", "stream_start_failure_rate": "setup_failure_ratio",
        "stream_drop_rate": "drop_ratio", "stream_drop_rate_strict": "drop_ratio",
    },
    divided={
        "call_counts": OF_CALLS, "repeat_counts": OF_CALLS, "transfer_counts": OF_CALLS,
        "registration_counts": OF_SESSIONS, "stream_counts": OF_STREAMS, "traffic_counts": OF_TRAFFIC,
        "media_counts": OF_MEDIA,
    },
    compared=(Compared("causes", "reason", "n"), Compared("outcomes", "outcome", "calls")),
)  # fmt: skip
