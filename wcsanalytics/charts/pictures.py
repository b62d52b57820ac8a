"""Pictures of plain sequences, for reports and notebooks alike: `(data, ax=None) -> Axes`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import accumulate
from math import isnan
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from wcsanalytics.charts.canvas import (
    INK,
    PALETTE,
    calm,
    colour,
    label,
    legend_beside,
    legend_text,
    new_axes,
    without_cases,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LIGHT, _DARK = (0xE8, 0xF0, 0xFB), (0x14, 0x42, 0x86)
_ON_LIGHT, _ON_DARK = "#101418", "#ffffff"
"""Words on a cell: its colour stays as it is on a dark page, so theirs must too."""

_PERCENTILES = (("median", "o", 0), ("p90", "s", 2), ("p95", "D", 1), ("p99", "X", 4))
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MOST_CAUSES = 14


def mos_distribution(data: Iterable[tuple[str, float | None, int | None]], ax: Axes | None = None) -> Axes:
    """Share of streams whose MOS is at most so much, from (kind, MOS, number of streams).

    Each kind (scale, scope, model) has a curve of its own, for scores of several kinds have no common distribution.
    """
    from matplotlib.ticker import PercentFormatter

    kinds = _scores_of_kinds(data)
    ax = new_axes(ax)
    if not kinds:
        return without_cases(ax)
    for at, (kind, counts) in enumerate(kinds.items()):
        scores, total = sorted(counts), sum(counts.values())
        shares = [reached / total for reached in accumulate(counts[mos] for mos in scores)]
        x, y = [1.0, *scores, 4.5], [0.0, *shares, 1.0]
        named = legend_text(f"{label(kind)} (n = {total})" if kind else f"n = {total}")
        ax.step(x, y, where="post", color=colour(at), label=named)
    ax.set_xlim(1, 4.5)
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(PercentFormatter(xmax=1, symbol=" %"))
    ax.set_xlabel("MOS", fontsize=8)
    ax.set_ylabel("streams up to this MOS", fontsize=8)
    calm(ax, grid="y")
    legend_beside(ax, *ax.get_legend_handles_labels())
    return ax


def _scores_of_kinds(data: Iterable[tuple[str, float | None, int | None]]) -> dict[str, dict[float, int]]:
    """Number of streams by kind and score."""
    kinds: dict[str, dict[float, int]] = {}
    for kind, mos, n in data:
        if mos is not None and not isnan(mos) and n:
            counts = kinds.setdefault(kind, {})
            counts[mos] = counts.get(mos, 0) + n
    return kinds


def hour_heat_map(
    data: Iterable[tuple[datetime | None, float | None]],
    ax: Axes | None = None,
    *,
    zone: str = "UTC",
    ratio: bool = False,
) -> Axes:
    """A value of each hour, from (hour, value): days down, hours of the zone across; the number stands in its cell.

    Ratios (0..1) are printed in per cent. An hour without a value stays blank; one that a change of the clock repeats
    shows the greater value.
    """
    cells = _cells_of_hours(data, ZoneInfo(zone))
    days = sorted({day for day, _ in cells}, key=lambda day: day[4:])
    ax = new_axes(ax, height=max(1.6, 0.3 * len(days) + 0.9))
    if not cells:
        return without_cases(ax)
    greatest = max(cells.values()) or 1
    for (day, hour), value in cells.items():
        depth = max(value / greatest, 0.0)
        row = days.index(day)
        ax.barh(row, 1, left=hour, height=1, color=_shade(depth), edgecolor="#ffffff", linewidth=0.6)
        ax.text(hour + 0.5, row, _short(value, ratio), ha="center", va="center", fontsize=7, parse_math=False,
                color=_ON_DARK if depth > 0.45 else _ON_LIGHT)  # fmt: skip
    ax.set_yticks(range(len(days)), labels=days)
    ax.set_xticks(range(0, 25, 3))
    ax.set_xlim(0, 24)
    ax.set_ylim(len(days) - 0.5, -0.5)
    ax.set_xlabel(f"hour of the day ({zone}){', per cent' if ratio else ''}", fontsize=8, parse_math=False)
    ax.tick_params(labelsize=8, length=2)
    ax.spines[:].set_visible(False)
    return ax


def _cells_of_hours(
    data: Iterable[tuple[datetime | None, float | None]], zone: ZoneInfo
) -> dict[tuple[str, int], float]:
    """The value of each day and hour."""
    cells: dict[tuple[str, int], float] = {}
    for at, value in data:
        if at is not None and value is not None and not isnan(value):
            local = at.astimezone(zone)
            cell = (f"{_WEEKDAYS[local.weekday()]} {local:%Y-%m-%d}", local.hour)
            cells[cell] = max(value, cells.get(cell, value))
    return cells


def cause_pareto(data: Iterable[tuple[str, float | None]], ax: Axes | None = None) -> Axes:
    """Causes by number, from (cause, number), the most frequent on top.

    Beside each bar stand its number and the share that it makes up with all above it; the rarest beyond the
    fourteenth are one bar.
    """
    counts: dict[str, float] = {}
    for cause, n in data:
        counts[cause] = counts.get(cause, 0) + (n or 0)
    ranked = sorted(((n, cause) for cause, n in counts.items() if n > 0), key=lambda pair: (-pair[0], pair[1]))
    rest = ranked[_MOST_CAUSES:]
    shown = [(label(cause), n) for n, cause in ranked[:_MOST_CAUSES]]
    if rest:
        shown.append((f"{len(rest)} others", sum(n for n, _ in rest)))
    ax = new_axes(ax, height=max(1.6, 0.32 * len(shown) + 0.9))
    if not shown:
        return without_cases(ax)
    sizes = [n for _, n in shown]
    ax.barh(range(len(shown)), sizes, height=0.68, color=PALETTE[0])
    for place, (n, reached) in enumerate(zip(sizes, accumulate(sizes), strict=True)):
        ax.text(n, place, f"  {n:g}, up to here {reached / sum(sizes):.0%}".replace("%", " %"),
                va="center", fontsize=8, color=INK, parse_math=False)  # fmt: skip
    ax.set_yticks(range(len(shown)), labels=[cause for cause, _ in shown], parse_math=False)
    ax.set_xlim(0, max(sizes) * 1.3)
    ax.invert_yaxis()
    ax.set_xlabel("number", fontsize=8)
    calm(ax, grid="x")
    return ax


def delay_percentiles(
    data: Iterable[tuple[str, float | None, float | None, float | None, float | None]],
    ax: Axes | None = None,
    *,
    unit: str = "ms",
) -> Axes:
    """Median, p90, p95 and p99 of delays, from (name, p50, p90, p95, p99): a line a delay, a mark a percentile."""
    delays = [(label(name), values) for name, *values in data if any(value is not None for value in values)]
    ax = new_axes(ax, height=max(1.6, 0.36 * len(delays) + 0.9))
    if not delays:
        return without_cases(ax)
    for row, (_, values) in enumerate(delays):
        known = [value for value in values if value is not None]
        ax.plot([min(known), max(known)], [row, row], color=PALETTE[-1], linewidth=2, zorder=1)
    for at, (name, marker, tone) in enumerate(_PERCENTILES):
        points = [(value, row) for row, (_, values) in enumerate(delays) if (value := values[at]) is not None]
        ax.plot([x for x, _ in points], [y for _, y in points], linestyle="none", marker=marker, markersize=6,
                color=colour(tone), label=name)  # fmt: skip
    ax.set_yticks(range(len(delays)), labels=[name for name, _ in delays], parse_math=False)
    ax.set_ylim(len(delays) - 0.5, -0.5)
    ax.set_xlim(left=0)
    ax.set_xlabel(unit, fontsize=8, parse_math=False)
    calm(ax, grid="x")
    legend_beside(ax, *ax.get_legend_handles_labels())
    return ax


def _shade(depth: float) -> str:
    """From light to dark blue as the depth goes from 0 to 1."""
    channels = (round(light + depth * (dark - light)) for light, dark in zip(_LIGHT, _DARK, strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def _short(value: float, ratio: bool) -> str:
    shown = value * 100 if ratio else value
    return f"{shown:.0f}" if shown == round(shown) or abs(shown) >= 10 else f"{shown:.1f}"
