"""Formats that hold measured values. All captures here are synthetic, but for those of the real client where named."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wcsanalytics.formats import FORMATS, Context
from wcsanalytics.formats.getstats_forms import samples_in
from wcsanalytics.formats.samples import Samples

CASES = Path(__file__).parent / "cases"
OURS = ("getstats", "metric_messages", "stream_metrics", "stat_page", "webrtc_internals", "rtcstats")
WRITTEN = datetime(2026, 3, 14, 9, 20, tzinfo=UTC)
COUNTS = ("halves", "kept", "rejected", "pending", "other_lines")
EXPECTED = sorted(path for name in OURS for path in (CASES / name).glob("*.expected.ndjson"))
Read = Callable[..., Any]
cases = pytest.mark.parametrize("expected", EXPECTED, ids=lambda path: f"{path.parent.name}-{path.name.split('.')[0]}")


def given_in(expected: Path) -> bytes:
    (path,) = (one for one in expected.parent.glob(f"{expected.name.split('.')[0]}.*") if one != expected)
    return path.read_bytes()


def plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: one.isoformat() if isinstance(one, datetime) else one for name, one in row.items()}


def paired(found: list[dict[str, Any]], expected: list[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    """What was expected and not found, and the other way round; a row is found that has all that is expected of it."""
    left, missing = list(found), []
    for row in expected:
        match = next((one for one in left if all(one.get(name) == value for name, value in row.items())), None)
        if match is None:
            missing.append(row)
        else:
            left.remove(match)
    return missing, left


@cases
def test_case(expected: Path, read: Read) -> None:
    books, *rows = map(json.loads, expected.read_text(encoding="utf-8").splitlines())

    reading = read(expected.parent.name, given_in(expected), mtime=WRITTEN)

    table = "server_samples" if expected.parent.name == "stat_page" else "media_samples"
    assert paired([plain(row) for row in reading.rows], [{"table": table, **row} for row in rows]) == ([], [])
    assert {name: getattr(reading.context.books, name) for name in COUNTS} == {
        **dict.fromkeys(COUNTS, 0),
        **books["books"],
    }
