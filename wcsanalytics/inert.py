"""Make a value from a capture harmless for the place it is shown in. What is stored stays exact."""

from __future__ import annotations

import re
from html import escape

# What a terminal obeys, what reorders or breaks a line, and what no encoder takes (lone surrogates).
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MARKDOWN = re.compile(r"[\\`*{}\[\]|~$]|(?<!\w)_|_(?!\w)")
_MARKDOWN_BLOCK = re.compile(r"^(\s*)([#+=-](?=[\s#+=-]|$)|\d+(?=[.)](?:\s|$)))")


def terminal(text: str) -> str:
    r"""One line without control or direction characters; they are shown as `\n`, `\x1b`, `\u202e`."""
    return _UNSEEN.sub(_visible, text)


def html(text: str) -> str:
    """Text for an HTML or SVG element or a quoted attribute."""
    return escape(terminal(text), quote=True)


def markdown(text: str) -> str:
    """Text for a paragraph, list item or table cell of Markdown; no markup, link, formula or HTML survives."""
    marked = _MARKDOWN.sub(r"\\\g<0>", escape(terminal(text), quote=False))
    return _MARKDOWN_BLOCK.sub(_literal_start, marked)


def csv(text: str) -> str:
    """Text for a CSV cell, before quoting, that a spreadsheet won't take for a formula. Numbers need it not."""
    return ("'" if text.startswith(_FORMULA) else "") + terminal(text)


def json(document: str) -> str:
    r"""Serialised JSON in which what a terminal obeys is written `\u009b`: the same document, none of it lost."""
    return _UNSEEN.sub(lambda found: found[0] if found[0] == "\n" else f"\\u{ord(found[0]):04x}", document)


def _visible(found: re.Match[str]) -> str:
    code = ord(found[0])
    return _SHORT.get(found[0]) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def _literal_start(found: re.Match[str]) -> str:
    blank, mark = found.groups()
    return f"{blank}{mark}\\" if mark.isdigit() else f"{blank}\\{mark}"
