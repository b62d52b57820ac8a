"""Reports and tables in every form, against goldens that a person can read, and with hostile texts."""

import csv
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

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
    Figure(
        "setup_p95", "Setup time, 95th percentile", "ms", 2140.4, 812, "answered calls", 1980.0, 2310.0, 3000.0, "good",
    ),
    Figure("talk_p50", "Talk time, median", "s", 200.2, 736, "answered calls", 188.0, 214.0),
    Figure(
        "mos_p10", "MOS, 10th percentile", "", 3.412, 498, "calls with RTP", 3.31, 3.52, 3.6, "poor",
        "partly", 0.6133, "Calls without stream metrics were left out.",
    ),
    Figure(
        "loss", "Packets lost", "ratio", None, 0, "calls", target=0.01,
        standing="impossible", why="RTP reports are off on this node.",
    ),
    Figure("dropped", "Dropped calls", "count", 17, 736, "answered calls"),
    Figure("transfers", "Transfers", "count", 1234, 736, "answered calls"),
)  # fmt: skip

FINDINGS = (
    Finding(
        "call-leg-vanished", "error", "call 4f1c-22",
        "ended without BYE: the last keep-alive came 41 s before the session was lost.",
        (evidence(1182), evidence(1407, "bug.zip")),
    ),
    Finding("late-answer", "warning", "hook OnCallEvent", "the backend took 5.2 s, 3 times.", (evidence(902),)),
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
        changes=(
            {"figure": "asr", "unit": "ratio", "before": 0.71, "after": 0.6118, "difference": -0.0982, "n": 1204},
        ),
        gates=({"gate": "asr.low > 0.5", "passed": True},),
    )


SURVIVAL_PLOT = Plot(
    "survival", "How long streams live", "steps", "survival", "lived_s", "alive_ratio",
    band=("low_ratio", "high_ratio"), says="Half of the streams live longer than five minutes.",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "shown"), [("report.txt", render.text), ("report.md", render.markdown), ("report.json", render.json)]
)
def test_report_is_written_as_in_the_golden_file(name: str, shown: Any) -> None:
    expected = (GOLDENS / name).read_text(encoding="utf-8")

    assert shown(report()) == expected


def test_instants_stand_in_the_zone_asked_for() -> None:
    shown = render.text(report(), zone="Europe/Berlin")

    assert "2026-03-14T10:15:20+01:00 to 12:02:44+01:00" in shown
    assert "2026-03-14T10:15:20.655+01:00" in shown


def test_colour_adds_nothing_but_colour() -> None:
    coloured = render.text(report(), color=True)

    assert "\x1b[31mAnswer-seizure ratio" in coloured
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == render.text(report())


# The first screen


def crowded() -> ReportData:
    """More of everything than a screen holds, in wide characters and without a space to break at."""
    endless, wide = "x" * 400, "会議" * 200
    figures = {f"f{at}": replace(FIGURES[at % 8], name=f"f{at}", label=f"{at} {wide}", of=endless) for at in range(9)}
    base = report()
    return replace(
        base,
        title=wide,
        capture=replace(base.capture, nodes=tuple(f"node-{at}.example.org" for at in range(99))),
        verdict=f"{endless} {wide}",
        cannot_tell=tuple(f"Reason {at}: {endless}" for at in range(9)),
        figures=figures,
        headline=tuple(figures),
        findings=tuple(Finding(endless, "error", wide, endless, (evidence(7, endless),)) for _ in range(9)),
        next_command=f"wcsanalytics report session-debug {' '.join(['--name hall-7'] * 9)}",
    )


@pytest.mark.parametrize("data", [report(), crowded(), replace(report(), findings=(), headline=(), cannot_tell=())])
def test_the_first_screen_is_80_by_24(data: ReportData) -> None:
    lines = render.text(data).split("\n")
    screen = lines[: lines.index("Changes")]

    assert len(screen) <= 25  # and one empty line before what follows
    assert screen[-1] == ""
    assert max(map(grids.breadth, screen)) <= 80
    assert any(line.startswith("next ") for line in screen)


