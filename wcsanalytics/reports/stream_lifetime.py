"""Stream lifetime: whether streams start, how long they live, and what ends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from wcsanalytics.lake import Lake
from wcsanalytics.quality import Step, median_survival, survival
from wcsanalytics.reports.answers import counted, plural, share
from wcsanalytics.reports.data import Plot
from wcsanalytics.reports.declared import OF_STREAMS, Asked, Compared, Made, Measure, Report, Share, Value
from wcsanalytics.reports.selection import Selection

_STARTED = Measure(
    "start_rate",
    "Streams that started",
    "ratio",
    "streams asked for",
    "Reached PLAYING or PUBLISHING / streams asked for",
    source=Share("counts", "started", "asked"),
)
_VSF = Measure(
    "start_failure_rate",
    "Failed to start (VSF)",
    "ratio",
    "streams asked for",
    "FAILED before the start / streams asked for, CTA-2066",
    target=0.01,
    source=Share("counts", "failed_to_start", "asked"),
)
_EBVS = Measure(
    "left_before_start_rate",
    "Left before start (EBVS)",
    "ratio",
    "streams asked for",
    "Ended without failure before the start / streams asked for",
    source=Share("counts", "left_before_start", "asked"),
)
_VPF = Measure(
    "failure_rate",
    "Failed after start (VPF)",
    "ratio",
    "started streams that ended",
    "FAILED after the start / started streams that ended",
    source=Share("counts", "failed", "ended"),
)
_DROPS = Measure(
    "drop_rate",
    "Dropped",
    "ratio",
    "started streams whose end is known",
    "Ended by no one's wish, session losses and lost publishers included",
    target=0.03,
    source=Share("counts", "dropped", "droppable"),
)
_MEDIAN = Measure(
    "lifetime_median_s",
    "Lifetime, median",
    "s",
    "streams whose start was seen",
    "Kaplan-Meier median: streams that still live are counted as censored",
)
_MEAN = Measure(
    "lived_mean_s",
    "Mean of ended streams",
    "s",
    "started streams that ended",
    "Biased short: long streams have not ended yet",
    source=Value("counts", "lived_mean_s", "lived"),
)
_STARTUP_50 = Measure(
    "startup_p50_ms",
    "Startup, median",
    "ms",
    "streams started",
    "From asked to PLAYING or PUBLISHING",
    source=Value("counts", "startup_p50_ms", "startups"),
)
_STARTUP_95 = Measure(
    "startup_p95_ms",
    "Startup, p95",
    "ms",
    "streams started",
    "From asked to PLAYING or PUBLISHING",
    source=Value("counts", "startup_p95_ms", "startups"),
)
_WAIT = Measure(
    "hook_wait_p95_ms",
    "Wait for the backend, p95",
    "ms",
    "streams whose hook was answered",
    "From the request's hook to its answer",
    source=Value("counts", "hook_wait_p95_ms", "hook_waits"),
)


def _make(lake: Lake, selection: Selection, tables: Mapping[str, pa.Table]) -> Made:
    n = counted(tables["counts"])
    lives = tables["lifetimes"].to_pydict()
    steps = survival(lives["lived_s"], lives["ended"])
    median = median_survival(steps)
    return Made(
        verdict=_verdict(n),
        figures=(_MEDIAN.number(median, len(lives["lived_s"]), _why_no_median(len(lives["lived_s"]))),),
        cannot_tell=_unknown(n),
        tables={"survival": _curves(lives)},
    )


def _why_no_median(n: int) -> str:
    return (
        "there are no streams whose start was seen" if not n else "more than half of the streams still lived at the end"
    )


def _unknown(n: Mapping[str, int]) -> tuple[str, ...]:
    told = []
    if n["left_truncated"]:
        told.append(f"whole lives of {plural(n['left_truncated'], 'stream')} that began before the capture")
    if n["without_end"]:
        told.append(f"ends of {plural(n['without_end'], 'stream')} not in the capture: counted as censored")
    return (*told, "when a viewer saw the first frame: hooks tell when the server began")


def _verdict(n: Mapping[str, int]) -> str:
    if not n["streams"]:
        return "There are no streams in what was chosen."
    return (
        f"{share(n['started'], n['asked'])} streams started, {n['failed_to_start']} failed to; "
        f"{share(n['dropped'], n['droppable'])} that ended were dropped."
    )


def _curves(lives: Mapping[str, list[Any]]) -> pa.Table:
    """Survival curves by role."""
    rows: list[dict[str, Any]] = []
    for role in sorted(set(lives["role"])):
        chosen = [index for index, of in enumerate(lives["role"]) if of == role]
        steps = survival([lives["lived_s"][index] for index in chosen], [lives["ended"][index] for index in chosen])
        rows += [{"role": role, **_row(step)} for step in (_beginning(len(chosen)), *steps)]
    schema = pa.schema(
        [
            ("role", pa.string()),
            ("lived_s", pa.float64()),
            ("at_risk", pa.int64()),
            ("ended", pa.int64()),
            ("survival_ratio", pa.float64()),
            ("low_ratio", pa.float64()),
            ("high_ratio", pa.float64()),
        ]
    )
    return pa.Table.from_pylist(rows, schema)


def _beginning(n: int) -> Step:
    return Step(0.0, n, 0, 1.0, None, None)


def _row(step: Step) -> dict[str, Any]:
    return {
        "lived_s": step.t,
        "at_risk": step.at_risk,
        "ended": step.ended,
        "survival_ratio": step.survival,
        "low_ratio": step.low,
        "high_ratio": step.high,
    }


STREAM_LIFETIME = Report(
    name="stream-lifetime",
    title="Stream lifetime",
    question="Do streams start, how long do they live, and what ends them?",
    measures=(_STARTED, _VSF, _EBVS, _VPF, _DROPS, _MEDIAN, _MEAN, _STARTUP_50, _STARTUP_95, _WAIT),
    headline=(
        "start_rate", "start_failure_rate", "left_before_start_rate", "drop_rate", "lifetime_median_s",
        "startup_p50_ms", "startup_p95_ms",
    ),
    tables=(
        Asked("ledger", "What became of the streams"),
        Asked("ends", "Why streams ended"),
        Asked("kinds", "Streams by kind"),
        Asked("survival", "How many still live after a time"),
        Asked("concurrency", "Streams at once, hour by hour"),
        Asked("dependents", "Publishers that took viewers down with them"),
        Asked("streams", "Every stream", shown=(
            "requested_at", "role", "name", "outcome", "ended_how", "dropped", "startup_ms", "lived_s", "end_info",
            "media_provider", "media_session_id",
        )),
    ),
    plots=(
        Plot("survival", "Share of streams still alive", "steps", "survival", "lived_s", "survival_ratio",
             band=("low_ratio", "high_ratio"), by="role",
             says="Share of streams still alive after a time, with its 95 % interval, by role."),
        Plot("ends", "Why streams ended", "bars", "ends", "reason", "streams", by="ended_how",
             says="Ended streams by the reason that the server told."),
        Plot("concurrency", "Most streams at once", "histogram", "concurrency", "hour_at", "most_at_once",
             says="The most streams that were up at once in each hour."),
    ),
    make=_make,
    about=("streams",),
    divided={"counts": OF_STREAMS},
    compared=(Compared("ends", "reason", "streams"),),
)  # fmt: skip
