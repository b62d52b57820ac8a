"""A report as plain text: first a screen of 80 × 24 that answers, then all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from wcsanalytics.render import grids
from wcsanalytics.render.listings import listing
from wcsanalytics.render.values import (
    NOTHING,
    Shown,
    balance,
    counted,
    facts,
    figure,
    place,
    short_node,
    shown,
    span,
    worded_rows,
)
from wcsanalytics.reports.data import Capture, Figure, Finding, ReportData

SCREEN_LINES = 24
MOST_FIGURES = 7
MOST_FINDINGS = 3
WIDE = 132
"""Tables below the first screen may be as wide as this."""

_LABEL = 9
_LEAST_OF = 16  # less room than this says nothing of what was counted
_FIGURE_CELLS = 6  # label, value, interval, target, n, verdict
_NUMBERS = (1, 2, 3, 4)
_UNCUT = 100_000
_SHELL_WORD = re.compile(r"""(?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*"|['"\\])+""")
_STYLES = {"title": "1", "good": "32", "poor": "31", "error": "31", "warning": "33", "command": "36"}


class Line(NamedTuple):
    """A line of the output and how it is coloured, if it is."""

    text: str
    style: str = ""


Block = list[Line]


def text(report: ReportData, width: int = 80, color: bool = False, zone: str = "UTC") -> str:
    """The report for a terminal or a mail; the first 24 lines stand for themselves."""
    lines = [*_first_screen(report, width, zone), *_rest(report, width, zone)]
    return "".join(f"{_painted(line) if color else line.text}\n" for line in lines)


def _painted(line: Line) -> str:
    code = _STYLES.get(line.style)
    return f"\x1b[{code}m{line.text}\x1b[0m" if code and line.text else line.text


def _first_screen(report: ReportData, width: int, zone: str) -> Block:
    blocks = [
        [_title(report, width, zone)],
        _labelled("read", _what_was_read(report.capture, zone), 3, width),
        _unknowns(report.cannot_tell, width),
        _labelled("verdict", report.verdict, 2, width, "title"),
        _figure_grid([report.figures[name] for name in report.headline[:MOST_FIGURES]], width),
        _next(report.next_command, width),
    ]
    room = SCREEN_LINES - sum(map(len, blocks))
    blocks.insert(-1, _worst(report.findings[:MOST_FINDINGS], room, width))
    return _spaced([block for block in blocks if block])


def _spaced(blocks: Sequence[Block]) -> Block:
    """Blocks with as many empty lines between them as the screen has room for, the lowest first."""
    room = SCREEN_LINES - sum(map(len, blocks))
    tight = max(len(blocks) - 1 - room, 0)
    spaces = (([Line("")] if at > tight else []) for at in range(len(blocks)))
    return list(chain.from_iterable(chain.from_iterable(zip(spaces, blocks, strict=True))))


def _title(report: ReportData, width: int, zone: str) -> Line:
    chosen = "" if report.window == (None, None) else f" · {span(*report.window, zone)}"
    return Line(grids.cut(report.title + chosen, width), "title")


def _what_was_read(capture: Capture, zone: str) -> str:
    nodes = ", ".join(map(short_node, capture.nodes))
    told = f"{counted(len(capture.nodes), 'nodes')}: {nodes}" if nodes else "node not told"
    return (
        f"{counted(capture.files, 'files')}, {counted(capture.records, 'records')}, "
        f"{span(capture.first_at, capture.last_at, zone)}, zone {capture.zone}; "
        f"{balance(capture) or 'not counted'}; {told}"
    )


def _labelled(label: str, says: str, most: int, width: int, style: str = "") -> Block:
    """A paragraph beside its label, of at most so many lines."""
    room = width - _LABEL
    lines = grids.limited(grids.wrapped(says, room), most, room)
    return _beside(label, lines, style)


def _beside(label: str, lines: Sequence[str], style: str = "") -> Block:
    return [Line(f"{'' if at else label:{_LABEL}}{line}".rstrip(), style) for at, line in enumerate(lines)]


def _unknowns(reasons: Sequence[str], width: int) -> Block:
    """What can't be told: one line each if there are more than the three lines of room can hold."""
    room = width - _LABEL
    lines = [line for reason in reasons for line in grids.wrapped(reason, room)]
    if len(lines) > 3:
        lines = [grids.cut(reason, room) for reason in reasons]
    if len(lines) > 3:
        lines = [*lines[:2], f"… and {len(lines) - 2} more, below"]
    return _beside("unknown", lines)


def _figure_grid(figures: Sequence[Figure], width: int) -> Block:
    """Figures under each other; where one can't be had, its reason takes the place of the interval and the rest."""
    if not figures:
        return []
    shown = [figure(entry) for entry in figures]
    head = Shown("figure", "value", "95 % interval", "target", "n", "", "of", "")
    told = [at for at in range(_FIGURE_CELLS) if at < 2 or any(row[at] for row in shown)]
    sizes = _figure_sizes([head, *shown], told, width)
    lines = (Line(_figure_line(row, told, sizes, width), row.verdict.rstrip("*")) for row in shown)
    return [Line(_figure_line(head, told, sizes, width)), *lines]