def test_what_the_first_screen_leaves_out_stands_below() -> None:
    screen, below = render.text(crowded()).split("\nChanges\n")

    assert "… and 7 more, below" in screen
    assert "Reason 8" not in screen
    assert "Reason 8" in below
    assert "next     stands at the end of this report" in screen
    assert below.endswith(f"\nwcsanalytics report session-debug {' '.join(['--name hall-7'] * 9)}\n")


def test_a_long_command_goes_over_two_lines_that_can_be_pasted() -> None:
    command = "wcsanalytics report session-debug 'my store' --at 2026-03-14T09:15:20Z --node 'wcs 1' --zone UTC"
    lines = render.text(replace(report(), next_command=command)).split("\n")
    first = next(at for at, line in enumerate(lines) if line.startswith("next "))

    assert lines[first : first + 2] == [
        "next     wcsanalytics report session-debug 'my store' --at \\",
        "         2026-03-14T09:15:20Z --node 'wcs 1' --zone UTC",
    ]


@given(st.text(), st.integers(2, 100))
def test_wrapped_lines_keep_all_words_and_the_width(text: str, width: int) -> None:
    lines = grids.wrapped(text, width)

    assert max(map(grids.breadth, lines)) <= width
    assert "".join("".join(lines).split()) == "".join("".join(grids.wrapped(text, 10**6)).split())


@given(st.text(), st.integers(3, 100))
def test_a_cut_line_has_the_width(text: str, width: int) -> None:
    assert grids.breadth(grids.cut(text, width)) <= width


# Numbers


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (None, "ms", "–"),
        (float("nan"), "ratio", "–"),
        (0.0, "ratio", "0 %"),
        (0.000004, "ratio", "<0.01 %"),
        (0.0042, "ratio", "0.42 %"),
        (0.6118, "ratio", "61.2 %"),
        (0.9991, "ratio", "99.91 %"),
        (0.999999, "ratio", ">99.99 %"),
        (1.0, "ratio", "100 %"),
        (-0.0982, "ratio", "-9.8 %"),
        (0.123456, "ms", "0.123 ms"),
        (45.26, "ms", "45.3 ms"),
        (2140.4, "ms", "2,140 ms"),
        (1234567.0, "count", "1,234,567"),
        (2.5, "count", "2.50"),
        (41.0, "s", "41 s"),
        (1800.0, "s", "30 min"),
        (9000.0, "s", "2.50 h"),
        (259200.0, "s", "3 d"),
        (3.412, "", "3.41"),
        (512.0, "kbps", "512 kbps"),
    ],
)
def test_quantities_are_written_with_their_unit(value: float | None, unit: str, shown: str) -> None:
    assert quantity(value, unit) == shown


@pytest.mark.parametrize(
    ("low", "high", "unit", "shown"),
    [
        (0.584, 0.639, "ratio", "58.4–63.9 %"),
        (590.0, 610.0, "s", "590 s–10.2 min"),
        (3.31, 3.52, "", "3.31–3.52"),
        (-0.05, 0.02, "ratio", "-5.0 to 2.0 %"),
        (None, 0.02, "ratio", ""),
    ],
)
def test_intervals_name_a_shared_unit_once(low: float | None, high: float | None, unit: str, shown: str) -> None:
    assert interval(low, high, unit) == shown


def test_instants_are_never_rounded() -> None:
    assert instant(at(9, 15, 20)) == "2026-03-14T09:15:20.000Z"
    assert instant(at(9, 15, 20, 655).replace(microsecond=655_001)) == "2026-03-14T09:15:20.655001Z"
    assert instant(at(9, 15, 20, 655), "Asia/Kolkata") == "2026-03-14T14:45:20.655+05:30"
    assert instant(datetime(2026, 3, 14, 9, 15)) == "2026-03-14T09:15:00.000"


