"""Call quality: whether calls and streams come about, how fast, and whether they last."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from wcsanalytics.lake import Lake
from wcsanalytics.reports.answers import counted, share
from wcsanalytics.reports.data import Plot
from wcsanalytics.reports.declared import Asked, Made, Measure, Report
from wcsanalytics.reports.selection import Selection

_ASR = Measure("asr", "Answer-seizure ratio (ASR)", "ratio", "calls past local rejection", "Answered / seizures, E.411")
_NER = Measure(
    "ner",
    "Network effectiveness ratio (NER)",
    "ratio",
    "calls past local rejection",
    "Answered, busy, not answered or declined / seizures, E.425",
)
_SETUP_FAILURES = Measure(
    "setup_failure_rate",
    "Calls that failed to set up",
    "ratio",
    "calls with an outcome",
    "Failed for a technical reason before an answer / calls with an outcome",
    target=0.01,
)
_DROPS = Measure(
    "drop_rate",
    "Answered calls dropped",
    "ratio",
    "answered calls that ended",
    "Ended by no one's wish after the answer / answered calls that ended",
    target=0.03,
)
_PDD_50 = Measure(
    "post_dial_p50_ms",
    "Post-dial delay, median",
    "ms",
    "outgoing calls that rang",
    "RFC 6076 SRD, from the server's hooks",
)
_PDD_95 = Measure(
    "post_dial_p95_ms",
    "Post-dial delay, p95",
    "ms",
    "outgoing calls that rang",
    "RFC 6076 SRD, from the server's hooks",
)
_SETUP_50 = Measure(
    "setup_p50_ms", "Setup time, median", "ms", "outgoing calls answered", "From the call to its answer"
)
_SETUP_95 = Measure("setup_p95_ms", "Setup time, p95", "ms", "outgoing calls answered", "From the call to its answer")
_TALK = Measure("acd_s", "Mean talk time (ACD)", "s", "answered calls that ended", "Conversation without holds, E.411")
_WAIT = Measure(
    "hook_wait_p95_ms",
    "Wait for the backend, p95",
    "ms",
    "calls whose hook was answered",
    "From the call's hook to its answer",
)
_STREAM_FAILURES = Measure(
    "stream_start_failure_rate",
    "Streams that failed to start",
    "ratio",
    "streams asked for",
    "FAILED before PLAYING or PUBLISHING / publishes and plays asked for",
    target=0.01,
)
_STREAM_DROPS = Measure(
    "stream_drop_rate",
    "Started streams dropped",
    "ratio",
    "started streams that ended",
    "Ended by no one's wish, session losses included / started streams that ended",
    target=0.03,
)
_STARTUP = Measure(
    "startup_p95_ms", "Stream startup, p95", "ms", "streams started", "From asked to PLAYING or PUBLISHING"
)
_LOSS = Measure("loss_ratio", "Packet loss", "ratio", "media samples", "Lost / (lost + received)")
_MOS = Measure("mos", "Mean opinion score", "score", "media samples", "E-model, ITU-T G.107")

NO_MEDIA = "loss, jitter, MOS: hooks carry no media statistics (needs getStats or metrics)"


def _make(lake: Lake, selection: Selection, tables: Mapping[str, pa.Table]) -> Made:
    calls, streams = counted(tables["call_counts"]), counted(tables["stream_counts"])
    samples = len(lake.table("media_samples"))
    why_none = NO_MEDIA if not samples else "media samples are not rated yet"
    return Made(
        verdict=_verdict(calls, streams),
        figures=(
            _ASR.ratio(calls["answered"], calls["seizures"]),
            _NER.ratio(calls["effective"], calls["seizures"]),
            _SETUP_FAILURES.ratio(calls["setup_failures"], calls["decided"]),
            _DROPS.ratio(calls["dropped"], calls["answered_and_ended"]),
            _PDD_50.number(calls["post_dial_p50_ms"], calls["post_dials"]),
            _PDD_95.number(calls["post_dial_p95_ms"], calls["post_dials"]),
            _SETUP_50.number(calls["setup_p50_ms"], calls["setups"]),
            _SETUP_95.number(calls["setup_p95_ms"], calls["setups"]),
            _TALK.number(calls["talk_mean_s"], calls["talks"]),
            _WAIT.number(calls["hook_wait_p95_ms"], calls["hook_waits"]),
            _STREAM_FAILURES.ratio(streams["failed_to_start"], streams["asked"]),
            _STREAM_DROPS.ratio(streams["dropped"], streams["ended"]),
            _STARTUP.number(streams["startup_p95_ms"], streams["startups"]),
            _LOSS.impossible(why_none),
            _MOS.impossible(why_none),
        ),
        cannot_tell=(why_none, *(() if calls["calls"] else ("no SIP calls were captured: only streams are rated",))),
    )


def _verdict(calls: Mapping[str, int], streams: Mapping[str, int]) -> str:
    told = []
    if calls["calls"]:
        told.append(
            f"{share(calls['answered'], calls['seizures'])} calls answered, "
            f"{calls['setup_failures']} failed to set up, {calls['dropped']} dropped"
        )
    if streams["asked"]:
        told.append(
            f"{share(streams['failed_to_start'], streams['asked'])} streams failed to start, "
            f"{streams['dropped']} dropped"
        )
    return "; ".join(told) + "." if told else "There are no calls and no streams in what was chosen."


CALL_QUALITY = Report(
    name="call-quality",
    title="Call quality",
    question="Did calls and streams come about, how fast, and did they last?",
    measures=(
        _ASR, _NER, _SETUP_FAILURES, _DROPS, _PDD_50, _PDD_95, _SETUP_50, _SETUP_95, _TALK, _WAIT, _STREAM_FAILURES,
        _STREAM_DROPS, _STARTUP, _LOSS, _MOS,
    ),
    headline=(
        "asr", "setup_failure_rate", "drop_rate", "post_dial_p95_ms", "setup_p95_ms", "stream_start_failure_rate",
        "mos",
    ),
    tables=(
        Asked("outcomes", "What became of the calls"),
        Asked("causes", "Why calls and streams failed or dropped"),
        Asked("worst_calls", "The worst calls"),
        Asked("hours", "Hour by hour"),
        Asked("calls", "Every call"),
    ),
    plots=(
        Plot("outcomes", "What became of the calls", "bars", "outcomes", "outcome", "calls", by="direction",
             says="Calls by outcome and direction."),
        Plot("causes", "Why calls and streams failed or dropped", "bars", "causes", "reason", "n", by="about",
             says="Failures and drops by the reason that the server told."),
        Plot("hours", "Failed and dropped, hour by hour", "histogram", "hours", "hour_at", "bad",
             says="Calls and streams that failed or were dropped, by the hour in which they began."),
    ),
    make=_make,
)  # fmt: skip
