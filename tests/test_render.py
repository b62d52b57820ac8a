"""Reports and tables in every form, against goldens that a person can read, and with hostile texts."""

import csv
import json
import subprocess
import sys
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wcsanalytics import render
from wcsanalytics.errors import UnknownName
from wcsanalytics.render import grids
from wcsanalytics.render.terms import instant
from wcsanalytics.render.values import interval, quantity
from wcsanalytics.reports.data import Capture, Evidence, Figure, Finding, Plot, ReportData, ReportTable

GOLDENS = Path(__file__).parent / "goldens" / "render"


def at(hour: int, minute: int, second: int = 0, milli: int = 0) -> datetime:
    return datetime(2026, 3, 14, hour, minute, second, milli * 1000, tzinfo=UTC)


def field(name: str, kind: pa.DataType, unit: str = "", description: str = "") -> pa.Field:
    return pa.field(name, kind, metadata={"unit": unit, "description": description})


def worst_calls() -> pa.Table:
    schema = pa.schema(
        [
            field("call_id", pa.string(), description="The SIP Call-ID."),
            field("invited_at", pa.timestamp("us", tz="UTC")),
            field("caller", pa.string()),
            field("loss_ratio", pa.float64(), "ratio", "Packets lost of packets expected."),
            field("setup_ms", pa.int64(), "ms", "From INVITE to answer."),
            field("mos", pa.float64()),
        ]
    )
    rows = [
        ["4f1c-22", at(9, 15, 20, 655), "alice@example.org", 0.0712, 2140, 2.41],
        ["4f1c-31", at(9, 48, 3), "anna-maria.von-und-zu-winterfeld-beckmann@example.org", 0.0, 812, 4.38],
        ["9a02-07", at(10, 59, 59, 999), None, None, None, None],
    ]
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema=schema)


def survival() -> pa.Table:
    schema = pa.schema(
        [
            field("lived_s", pa.float64(), "s", "Seconds since the start."),
            field("alive_ratio", pa.float64(), "ratio", "Streams still alive."),
            field("low_ratio", pa.float64(), "ratio"),
            field("high_ratio", pa.float64(), "ratio"),
        ]
    )
    columns = [[0, 60, 300, 1800], [1.0, 0.9, 0.55, 0.2], [1.0, 0.84, 0.46, 0.13], [1.0, 0.95, 0.64, 0.29]]
    return pa.table([pa.array(column, kind.type) for column, kind in zip(columns, schema, strict=True)], schema=schema)


def evidence(line: int, member: str | None = None) -> Evidence:
    return Evidence("logs/flashphoner.log", member, line, line * 120)


FIGURES = (
    Figure("asr", "Answer-seizure ratio", "ratio", 0.6118, 1204, "calls", 0.584, 0.639, 0.7, "poor"),
    Figure("ner", "Network effectiveness", "ratio", 0.9991, 1204, "calls", 0.996, 0.9999, 0.98, "good"),
    Figure("setup_p95", "Setup time, 95th percentile", "ms", 2140.4, 812, "answered calls", 1980.0, 2310.0, 3000.0, "good"),
    Figure("talk_p50", "Talk time, median", "s", 200.2, 736, "answered calls", 188.0, 214.0),
    Figure(
        "mos_p10", "MOS, 10th percentile", "", 3.412, 498, "calls with RTP", 3.31, 3.52, 3.6, "poor",
        "partly", 0.6133, "Calls without stream metrics were left out.",
    ),
    Figure("loss", "Packets lost", "ratio", None, 0, "calls", None, None, 0.01, "unrated", "impossible", None, "RTP reports are off on this node."),
    Figure("dropped", "Dropped calls", "count", 17, 736, "answered calls"),
    Figure("transfers", "Transfers", "count", 1234, 736, "answered calls"),
)  # fmt: skip

FINDINGS = (
    Finding(
        "call-leg-vanished", "error", "call 4f1c-22",
        "ended without BYE: the last keep-alive came 41 s before the session was lost.",
        (evidence(1182), evidence(1407, "bug.zip")),
    ),
    Finding("late-answer", "warning", "hook OnCallEvent", "the backend took 5.2 s to answer, 3 times.", (evidence(902),)),
    Finding("no-echo", "notice", "app defaultApp", "answers were changed by the backend.", (evidence(31),)),
    Finding("old-sdk", "info", "session s-17", "the client says version 2.0.", ()),
)  # fmt: skip


def report() -> ReportData:
    """What a night of calls could look like."""
    return ReportData(
        report="call-quality",
        title="Call quality",
        parameters={"node": "wcs1", "by": ("browser",)},
        window=(at(9, 0), at(12, 0)),
        capture=Capture(
            files=3,
            records=12345,
            first_at=at(9, 15, 20, 655),
            last_at=at(11, 2, 44),
            zone="Europe/Berlin",
            nodes=("wcs1", "wcs2"),
            balance={"stored": 24600, "rejected": 3, "other_lines": 8812},
            notes=("The date was taken from the file's name.",),
        ),
        verdict="Four calls in ten are not answered, and one in ten of those that are sounds poor.",
        cannot_tell=("Loss before the relay: no RTCP was captured.", "Calls under way when the capture began."),
        figures={figure.name: figure for figure in FIGURES},
        tables={
            "worst_calls": ReportTable("worst_calls", "The worst calls", worst_calls()),
            "survival": ReportTable("survival", "How long streams live", survival()),
        },
        findings=FINDINGS,
        plots=(),
        headline=("asr", "ner", "setup_p95", "talk_p50", "mos_p10", "loss", "dropped"),
        next_command="wcsanalytics report session-debug store --call 4f1c-22",
        changes=({"figure": "asr", "unit": "ratio", "before": 0.71, "after": 0.6118, "difference": -0.0982, "n": 1204},),
        gates=({"gate": "asr.low > 0.5", "passed": True},),
    )


SURVIVAL_PLOT = Plot(
    "survival", "How long streams live", "steps", "survival", "lived_s", "alive_ratio",
    band=("low_ratio", "high_ratio"), says="Half of the streams live longer than five minutes.",
)  # fmt: skip