# Plain tables


def odd_rows() -> pa.Table:
    return pa.table(
        {
            "at": pa.array([at(9, 15, 20, 655), None], pa.timestamp("us", tz="UTC")),
            "name": ["=HYPERLINK(1)", ""],
            "ratio": [float("nan"), 0.1],
            "big": pa.array([Decimal(2**70), None], pa.decimal128(38, 0)),
            "yes": [True, None],
            "tags": [["a", "b"], None],
        }
    )


def test_json_lines_hold_the_exact_values() -> None:
    assert render.table(odd_rows(), "jsonl") == (
        '{"at": "2026-03-14T09:15:20.655Z", "name": "=HYPERLINK(1)", "ratio": null, '
        '"big": 1180591620717411303424, "yes": true, "tags": ["a", "b"]}\n'
        '{"at": null, "name": "", "ratio": 0.1, "big": null, "yes": null, "tags": null}\n'
    )


def test_json_is_one_array() -> None:
    assert render.table(pa.table({"n": [1, 2]}), "json") == '[\n{"n": 1},\n{"n": 2}\n]\n'
    assert render.table(pa.table({"n": pa.array([], pa.int64())}), "json") == "[]\n"


def test_csv_tells_empty_text_from_null_and_disarms_formulas() -> None:
    assert render.csv(odd_rows()) == (
        "at,name,ratio,big,yes,tags\n"
        '2026-03-14T09:15:20.655Z,\'=HYPERLINK(1),,1180591620717411303424,true,"[""a"", ""b""]"\n'
        ',"",0.1,,,\n'
    )


def test_csv_leaves_numbers_alone() -> None:
    assert render.csv(pa.table({"n": [-1.5], "text": ["-1.5"]})) == "n,text\n-1.5,'-1.5\n"


def test_table_is_aligned_with_numbers_to_the_right() -> None:
    rows = pa.table({"name": ["hall-7", "会議"], "lived_s": [12.3456, None]})

    assert render.table(rows, "table") == "name    lived_s\n──────  ───────\nhall-7   12.346\n会議          –\n"


def test_markdown_table_marks_the_numbers() -> None:
    rows = pa.table({"name": ["a|b"], "n": [7]})

    assert render.table(rows, "markdown") == "| name | n |\n| --- | ---: |\n| a\\|b | 7 |\n"


def test_other_kinds_of_values_become_text_or_numbers() -> None:
    rows = pa.table({"day": [date(2026, 3, 14)], "took": [timedelta(milliseconds=1500)], "raw": [b"\xff"]})

    assert render.table(rows, "jsonl") == '{"day": "2026-03-14", "took": 1.5, "raw": "ff"}\n'


def test_instants_past_the_calendar_are_shown_as_they_are() -> None:
    rows = pa.table({"at": pa.array([253_402_300_800_000_000], pa.int64()).cast(pa.timestamp("us", tz="UTC"))})

    assert render.table(rows, "csv") == "at\n10000-01-01 00:00:00.000000Z\n"


def test_an_unknown_form_names_those_there_are() -> None:
    with pytest.raises(UnknownName, match="no table form 'yaml'; there are table, json, jsonl, csv, markdown"):
        render.table(odd_rows(), "yaml")


def test_html_table_shows_the_first_rows_and_how_many_there_are() -> None:
    fragment = render.html_table(pa.table({"n": list(range(1204))}), title="Streams", limit=2)

    assert ">0</td>" in fragment
    assert ">1</td>" in fragment
    assert ">2</td>" not in fragment
    assert "2 of 1,204 rows" in fragment
    assert "Streams</caption>" in fragment


# Pages


