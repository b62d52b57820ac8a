"""Session debug: what happened in one session, or in the ten that went worst."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from wcsanalytics.lake import Lake, sql_text
from wcsanalytics.reports.answers import counted
from wcsanalytics.reports.data import Plot
from wcsanalytics.reports.declared import Asked, Made, Measure, Report
from wcsanalytics.reports.selection import Selection

_BAD = Measure(
    "bad_session_rate",
    "Sessions refused, failed or vanished",
    "ratio",
    "sessions chosen",
    "Sessions that did not live and end as they should / sessions chosen",
)
_ERRORS = Measure(
    "backend_error_rate",
    "Hooks that the backend failed",
    "ratio",
    "hooks of the sessions shown",
    "Errors in the place of an answer / hooks",
)
_UNANSWERED = Measure(
    "unanswered_rate",
    "Hooks without an answer",
    "ratio",
    "hooks of the sessions shown",
    "No answer in the capture / hooks",
)
_LATENCY = Measure("latency_p95_ms", "Answer of the backend, p95", "ms", "hooks answered", "From request to answer")


def prepare(lake: Lake, selection: Selection) -> None:
    """Choose the sessions that are shown: all that were asked for, or the ten that went worst."""
    lake.keep("shown_sessions", sql_text("reports/session_debug", "worst"), {"everything": selection.is_about_one})
    lake.keep("shown_timeline", sql_text("reports/session_debug", "shown_timeline"), {})


def _make(lake: Lake, selection: Selection, tables: Mapping[str, pa.Table]) -> Made:
    n = counted(tables["counts"])
    sessions = tables["sessions"].to_pylist()
    first = sessions[0] if sessions else None
    unknown = ["what happened on the network between client and server: hooks tell what the server decided"]
    if not n["client_lines"]:
        unknown.append("the client's own view: no logs were pushed (startDebug or logger.push turns them on)")
    return Made(
        verdict=_verdict(n["chosen"], n["bad_sessions"], first, selection.is_about_one),
        figures=(
            _BAD.ratio(n["bad_sessions"], n["chosen"]),
            _ERRORS.ratio(n["errors"], n["hooks"]),
            _UNANSWERED.ratio(n["unanswered"], n["hooks"]),
            _LATENCY.number(n["latency_p95_ms"], n["answered"]),
        ),
        cannot_tell=tuple(unknown),
        next_command="" if selection.is_about_one or first is None else f"--session {first['session_key']}",
    )


def _verdict(chosen: int, bad: int, first: Mapping[str, object] | None, about_one: bool) -> str:
    if not chosen:
        return "There is no session in what was chosen."
    if first is None:
        return f"None of the {chosen} sessions shows an error, a warning or a bad end."
    told = f"session {first['session_id']}: {first['outcome']}, {first['errors']} errors, {first['warnings']} warnings"
    return f"{told}." if about_one and chosen == 1 else f"{bad} of {chosen} sessions ended badly; the worst is {told}."


SESSION_DEBUG = Report(
    name="session-debug",
    title="Session debug",
    question="What happened in one session, or in the ten that went worst?",
    measures=(_BAD, _ERRORS, _UNANSWERED, _LATENCY),
    headline=("bad_session_rate", "backend_error_rate", "unanswered_rate", "latency_p95_ms"),
    tables=(
        Asked("sessions", "Sessions"),
        Asked("events", "What happened, in order"),
        Asked("streams", "Streams"),
        Asked("calls", "Calls"),
        Asked("backend", "How the backend answered"),
        Asked("changes", "What the backend changed"),
        Asked("client_log", "Warnings and errors that clients logged"),
    ),
    plots=(
        Plot("ladder", "What happened when", "ladder", "events", "happened_at", "what", by="severity",
             says="Each event of the sessions shown on its line, from left to right in time."),
    ),
    make=_make,
    overlapping=True,
    prepare=prepare,
    keeps=("shown_timeline", "shown_sessions"),
    prepared=("worst", "shown_timeline"),
)  # fmt: skip
