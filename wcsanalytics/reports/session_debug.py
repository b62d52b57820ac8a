"""Session debug: what happened in one session, or in the ten that went worst."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from wcsanalytics.lake import Lake
from wcsanalytics.reports.answers import counted, plural, share
from wcsanalytics.reports.data import Plot
from wcsanalytics.reports.declared import OF_SESSIONS, Asked, Made, Measure, Report, Share, Value
from wcsanalytics.reports.selection import Selection

_BAD = Measure(
    "bad_session_rate",
    "Sessions refused, failed or vanished",
    "ratio",
    "sessions chosen",
    "Sessions that did not live and end as they should / sessions chosen",
    source=Share("session_counts", "bad_sessions", "chosen"),
)
_ERRORS = Measure(
    "backend_error_rate",
    "Hooks that the backend failed",
    "ratio",
    "hooks of the sessions shown",
    "Errors in the place of an answer / hooks",
    source=Share("counts", "errors", "hooks"),
)
_UNANSWERED = Measure(
    "unanswered_rate",
    "Hooks without an answer",
    "ratio",
    "hooks of the sessions shown",
    "No answer in the capture / hooks",
    source=Share("counts", "unanswered", "hooks"),
)
_LATENCY = Measure(
    "latency_p95_ms",
    "Answer of the backend, p95",
    "ms",
    "hooks answered",
    "From request to answer",
    source=Value("counts", "latency_p95_ms", "answered"),
)


_LADDER = Plot(
    "ladder",
    "What happened when",
    "ladder",
    "events",
    "happened_at",
    "what",
    by="severity",
    says="Each event as a dot, from left to right in time; a line for each kind of event, or for each session.",
)


def _make(lake: Lake, selection: Selection, tables: Mapping[str, pa.Table]) -> Made:
    n = counted(tables["counts"])
    sessions = tables["sessions"].to_pylist()
    worst = sessions[0] if sessions else None
    unknown = ["what the network did: hooks tell what the server decided"]
    if not n["client_lines"]:
        unknown.append("what clients saw: none pushed its log (startDebug or logger.push do)")
    return Made(
        verdict=_verdict(n, worst, tables["findings"]),
        cannot_tell=tuple(unknown),
        plots=(_LADDER,) if len(sessions) == 1 else (replace(_LADDER, y="session"),),
        next_session=None if n["chosen"] == 1 or worst is None else worst["session_key"],
    )


def _verdict(n: Mapping[str, int], worst: Mapping[str, Any] | None, findings: pa.Table) -> str:
    if not n["chosen"]:
        return "There is no session in what was chosen."
    if worst is None:
        return f"No error, no warning and no bad end in {plural(n['chosen'], 'session')}."
    told = f"{worst['outcome']}, {plural(worst['errors'], 'error')}, {plural(worst['warnings'], 'warning')}"
    who = worst["user_id"] or worst["client_address"] or worst["session_id"]
    if n["chosen"] > 1:
        bad = f"{share(n['bad_sessions'], n['chosen'])} sessions refused, failed or vanished"
        return f"{bad}; most trouble: {who}, {told}."
    first = next(iter(findings.slice(0, 1).to_pylist()), None)
    trouble = "." if first is None else f"; first: {first['subject']}, {first['says']}."
    return f"Session of {who}: {told}{trouble}"


SESSION_DEBUG = Report(
    name="session-debug",
    title="Session debug",
    question="What happened in one session, or in the ten that went worst?",
    measures=(_BAD, _ERRORS, _UNANSWERED, _LATENCY),
    headline=("bad_session_rate", "backend_error_rate", "unanswered_rate", "latency_p95_ms"),
    tables=(
        Asked("sessions", "Sessions", shown=(
            "connected_at", "user_id", "client_address", "outcome", "errors", "warnings", "n_streams", "n_calls",
            "lived_s", "end_info", "browser", "os", "app_key", "session_id",
        )),
        Asked("events", "What happened, in order"),
        Asked("streams", "Streams", shown=(
            "requested_at", "role", "name", "outcome", "ended_how", "startup_ms", "lived_s", "end_info", "video_codec",
            "transport", "media_session_id",
        )),
        Asked("calls", "Calls"),
        Asked("backend", "How the backend answered"),
        Asked("changes", "What the backend changed"),
        Asked("client_log", "Warnings and errors that clients logged"),
    ),
    plots=(_LADDER,),
    make=_make,
    overlapping=True,
    divided={"session_counts": OF_SESSIONS},
    prepared=("shown_sessions", "shown_timeline", "shown_hooks"),
)  # fmt: skip
