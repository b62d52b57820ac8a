"""How a column and a table are declared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wcsanalytics.protocol import Family

Type = Literal["text", "int", "real", "bool", "instant", "json"]
"""`instant` is UTC in µs (a body holds epoch ms); `json` is JSON text."""

Care = Literal["none", "url", "id", "text", "sdp", "shape"]
"""What redaction a value needs: URL user-info and tokens, the same hidden in an id, free text, SDP keys, or only keys
and types kept."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, type, meaning, unit, and where in the hook's body its value stands (`a.b` = nested)."""

    name: str
    type: Type
    meaning: str
    path: str = ""
    unit: str = ""
    care: Care = "none"


@dataclass(frozen=True, slots=True)
class Table:
    """A physical table: one Parquet schema.

    `family` names the hooks that it holds, if it holds hooks; `happened` the instants at which its records came about;
    `order` the columns by which the rows of a part are sorted; `sought` those by one value of which rows are looked up.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    family: Family | None = None
    happened: tuple[str, ...] = ()
    order: tuple[str, ...] = ("source_id", "byte_offset")
    sought: tuple[str, ...] = ()

    def body_columns(self) -> tuple[Column, ...]:
        """Columns that are filled from a hook's body."""
        return tuple(column for column in self.columns if column.path)


@dataclass(frozen=True, slots=True)
class View:
    """What people query: its columns as `describe` shows them."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