def _figure_sizes(rows: Sequence[Shown], told: Sequence[int], width: int) -> list[int]:
    sizes = [max(grids.breadth(grids.cut(row[at], width)) for row in rows) for at in told]
    return grids.fitted(sizes, [at == 0 for at in told], width)


def _figure_line(row: Shown, told: Sequence[int], sizes: Sequence[int], width: int) -> str:
    """The cells of a figure, and of what it was counted where there is room for that."""
    if row.value == NOTHING:
        return grids.cut(f"{grids.line(row[:2], sizes[:2], (False, True))}{grids.GAP}{row.why}", width)
    room = width - sum(sizes) - len(grids.GAP) * len(sizes)
    cells, widths, rights = [row[at] for at in told], list(sizes), [at in _NUMBERS for at in told]
    if room >= _LEAST_OF:
        cells, widths, rights = [*cells, row.of], [*widths, room], [*rights, False]
    return grids.cut(grids.line(cells, widths, rights), width)


def _worst(findings: Sequence[Finding], room: int, width: int) -> Block:
    if not findings:
        return [Line("findings none")]
    most = max(room // len(findings), 1)
    return [line for finding in findings for line in _finding(finding, width, most)]


def _finding(finding: Finding, width: int, most: int | None = None) -> Block:
    """Severity, place, and what is said; the place stands whole as long as it leaves room."""
    room = width - _LABEL
    where = "".join(f"{place(evidence)}  " for evidence in finding.evidence[:1])
    lines = grids.wrapped(f"{_left_cut(where, room * 2 // 3)} {finding.subject}: {finding.says}", room)
    kept = lines if most is None else grids.limited(lines, most, room)
    return _beside(finding.severity, kept, finding.severity)


def _left_cut(where: str, width: int) -> str:
    """The end of a path tells more than its beginning."""
    line = where.strip()
    return line if len(line) <= width else "…" + line[1 - width :]


def _next(command: str, width: int) -> Block:
    """The command as it can be pasted, over two lines if need be; a longer one stands at the end, uncut."""
    if not command:
        return []
    room = width - _LABEL
    lines = _shell_lines(command, room)
    if len(lines) > 2 or any(grids.breadth(line) > room for line in lines):
        lines = ["stands at the end of this report"]
    return _beside("next", lines, "command")


def _shell_lines(command: str, width: int) -> list[str]:
    r"""Broken between words, never within quotes, with `\` at the end of a line."""
    lines = [""]
    for word in _SHELL_WORD.findall(grids.cut(command, _UNCUT)):
        longer = f"{lines[-1]} {word}".lstrip()
        if lines[-1] and grids.breadth(f"{longer} \\") > width:
            lines[-1] += " \\"
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _rest(report: ReportData, width: int, zone: str) -> Iterator[Line]:
    """All that the first screen had no room for."""
    if report.changes:
        yield from _section("Changes", listing(worded_rows(report.changes, zone), max(width, WIDE)))
    if report.gates:
        yield from _section("Gates", listing(worded_rows(report.gates, zone), max(width, WIDE)))
    yield from _section("Figures", [])
    yield from _figure_grid(list(report.figures.values()), width)
    yield from _reasons(list(report.figures.values()), width)
    for table in report.tables.values():
        columns, more = shown(table, zone)
        yield from _section(table.title, [*listing(columns, max(width, WIDE)), *([more] if more else [])])
    yield from _section(f"Findings ({len(report.findings)})", [])
    for finding in report.findings:
        yield from _finding_in_full(finding, width)
    yield from _closing(report, width, zone)


def _section(title: str, lines: Sequence[str]) -> Iterator[Line]:
    yield Line("")
    yield Line(grids.cut(title, 200), "title")
    yield from map(Line, lines)


def _reasons(figures: Sequence[Figure], width: int) -> Iterator[Line]:
    """Why figures can't be had, or rest on a part of the cases; figures of one reason together."""
    labels: dict[str, list[str]] = {}
    for entry in figures:
        if entry.standing != "computed":
            labels.setdefault(figure(entry).why, []).append(entry.label)
    for why, names in labels.items():
        lines = grids.wrapped(f"{'; '.join(names)}: {why}", width - 2)
        yield from (Line(f"{'  ' if at else '* '}{line}") for at, line in enumerate(lines))


def _finding_in_full(finding: Finding, width: int) -> Iterator[Line]:
    yield from _finding(finding, width)
    for evidence in finding.evidence[1:]:
        yield from (Line(" " * _LABEL + line) for line in grids.wrapped(place(evidence), width - _LABEL))


def _closing(report: ReportData, width: int, zone: str) -> Iterator[Line]:
    read = [f"{label}: {says}" for label, says in facts(report, zone)]
    for title, says in (("What was read", read), ("What this can't tell", report.cannot_tell)):
        yield from _section(title, [line for entry in says for line in grids.wrapped(entry, width)])
    if report.next_command:
        yield from _section("Next", [])
        yield Line(grids.cut(report.next_command, _UNCUT), "command")