class Page(HTMLParser):
    """The elements of a page and the text between them; what is left open or closed twice is an error."""

    VOID = ("meta", "br", "hr", "img", "link", "input")

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def tags(self) -> set[str]:
        return {tag for tag, _ in self.elements}

    def attributes(self) -> set[str]:
        return {name for _, attributes in self.elements for name in attributes}


def pictured() -> ReportData:
    return replace(report(), plots=(SURVIVAL_PLOT,))


def test_page_asks_for_nothing_and_runs_nothing() -> None:
    page = Page(render.html(pictured()))

    assert page.tags().isdisjoint({"script", "link", "img", "iframe", "object", "embed", "base", "form"})
    assert page.attributes().isdisjoint({"src", "srcset", "onclick", "onload", "srcdoc", "xlink:href"})
    assert not any(name.startswith("on") for name in page.attributes())
    policies = [found["content"] for tag, found in page.elements if tag == "meta" and "http-equiv" in found]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]
    styles = re.findall(r"url\([^)]*\)|@import|@font-face", render.html(pictured()))
    assert all(re.fullmatch(r"url\(#\w+\)", style) for style in styles)


def test_page_shows_what_the_report_says() -> None:
    page = Page(render.html(pictured()))
    says = " ".join(" ".join(page.words).split())

    for expected in (
        "Four calls in ten are not answered, and one in ten of those that are sounds poor.",
        "Answer-seizure ratio 61.2 % poor 95 % interval 58.4–63.9 % target 70.0 % n 1,204 calls",
        "Packets lost – target 1.0 % n 0 calls RTP reports are off on this node.",
        "error call 4f1c-22 ended without BYE",
        "logs/flashphoner.log!bug.zip:1407",
        "2026-03-14T09:15:20.655Z",
        "wcsanalytics report session-debug store --call 4f1c-22",
    ):
        assert expected in says


def test_page_is_readable_without_eyes() -> None:
    page = Page(render.html(pictured()))

    assert ("html", {"lang": "en"}) in page.elements
    assert [tag for tag, _ in page.elements].count("table") == [tag for tag, _ in page.elements].count("caption")
    assert all(found.get("scope") == "col" for tag, found in page.elements if tag == "th")
    (picture,) = (found for tag, found in page.elements if tag == "svg")
    assert picture["role"] == "img"
    assert "Half of the streams live longer than five minutes." in page.words
    ids = [found["id"] for _, found in page.elements if "id" in found]
    assert len(ids) == len(set(ids))


def test_same_report_same_page() -> None:
    assert render.html(pictured()) == render.html(pictured())


def test_an_empty_table_says_so() -> None:
    tables = {"none": ReportTable("none", "No calls", worst_calls().slice(0, 0))}

    assert "no rows" in Page(render.html(replace(report(), tables=tables))).words


def test_index_links_each_report_with_its_verdict() -> None:
    page = Page(render.index({"call-quality.html": report(), "javascript:alert(1)": report()}))
    links = [found["href"] for tag, found in page.elements if tag == "a"]

    assert links == ["call-quality.html", "javascript%3Aalert%281%29"]
    assert "Four calls in ten are not answered, and one in ten of those that are sounds poor." in page.words


# Hostile texts


HOSTILE = (
    "<script>alert(1)</script> \" onload=\"x\" ' srcdoc='<b>' [a](javascript:alert(1)) ]]> --> {{7*7}} {% x %} "
    "{0.__class__} %s $x^2$ `b` \x1b[31m\x1b]0;t\x07 \x9b \u202e\u2066 \ud800 \x00 \r\n| forged |\r\nerror forged "
    "</style></svg> "
)
FIXED = {"severity", "standing", "unit", "chart", "x", "y", "by", "band", "table", "name"}


