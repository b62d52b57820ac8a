"""Pictures of report tables: `(rows, plot, ax=None) -> Axes`. Nothing is shown, no global state is touched.

matplotlib is loaded by the first drawing, so that whoever only names a chart does not pay for it.
"""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree

import pyarrow as pa

from wcsanalytics import inert
from wcsanalytics.charts.canvas import (
    INK,
    LONGEST_LABEL,
    calm,
    colour,
    label,
    legend_beside,
    legend_text,
    new_axes,
    without_cases,
)
from wcsanalytics.charts.pictures import cause_pareto, delay_percentiles, hour_heat_map, mos_distribution
from wcsanalytics.errors import UnknownName

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from wcsanalytics.reports.data import Plot

SEVERITIES = ("info", "notice", "warning", "error")
_SEVERITY_COLOURS = dict(zip(SEVERITIES, ("#8a8f98", "#3b7dd8", "#d9822b", "#c0504d"), strict=True))
_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_UNWANTED = (f"{{{_SVG}}}metadata", f"{{{_SVG}}}style")


class Series(NamedTuple):
    """The rows of one line or step curve, without those that have no x."""

    name: str
    x: list[Any]
    y: list[float]
    low: list[float]
    high: list[float]


def bars(rows: pa.Table, plot: Plot, ax: Axes | None = None, zone: str = "UTC") -> Axes:
    """Horizontal bars, the first category on top; `by` stacks them, `band` draws the interval of each."""
    categories = list(dict.fromkeys(_labels(rows, plot.x)))
    ax = new_axes(ax, height=max(1.6, 0.32 * len(categories) + 0.9))
    ends = [0.0] * len(categories)
    for at, part in enumerate(_series(rows, plot, categories)):
        widths = [0.0 if math.isnan(y) else y for y in part.y]
        lefts = [ends[x] for x in part.x]
        ax.barh(part.x, widths, left=lefts, height=0.68, color=colour(at), label=legend_text(part.name))
        for x, width in zip(part.x, widths, strict=True):
            ends[x] += width
        if plot.band and not plot.by:
            ax.errorbar(part.y, part.x, xerr=_reach(part), fmt="none", ecolor=INK, elinewidth=1, capsize=2)
    ax.set_yticks(range(len(categories)), labels=categories, parse_math=False)
    ax.invert_yaxis()
    return _finished(ax, rows, plot, zone, value_axis="x")


def steps(rows: pa.Table, plot: Plot, ax: Axes | None = None, zone: str = "UTC") -> Axes:
    """Step curves, each value valid from its x on, with a band around each."""
    ax = new_axes(ax)
    for at, part in enumerate(_series(rows, plot, _categories(rows, plot.x))):
        tone = colour(at)
        ax.step(part.x, part.y, where="post", color=tone, label=legend_text(part.name))
        if plot.band:
            ax.fill_between(part.x, part.low, part.high, step="post", color=tone, alpha=0.18, linewidth=0)
    ax.set_ylim(bottom=0)
    return _finished(ax, rows, plot, zone)


def lines(rows: pa.Table, plot: Plot, ax: Axes | None = None, zone: str = "UTC") -> Axes:
    """Lines with a dot at each value; a missing value is a gap."""
    ax = new_axes(ax)
    for at, part in enumerate(_series(rows, plot, _categories(rows, plot.x))):
        tone = colour(at)
        ax.plot(part.x, part.y, color=tone, marker="o", markersize=3, label=legend_text(part.name))
        if plot.band:
            ax.fill_between(part.x, part.low, part.high, color=tone, alpha=0.18, linewidth=0)
    return _finished(ax, rows, plot, zone)


def histogram(rows: pa.Table, plot: Plot, ax: Axes | None = None, zone: str = "UTC") -> Axes:
    """Bins that the table has counted: x is the lower edge of each, y its height.

    A bin reaches to the next edge; the last is as wide as the one before. One that is alone is an hour wide, or 1.
    """
    ax = new_axes(ax)
    for at, part in enumerate(_series(rows, plot, _categories(rows, plot.x))):
        alone = timedelta(hours=1) if isinstance(part.x[0], datetime) else 1
        gaps = [after - before for before, after in pairwise(part.x)] or [alone]
        tone = colour(at)
        ax.bar(part.x, part.y, width=[*gaps, gaps[-1]][: len(part.x)], align="edge", color=tone, alpha=0.85,
               edgecolor="white", linewidth=0.4, label=legend_text(part.name))  # fmt: skip
    ax.set_ylim(0, None if ax.dataLim.height else 1)  # of nothing at all, the axis need not show parts
    return _finished(ax, rows, plot, zone)


