"""Plain text of a given width: wrapped paragraphs and aligned columns, in the cells of a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from wcsanalytics import inert
from wcsanalytics.render.values import Column

GAP = "  "
CELL_WIDTH = 48
LEAST_WIDTH = 10


def breadth(text: str) -> int:
    """How many cells of a terminal the text takes; wide East Asian characters take two, combining ones none."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Me", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, width: int) -> str:
    """One harmless line of at most `width` cells, with … where something is left out."""
    line = inert.terminal(text)
    if breadth(line) <= width:
        return line
    return next(_pieces(line, width - 1)) + "…"


def wrapped(text: str, width: int) -> list[str]:
    """The text as harmless lines of at most `width` cells, broken at spaces; words that are too long are split."""
    lines = [""]
    for word in inert.terminal(text).split():
        for piece in _pieces(word, width):
            if not lines[-1]:
                lines[-1] = piece
            elif breadth(lines[-1]) + 1 + breadth(piece) <= width:
                lines[-1] += " " + piece
            else:
                lines.append(piece)
    return lines


def _pieces(text: str, width: int) -> Iterator[str]:
    piece, taken = "", 0
    for character in text:
        cells = _cells(character)
        if taken + cells > width and piece:
            yield piece
            piece, taken = "", 0
        piece, taken = piece + character, taken + cells
    yield piece


def limited(lines: Sequence[str], most: int, width: int) -> list[str]:
    """The first lines; … ends the last one where more would follow."""
    if len(lines) <= most:
        return list(lines)
    return [*lines[: most - 1], cut(f"{lines[most - 1][: width - 2]} …", width)]


def natural_width(columns: Sequence[Column]) -> int:
    """How wide the columns are beside each other, when none is cut."""
    widths = [max(breadth(text) for text in (column.name, *column.cells)) for column in columns]
    return sum(widths) + len(GAP) * (len(widths) - 1)


def aligned(columns: Sequence[Column], width: int | None = None) -> list[str]:
    """A head, a rule and a line for each row. To fit `width` the widest text columns are cut, down to a limit."""
    cells = [[cut(text, CELL_WIDTH) for text in (column.name, *column.cells)] for column in columns]
    widths = [max(map(breadth, texts)) for texts in cells]
    if width is not None:
        widths = fitted(widths, [not column.whole for column in columns], width)
    rows = list(zip(*cells, strict=True))
    rights = [column.right for column in columns]
    rule = GAP.join("─" * wide for wide in widths)
    lines = [line(row, widths, rights) for row in rows]
    return [*lines[:1], rule, *lines[1:]]


def fitted(widths: Sequence[int], may_shrink: Sequence[bool], width: int) -> list[int]:
    """Widths whose sum with the gaps is `width`, if shrinking the widest that may shrink can get there."""
    sizes = list(widths)
    room = width - len(GAP) * (len(sizes) - 1)
    while sum(sizes) > room:
        wide = [(size, at) for at, size in enumerate(sizes) if may_shrink[at] and size > LEAST_WIDTH]
        if not wide:
            break
        sizes[max(wide)[1]] -= 1
    return sizes


def line(row: Sequence[str], widths: Sequence[int], rights: Sequence[bool]) -> str:
    """Cells beside each other, each cut or filled to its width."""
    cells = (_padded(text, width, right) for text, width, right in zip(row, widths, rights, strict=True))
    return GAP.join(cells).rstrip()


def _padded(text: str, width: int, right: bool) -> str:
    line = cut(text, width)
    blank = " " * (width - breadth(line))
    return blank + line if right else line + blank
