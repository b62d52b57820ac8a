"""Conformance: which rows of the matrix were seen, and where the traffic breaks WCS's rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import pyarrow as pa

from wcsanalytics.lake import Lake, sql_text
from wcsanalytics.protocol import MATRIX
from wcsanalytics.reports.answers import counted
from wcsanalytics.reports.data import Plot
from wcsanalytics.reports.declared import Asked, Made, Measure, Report
from wcsanalytics.reports.selection import Selection, needed

_ROWS = Measure(
    "rows_seen_rate",
    "Rows of the matrix seen",
    "ratio",
    "rows of the matrix",
    "Rows whose method and event were seen / rows",
)
_FITNESS = Measure(
    "fitness",
    "Sessions, streams and calls that keep the rules",
    "ratio",
    "sessions, streams and calls",
    "1 - violating / all",
)
_UNANSWERED = Measure(
    "unanswered_rate", "Hooks without an answer", "ratio", "hooks", "No answer in the capture / hooks"
)
_ERRORS = Measure(
    "backend_error_rate", "Hooks that the backend failed", "ratio", "hooks", "Errors in the place of an answer / hooks"
)
_UNKNOWN = Measure(
    "unknown_hooks", "Hooks of unknown name", "count", "hooks", "Hooks that are kept, but not understood"
)


def prepare(lake: Lake, selection: Selection) -> None:
    """Look for the faults once."""
    text = sql_text("reports/conformance", "all_faults")
    lake.keep("all_faults", text, needed(text, asdict(selection)))


def _make(lake: Lake, selection: Selection, tables: Mapping[str, pa.Table]) -> Made:
    n = counted(tables["counts"])
    seen = sum(standing == "seen" for standing in tables["matrix"]["standing"].to_pylist())
    hooks = sum(tables["hooks"]["hooks"].to_pylist())
    faults = n["faults"]
    return Made(
        verdict=f"{seen} of {len(MATRIX)} rows of the matrix were seen; "
        + ("no fault was found." if not faults else f"{faults} faults were found, by {len(tables['faults'])} rules."),
        figures=(
            _ROWS.ratio(seen, len(MATRIX)),
            _FITNESS.ratio(n["objects"] - min(n["violating"], n["objects"]), n["objects"]),
            _UNANSWERED.ratio(n["unanswered"], hooks),
            _ERRORS.ratio(n["errors"], hooks),
            _UNKNOWN.number(n["unknown_hooks"], hooks),
        ),
        cannot_tell=(
            "why a row was not seen: hooks are switched on for each application, so an absent one proves nothing",
        ),
    )


CONFORMANCE = Report(
    name="conformance",
    title="Conformance",
    question="Which rows of the matrix of client calls, methods and events were seen, and which rules were broken?",
    measures=(_ROWS, _FITNESS, _UNANSWERED, _ERRORS, _UNKNOWN),
    headline=("rows_seen_rate", "fitness", "unanswered_rate", "backend_error_rate", "unknown_hooks"),
    tables=(
        Asked("matrix", "Rows of the matrix"),
        Asked("faults", "Rules broken"),
        Asked("hooks", "Hooks and their answers"),
    ),
    plots=(
        Plot("hooks", "Hooks", "bars", "hooks", "hook", "hooks", says="How many hooks of each name there were."),
    ),
    make=_make,
    prepare=prepare,
    keeps=("all_faults",),
    prepared=("all_faults",),
)  # fmt: skip