def ladder(rows: pa.Table, plot: Plot, ax: Axes | None = None, zone: str = "UTC") -> Axes:
    """What happened when, a lane for each actor of `y`, the first on top; `by` gives the colour."""
    lanes = {name: at for at, name in enumerate(dict.fromkeys(_labels(rows, plot.y)))}
    ax = new_axes(ax, height=max(1.6, 0.4 * len(lanes) + 0.9))
    kinds = _labels(rows, plot.by) if plot.by else [""] * rows.num_rows
    events: dict[str, list[tuple[Any, int]]] = {}
    for at, lane, kind in zip(_values(rows, plot.x), _labels(rows, plot.y), kinds, strict=True):
        if at is not None:
            events.setdefault(kind, []).append((at, lanes[lane]))
    # what is grave lies on top of what is not
    for at, kind in enumerate(sorted(events, key=lambda kind: SEVERITIES.index(kind) if kind in SEVERITIES else -1)):
        ax.plot(*zip(*events[kind], strict=True), linestyle="none", marker="o", markersize=6, alpha=0.9,
                color=_SEVERITY_COLOURS.get(kind, colour(at)), label=legend_text(kind))  # fmt: skip
    ax.set_yticks(range(len(lanes)), labels=list(lanes), parse_math=False)
    if lanes:
        ax.set_ylim(len(lanes) - 0.5, -0.5)
    return _finished(ax, rows, plot, zone, value_axis="")


def heat_map(rows: pa.Table, plot: Plot, ax: Axes | None = None, zone: str = "UTC") -> Axes:
    """A value of each hour, days down and hours across: x is the hour, y the value."""
    is_ratio = _unit(rows, plot.y) == "ratio"
    cells = zip(_values(rows, plot.x), _values(rows, plot.y), strict=True)
    return _headed(hour_heat_map(cells, ax, zone=zone, ratio=is_ratio), plot)


def pareto(rows: pa.Table, plot: Plot, ax: Axes | None = None, zone: str = "UTC") -> Axes:
    """Causes (x) by their number (y), the most frequent on top, with the share that they make up together."""
    return _headed(cause_pareto(zip(_labels(rows, plot.x), _values(rows, plot.y), strict=True), ax), plot)


def percentiles(rows: pa.Table, plot: Plot, ax: Axes | None = None, zone: str = "UTC") -> Axes:
    """Percentiles of delays: x names the delay, y the column of p50, beside which stand p90, p95 and p99."""
    names = [plot.y.replace("p50", place) for place in ("p50", "p90", "p95", "p99")]
    columns = [_values(rows, name) if name in rows.column_names else [None] * rows.num_rows for name in names]
    delays = zip(_labels(rows, plot.x), *columns, strict=True)
    return _headed(delay_percentiles(delays, ax, unit=_unit(rows, plot.y) or "ms"), plot)


def distribution(rows: pa.Table, plot: Plot, ax: Axes | None = None, zone: str = "UTC") -> Axes:
    """Share of streams (y counts them) up to each MOS (x), a curve for each kind of score (`by`)."""
    kinds = _labels(rows, plot.by) if plot.by else [""] * rows.num_rows
    scores = zip(kinds, _values(rows, plot.x), _values(rows, plot.y), strict=True)
    return _headed(mos_distribution(scores, ax), plot)


CHARTS: Mapping[str, Callable[[pa.Table, Plot, Axes | None, str], Axes]] = MappingProxyType(
    {
        "bars": bars,
        "steps": steps,
        "lines": lines,
        "histogram": histogram,
        "ladder": ladder,
        "heat_map": heat_map,
        "pareto": pareto,
        "percentiles": percentiles,
        "distribution": distribution,
    }
)


