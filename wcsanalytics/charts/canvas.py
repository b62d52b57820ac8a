"""What all pictures share: a figure of their own, colours, calm lines, and words that stay words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from wcsanalytics import inert

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Middle tones that can be told apart by most colour-blind readers, on white and on black.
PALETTE = ("#3b7dd8", "#d9822b", "#3a9d6e", "#b9529f", "#c0504d", "#7f8c3d", "#5f6caf", "#8a8f98")
LONGEST_LABEL = 36
INK = "#1f2328"
"""Black, which a page replaces by the colour of its own text."""


def new_axes(ax: Axes | None, height: float = 3.2) -> Axes:
    """The axes given, or those of a new figure that no global state knows."""
    if ax is not None:
        return ax
    from matplotlib.figure import Figure

    return Figure(figsize=(7.2, min(height, 14)), layout="constrained").add_subplot()


def colour(at: int) -> str:
    """The colour of a series by its place."""
    return PALETTE[at % len(PALETTE)]


def label(value: Any) -> str:
    """A value as a label: short, and harmless."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    text = inert.terminal("–" if value is None else str(value))
    return text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1] + "…"


def legend_text(name: str) -> str:
    """Matplotlib leaves out of a legend what begins with an underscore."""
    return f" {name}" if name.startswith("_") else name


def legend_beside(ax: Axes, handles: Sequence[Any], names: Sequence[Any]) -> None:
    """A legend on the right, outside of the axes."""
    legend = ax.legend(list(handles), list(names), loc="upper left", bbox_to_anchor=(1, 1), frameon=False, fontsize=8)
    for text in legend.get_texts():
        text.set_parse_math(False)


def calm(ax: Axes, grid: Literal["x", "y"]) -> None:
    """Small ticks, no box, a faint grid behind the data."""
    ax.tick_params(labelsize=8, length=2)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis=grid, alpha=0.25, linewidth=0.6)
    ax.set_axisbelow(True)


def without_cases(ax: Axes) -> Axes:
    """The axes emptied, with the words "no cases"."""
    ax.set_axis_off()
    ax.text(0.5, 0.5, "no cases", transform=ax.transAxes, ha="center", va="center", parse_math=False)
    return ax
