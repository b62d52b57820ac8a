"""Conformance: which rows of the matrix were seen, and where the traffic breaks WCS's rules."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from wcsanalytics.lake import Lake
from wcsanalytics.protocol import MATRIX
from wcsanalytics.reports.answers import counted, plural
from wcsanalytics.reports.data import Plot
from wcsanalytics.reports.declared import Asked, Compared, Made, Measure, Report, Share, Value
from wcsanalytics.reports.selection import ABOUT, HOOKS, Selection

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
    "unanswered_rate",
    "Hooks without an answer",
    "ratio",
    "hooks",
    "No answer in the capture / hooks",
    source=Share("hook_counts", "unanswered", "hooks"),
)
_ERRORS = Measure(
    "backend_error_rate",
    "Hooks that the backend failed",
    "ratio",
    "hooks",
    "Errors in the place of an answer / hooks",
    source=Share("hook_counts", "errors", "hooks"),
)
_UNKNOWN = Measure(
    "unknown_hooks",
    "Hooks of unknown name",
    "count",
    "hooks",
    "Hooks that are kept, but not understood",
    source=Value("hook_counts", "unknown_hooks", "hooks"),
)


def _make(lake: Lake, selection: Selection, tables: Mapping[str, pa.Table]) -> Made:
    n = counted(tables["counts"])
    seen = sum(standing == "seen" for standing in tables["matrix"]["standing"].to_pylist())
    return Made(
        verdict=f"{seen} of {len(MATRIX)} rows of the matrix were seen; {_faults(n['faults'], len(tables['faults']))}.",
        figures=(
            _ROWS.ratio(seen, len(MATRIX)),
            _FITNESS.ratio(n["objects"] - n["violating"], n["objects"]),
        ),
        cannot_tell=("why a row was not seen: each application switches its own hooks on",),
    )


def _faults(faults: int, rules: int) -> str:
    return f"{plural(faults, 'fault')} by {plural(rules, 'rule')}" if faults else "no fault was found"


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
    about=(*ABOUT, HOOKS),
    prepared=("all_faults",),
    divided={"hook_counts": ("node", "hour", "day")},
    compared=(Compared("faults", "rule", "faults"), Compared("hooks", "hook", "hooks")),
)  # fmt: skip