def hostile(value: Any) -> Any:
    """The same report with hostile words in each of its texts, but those that come from a fixed list."""
    if isinstance(value, str):
        return HOSTILE + value
    if isinstance(value, pa.Table):
        return hostile_rows(value)
    if is_dataclass(value) and not isinstance(value, type):
        fixed = FIXED | ({"verdict"} if isinstance(value, Figure) else set())
        changed = {each.name: hostile(getattr(value, each.name)) for each in fields(value) if each.name not in fixed}
        return replace(value, **{**changed, **({"headline": value.headline} if isinstance(value, ReportData) else {})})
    if isinstance(value, Mapping):
        return {key: hostile(entry) for key, entry in value.items()}
    return tuple(map(hostile, value)) if isinstance(value, tuple) else value


def hostile_rows(rows: pa.Table) -> pa.Table:
    words = HOSTILE.replace("\ud800", "")  # Arrow holds no lone surrogate
    for index, name in enumerate(rows.column_names):
        if pa.types.is_string(rows.schema.field(name).type):
            texts = [words + (text or "") for text in rows.column(name).to_pylist()]
            described = rows.schema.field(name).with_metadata({"description": words})
            rows = rows.set_column(index, described, pa.array(texts))
    return rows


def hostile_report() -> ReportData:
    ladder = Plot(HOSTILE, "What happened", "ladder", "worst_calls", "invited_at", "caller", by="call_id")
    bars = Plot("mos", "MOS", "bars", "worst_calls", "caller", "mos")
    spread: ReportData = hostile(replace(report(), plots=(SURVIVAL_PLOT, ladder, bars)))
    odd = pa.table({HOSTILE.replace("\ud800", ""): [1]})
    return replace(spread, tables={**spread.tables, "odd": ReportTable("odd", HOSTILE, odd)})


def test_hostile_words_stay_words_in_a_page() -> None:
    plain = Page(render.html(replace(pictured(), plots=(*pictured().plots,))))
    page = Page(render.html(hostile_report()))

    assert page.tags() <= plain.tags() | {"title"}
    assert page.attributes() <= plain.attributes() | {"title"}
    assert "{{7*7}}" in " ".join(page.words)
    assert "$x^2$" in " ".join(page.words)
    assert_no_control(render.html(hostile_report()))


def test_hostile_words_stay_words_in_an_index_and_a_notebook() -> None:
    for source in (
        render.index({HOSTILE.replace("\ud800", ""): hostile_report()}),
        render.html_table(hostile_report().tables["worst_calls"].rows, title=HOSTILE),
    ):
        assert Page(source).tags().isdisjoint({"script", "b"})
        assert not any(name.startswith("on") or name == "srcdoc" for name in Page(source).attributes())
        assert_no_control(source)


def test_hostile_words_obey_nobody_on_a_terminal() -> None:
    shown = render.text(hostile_report())

    assert_no_control(shown)
    assert not any(line.startswith(("| forged", "error forged")) for line in shown.split("\n"))


def test_hostile_words_stay_words_in_markdown() -> None:
    shown = render.markdown(hostile_report())
    prose = re.sub("^````*sh$.*^````*$", "", shown, flags=re.MULTILINE | re.DOTALL)

    assert_no_control(shown)
    assert "<" not in prose
    assert not re.search(r"(?<!\\)[\[`$]", prose)


def test_hostile_words_forge_no_record_for_programs() -> None:
    rows = hostile_report().tables["worst_calls"].rows
    document = render.json(hostile_report())

    assert_no_control(document)
    assert json.loads(document)["verdict"] == hostile_report().verdict
    assert json.loads(render.table(rows, "jsonl").splitlines()[0])["caller"] == rows["caller"][0].as_py()
    assert len(list(csv.reader(render.csv(rows).splitlines()))) == 4
    for form in ("csv", "jsonl", "table", "markdown"):
        assert_no_control(render.table(rows, form))
        assert render.table(rows, form).count("\n") <= 5


def assert_no_control(text: str) -> None:
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)


def test_text_json_and_csv_do_not_load_matplotlib() -> None:
    code = (
        "import sys, wcsanalytics.render as r; assert r.text and r.json and r.csv; print('matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