def draw(plot: Plot, rows: pa.Table, ax: Axes | None = None, zone: str = "UTC") -> Axes:
    """The picture of a table, on `ax` or on axes of a new figure; instants are shown in the zone.

    Raises:
        UnknownName: there is no such chart, or the table lacks a column that the plot names.

    """
    if plot.chart not in CHARTS:
        raise UnknownName(f"no chart {plot.chart!r}; there are {', '.join(CHARTS)}")
    named = [name for name in (plot.x, plot.y, plot.by, *(plot.band or ())) if name]
    for name in named:
        if name not in rows.column_names:
            raise UnknownName(f"plot {plot.name!r}: no column {name!r} in table {plot.table!r}")
    return CHARTS[plot.chart](rows, plot, ax, zone)


def svg(plot: Plot, rows: pa.Table, zone: str = "UTC") -> str:
    """The picture as an `<svg>` element to put into a page; same rows, same bytes, and it asks for no font."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    drawn = io.BytesIO()
    inks = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color", "grid.color")
    settings: dict[Any, Any] = {
        "svg.hashsalt": inert.terminal(plot.name),
        "svg.fonttype": "none",
        "text.parse_math": False,
        "text.usetex": False,
    }
    with mpl.rc_context(settings | dict.fromkeys(inks, INK)), warnings.catch_warnings():
        # Glyphs that matplotlib's own font lacks are no matter: the viewer's fonts draw the text.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        axes = draw(plot, rows, zone=zone)
        axes.set_title("", loc="left")  # the page shows it; here it is the element's <title>
        assert isinstance(axes.figure, Figure)
        axes.figure.savefig(drawn, format="svg", metadata={"Date": None}, transparent=True, bbox_inches="tight")
    return _element(drawn.getvalue(), plot)


def _element(drawn: bytes, plot: Plot) -> str:
    """Matplotlib's drawing as a part of a page: named for those who can't see it, in the page's ink and font."""
    root = ElementTree.fromstring(drawn)  # noqa: S314 - matplotlib wrote it just now
    for parent in list(root.iter()):
        for child in [child for child in parent if child.tag in _UNWANTED]:
            parent.remove(child)
    referenced = set(re.findall(r"#([mp][0-9a-f]+)", drawn.decode()))
    for element in root.iter():
        _adapt(element, referenced)
    says = inert.terminal(plot.says or plot.title)
    for name, text in (("desc", says), ("title", inert.terminal(plot.title))):
        label = ElementTree.Element(name)
        label.text = text
        root.insert(0, label)
    root.attrib |= {"xmlns": _SVG, "role": "img", "class": "plot", "style": "stroke-linejoin:round"}
    return ElementTree.tostring(root, encoding="unicode")


def _adapt(element: ElementTree.Element, referenced: set[str]) -> None:
    """Plain SVG 2 names, no id that nothing refers to, and colours and fonts left to the page."""
    element.tag = element.tag.removeprefix(f"{{{_SVG}}}")
    if element.get("id") not in referenced:
        element.attrib.pop("id", None)
    if reference := element.attrib.pop(f"{{{_XLINK}}}href", None):
        element.set("href", reference)
    if style := element.get("style"):
        element.set("style", re.sub(r"font-family: [^;]*;? ?", "", style).replace(INK, "currentColor"))


def _headed(ax: Axes, plot: Plot) -> Axes:
    ax.set_title(inert.terminal(plot.title), loc="left", fontsize=10, parse_math=False)
    return ax


def _finished(ax: Axes, rows: pa.Table, plot: Plot, zone: str, value_axis: str = "y") -> Axes:
    """Title, names of the axes, per cent and clock on them, legend, and calm lines."""
    _headed(ax, plot)
    across, up = (plot.y, plot.x) if value_axis == "x" else (plot.x, plot.y)
    ax.set_xlabel(_axis_name(rows, across, zone), fontsize=8, parse_math=False)
    ax.set_ylabel("" if value_axis != "y" else _axis_name(rows, up, zone), fontsize=8, parse_math=False)
    calm(ax, grid="x" if value_axis == "x" else "y")
    _scale(ax, rows, plot, zone, value_axis)
    _legend(ax, plot)
    return ax if rows.num_rows else without_cases(ax)


def _scale(ax: Axes, rows: pa.Table, plot: Plot, zone: str, value_axis: str) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    values = ax.xaxis if value_axis == "x" else ax.yaxis
    if value_axis and _unit(rows, plot.y) == "ratio":
        values.set_major_formatter(PercentFormatter(xmax=1, symbol=" %"))
    elif value_axis and pa.types.is_integer(rows.schema.field(plot.y).type):
        values.set_major_locator(MaxNLocator(integer=True))
    if value_axis == "x" or not rows.num_rows:
        return
    kind, categories = rows.schema.field(plot.x).type, _categories(rows, plot.x)
    if categories is not None:
        ax.set_xticks(range(len(categories)), labels=categories, parse_math=False)
    elif pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        locator = AutoDateLocator(tz=zone)  # type: ignore[no-untyped-call]  # matplotlib types no dates
        ax.xaxis.set_major_locator(locator)
        clock = ConciseDateFormatter(locator, tz=zone)  # type: ignore[no-untyped-call]  # nor these
        ax.xaxis.set_major_formatter(clock)
        ax.xaxis.get_offset_text().set_fontsize(8)
    elif _unit(rows, plot.x) == "ratio":
        ax.xaxis.set_major_formatter(PercentFormatter(xmax=1, symbol=" %"))


def _legend(ax: Axes, plot: Plot) -> None:
    handles, names = ax.get_legend_handles_labels()
    if plot.by and handles:
        legend_beside(ax, handles, names)


def _series(rows: pa.Table, plot: Plot, categories: Sequence[str] | None = None) -> list[Series]:
    """The rows by the values of `by`, in the order these first appear; x is the place in the categories, if given."""
    names = _labels(rows, plot.by) if plot.by else [""] * rows.num_rows
    x, y = _values(rows, plot.x), _numbers(rows, plot.y)
    if categories is not None:
        places = {category: at for at, category in enumerate(categories)}
        x = [places[label] for label in _labels(rows, plot.x)]
    low, high = (_numbers(rows, name) for name in plot.band or (plot.y, plot.y))
    parts: dict[str, Series] = {}
    for name, *case in zip(names, x, y, low, high, strict=True):
        if case[0] is not None:
            part = parts.setdefault(name, Series(name, [], [], [], []))
            for values, value in zip(part[1:], case, strict=True):
                values.append(value)
    return list(parts.values())


def _categories(rows: pa.Table, name: str) -> list[str] | None:
    """The values of a text column in their order; None for a column of numbers or instants."""
    kind = rows.schema.field(name).type
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind)
    return list(dict.fromkeys(_labels(rows, name))) if is_text else None


def _reach(part: Series) -> tuple[list[float], list[float]]:
    """How far the interval goes to either side, as error bars want it."""
    below = [max(y - low, 0.0) for y, low in zip(part.y, part.low, strict=True)]
    above = [max(high - y, 0.0) for y, high in zip(part.y, part.high, strict=True)]
    return below, above


def _values(rows: pa.Table, name: str) -> list[Any]:
    return [None if value != value else value for value in rows.column(name).to_pylist()]


def _numbers(rows: pa.Table, name: str) -> list[float]:
    return [float("nan") if value is None else float(value) for value in _values(rows, name)]


def _labels(rows: pa.Table, name: str) -> list[str]:
    return [label(value) for value in _values(rows, name)]


def _unit(rows: pa.Table, name: str) -> str:
    return str((rows.schema.field(name).metadata or {}).get(b"unit", b"").decode())


_SHOWN_UNITS = {"ratio": "", "count": "", "": ""}
"""Units that an axis needs no name for; of the others it bears the name."""


def _axis_name(rows: pa.Table, name: str, zone: str) -> str:
    """The column's description if it is short; else its name in words, with the unit, or the zone of instants."""
    field = rows.schema.field(name)
    described = (field.metadata or {}).get(b"description", b"").decode().rstrip(".")
    if 0 < len(described) <= 2 * LONGEST_LABEL:
        return inert.terminal(described)
    unit = zone if pa.types.is_timestamp(field.type) else _unit(rows, name)
    words = re.sub(r"_(at|ratio|ms|s|kbps)$", "", name).replace("_", " ")
    return inert.terminal(f"{words} ({unit})" if _SHOWN_UNITS.get(unit, unit) else words)
